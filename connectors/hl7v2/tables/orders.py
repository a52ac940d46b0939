"""Orders that results, drugs and documents belong to: ORC and OBR before them, and their number."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Ints
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.owners import gathered, nearest
from connectors.hl7v2.work import Work


@dataclass(frozen=True)
class Orders:
    """The OBR and ORC segments of a block, for rows that follow them."""

    work: Work

    @cached_property
    def obr(self) -> Rows:
        """Observation requests."""
        return self.work.messages.rows("OBR")

    @cached_property
    def orc(self) -> Rows:
        """Common orders."""
        return self.work.messages.rows("ORC")

    def request(self, rows: Rows) -> Ints:
        """The ordinal of the OBR each row follows, -1 where there is none."""
        return nearest(rows, self.obr, after=False)

    def order(self, rows: Rows) -> Ints:
        """The ordinal of the ORC each row follows, -1 where there is none."""
        return nearest(rows, self.orc, after=False)

    @cached_property
    def numbers(self) -> tuple[pl.Series, pl.Series]:
        """Of each OBR the order's number, whole and bare: its filler's, else its placer's, else those of its ORC."""
        whole, bare = self._own(self.obr, (3, 2))
        if whole.null_count() and len(self.orc):
            at = self.order(self.obr)
            spare_whole, spare_bare = self.common
            lacks = whole.is_not_null()
            whole = whole.zip_with(lacks, gathered(spare_whole, at))
            bare = bare.zip_with(lacks, gathered(spare_bare, at))
        return whole, bare

    @cached_property
    def common(self) -> tuple[pl.Series, pl.Series]:
        """The same of each ORC."""
        return self._own(self.orc, (3, 2))

    def _own(self, rows: Rows, places: tuple[int, int]) -> tuple[pl.Series, pl.Series]:
        draft = self.work.draft
        wholes = [draft.said(rows, "report_id", rows.whole(place)) for place in places]
        bares = [draft.text(rows, "report_id", place) for place in places]
        for found in (wholes, bares):
            found[0] = found[0].zip_with(found[0].is_not_null(), found[1]) if found[0].null_count() else found[0]
        named = bares[0].is_not_null()
        return (wholes[0] if named.all() else wholes[0].zip_with(named, wholes[0].clear(len(rows)))), bares[0]

    def key(self, rows: Rows, at: Ints, numbers: pl.Series) -> pl.Series:
        """The order's number, else the message's key; where there is no order nothing can be said anew."""
        found = gathered(numbers, at)
        return found.zip_with(found.is_not_null(), self.work.message_key(rows)) if found.null_count() else found


def distinct(key: pl.Series, message: Ints) -> pl.Series:
    """Keys of which one message has several get their ordinal: rows that only their place tells apart stay apart."""
    mark = key.hash().to_numpy() ^ (message.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    twice = pl.Series(mark).is_duplicated()
    if not twice.any():
        return key
    at = twice.arg_true()
    some = pl.DataFrame({"message": pl.Series(message).gather(at), "key": key.gather(at)})
    nth = some.select(pl.int_range(1, pl.len() + 1).over("message", "key")).to_series()
    made = pl.select(
        pl.when(pl.lit(nth) > 1)
        .then(pl.lit(some["key"]) + "|#" + pl.lit(nth).cast(pl.String))
        .otherwise(pl.lit(some["key"]))
    ).to_series()
    return key.scatter(at, made)
