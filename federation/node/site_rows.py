"""All rows of a site that stand after some of its batches, each with the day on which its batch came.

Only reads. What does not stand: duplicates, records of which a later version came, and rows said anew by later events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from federation.node.batch import KEY, PLACE, duplicate_places, part_folders, said_again, sheets
from federation.node.events import REPLACED, STANDING
from federation.node.home import Home
from federation.node.journal import BatchRow
from federation.quality.frame import AS_OF
from schemas.tables import TABLES

HERE = ["batch_id", *PLACE.values()]
LAST = "the batch that said it last"
ORDER = "place of the batch"


@dataclass(frozen=True)
class Came:
    """A batch's folder, which has its name, and the day it came: its rows are judged as of then."""

    folder: Path
    day: date

    @property
    def id(self) -> str:
        """The batch's name, as its rows have it."""
        return self.folder.name


def came(home: Home, recorded: Sequence[BatchRow]) -> list[Came]:
    """The recorded batches of one site, in their order."""
    return [Came(home.batch(each.site, each.id), date.fromisoformat(each.at[:10])) for each in recorded]


def site_rows(came: Sequence[Came], near: Mapping[str, pl.LazyFrame] | None = None) -> dict[str, pl.LazyFrame]:
    """Table -> its standing rows, with the column AS_OF; `came` are the site's batches, oldest first.

    `near` gives some of the rows in place of all of them, and leaves out those that do not stand. A table of which
    any batch has a file is there, be it without rows.
    """
    rows = written(came) if near is None else near
    gone = _Gone(came)
    days = {each.id: each.day for each in came}
    judged = pl.col("batch_id").replace_strict(days, default=None, return_dtype=pl.Date).alias(AS_OF)
    return {name: gone.left(table).with_columns(judged) for name, table in rows.items()}


def written(came: Sequence[Came]) -> dict[str, pl.LazyFrame]:
    """Table -> all its rows as the batches have them."""
    return {name: pl.scan_parquet(paths) for name, paths in table_files(came).items()}


def table_files(came: Sequence[Came]) -> dict[str, list[Path]]:
    """Table -> its files in the batches, in the order of the batches and of their parts."""
    parts = [part for each in came for part in part_folders(each.folder)]
    found = {name: [path for part in parts if (path := part / f"{name}.parquet").exists()] for name in TABLES}
    return {name: paths for name, paths in found.items() if paths}


class _Gone:
    """What of the batches does not stand; joins are left out where there is nothing to leave out."""

    def __init__(self, came: Sequence[Came]) -> None:
        self._order = {each.id: place for place, each in enumerate(came)}
        self._places = _together([*map(_duplicates, came), *map(_superseded, came)])
        self._replaced = _together([_replaced(each) for each in came])
        self._again = _together([_again(each, place) for place, each in enumerate(came)])

    def left(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows that stand; those of a batch that is not among these never do."""
        rows = rows.filter(pl.col("batch_id").is_in(list(self._order)))
        if self._places is not None:
            rows = rows.join(self._places.unique(), on=HERE, how="anti")
        if self._replaced is not None:
            rows = rows.join(self._replaced, on=[*HERE, *KEY], how="anti")
        if self._again is not None:
            order = pl.col("batch_id").replace_strict(self._order, return_dtype=pl.Int64).alias(ORDER)
            last = self._again.group_by(KEY).agg(pl.col(LAST).max())
            rows = rows.with_columns(order).join(last, on=KEY, how="left")
            rows = rows.filter(pl.col(LAST).is_null() | (pl.col(ORDER) >= pl.col(LAST))).drop(LAST, ORDER)
        return rows


def _duplicates(batch: Came) -> pl.LazyFrame | None:
    if _said(sheets(batch.folder, "duplicates")) is None:
        return None
    return duplicate_places(batch.folder).select(pl.lit(batch.id).alias("batch_id"), *PLACE.values())


def _superseded(batch: Came) -> pl.LazyFrame | None:
    rows = _said([batch.folder / "superseded.parquet"])
    return None if rows is None else rows.rename({"batch": "batch_id", **PLACE}).select(HERE)


def _replaced(batch: Came) -> pl.LazyFrame | None:
    rows = _said(sheets(batch.folder, REPLACED))
    return (
        None if rows is None else rows.rename(PLACE).select(pl.lit(batch.id).alias("batch_id"), *PLACE.values(), *KEY)
    )


def _again(batch: Came, place: int) -> pl.LazyFrame | None:
    if _said([batch.folder / STANDING]) is None:
        return None
    return said_again([batch.folder]).with_columns(pl.lit(place, dtype=pl.Int64).alias(LAST))


def _said(paths: Sequence[Path]) -> pl.LazyFrame | None:
    """The files that are there and hold rows."""
    found = [path for path in paths if path.exists() and pq.read_metadata(path).num_rows]
    return pl.scan_parquet(found) if found else None


def _together(parts: Sequence[pl.LazyFrame | None]) -> pl.LazyFrame | None:
    found = [each for each in parts if each is not None]
    return pl.concat(found) if found else None
