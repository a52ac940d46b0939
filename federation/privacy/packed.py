"""Bytes of one length as a Binary column, and back as an array, without a Python object for each. Pure."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


def column_of(rows: Bytes, name: str = "") -> pl.Series:
    """(n, width) bytes as a Binary column."""
    kind = pa.binary(rows.shape[1])
    array = pa.Array.from_buffers(kind, len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows))])
    return pl.Series(name, array, dtype=pl.Binary)


def bytes_of(column: pl.Series, width: int) -> Bytes:
    """(n, width) bytes of a Binary column. Raises ValueError unless every value is there and has that many."""
    if column.null_count() or not (column.bin.size() == width).all():
        raise ValueError(f"the bytes in {column.name!r} are not all of the same length")
    flat = column.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    start = flat.offset * width
    return np.frombuffer(flat.buffers()[2] or b"", np.uint8)[start : start + len(column) * width].reshape(-1, width)
