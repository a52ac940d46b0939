"""HMAC (RFC 2104) of many texts under one key, with SHA-256 or SM3: the key's two pads are digested once, then copied.

Pure. The key is held by the library alone: no attribute, representation or pickle of this shows it.
"""

from collections.abc import Iterable

import numpy as np
import polars as pl
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.hmac import HMAC

from federation.privacy.packed import column_of

HASHES = {"std": SHA256, "gm": SM3}  # FIPS 180-4 and GB/T 32905-2016, as the profiles of signatures are called
DIGEST = 32  # bytes, of both
_PIECE = 65_536  # texts


class Keyed:
    """Digests under one key; `prefix` stands before every text. `profile` is one of HASHES."""

    __slots__ = ("_begun", "profile")

    def __init__(self, key: bytes, profile: str = "std", prefix: bytes = b"") -> None:
        self.profile = profile
        self._begun = HMAC(key, HASHES[profile]())
        self._begun.update(prefix)

    def __repr__(self) -> str:
        return f"Keyed({self.profile!r})"

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled: it would be written in clear. Hand the key itself to the other process.")

    def digests(self, texts: Iterable[str]) -> list[bytes]:
        """32 bytes for each text, in order."""
        return self._of(text.encode() for text in texts)

    def column(self, texts: pl.Series, length: int = DIGEST) -> pl.Series:
        """The first `length` bytes for each text of a String column without nulls, as Binary."""
        raw = texts.cast(pl.Binary)
        # In pieces: the digests of one stay in the processor's cache until they are joined.
        pieces = (raw.slice(at, _PIECE).to_list() for at in range(0, len(raw), _PIECE))
        made = np.frombuffer(b"".join(b"".join(self._of(piece)) for piece in pieces), np.uint8)
        return column_of(made.reshape(-1, DIGEST)[:, :length], texts.name)

    def _of(self, texts: Iterable[bytes]) -> list[bytes]:
        made: list[bytes] = []
        copy, keep = self._begun.copy, made.append
        for text in texts:  # calls of the library cost more than the digest; this loop has the fewest
            one = copy()
            one.update(text)
            keep(one.finalize())
        return made
