"""Places inside one sound JSON value: where the members of an object and the entries of an array begin and end."""

import re
from collections.abc import Iterator

from connectors.nhsa.cut import PLACES, mask

_SPACE = re.compile(r"[ \t\r\n]*")
Span = tuple[int, int]


def entries_at(raw: bytes, path: tuple[str, ...], *, plain: bool) -> list[Span]:
    """Byte spans of the entries of the array at `path` (keys without regard to case); empty where there is none.

    `plain` says that the bytes are UTF-8, in which no half of a sign looks like a bracket.
    """
    text = (raw if plain else mask(raw)).decode("latin-1")
    at = _space(text, 0)
    for step in path:
        found = [start for key, start in _members(text, at) if key.lower() == step]
        if not found:
            return []
        at = found[0]
    return list(_items(text, at)) if text.startswith("[", at) else []


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Keys of the object that begins here, and where their values begin."""
    if not text.startswith("{", at):
        return
    at = _space(text, at + 1)
    while text.startswith('"', at):
        key, at = PLACES.raw_decode(text, at)
        start = _space(text, _space(text, at) + 1)
        yield key, start
        _, end = PLACES.raw_decode(text, start)
        at = _space(text, _space(text, end) + 1)


def _items(text: str, at: int) -> Iterator[Span]:
    at = _space(text, at + 1)
    while not text.startswith("]", at):
        _, end = PLACES.raw_decode(text, at)
        yield at, end
        at = _space(text, end)
        at = _space(text, at + text.startswith(",", at))


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
