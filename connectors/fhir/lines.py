"""A block of FHIR resources lying in one buffer, with where each came from; a resource may span lines.

It never looks inside a resource.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from connectors.chunk import REJECTS

PAD = 32  # bytes before the first resource and after the last, so that windows never leave the buffer
RAW_KEPT = 65536  # as promised by connectors.chunk

Ints: TypeAlias = NDArray[np.signedinteger[Any]]
Words: TypeAlias = NDArray[np.uint64]
Bytes: TypeAlias = NDArray[np.uint8]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Lines:
    """Resources `buffer[starts[i]:ends[i]]`; the other arrays say position, line and byte offset in the file.

    `split` says that the lines were split at line feeds, so that none holds one. `names` is the key a bundle entry
    has by its fullUrl; `renamed` maps such keys to the ids of the resources they stand for.
    """

    buffer: bytearray
    starts: Ints
    ends: Ints
    position: Ints
    line: Ints
    offset: Ints
    split: bool = False
    names: pl.Series | None = None
    renamed: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def raw(self, index: int) -> bytes:
        """One resource, verbatim."""
        return bytes(memoryview(self.buffer)[self.starts[index] : self.ends[index]])

    def hashes(self) -> pl.Series:
        """source_row_hash of every resource: the first 32 hex digits of its SHA-256."""
        view = memoryview(self.buffer)
        digests = [sha256(view[s:e]).digest() for s, e in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]
        joined = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)[:, :16].tobytes().hex().encode()
        offsets = np.arange(0, len(joined) + 1, 32, dtype=np.int32)
        return pl.Series(
            pa.Array.from_buffers(pa.string(), len(digests), [None, pa.py_buffer(offsets), pa.py_buffer(joined)])
        )

    def part(self, index: Ints) -> "Lines":
        """The resources at the index, in the same buffer."""
        names = None if self.names is None else self.names.gather(index)
        return Lines(
            self.buffer, self.starts[index], self.ends[index], self.position[index], self.line[index],
            self.offset[index], self.split, names, self.renamed,
        )  # fmt: skip

    def rejects(self, index: Ints, reasons: list[str]) -> pl.DataFrame:
        """Whole-record rejects of the resources at `index`."""
        return pl.DataFrame(
            {
                "position": self.position[index],
                "line": self.line[index],
                "offset": self.offset[index],
                "column": pl.Series([""] * len(index), dtype=pl.String),
                "reason": pl.Series(reasons, dtype=pl.String),
                "whole": pl.Series([True] * len(index), dtype=pl.Boolean),
                "raw": pl.Series([self.raw(each)[:RAW_KEPT] for each in index.tolist()], dtype=pl.Binary),
            },
            schema=REJECTS,
        )


def padded(text: bytes) -> bytearray:
    """The text with PAD zero bytes on both sides."""
    return bytearray(PAD) + text + bytearray(PAD)
