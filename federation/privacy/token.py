"""A keyed token in the place of a person's or a record's name: HMAC-SHA256, its first 128 bits in hex.

Pure: the key is handed in. Nothing here remembers which name a token stands for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from federation.privacy.keyed import Keyed

HEX = 32  # 128 bits are enough that two names never meet: one chance in 10^20 among a billion


@dataclass(frozen=True)
class Tokens:
    """Tokens under one key. `domain` keeps a person's token from being a record's even where the text is the same."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise ValueError("a key of fewer than 16 bytes can be guessed")

    @property
    def mark(self) -> str:
        """Sixteen hex digits that say which key this is, and nothing about the key."""
        return self.of("key", "")[:16]

    def of(self, domain: str, name: str) -> str:
        """The token of one name: 32 hex digits."""
        return self.of_many(domain, [name])[0]

    def of_many(self, domain: str, names: Iterable[str], scope: str = "") -> list[str]:
        """The tokens of many names, in their order. `scope` (a site) makes equal names of two sites differ."""
        keyed = Keyed(self.key, prefix=f"{domain}\0{scope}\0".encode())
        return [digest.hex()[:HEX] for digest in keyed.digests(names)]

    def column(self, domain: str, names: pl.Series, scope: str = "") -> pl.Series:
        """A String column of names as tokens, null where null; every distinct name is hashed once."""
        codes = names.unique().drop_nulls()
        made = pl.Series(names.name, self.of_many(domain, codes.to_list(), scope), dtype=pl.String)
        return names.replace_strict(codes, made, default=None, return_dtype=pl.String)
