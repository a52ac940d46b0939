"""Whether some bytes are exactly one JSON value that every reader would understand alike (RFC 8259, RFC 7493).

Slow and exact: it is asked once for each shape of line, and for every line in doubt. It never repairs.
"""

import json
import re
from collections.abc import Callable

import orjson

DEEPEST = 256  # no real record nests so deep; readers give up at different depths beyond it
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)


class Doubled(ValueError):
    """A key stands twice in one object."""


def reason(text: bytes) -> str | None:
    """Why the text is refused (a code of connectors.reason), or None when it is one sound JSON value."""
    if too_deep(text):
        return "too-deep"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return "not-utf8"
    try:
        orjson.loads(text)
        load(text.decode("utf-8"))
    except Doubled:
        return "duplicate-key"
    except (ValueError, RecursionError):
        return "not-json"
    return None


def too_deep(text: bytes) -> bool:
    """Whether brackets outside strings nest deeper than DEEPEST."""
    depth = 0
    if text.count(b"[") + text.count(b"{") <= DEEPEST:
        return False
    for token in _TOKEN.finditer(text):
        mark = text[token.start()]
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > DEEPEST:
            return True
    return False


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The pairs as a dict; raises Doubled where a key comes twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Doubled
    return made


def _no_constant(_: str) -> object:
    raise ValueError


def load(text: str) -> object:
    """The value; numbers stay text so that none is rounded. Raises ValueError, Doubled among them."""
    return DECODER.decode(text)


def decoder(pairs: Callable[[list[tuple[str, object]]], dict[str, object]]) -> json.JSONDecoder:
    """A strict reader whose objects are made by `pairs`; numbers stay text, NaN and Infinity are refused."""
    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_no_constant, parse_int=str, parse_float=str)


DECODER = decoder(once)
