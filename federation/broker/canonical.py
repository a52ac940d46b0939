"""One spelling for one value: JSON with sorted keys and no spaces, so that equal bodies have equal hashes.

Floats are refused: they have more than one spelling, and a ledger entry needs exactly one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from federation.errors import BadInput

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> str:
    """The value's only spelling: keys sorted by code point, no spaces, UTF-8 as it is. Floats raise BadInput."""
    _check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _check(value: object) -> None:
    if value is None or isinstance(value, (str, int)):
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise BadInput("A ledger entry has a key that is not text. Use text for every key.")
            _check(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check(inner)
    else:
        raise BadInput(f"A ledger entry holds a {type(value).__name__}. Use text, whole numbers, lists and objects.")
