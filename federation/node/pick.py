"""Rows of Parquet files by their numbers: no other row group is read, and of those the columns that are asked for.

No more than some rows are held in memory.
"""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from federation.node.index import Spots
from federation.node.index_run import Numbers
from federation.node.sheets import Sheets
from schemas.tables import TABLES

AT = "where it stands"  # file << 32 | row: names a row as long as the paths are numbered alike
HELD = 1 << 17  # rows that are held in memory; more of them go to a file
WITHOUT = ("source_row_hash",)  # no check asks for it


class Picked:
    """The rows of a shared table that stand at some spots. A column is read when it is first asked for.

    Every file gets a number in `numbers`; `spill` is a folder for rows that are too many to be held.
    """

    def __init__(self, name: str, spots: Spots, numbers: dict[Path, int], spill: Path) -> None:
        self.name, self.spots, self.spill = name, spots, spill
        every = TABLES[name].schema()
        self.schema = pl.Schema({column: dtype for column, dtype in every.items() if column not in WITHOUT})
        firsts = [np.uint64(numbers.setdefault(path, len(numbers)) << 32) + rows for path, rows in spots.rows.items()]
        self._held = pl.DataFrame({AT: np.concatenate([np.empty(0, np.uint64), *firsts])})
        self._spilled: pl.LazyFrame | None = None

    def rows(self, columns: Collection[str] | None = None) -> pl.LazyFrame:
        """The rows with these columns of their table, or all, and AT."""
        wanted = [name for name in self.schema if columns is None or name in columns]
        if self.spots.count > HELD:
            return self._in_a_file().select(*wanted, AT)
        if missing := [name for name in wanted if name not in self._held.columns]:
            self._held = pl.concat(
                [self._held, pl.concat([self._none(missing), *self._read(missing)])], how="horizontal"
            )
        return self._held.lazy().select(*wanted, AT)

    def _none(self, columns: Collection[str]) -> pl.DataFrame:
        return pl.DataFrame(schema={name: self.schema[name] for name in columns})

    def _read(self, columns: list[str]) -> Iterator[pl.DataFrame]:
        schema = self._none(columns).schema
        for path, rows in self.spots.rows.items():
            for piece in pieces(path, rows, columns):
                yield piece.cast(schema)

    def _in_a_file(self) -> pl.LazyFrame:
        if self._spilled is None:
            begin = 0
            with Sheets(self.spill) as sheets:
                for piece in self._read(list(self.schema)):
                    sheets.add(self.name, piece.with_columns(self._held[AT][begin : begin + piece.height]))
                    begin += piece.height
            self._spilled = pl.scan_parquet(self.spill / f"{self.name}.parquet").cast(
                pl.Schema(dict(self.schema) | {AT: pl.UInt64()})
            )
        return self._spilled


def pieces(path: Path, rows: Numbers, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
    """The rows of a file with these numbers (in order), one row group at a time.

    Polars reads a row group three times as fast as Arrow does where most of its rows are not wanted.
    """
    meta, begin = pq.read_metadata(path), 0
    every = pl.scan_parquet(path)
    wanted = every if columns is None else every.select(columns)
    for group in range(meta.num_row_groups):
        size = meta.row_group(group).num_rows
        chosen = rows[(rows >= begin) & (rows < begin + size)]
        if chosen.size:
            yield wanted.slice(begin, size).collect()[chosen - np.uint64(begin)]
        begin += size
