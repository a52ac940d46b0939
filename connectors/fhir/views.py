"""Strings lying in a buffer as a Polars column that points into it: nothing is copied but strings up to twelve bytes.

Arrow's layout (Columnar Format, "Variable-size Binary View"): sixteen bytes a string, its length first, then the
string itself, or its first four bytes and where it lies.
"""

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.fhir.lines import Flags, Ints, Words

_INLINE = 12
_MASK = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def strings(buffer: bytearray, starts: Ints, lengths: Ints, present: Flags | None = None) -> pl.Series:
    """`buffer[start:start + length]` row by row (String), null where not present.

    The buffer must be UTF-8 wherever a string lies, hold sixteen bytes behind the last one, and not change after.
    """
    count = len(starts)
    if present is not None:
        starts, lengths = np.where(present, starts, 0), np.where(present, lengths, 0)
    windows = windowed(buffer)
    head = windows[starts] & _MASK[np.minimum(lengths, 8)]
    views = np.empty((count, 2), np.uint64)
    views[:, 0] = lengths.astype(np.uint64) | head << _HALF
    rest = starts.astype(np.uint64) << _HALF
    short = np.flatnonzero(lengths <= _INLINE)
    if len(short):
        tail = windows[starts[short] + 8] & _MASK[np.clip(lengths[short] - 8, 0, 4)]
        rest[short] = head[short] >> _HALF | tail << _HALF
    views[:, 1] = rest
    valid = None if present is None else pa.py_buffer(np.packbits(present, bitorder="little"))
    return pl.Series(pa.Array.from_buffers(pa.string_view(), count, [valid, pa.py_buffer(views), pa.py_buffer(buffer)]))


def nothing(count: int) -> pl.Series:
    """A String column of nulls."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)


def windowed(buffer: bytearray) -> Words:
    """The eight bytes from every place of the buffer on, as words."""
    size = len(buffer) - 8
    return np.lib.stride_tricks.as_strided(np.frombuffer(buffer, np.uint64, 1), (size,), (1,))
