"""Tables written to Parquet as they come, in row groups of bounded size, however many rows there are.

Holds no more than a row group of each table in memory, and no more than a fixed sum of all.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 65_536
TABLE_BYTES = 6 << 20
ALL_BYTES = 12 << 20
SAMPLE = 8192  # rows from which a writer learns how often texts repeat
SCATTERED = ("record_id", "source_pk", "source_row_hash", "hash", "key")
CELL = 16  # bytes that Polars holds for a cell of text even when it is empty; its own estimate leaves them out


class Sheets:
    """Parquet files of one folder, one a table; closed files are complete."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._rows: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for name in list(self._waiting) if error is None else ():
                self._flush(name)
        finally:
            with ExitStack() as closing:
                for writer in self._writers.values():
                    closing.callback(_close, writer)

    def add(self, name: str, frame: pl.DataFrame) -> None:
        """Rows for one table; all frames of a table have one schema. An empty frame still makes the file."""
        self._waiting.setdefault(name, []).append(frame)
        self._rows[name] = self._rows.get(name, 0) + frame.height
        self._bytes[name] = self._bytes.get(name, 0) + _size(frame)
        if self._rows[name] >= ROWS or self._bytes[name] >= TABLE_BYTES:
            self._flush(name)
        elif sum(self._bytes.values()) >= ALL_BYTES:
            self._flush(max(self._bytes, key=self._bytes.__getitem__))

    def add_all(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Rows for several tables; a table without rows gets no file."""
        for name, frame in frames.items():
            if frame.height:
                self.add(name, frame)

    def _flush(self, name: str) -> None:
        frames = self._waiting.pop(name)
        self._rows[name] = self._bytes[name] = 0
        rows = pl.concat(frames)
        table = rows.to_arrow(compat_level=pl.CompatLevel.newest())
        if name not in self._writers:
            self._writers[name] = self._open(name, table.schema, rows)
        self._writers[name].write_table(table)

    def _open(self, name: str, schema: pa.Schema, rows: pl.DataFrame) -> pq.ParquetWriter:
        """A writer that encodes texts after what the first rows hold: those that are said again and again by number.

        Columns of many texts that say where a row comes from get no smallest and largest value: nobody asks for them.
        """
        repeating = _repeating(rows)
        told = [column for column in rows.columns if column in repeating or column not in SCATTERED]
        return pq.ParquetWriter(
            self.folder / f"{name}.parquet", schema, compression="zstd", compression_level=1,
            use_dictionary=repeating, write_statistics=told, store_schema=False,
        )  # fmt: skip


def _repeating(rows: pl.DataFrame) -> list[str]:
    """Columns of text in which a value stands five times or more often; with few rows all are."""
    some = rows.head(SAMPLE)
    texts = some.select(pl.col(pl.String).n_unique())
    return [name for name, values in texts.to_dict(as_series=False).items() if values[0] * 5 <= max(some.height, 1000)]


def _close(writer: pq.ParquetWriter) -> None:
    try:
        writer.close()
    finally:
        writer.is_open = False  # on a full disk it would try again when it is collected, and print a traceback


def _size(frame: pl.DataFrame) -> int:
    return int(frame.estimated_size()) + CELL * frame.height * frame.width
