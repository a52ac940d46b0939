"""Columns of text that are views into a block's bytes: nothing is copied, whatever the number of cells.

It checks nothing: the bytes are UTF-8 and every cut is beside a separator, which the caller has made sure of.
"""

from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.signedinteger[Any]]
Words: TypeAlias = NDArray[np.uint64]
Flags: TypeAlias = NDArray[np.bool_]
PAD = 16  # bytes after the last one of a block: a window of eight never leaves the buffer

_HALF = np.uint64(32)
_INLINE = 12  # bytes that an Arrow string view holds itself; longer texts are four bytes of it and a place
_FIRST = np.array([((1 << (8 * min(size, 4))) - 1) << 32 for size in range(14)], np.uint64)
_NEXT = np.array([(1 << (8 * max(0, size - 4))) - 1 if size <= _INLINE else 0 for size in range(14)], np.uint64)
_PLACE = np.array([0] * 13 + [(1 << 64) - 1], np.uint64)
_SHORT = np.array([(1 << (8 * size)) - 1 if size <= 4 else 0 for size in range(6)], np.uint64)


class Bytes:
    """The bytes of one block, looked at in windows of eight from any place. They end in PAD bytes that mean nothing."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.signs = np.frombuffer(text, np.uint8)
        self._words: Words = np.ndarray((len(text) - 8,), np.dtype("<u8"), text, 0, (1,))
        self._buffer = pa.py_buffer(text)

    def words(self, at: Ints) -> Words:
        """Eight bytes from each place, little-endian."""
        found: Words = self._words[at]
        return found

    def short(self, starts: Ints, ends: Ints) -> Words:
        """Texts of up to four bytes as numbers (see `code`); 0 for empty and for longer ones."""
        found: Words = self._words[starts] & _SHORT.take(np.minimum(ends - starts, 5))
        return found

    def column(self, starts: Ints, ends: Ints, given: Flags) -> pl.Series:
        """The texts `[start, end)` as String; null where not `given`."""
        size = ends - starts
        every = bool(given.all())
        if not every:
            size = np.where(given, size, 0)
        kind = np.minimum(size, 13)
        views = np.empty((len(starts), 2), np.uint64)
        first = self._words[starts]
        first <<= _HALF
        first &= _FIRST.take(kind)
        first |= size.view(np.uint64)
        views[:, 0] = first
        rest = self._words[starts + 4]
        rest &= _NEXT.take(kind)
        place = starts.view(np.uint64) << _HALF
        place &= _PLACE.take(kind)
        rest |= place
        views[:, 1] = rest
        valid = None if every else pa.py_buffer(np.packbits(given, bitorder="little"))
        made = pa.Array.from_buffers(pa.string_view(), len(starts), [valid, pa.py_buffer(views), self._buffer])
        return pl.Series(pl.from_arrow(made))


def code(text: str) -> int:
    """A text of up to four ASCII signs as `Bytes.short` gives it."""
    return int.from_bytes(text.encode(), "little")


def nothing(height: int, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
    """A column of nulls."""
    return pl.Series([None], dtype=dtype).new_from_index(0, height)
