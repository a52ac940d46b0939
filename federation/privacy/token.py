"""A keyed token in the place of a person's or a record's name: HMAC-SHA256, its first 128 bits in hex.

Pure: the key is handed in. Nothing here remembers which name a token stands for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import polars as pl

BLOCK = 64  # bytes; the block of SHA-256 (FIPS 180-4), to which HMAC (RFC 2104) pads the key
HEX = 32  # 128 bits are enough that two names never meet: one chance in 10^20 among a billion


@dataclass(frozen=True)
class Tokens:
    """Tokens under one key. `domain` keeps a person's token from being a record's even where the text is the same."""

    key: bytes = field(repr=False)
    _inner: Any = field(init=False, repr=False, compare=False)
    _outer: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("a key of fewer than 16 bytes can be guessed")
        padded = (self.key if len(self.key) <= BLOCK else sha256(self.key).digest()).ljust(BLOCK, b"\0")
        # Both padded keys are digested once: a token then costs two short digests and no key schedule.
        object.__setattr__(self, "_inner", sha256(bytes(byte ^ 0x36 for byte in padded)))
        object.__setattr__(self, "_outer", sha256(bytes(byte ^ 0x5C for byte in padded)))

    @property
    def mark(self) -> str:
        """Sixteen hex digits that say which key this is, and nothing about the key."""
        return self.of("key", "")[:16]

    def of(self, domain: str, name: str) -> str:
        """The token of one name: 32 hex digits."""
        return self.of_many(domain, [name])[0]

    def of_many(self, domain: str, names: Iterable[str], scope: str = "") -> list[str]:
        """The tokens of many names, in their order. `scope` (a site) makes equal names of two sites differ."""
        inner, outer = self._inner.copy(), self._outer
        inner.update(f"{domain}\0{scope}\0".encode())
        made = []
        for name in names:
            first, second = inner.copy(), outer.copy()
            first.update(name.encode())
            second.update(first.digest())
            made.append(second.hexdigest()[:HEX])
        return made

    def column(self, domain: str, names: pl.Series, scope: str = "") -> pl.Series:
        """A String column of names as tokens, null where null; every distinct name is hashed once."""
        codes = names.unique().drop_nulls()
        made = pl.Series(names.name, self.of_many(domain, codes.to_list(), scope), dtype=pl.String)
        return names.replace_strict(codes, made, default=None, return_dtype=pl.String)
