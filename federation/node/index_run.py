"""One file of an index: fingerprints of keys, sorted, each with the number of a row that may hold the key.

Derived from rows and never believed: a fingerprint may be of another key, and a file that is damaged in any place that
is looked at says so. Nothing of a key can be read back from it but by guessing.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.uint64]
MAGIC, FORM = b"GTINDEX\n", 1
BLOCK = 512  # entries that are checked together: one page of memory
AT_ONCE = 1 << 22  # entries that are sorted together: 32 MB
HEAD = 32  # magic, length of the header, its checksum, entries: 8 bytes each
LOW = np.uint64(0xFFFFFFFF)
HIGH = np.uint64(32)


class Damaged(Exception):
    """The file is not what was written: it is made anew."""


@dataclass(frozen=True)
class File:
    """A Parquet file whose rows were read, by its place below the folder of batches."""

    batch: str
    name: str
    rows: int


@dataclass(frozen=True)
class IndexRun:
    """`batches` were read whole, `files` are theirs; a row's number counts through the files in their order.

    `entries` (fingerprint << 32 | row) stand in segments, each sorted and filled up to whole blocks; `firsts` and
    `sums` are the first entry and the sum of each block, `segments` the blocks of each segment.
    """

    path: Path
    family: str
    batches: tuple[str, ...]
    files: tuple[File, ...]
    segments: tuple[int, ...]
    firsts: Numbers
    sums: Numbers
    entries: Numbers

    @property
    def rows(self) -> int:
        """How many rows its files have."""
        return sum(each.rows for each in self.files)

    def find(self, prints: Numbers) -> Numbers:
        """Numbers of rows that may hold one of the fingerprints (sorted, each once). Raises Damaged."""
        begin, found = 0, []
        for blocks in self.segments:
            found.append(self._find(slice(begin, begin + blocks), prints << HIGH))
            begin += blocks
        return np.unique(np.concatenate([np.empty(0, np.uint64), *found]))

    def all(self) -> Numbers:
        """Every entry, for another file. Raises Damaged."""
        entries = self._checked(np.arange(self.firsts.size))
        left: Numbers = entries[entries != np.iinfo(np.uint64).max]
        return left

    def _find(self, segment: slice, low: Numbers) -> Numbers:
        firsts = self.firsts[segment]
        begin = np.maximum(np.searchsorted(firsts, low, "left"), 1) - 1
        end = np.searchsorted(firsts, low | LOW, "right")
        marks = np.zeros(firsts.size + 1, np.int64)
        np.add.at(marks, begin, 1)
        np.add.at(marks, end, -1)
        entries = self._checked(np.flatnonzero(np.cumsum(marks[:-1]) > 0) + segment.start)
        from_, to = np.searchsorted(entries, low, "left"), np.searchsorted(entries, low | LOW, "right")
        some = np.flatnonzero(to > from_)
        ranges = [entries[at:until] for at, until in zip(from_[some], to[some], strict=True)]
        rows = np.concatenate([np.empty(0, np.uint64), *ranges]) & LOW
        real: Numbers = rows[rows != LOW]  # what fills up a block looks like an entry
        return real

    def _checked(self, blocks: npt.NDArray[np.int64]) -> Numbers:
        entries = self.entries.reshape(-1, BLOCK)[blocks]
        if not np.array_equal(entries.sum(axis=1, dtype=np.uint64), self.sums[blocks]):
            raise Damaged
        return entries.reshape(-1)


def write(path: Path, family: str, batches: Sequence[str], files: Sequence[File], entries: Iterable[Numbers]) -> None:
    """A file of pieces of entries in any order, whole or not at all. Not flushed: what is lost is made anew."""
    fresh = path.with_suffix(".tmp")
    firsts, sums, segments = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)], []
    with fresh.with_suffix(".body").open("wb") as body:
        for piece in entries:
            blocks = _blocks(piece)
            body.write(blocks.tobytes())
            firsts.append(blocks[:, 0])
            sums.append(blocks.sum(axis=1, dtype=np.uint64))
            segments.append(len(blocks))
    marks = np.concatenate([*firsts, *sums]).tobytes()
    header = _header(family, batches, files, segments) + marks
    with fresh.open("wb") as out:
        out.write(MAGIC + np.array([len(header) - len(marks), zlib.crc32(header), sum(segments)], "<u8").tobytes())
        out.write(header)
        with fresh.with_suffix(".body").open("rb") as body:
            while piece_ := body.read(1 << 22):
                out.write(piece_)
    fresh.with_suffix(".body").unlink()
    fresh.rename(path)


def read(path: Path, family: str) -> IndexRun:
    """The file; its entries are read when they are asked for. Raises Damaged, also where another version wrote it."""
    try:
        with path.open("rb") as file:
            magic, numbers = file.read(8), np.frombuffer(file.read(HEAD - 8), "<u8")
            if magic != MAGIC or numbers.size != 3:
                raise Damaged
            length, told, blocks = map(int, numbers)
            header = file.read(length + 16 * blocks)
            size = file.seek(0, 2)
        if zlib.crc32(header) != told or size != HEAD + len(header) + blocks * BLOCK * 8:
            raise Damaged
        said = json.loads(header[:length])
        if (said["form"], said["polars"], said["family"]) != (FORM, pl.__version__, family):
            raise Damaged
        marks = np.frombuffer(header[length:], "<u8")
        entries = np.memmap(path, "<u8", "r", HEAD + len(header)) if blocks else np.empty(0, np.uint64)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Damaged from error
    files, segments = tuple(File(*each) for each in said["files"]), tuple(said["segments"])
    batches = tuple(said["batches"])
    return IndexRun(path, family, batches, files, segments, marks[:blocks], marks[blocks:], entries)


def _header(family: str, batches: Sequence[str], files: Sequence[File], segments: Sequence[int]) -> bytes:
    said: dict[str, Any] = {
        "form": FORM, "polars": pl.__version__, "family": family, "batches": list(batches),
        "files": [[each.batch, each.name, each.rows] for each in files], "segments": list(segments),
    }  # fmt: skip
    text = json.dumps(said).encode()
    return text + b" " * (-len(text) % 8)


def _blocks(entries: Numbers) -> Numbers:
    filled = np.full(-(-entries.size // BLOCK) * BLOCK, np.iinfo(np.uint64).max, np.uint64)
    filled[: entries.size] = entries
    filled.sort()
    return filled.reshape(-1, BLOCK)
