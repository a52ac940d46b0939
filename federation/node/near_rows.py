"""The earlier rows that checks are asked again beside a new batch: each read once, whatever the number of checks.

Only reads. A pass gets its own rows and those that its links put beside them, before and after the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from federation.node.gone import HERE
from federation.node.index import Spots
from federation.node.near import Near, together
from federation.node.pick import AT, Picked
from federation.quality.check import Check
from federation.quality.links import Link
from schemas.tables import TABLES

Tables = dict[str, pl.LazyFrame]
Columns = frozenset[str]


@dataclass(frozen=True, eq=False)
class Pass:
    """Checks that are counted together, and the earlier rows (`own`) of their table that they are asked of again."""

    checks: Sequence[Check]
    links: tuple[Link, ...]
    own: Spots

    @property
    def table(self) -> str:
        """The table whose rows are counted."""
        return self.checks[0].table

    @cached_property
    def columns(self) -> Columns:
        """The table's columns that counting reads; all where the frame does not say what it joins by."""
        frame = self.checks[0].frame
        if frame.reads is None:
            return frozenset(frame.table.columns)
        asked = {name for each in self.checks for name in each.columns}
        looked_up = {name for link in self.links if link.table == self.table for name in link.key}
        always = {*HERE, "org_code", "deleted", frame.table.when or "org_code"}
        return frozenset({*frame.reads, *asked, *looked_up, *always} & {*frame.table.columns})

    def columns_of(self, table: str) -> Columns:
        """The columns that counting reads of rows beside its own."""
        return self.columns if table == self.table else frozenset(TABLES[table].columns)


@dataclass
class Rows:
    """Rows of earlier batches, read as they are asked for."""

    near: Near
    _read: dict[str, list[Picked]] = field(default_factory=dict)
    _columns: dict[str, Columns] = field(default_factory=dict)
    _waiting: dict[str, list[Spots]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._read = {table: [picked] for table, picked in self.near.gone.items()}

    def ask(self, table: str, spots: Spots, columns: Columns) -> None:
        """These rows will be wanted."""
        if spots.rows:
            self._waiting.setdefault(table, []).append(spots)
            self._columns[table] = self._columns.get(table, columns) | columns

    def linked(self, one: Pass, link: Link) -> Spots:
        """What the link puts beside the rows of the pass, its own and those of the batch."""
        parts = [self._own(one)] if one.own.rows else []
        parts += [self.near.fresh[one.table]] if one.table in self.near.fresh else []
        return self.near.beside(link, parts)

    def standing(self) -> "Standing":
        """All that was asked for, as it stands before and after the batch."""
        self._read_waiting()
        return Standing(
            self.near, self._read, {table: self.near.standing(parts) for table, parts in self._read.items()}
        )

    def _own(self, one: Pass) -> pl.LazyFrame:
        """The rows, standing or not."""
        self._read_waiting()
        parts = self._read[one.table]
        for each in parts:
            each.rows(self._columns[one.table])
        rows = pl.concat([each.rows(one.columns) for each in parts])
        return rows if one.own.count == sum(each.spots.count for each in parts) else at(rows, self.near.marks(one.own))

    def _read_waiting(self) -> None:
        for table, parts in self._waiting.items():
            read = self._read.setdefault(table, [])
            more = without(together(parts), together([each.spots for each in read]))
            if more.rows:
                read.append(self.near.picked(table, more))
        self._waiting = {}


@dataclass(frozen=True)
class Standing:
    """Earlier rows, and for each table AT of those that stand before the batch, and of those that stand after it."""

    near: Near
    read: Mapping[str, Sequence[Picked]]
    at: Mapping[str, tuple[pl.Series, pl.Series]]

    def tables(self, one: Pass, own: Spots, looked_at: Mapping[Link, Spots]) -> tuple[Tables | None, Tables]:
        """What the pass is counted over before and after; no before where none of its own rows is of before.

        `own` are the rows to count and those of the same table beside them.
        """
        before: Tables = {}
        after: Tables = {}
        for link, spots in looked_at.items():
            if link.table in self.read or spots.there or self.near.there(link.table):
                before[link.table], after[link.table] = self._rows(link.table, one.columns_of(link.table))
            if link.table in self.near.fresh:
                after[link.table] = _joined(after.get(link.table), self.near.fresh[link.table])
        if not own.rows:
            return None, after | {one.table: self.near.fresh[one.table]}
        before[one.table], after[one.table] = self._rows(one.table, one.columns, own)
        if one.table in self.near.fresh:
            after[one.table] = _joined(after[one.table], self.near.fresh[one.table])
        return before, after

    def _rows(self, table: str, columns: Columns, own: Spots | None = None) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """Rows that stand before the batch and after it, of those at the spots."""
        if table not in self.read:
            none = pl.LazyFrame(schema={name: TABLES[table].schema()[name] for name in sorted(columns)})
            return none, none
        parts = self.read[table]
        rows = self.near.judged(pl.concat([each.rows(columns) for each in parts]))
        every = sum(each.spots.count for each in parts)
        some = rows if own is None or own.count == every else at(rows, self.near.marks(own))
        before, after = ((some if marks.len() == every else at(some, marks)).drop(AT) for marks in self.at[table])
        return before, after


def at(rows: pl.LazyFrame, marks: pl.Series) -> pl.LazyFrame:
    """Those of the rows that stand there."""
    return rows.filter(pl.col(AT).is_in(marks.implode()))


def without(spots: Spots, others: Spots) -> Spots:
    """The spots that are not among the others."""
    left: dict[Path, np.ndarray] = {
        path: np.setdiff1d(rows, others.rows[path], assume_unique=True) if path in others.rows else rows
        for path, rows in spots.rows.items()
    }
    return Spots({path: rows for path, rows in left.items() if rows.size}, spots.there, spots.filled)


def _joined(old: pl.LazyFrame | None, fresh: pl.LazyFrame) -> pl.LazyFrame:
    """Old rows and fresh ones, with the columns of the old."""
    return fresh if old is None else pl.concat([old, fresh.select(old.collect_schema().names())])
