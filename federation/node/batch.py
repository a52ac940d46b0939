"""A batch on disk, read back: its parts, its tables, and which of its rows stand.

Only reads. A row stands when its record is neither a duplicate nor superseded by a later version (as one is whose key
repeats in its file), and no later version of the row's own key came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from federation.node.events import REPLACED, STANDING
from schemas.tables import TABLES

AT_ONCE = 16_384
REPEATS = "repeats"
PLACE = {"file": "source_file", "position": "source_position"}
KEY = ["source_table", "source_pk"]
KEY_CUT = pl.col("key").str.splitn("|", 2).struct.rename_fields(KEY)  # a struct; a sheet has both as one text
PLACES = pl.Schema({"source_file": pl.String(), "source_position": pl.Int64()})
KEYS = pl.Schema({"source_table": pl.String(), "source_pk": pl.String()})


@dataclass(frozen=True)
class Gone:
    """What of a batch does not stand: `places` of whole records, `keys` of which later batches brought versions."""

    places: pl.DataFrame
    keys: pl.DataFrame

    def left(self, rows: pl.DataFrame, replaced: pl.DataFrame | None) -> pl.DataFrame:
        """The rows that stand; `replaced` are places and keys of rows that a version of their own batch outdid."""
        if self.places.height:
            rows = rows.join(self.places, on=list(PLACE.values()), how="anti", maintain_order="left")
        if self.keys.height:
            rows = rows.join(self.keys, on=KEY, how="anti", maintain_order="left")
        if replaced is not None and replaced.height:
            rows = rows.join(replaced, on=[*PLACE.values(), *KEY], how="anti", maintain_order="left")
        return rows


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
    return _places(pl.scan_parquet(sheets(batch, "duplicates")))


def repeat_places(batch: Path) -> pl.LazyFrame:
    """`source_file` and `source_position` of the batch's records that were rejected because their key repeats."""
    found = sheets(batch, REPEATS)
    return _places(pl.scan_parquet(found)) if found else pl.LazyFrame(schema=PLACES)


def superseded_places(batch: str, by: Sequence[Path]) -> pl.LazyFrame:
    """`source_file` and `source_position` of the batch's records that the batches in `by` hold later versions of."""
    found = [path for folder in by if (path := folder / "superseded.parquet").exists()]
    if not found:
        return pl.LazyFrame(schema=PLACES)
    return _places(pl.scan_parquet(found).filter(pl.col("batch") == batch))


def _places(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.select("file", "position").rename(PLACE)


def said_again(by: Sequence[Path]) -> pl.LazyFrame:
    """`source_table` and `source_pk` of rows said before the batches in `by` came, of which they brought versions."""
    found = [path for folder in by if (path := folder / STANDING).exists()]
    if not found:
        return pl.LazyFrame(schema=KEYS)
    return pl.scan_parquet(found).filter("again").select(KEY_CUT).unnest("key")


def gone_of(batch: Path, since: Sequence[Path]) -> Gone:
    """What of the batch does not stand; `since` are the site's batches from it on, itself first."""
    places = pl.concat([duplicate_places(batch), superseded_places(batch.name, since)]).unique()
    return Gone(places.collect(engine="streaming"), said_again(since[1:]).unique().collect(engine="streaming"))


def standing(batch: Path, rows: pl.LazyFrame, by: Sequence[Path] = ()) -> pl.LazyFrame:
    """Of the batch's rows those of which neither the batch itself nor the batches in `by` brought a later version."""
    if found := sheets(batch, REPLACED):
        outdone = pl.scan_parquet(found).rename(PLACE).select(*PLACE.values(), *KEY)
        rows = rows.join(outdone, on=[*PLACE.values(), *KEY], how="anti")
    return rows.join(said_again(by), on=KEY, how="anti") if by else rows


def accepted(batch: Path) -> dict[str, pl.LazyFrame]:
    """Table -> rows of accepted records: without those of duplicates, and those said anew in the same batch."""
    every = {name: pl.scan_parquet(sheets(batch, name)) for name in table_names(batch)}
    gone = pl.concat([duplicate_places(batch), repeat_places(batch)])
    if gone.select(pl.len()).collect().item():
        every = {name: rows.join(gone, on=list(PLACE.values()), how="anti") for name, rows in every.items()}
    return {name: standing(batch, rows) for name, rows in every.items()}


def rows_of(batch: Path, name: str, gone: Gone, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The table's rows a bounded piece at a time, without those that do not stand."""
    wanted = list(dict.fromkeys([*columns, *PLACE.values(), *KEY]))
    schema = TABLES[name].schema()
    for path in sheets(batch, name):
        replaced = _replaced(path.parent)
        with pq.ParquetFile(path) as file:
            for piece in file.iter_batches(AT_ONCE, columns=wanted):
                rows = pl.DataFrame(pl.from_arrow(piece)).cast({column: schema[column] for column in wanted})
                kept = gone.left(rows, replaced)
                if kept.height:
                    yield kept.select(columns)


def _replaced(part: Path) -> pl.DataFrame | None:
    path = part / f"{REPLACED}.parquet"
    return pl.read_parquet(path, columns=["file", "position", *KEY]).rename(PLACE) if path.exists() else None
