"""How alike encodings are: only those of the same block, and only pairs alike enough to be the same person.

Likeness is the correlation of bits, 1 - 2 x (share of bits that differ): 1 for equal, about 0 for strangers.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from multiprocessing import cpu_count

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from federation.linkage.shelf import Shelf

Found = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32]]
ALIKE = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "alike": pl.Float32})
CROWD = 2 * 10**9  # pairs of one block beyond which it separates nobody (a placeholder as a birth date) and is left out
_FEW = 1_024  # pairs of a block up to which they are counted bit by bit, many blocks at once
_ROWS = 2_048  # records of a block multiplied at a time: 16 MB for the likeness of two such
_PAIRS = 200_000  # pairs counted bit by bit at a time


_NONE: Found = (np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.float32))


@dataclass(frozen=True)
class Blocks:
    """The blocks that two shelves share: `starts` and `counts` on either side, each (m,)."""

    left: NDArray[np.int64]
    left_count: NDArray[np.int64]
    right: NDArray[np.int64]
    right_count: NDArray[np.int64]

    @classmethod
    def shared(cls, left: Shelf, right: Shelf) -> "Blocks":
        """By key; the shorter shelf is looked up in the longer."""
        keys, starts, counts = left.blocks()
        first = np.searchsorted(right.keys, keys, side="left")
        last = np.searchsorted(right.keys, keys, side="right")
        found = last > first
        return cls(starts[found], counts[found], first[found], (last - first)[found])

    @property
    def pairs(self) -> NDArray[np.int64]:
        """How many pairs each block has."""
        return self.left_count * self.right_count

    def where(self, chosen: NDArray[np.bool_]) -> "Blocks":
        """Some of the blocks."""
        return Blocks(*(each[chosen] for each in (self.left, self.left_count, self.right, self.right_count)))


def alike(left: Shelf, right: Shelf, floor: float) -> pl.DataFrame:
    """ALIKE: the pairs of one salting whose likeness is at least `floor`, each once, in order of the shelves' blocks.

    Blocks are spread over the processors, each multiplied by one thread: many small products gain nothing from more.
    """
    blocks = Blocks.shared(left, right)
    few, crowd = blocks.pairs <= _FEW, blocks.pairs > CROWD
    small = (partial(_counted, left, right, some, floor) for some in _sheaves(blocks.where(few)))
    large = (partial(_multiplied, left, right, *block, floor) for block in _each(blocks.where(~few & ~crowd)))
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(cpu_count()) as pool:
        found = list(pool.map(_call, chain(small, large)))
    rows, others, likeness = (np.concatenate(part) for part in zip(_NONE, *found, strict=True))
    return pl.DataFrame({"left": rows, "right": others, "alike": likeness}, schema=ALIKE)


def likenesses(left: Shelf, right: Shelf) -> NDArray[np.float32]:
    """How alike all pairs of one salting are; for samples."""
    return alike(left, right, -1.0)["alike"].to_numpy()


def crowded(left: Shelf, right: Shelf) -> int:
    """How many blocks have so many pairs that they are left out."""
    return int((Blocks.shared(left, right).pairs > CROWD).sum())


def _sheaves(blocks: Blocks) -> Iterator[Blocks]:
    """The blocks in sheaves of about `_PAIRS` pairs."""
    sheaf = np.cumsum(blocks.pairs) // _PAIRS
    for number in np.unique(sheaf):
        yield blocks.where(sheaf == number)


def _each(blocks: Blocks) -> Iterator[tuple[slice, slice]]:
    for a, n, b, m in zip(blocks.left, blocks.left_count, blocks.right, blocks.right_count, strict=True):
        yield slice(a, a + n), slice(b, b + m)


def _call(task: Callable[[], Found]) -> Found:
    return task()


def _counted(left: Shelf, right: Shelf, blocks: Blocks, floor: float) -> Found:
    """Small blocks: every pair spread out, its bits counted."""
    block = np.repeat(np.arange(len(blocks.pairs)), blocks.pairs)
    place = np.arange(len(block)) - np.repeat(np.cumsum(blocks.pairs) - blocks.pairs, blocks.pairs)
    across = blocks.right_count[block]
    i, j = blocks.left[block] + place // across, blocks.right[block] + place % across
    differ = np.bitwise_count(_words(left.bits[i]) ^ _words(right.bits[j])).sum(axis=1, dtype=np.int32)
    likeness = 1 - differ.astype(np.float32) * np.float32(2 / (8 * left.bits.shape[1]))
    kept = np.flatnonzero(likeness >= floor)
    return left.rows[i[kept]], right.rows[j[kept]], likeness[kept]


def _multiplied(left: Shelf, right: Shelf, ours: slice, theirs: slice, floor: float) -> Found:
    """A large block: bits as +1 and -1, so that a product of matrices is the likeness of all its pairs."""
    found = [_NONE]
    for one in _cut(ours):
        signs = _signs(left.bits[one])
        for other in _cut(theirs):
            likeness = signs @ _signs(right.bits[other]).T
            likeness *= np.float32(1 / signs.shape[1])
            i, j = np.nonzero(likeness >= floor)
            found.append((left.rows[one][i], right.rows[other][j], likeness[i, j]))
    rows, others, values = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(others), np.concatenate(values)


def _cut(whole: slice) -> Iterator[slice]:
    for start in range(whole.start, whole.stop, _ROWS):
        yield slice(start, min(start + _ROWS, whole.stop))


def _signs(bits: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.unpackbits(bits, axis=1).astype(np.float32) * 2 - 1


def _words(bits: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(bits).view(np.uint64)
