"""The earlier rows that checks are asked again beside a new batch: each read once, whatever the number of checks.

Only reads. A pass gets its own rows and those that its links put beside them, before and after the batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from federation.node.index import Spots
from federation.node.near import Near, together
from federation.node.pick import AT
from federation.quality.check import Check
from federation.quality.links import Link
from schemas.tables import TABLES

Tables = dict[str, pl.LazyFrame]


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


@dataclass
class Rows:
    """Rows of earlier batches, read as they are asked for."""

    near: Near
    _asked: dict[str, Spots] = field(default_factory=dict)
    _read: dict[str, list[pl.LazyFrame]] = field(default_factory=dict)
    _linked: dict[tuple[str, Link, bytes], Spots] = field(default_factory=dict)
    _waiting: dict[str, list[Spots]] = field(default_factory=dict)

    def ask(self, table: str, spots: Spots) -> None:
        """These rows will be wanted."""
        if spots.rows:
            self._waiting.setdefault(table, []).append(spots)

    def linked(self, one: Pass, link: Link) -> Spots:
        """What the link puts beside the rows of the pass, its own and those of the batch."""
        parts = [self.of(one.table, one.own)] if one.own.rows else []
        parts += [self.near.fresh[one.table]] if one.table in self.near.fresh else []
        return together([self.near.beside(link, each) for each in parts])

    def of(self, table: str, spots: Spots) -> pl.LazyFrame:
        """The rows, standing or not, with AT."""
        self._read_waiting()
        return chosen(self.near, pl.concat(self._read[table]), spots, self._asked[table])

    def standing(self) -> "Standing":
        """All that was asked for, as it stands before and after the batch."""
        self._read_waiting()
        both = {table: self.near.standing(pl.concat(parts)) for table, parts in self._read.items()}
        return Standing(self.near, both, self._asked)

    def _read_waiting(self) -> None:
        for table, parts in self._waiting.items():
            before = self._asked.get(table, Spots())
            more = without(together(parts), before)
            if more.rows:
                self._read.setdefault(table, []).append(self.near.rows(table, more))
                self._asked[table] = together([before, more])
        self._waiting = {}


@dataclass(frozen=True)
class Standing:
    """Table -> rows that stand before the batch and those that stand after it, both of earlier batches, with AT."""

    near: Near
    rows: Mapping[str, tuple[pl.LazyFrame, pl.LazyFrame]]
    spots: Mapping[str, Spots]

    def tables(self, one: Pass, own: Spots, looked_at: Mapping[Link, Spots]) -> tuple[Tables | None, Tables]:
        """What the pass is counted over before and after; no before where none of its own rows is of before.

        `own` are the rows to count and those of the same table beside them.
        """
        before, after = ({name: both[side].drop(AT) for name, both in self.rows.items()} for side in (0, 1))
        for link, spots in looked_at.items():
            if link.table not in self.rows and (spots.there or self.near.there(link.table)):
                before[link.table] = after[link.table] = pl.LazyFrame(schema=TABLES[link.table].schema())
        after = _joined(after, self.near.fresh)
        if not own.rows:
            after[one.table] = self.near.fresh[one.table]
            return None, after
        some = [chosen(self.near, each, own, self.spots[one.table]).drop(AT) for each in self.rows[one.table]]
        before[one.table] = some[0]
        after |= _joined({one.table: some[1]}, {n: rows for n, rows in self.near.fresh.items() if n == one.table})
        return before, after


def chosen(near: Near, rows: pl.LazyFrame, spots: Spots, all_: Spots) -> pl.LazyFrame:
    """Those of the rows that stand at the spots; `all_` are the spots of all of them."""
    return rows if spots.count == all_.count else rows.filter(pl.col(AT).is_in(near.marks(spots).implode()))


def without(spots: Spots, others: Spots) -> Spots:
    """The spots that are not among the others."""
    left: dict[Path, np.ndarray] = {
        path: np.setdiff1d(rows, others.rows[path], assume_unique=True) if path in others.rows else rows
        for path, rows in spots.rows.items()
    }
    return Spots({path: rows for path, rows in left.items() if rows.size}, spots.there)


def _joined(old: Tables, fresh: Tables) -> Tables:
    """Old rows and fresh ones, with the columns that both have."""
    joined = dict(old)
    for name, rows in fresh.items():
        joined[name] = rows
        if name in old:
            names = [column for column in old[name].collect_schema() if column in set(rows.collect_schema())]
            joined[name] = pl.concat([old[name].select(names), rows.select(names)])
    return joined
