"""Rows of Parquet files by their numbers: no other row group is read, and no more than some rows are held in memory."""

from collections.abc import Iterator
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


def picked(name: str, spots: Spots, numbers: dict[Path, int], spill: Path) -> pl.LazyFrame:
    """The rows of a shared table with the column AT; every file gets a number in `numbers`."""
    schema = pl.Schema({column: dtype for column, dtype in TABLES[name].schema().items() if column not in WITHOUT})
    none = pl.DataFrame(schema={**schema, AT: pl.UInt64()})
    held, size, sheets = [none], 0, None
    for path, rows in spots.rows.items():
        first = np.uint64(numbers.setdefault(path, len(numbers)) << 32)
        for piece, chosen in pieces(path, rows, list(schema)):
            held.append(piece.cast(schema).with_columns(pl.Series(AT, chosen + first)))
            size += piece.height
        if size > HELD:
            sheets = sheets or Sheets(spill)
            sheets.add(name, pl.concat(held))
            held, size = [none], 0
    if sheets is None:
        return pl.concat(held).lazy()
    with sheets:
        sheets.add(name, pl.concat(held))
    return pl.scan_parquet(spill / f"{name}.parquet").cast(none.schema)


def pieces(path: Path, rows: Numbers, columns: list[str] | None = None) -> Iterator[tuple[pl.DataFrame, Numbers]]:
    """The rows of a file with these numbers (in order), one row group at a time, and the numbers of each piece.

    Polars reads a row group three times as fast as Arrow does where most of its rows are not wanted.
    """
    meta, begin = pq.read_metadata(path), 0
    every = pl.scan_parquet(path)
    wanted = every if columns is None else every.select(columns)
    for group in range(meta.num_row_groups):
        size = meta.row_group(group).num_rows
        chosen = rows[(rows >= begin) & (rows < begin + size)]
        if chosen.size:
            yield wanted.slice(begin, size).collect()[chosen - np.uint64(begin)], chosen
        begin += size
