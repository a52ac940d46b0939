"""Which rows of a site do not stand: duplicates, records of which a later version came, rows said anew by later events.

Only reads. Of all batches, or of those rows only that are near a new batch: then the index says where to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from federation.node.batch import KEY, PLACE, duplicate_places, said_again, sheets
from federation.node.events import REPLACED, STANDING
from federation.node.home import Home
from federation.node.journal import BatchRow

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


@dataclass(frozen=True)
class Gone:
    """What does not stand; None where there is nothing to leave out, so that nothing is joined.

    `order`: batch -> its place among those of the site. `places` (columns HERE) are whole records, `replaced` (HERE and
    KEY) rows that a version of their own batch outdid, `again` (KEY and LAST) keys that the batch at LAST said anew.
    """

    order: Mapping[str, int]
    places: pl.LazyFrame | None = None
    replaced: pl.LazyFrame | None = None
    again: pl.LazyFrame | None = None

    def left(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows that stand; those of a batch that is not among these never do."""
        rows = rows.filter(pl.col("batch_id").is_in(list(self.order)))
        if self.places is not None:
            rows = rows.join(self.places.unique(), on=HERE, how="anti")
        if self.replaced is not None:
            rows = rows.join(self.replaced, on=[*HERE, *KEY], how="anti")
        if self.again is not None:
            order = pl.col("batch_id").replace_strict(dict(self.order), return_dtype=pl.Int64).alias(ORDER)
            last = self.again.group_by(KEY).agg(pl.col(LAST).max())
            rows = rows.with_columns(order).join(last, on=KEY, how="left")
            rows = rows.filter(pl.col(LAST).is_null() | (pl.col(ORDER) >= pl.col(LAST))).drop(LAST, ORDER)
        return rows

    def also(self, batch: Came) -> "Gone":
        """What does not stand after one batch more, the last of the site."""
        place = len(self.order)
        return replace(
            self,
            order={**self.order, batch.id: place},
            places=_together([self.places, _duplicates(batch), _superseded(batch)]),
            replaced=_together([self.replaced, _replaced(batch)]),
            again=_together([self.again, _again(batch, place)]),
        )


def gone_of(came: Sequence[Came]) -> Gone:
    """What does not stand after these batches, the site's first ones."""
    return Gone(
        {each.id: place for place, each in enumerate(came)},
        _together([*map(_duplicates, came), *map(_superseded, came)]),
        _together(map(_replaced, came)),
        _together(_again(each, place) for place, each in enumerate(came)),
    )


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


def _together(parts: Iterable[pl.LazyFrame | None]) -> pl.LazyFrame | None:
    found = [each for each in parts if each is not None]
    return pl.concat(found) if found else None
