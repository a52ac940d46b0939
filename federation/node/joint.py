"""Pieces of files on their way into the tables of a part; drafts of many small files go there together.

Nothing is lost or doubled on the way: what arrives is compared with what was announced, or Unbalanced is raised.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

import polars as pl

from connectors.chunk import RECORDS, REJECTS, VERSIONS, Chunk, Once
from connectors.connector import Draft
from federation.errors import Unbalanced
from federation.node.plan import File
from federation.node.sheets import Sheets

JOINED_BYTES = 8 << 20  # of what was read: its rows are some ten thousand
JOINED_RECORDS = 1024  # where records are so small that their rows weigh more than their bytes
FILE = {"file": pl.String(), "ordinal": pl.Int64(), "reading": pl.String()}
PART_RECORDS = pl.Schema({**RECORDS, **FILE})
PART_REJECTS = pl.Schema({**REJECTS, "file": pl.String(), "ordinal": pl.Int64()})
PART_ONCE = pl.Schema(
    {
        "ordinal": pl.Int64(),
        "first": pl.Int64(),  # positions of the records meant
        "last": pl.Int64(),
        "place": pl.String(),  # which table of the file
        "columns": pl.String(),  # of the key
    }
)
PART_VERSIONS = pl.Schema({**VERSIONS, "file": pl.String()})


class Joint:
    """Takes pieces in the order of the files, and writes them in that order."""

    def __init__(self, sheets: Sheets) -> None:
        self.sheets = sheets
        self._waiting: list[tuple[File, Draft]] = []
        self._bytes = self._read = 0
        sheets.add("records", pl.DataFrame(schema=PART_RECORDS))
        sheets.add("rejects", pl.DataFrame(schema=PART_REJECTS))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()

    def add(self, file: File, piece: Chunk | Draft) -> None:
        """A piece of a file, complete by itself. Raises Unbalanced."""
        if isinstance(piece, Chunk):
            self._flush()
            heights = piece.records.height, piece.rejects.height, piece.versions.height
            self._write([(file, heights)], piece)
            return
        if self._waiting and type(piece) is not type(self._waiting[0][1]):
            self._flush()
        self._waiting.append((file, piece))
        self._bytes += piece.bytes_read
        self._read += piece.read
        if self._bytes >= JOINED_BYTES or self._read >= JOINED_RECORDS:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting, self._bytes, self._read = self._waiting, [], 0, 0
        if waiting:
            for file, draft in waiting:
                _must_balance(file, draft.read, draft.heights[0] + draft.rejected)
            (_, first), *rest = waiting
            self._write([(file, draft.heights) for file, draft in waiting], first.joined([draft for _, draft in rest]))

    def _write(self, files: Sequence[tuple[File, tuple[int, int, int]]], chunk: Chunk) -> None:
        _must_balance(files[0][0], chunk.read, chunk.records.height + chunk.rejected)
        for at, (name, frame, schema) in enumerate((
            ("records", chunk.records, PART_RECORDS),
            ("rejects", chunk.rejects, PART_REJECTS),
            ("versions", chunk.versions, PART_VERSIONS),
        )):  # fmt: skip
            if frame.height:
                of_each = [(file, heights[at]) for file, heights in files]
                self.sheets.add(name, _of_files(frame, of_each, schema, chunk.reading))
        if chunk.once is not None and chunk.records.height:
            self.sheets.add("once", _once(files[0][0], chunk.records["position"], chunk.once))
        self.sheets.add_all(chunk.tables)


def _must_balance(file: File, read: int, found: int) -> None:
    if read != found:
        raise Unbalanced(
            f"{file.path}: a record was lost or counted twice while reading. This is a fault of the program."
        )


def _once(file: File, position: pl.Series, once: Once) -> pl.DataFrame:
    """The pieces of one table come one after the other: their records are those from the first to the last."""
    row = (file.ordinal, position.min(), position.max(), once.table, ", ".join(once.key))
    return pl.DataFrame([row], PART_ONCE, orient="row")


def _of_files(frame: pl.DataFrame, files: Sequence[tuple[File, int]], schema: pl.Schema, reading: str) -> pl.DataFrame:
    """The rows with the columns that say of which file they are; `files` come in order, with so many rows each."""
    own = [frame[name] for name in schema if name not in FILE]
    added = [
        _spread(name, [(_said(file, name, reading), height) for file, height in files])
        for name in schema
        if name in FILE
    ]
    return pl.DataFrame([*own, *added])


def _said(file: File, name: str, reading: str) -> object:
    return {"file": file.mark, "ordinal": file.ordinal, "reading": reading or file.reading}[name]


def _spread(name: str, values: Sequence[tuple[object, int]]) -> pl.Series:
    parts = [pl.Series(name, [value], FILE[name]).new_from_index(0, height) for value, height in values if height]
    return parts[0] if len(parts) == 1 else pl.concat(parts, rechunk=True)
