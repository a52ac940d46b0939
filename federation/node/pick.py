"""Rows of Parquet files by their numbers: no other row group is read, and no more than some rows are held in memory."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
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
    """The rows of a file with these numbers (in order), one row group at a time, and the numbers of each piece."""
    texts = _texts(path)
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        begin = 0
        for group in range(file.metadata.num_row_groups):
            end = begin + file.metadata.row_group(group).num_rows
            chosen = rows[(rows >= begin) & (rows < end)]
            if chosen.size:
                table = file.read_row_group(group, columns).take(pa.array(chosen - np.uint64(begin)))
                yield _plain(table), chosen
            begin = end


def _plain(table: pa.Table) -> pl.DataFrame:
    frame = pl.DataFrame(pl.from_arrow(table))
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _texts(path: Path) -> list[str]:
    texts = pa.types.is_string, pa.types.is_large_string
    return [field.name for field in pq.read_schema(path) if any(is_text(field.type) for is_text in texts)]
