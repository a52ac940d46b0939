"""What stands between separators, as columns of text that are views into a block's bytes: no text is copied per cell.

It checks nothing: the bytes are UTF-8 and every cut is at a separator, which the caller has made sure of.
"""

from collections.abc import Sequence
from functools import cache
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
_SIZE = np.uint64(0xFFFFFFFF)
_SHORT = np.uint64(4)


class Pieces:
    """The texts between separators, numbered from 0; the last one, behind the last separator, is always empty.

    `text` ends in a separator and PAD bytes that mean nothing; `at` is where every sign of `separators` stands in it.
    They are laid side by side without the separators, so that each ends where the next begins, and are then seen as
    Arrow string views: 16 bytes each, which hold the length, and a text of up to twelve bytes itself.
    """

    def __init__(self, text: bytes, at: Ints, separators: bytes) -> None:
        self.text = text.translate(None, separators)
        self.last = len(at)
        self.bounds = np.zeros(len(at) + 2, np.int32)  # where each begins in `text`
        self.bounds[1:-1] = at
        self.bounds[1:-1] -= np.arange(len(at), dtype=np.int32)
        self.bounds[-1] = self.bounds[-2]
        self.filled: Flags = self.bounds[1:] > self.bounds[:-1]
        self._buffer = pa.py_buffer(self.text)
        told = pa.Array.from_buffers(pa.string(), len(at) + 1, [None, pa.py_buffer(self.bounds), self._buffer])
        self._heads: Words = np.frombuffer(told.cast(pa.string_view()).buffers()[1], np.uint64)
        self._views = self._heads.reshape(-1, 2)

    def column(self, which: Ints) -> pl.Series:
        """The pieces as String; null where they are empty."""
        given = self.filled.take(which)
        return _seen(self._views.take(which, axis=0), given, self._buffer) if given.any() else nothing(len(which))

    def short(self, which: Ints) -> Words:
        """Pieces of up to four bytes as numbers (see `code`); 0 for empty and for longer ones."""
        head = self._heads.take(which * 2)
        found: Words = np.where(head & _SIZE <= _SHORT, head, np.uint64(0))
        return found

    def words(self, at: Ints) -> Words:
        """Eight bytes of `text` from each place, little-endian."""
        return windows(self.text, at)


def windows(text: bytes, at: Ints) -> Words:
    """Eight bytes of `text` from each place, little-endian."""
    found: Words = np.ndarray((len(text) - 8,), np.dtype("<u8"), text, 0, (1,))[at]
    return found


def slices(text: bytes, start: Ints, end: Ints, given: Flags) -> pl.Series:
    """Texts `[start, end)` with all that stands in them as String; null where not `given`."""
    size = np.where(given, end - start, 0)
    kind = np.minimum(size, 13)
    views = np.empty((len(start), 2), np.uint64)
    views[:, 0] = (windows(text, start) << _HALF) & _FIRST.take(kind) | size.view(np.uint64)
    views[:, 1] = windows(text, start + 4) & _NEXT.take(kind) | (start.view(np.uint64) << _HALF) & _PLACE.take(kind)
    return _seen(views, given, pa.py_buffer(text))


def _seen(views: Words, given: Flags, held: pa.Buffer) -> pl.Series:
    valid = None if given.all() else pa.py_buffer(np.packbits(given, bitorder="little"))
    buffers = [valid, pa.py_buffer(views), held]
    return pl.Series(pa.Array.from_buffers(pa.string_view(), len(given), buffers))


def code(text: str) -> int:
    """A text of up to four bytes as `Pieces.short` gives it: its length, then its bytes."""
    told = text.encode()
    return len(told) | int.from_bytes(told, "little") << 32


def among(words: Words, names: Sequence[str]) -> Flags:
    """Which of `words` (see `code`) are one of these names; for a dozen of them a fraction of what np.isin takes."""
    found: Flags = words == _word(names[0])
    for name in names[1:]:
        found |= words == _word(name)
    return found


@cache
def _word(name: str) -> np.uint64:
    return np.uint64(code(name))


def indices(at: Ints) -> pl.Series:
    """Places as Polars takes them."""
    return pl.Series(at.astype(np.uint32))


def nothing(height: int, dtype: pl.DataType | type[pl.DataType] = pl.String) -> pl.Series:
    """A column of nulls."""
    return _null(dtype).new_from_index(0, height)


@cache
def _null(dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    return pl.Series([None], dtype=dtype)
