"""The encodings of one salting in the order of their blocks, so that those of one block lie side by side.

Arrays only, and never changed: a shelf may lie in memory or be mapped from a file.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.privacy.packed import bytes_of

BLOCK = 16  # bytes of a block
_KEY = 8  # bytes of a block that order a shelf: among 10^7 records two blocks meet in them once in 10^5 cities


@dataclass(frozen=True)
class Shelf:
    """`keys` (n,) UInt64 ascending, `rows` (n,) UInt32 which record each is, `bits` (n, length / 8) UInt8."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.uint32]
    bits: NDArray[np.uint8]

    @classmethod
    def of(cls, encodings: pl.DataFrame) -> Self:
        """ENCODINGS of one salting, in any order."""
        if encodings.is_empty():
            return cls(np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty((0, 0), np.uint8))
        keys = bytes_of(encodings["block"], BLOCK)[:, :_KEY].copy().view(np.uint64).reshape(-1)
        rows = encodings["row"].to_numpy()
        order = np.lexsort((rows, keys))
        return cls(keys[order], rows[order], bytes_of(encodings["bits"], len(encodings["bits"][0]))[order])

    def blocks(self) -> tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64]]:
        """Every key once, where its records begin, and how many they are."""
        keys, starts, counts = np.unique(self.keys, return_index=True, return_counts=True)
        return keys, starts, counts

    def some(self, which: slice) -> Self:
        """Some of the records, in the same order."""
        return type(self)(self.keys[which], self.rows[which], self.bits[which])

    def thinned(self, most: int) -> Self:
        """Without the blocks that hold more than `most` records."""
        _, place, counts = np.unique(self.keys, return_inverse=True, return_counts=True)
        kept = (counts <= most)[place]
        return type(self)(self.keys[kept], self.rows[kept], self.bits[kept])

    def by_row(self, count: int) -> NDArray[np.uint64]:
        """(count,) the key of each record; 0 where it has none."""
        keys = np.zeros(count, np.uint64)
        keys[self.rows] = self.keys
        return keys
