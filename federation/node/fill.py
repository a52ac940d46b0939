"""Cells of a table on disk filled from a sheet of cells, piece by piece, rows in their order.

Never empties a cell that says something; a fresh file takes the place of the old one whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from schemas.table import COMMON
from schemas.tables import TABLES

AT_ONCE = 16_384


@dataclass(frozen=True)
class Fillable:
    """`columns` of a table that have cells to fill and something to fill them with; `level`: levels differ."""

    columns: tuple[str, ...]
    level: bool

    @property
    def any(self) -> bool:
        """Whether anything may change."""
        return bool(self.columns) or self.level

    @property
    def all(self) -> tuple[str, ...]:
        """The columns to look at."""
        return (*self.columns, "sec_level")


def fillable(name: str, own: Sequence[Path], found: Sequence[Path], *, over: bool) -> Fillable:
    """What of the files `own` may be filled from the files `found`, by their footers; `over`: full cells too."""
    if not own or not found:
        return Fillable((), False)
    empty, said = [_Footer(path) for path in own], [_Footer(path) for path in found]
    columns = tuple(
        column
        for column in TABLES[name].columns
        if column not in COMMON
        and (over or any(footer.nulls(column) for footer in empty))
        and any(footer.nulls(column) < footer.rows for footer in said)
    )
    levels = {bound for footer in [*empty, *said] for bound in footer.bounds("sec_level")}
    return Fillable(columns, len(levels) != 1)


def fill(name: str, path: Path, cells: Path, what: Fillable) -> None:
    """Writes the table at `path` anew. `cells` has `row` (from 0, ascending) and the columns of `what`."""
    fresh = path.with_name(path.name + ".tmp")
    with pq.ParquetFile(path) as old, pq.ParquetFile(cells) as given:
        schema = old.schema_arrow
        with pq.ParquetWriter(fresh, schema, compression="zstd", compression_level=1) as writer:
            wanted, start = _Cells(given), 0
            for group in range(old.num_row_groups):
                rows = pl.DataFrame(pl.from_arrow(old.read_row_group(group)))
                filled = _filled(name, rows, wanted.within(start, start + rows.height), start, what)
                writer.write_table(filled.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema))
                start += rows.height
    fresh.replace(path)


def _filled(name: str, rows: pl.DataFrame, cells: pl.DataFrame, start: int, what: Fillable) -> pl.DataFrame:
    if not cells.height:
        return rows
    schema = TABLES[name].schema()
    typed = cells.select("row", *(pl.col(column).cast(schema[column]).alias(f"{column}:said") for column in what.all))
    beside = rows.with_row_index("row", start).with_columns(pl.col("row").cast(pl.Int64))
    beside = beside.join(typed, on="row", how="left", maintain_order="left")
    given = [pl.coalesce(f"{column}:said", column).alias(column) for column in what.columns]
    return beside.with_columns(*given, pl.max_horizontal("sec_level", "sec_level:said").alias("sec_level")).select(
        rows.columns
    )


class _Cells:
    """A sheet of cells in the order of their rows, read forward only."""

    def __init__(self, given: pq.ParquetFile) -> None:
        self._pieces: Iterator[pl.DataFrame] = (
            pl.DataFrame(pl.from_arrow(piece)) for piece in given.iter_batches(AT_ONCE)
        )
        self._left = next(self._pieces, pl.DataFrame(schema={"row": pl.Int64()}))

    def within(self, start: int, end: int) -> pl.DataFrame:
        """The cells of rows from `start` to before `end`."""
        taken = []
        while self._left.height:
            taken.append(self._left.filter(pl.col("row").is_between(start, end, closed="left")))
            self._left = self._left.filter(pl.col("row") >= end)
            if self._left.height or (piece := next(self._pieces, None)) is None:
                break
            self._left = piece
        return pl.concat(taken) if taken else self._left


class _Footer:
    """What the end of a Parquet file says about its columns."""

    def __init__(self, path: Path) -> None:
        with pq.ParquetFile(path) as file:
            self._footer = file.metadata
        self.rows = self._footer.num_rows
        self._at = {self._footer.schema.column(at).name: at for at in range(self._footer.num_columns)}

    def nulls(self, column: str) -> int:
        """Empty cells; where the footer does not say, one less than all: there may be some, and some that are not."""
        said = [stats for stats in self._of(column) if stats is not None and stats.has_null_count]
        return sum(stats.null_count for stats in said) if len(said) == self._footer.num_row_groups else self.rows - 1

    def bounds(self, column: str) -> set[object]:
        """Smallest and largest value of every group of rows."""
        return {bound for stats in self._of(column) if stats and stats.has_min_max for bound in (stats.min, stats.max)}

    def _of(self, column: str) -> list[pq.Statistics | None]:
        groups = range(self._footer.num_row_groups)
        return [self._footer.row_group(group).column(self._at[column]).statistics for group in groups]
