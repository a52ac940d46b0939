"""A batch on disk, read back: its parts, its tables, and which of its rows stand.

Only reads. A row stands when its record is neither a duplicate nor superseded by a later version.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from schemas.tables import TABLES

AT_ONCE = 16_384
PLACE = {"file": "source_file", "position": "source_position"}


def part_folders(batch: Path) -> list[Path]:
    """The batch's parts, in the order in which they were read."""
    return sorted(path for path in batch.glob("p*") if path.is_dir() and path.suffix != ".tmp")


def sheets(batch: Path, name: str) -> list[Path]:
    """The files of one table (or of `records`, `rejects`, `duplicates`) in the batch's parts."""
    return [path for part in part_folders(batch) if (path := part / f"{name}.parquet").exists()]


def table_names(batch: Path) -> list[str]:
    """The shared tables of which the batch has rows."""
    return [name for name in TABLES if sheets(batch, name)]


def sheet(batch: Path, name: str) -> pl.LazyFrame | None:
    """One table of all parts as it was written; None where the batch has no rows of it."""
    found = sheets(batch, name)
    return pl.scan_parquet(found) if found else None


def duplicate_places(batch: Path) -> pl.LazyFrame:
    """`source_file` and `source_position` of the batch's duplicates."""
    return pl.scan_parquet(sheets(batch, "duplicates")).select("file", "position").rename(PLACE)


def superseded_places(batch: str, by: Sequence[Path]) -> pl.LazyFrame:
    """`source_file` and `source_position` of the batch's records that the batches in `by` hold later versions of."""
    found = [path for folder in by if (path := folder / "superseded.parquet").exists()]
    if not found:
        return pl.LazyFrame(schema={"source_file": pl.String(), "source_position": pl.Int64()})
    return pl.scan_parquet(found).filter(pl.col("batch") == batch).select("file", "position").rename(PLACE)


def accepted(batch: Path) -> dict[str, pl.LazyFrame]:
    """Table -> rows of accepted records: without those of duplicates."""
    gone = duplicate_places(batch)
    if gone.select(pl.len()).collect().item() == 0:
        return {name: pl.scan_parquet(sheets(batch, name)) for name in table_names(batch)}
    return {
        name: pl.scan_parquet(sheets(batch, name)).join(gone, on=list(PLACE.values()), how="anti")
        for name in table_names(batch)
    }


def rows_of(batch: Path, name: str, gone: pl.DataFrame, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The table's rows a bounded piece at a time, without those at the places in `gone`."""
    wanted = list(dict.fromkeys([*columns, *PLACE.values()]))
    schema = TABLES[name].schema()
    for path in sheets(batch, name):
        with pq.ParquetFile(path) as file:
            for piece in file.iter_batches(AT_ONCE, columns=wanted):
                rows = pl.DataFrame(pl.from_arrow(piece)).cast({column: schema[column] for column in wanted})
                kept = (
                    rows.join(gone, on=list(PLACE.values()), how="anti", maintain_order="left") if gone.height else rows
                )
                if kept.height:
                    yield kept.select(columns)
