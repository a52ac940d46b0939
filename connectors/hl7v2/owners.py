"""Whose a segment is: the person and the visit named nearest before it in its message, else the first after it.

Groups of HL7 v2 messages are optional and repeat; the order of segments is all that says what belongs together.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Flags, Ints, indices, nothing
from connectors.hl7v2.marks import Rows


def nearest(rows: Rows, owners: Rows, *, after: bool = True) -> Ints:
    """For each row the ordinal of its owner, -1 where its message has none; `after`: one that follows will do."""
    if not len(owners):
        return np.full(len(rows), -1)
    before = np.searchsorted(owners.lines, rows.lines, side="right") - 1
    fits = (before >= 0) & (owners.message[before] == rows.message)
    if fits.all():
        return before
    follows = np.minimum(before + 1, len(owners) - 1)
    behind = after & (owners.message[follows] == rows.message) & (follows > before)
    return np.where(fits, before, np.where(behind, follows, -1))


def gathered(values: pl.Series, at: Ints) -> pl.Series:
    """Values at the places; null at -1."""
    if not len(values):
        return nothing(len(at), values.dtype)
    if (at >= 0).all():
        return values[indices(at)]
    return values[indices(np.maximum(at, 0))].zip_with(pl.Series(at >= 0), values.clear(len(at)))


@dataclass(frozen=True)
class Owners:
    """Segments that others belong to, each with its key (null where it has none)."""

    rows: Rows
    key: pl.Series

    @cached_property
    def told(self) -> Flags:
        """Which of them become rows: those that have a key, the first of each key in a message."""
        named: Flags = self.key.is_not_null().to_numpy()
        if not (np.diff(self.rows.message) == 0).any():
            return named
        pairs = pl.DataFrame({"message": pl.Series(self.rows.message), "key": self.key})
        first: Flags = named & pairs.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy()
        return first

    def of(self, rows: Rows) -> pl.Series:
        """The key of each row's owner."""
        return gathered(self.key, nearest(rows, self.rows))
