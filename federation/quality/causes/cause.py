"""Likely causes of the failing rows of checks, with exact counts: a sample says what to count, one more pass counts it.

Three passes over each frame, whatever its size: how many fail, a sample of failing and passing rows, the rows of each
cause. Holds no more than the sample. The same rows give the same answer: what is sampled follows from a row's place.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_

import numpy as np
import polars as pl

from federation.quality.causes.attribute import Attribute, Named, named
from federation.quality.causes.attribute import Kind as Reads
from federation.quality.causes.condition import Condition
from federation.quality.causes.look import Look, looks
from federation.quality.causes.subgroup import Coded, Subgroup, subgroups
from federation.quality.check import Check
from federation.quality.count import ROWS_AT_ONCE, answerable, month_of, passes_of
from federation.quality.kind import Kind

PASSING, FAILING, ALL_FAILING = 40_000, 20_000, 300_000  # rows of a sample: in all, of one check, of all checks
NEARLY_ALL = 0.9  # of the rows asked: then the failure itself is the rule, and what is common to all is the cause
PLACE = ("source_file", "source_position")
WHOSE = "whose"  # a hash of the person, only to be counted
LOT = "lot"  # a number in [0, 1) that each record draws by its position


@dataclass(frozen=True)
class Cause:
    """Rows that fail together: those for which `conditions` hold and those of no cause before it; none is every row.

    `asked` and `failed` count them; `others_asked` and `others_failed` all other rows of the check.
    """

    conditions: tuple[Condition, ...]
    asked: int
    failed: int
    others_asked: int
    others_failed: int
    looks: tuple[Look, ...] = field(default=())

    @property
    def share(self) -> float:
        """Share of all failing rows that it explains."""
        return self.failed / (self.failed + self.others_failed)

    @property
    def rate(self) -> float:
        """Share of its rows that fail."""
        return self.failed / self.asked

    @property
    def lift(self) -> float | None:
        """How many times oftener its rows fail than all others; None where no other row fails, or there is none."""
        return self.rate / (self.others_failed / self.others_asked) if self.others_failed else None


@dataclass(frozen=True)
class Causes:
    """The likely causes of one check's failures, largest contrast first; `asked` and `failed` count all of its rows."""

    check: Check
    asked: int
    failed: int
    found: tuple[Cause, ...] = ()

    @property
    def unexplained(self) -> int:
        """Failing rows of no cause: as far as can be seen they are scattered."""
        return self.failed - sum(each.failed for each in self.found)

    def among(self, place: int) -> pl.Expr:
        """True for rows of the cause at that place, from 0; at the place behind the last one, of none."""
        holds = [_all(each.conditions) for each in self.found]
        mine = holds[place] if place < len(holds) else pl.lit(True)
        return reduce(and_, (~each for each in holds[:place]), mine)


def causes(
    tables: Mapping[str, pl.LazyFrame], checks: Sequence[Check], as_of: date, shapes: bool, month: date | None = None
) -> list[Causes]:
    """The likely causes of every check of which rows fail, in the order of `checks`; of one month where it is named.

    `shapes` lets shapes of texts be named: only for the owner of the rows.
    """
    found: dict[str, Causes] = {}
    for together in passes_of(checks):
        if together[0].table in tables:
            rows, able = answerable(together, tables, as_of)
            rows = rows if month is None else rows.filter(month_of(together[0].frame) == month)
            found |= {each.check.id: each for each in _causes(rows, able, shapes)}
    return [found[each.id] for each in checks if each.id in found]


def _causes(rows: pl.LazyFrame, checks: Sequence[Check], shapes: bool) -> Iterator[Causes]:
    if not checks:
        return
    counts = _streamed(rows.select(
        *(each.asked.sum().cast(pl.Int64).alias(f"asked:{each.id}") for each in checks),
        *(each.failed.sum().cast(pl.Int64).alias(f"failed:{each.id}") for each in checks),
    )).row(0, named=True)  # fmt: skip
    failing = [each for each in checks if counts[f"failed:{each.id}"]]
    if not failing:
        return
    here = rows.collect_schema().names()
    what = {each.id: named(each, shapes, here) for each in failing}
    sample = _Sample.of(rows, failing, what, counts)
    lists = {each.id: sample.subgroups(each, what[each.id]) for each in failing}
    exact = _counted(rows, failing, lists)
    for each in failing:
        asked, failed = counts[f"asked:{each.id}"], counts[f"failed:{each.id}"]
        yield Causes(
            each, asked, failed, tuple(_found(each, lists[each.id], exact, asked, failed, sample, what[each.id]))
        )


def _found(
    check: Check,
    list_: Sequence[Subgroup],
    exact: Mapping[str, int],
    asked: int,
    failed: int,
    sample: "_Sample",
    of: Named,
) -> Iterator[Cause]:
    for place, each in enumerate(list_):
        a, f = exact[f"asked:{check.id}:{place}"], exact[f"failed:{check.id}:{place}"]
        if f:
            yield Cause(each.conditions, a, f, asked - a, failed - f, sample.looks(check, of, each.rows))
    if not list_ and failed >= NEARLY_ALL * asked:
        yield Cause((), asked, failed, 0, 0, sample.looks(check, of, None))


def _counted(rows: pl.LazyFrame, checks: Sequence[Check], lists: Mapping[str, Sequence[Subgroup]]) -> dict[str, int]:
    wanted = list[pl.Expr]()
    for check in checks:
        here = Causes(check, 0, 0, tuple(Cause(each.conditions, 0, 0, 0, 0) for each in lists[check.id]))
        for place in range(len(here.found)):
            mine = here.among(place)
            wanted.append((check.asked & mine).sum().cast(pl.Int64).alias(f"asked:{check.id}:{place}"))
            wanted.append((check.failed & mine).sum().cast(pl.Int64).alias(f"failed:{check.id}:{place}"))
    return _streamed(rows.select(wanted)).row(0, named=True) if wanted else {}


@dataclass(frozen=True)
class _Sample:
    """Failing and passing rows of some checks of one frame; per check which of them count (`rows`) and which fail."""

    frame: pl.DataFrame
    coded: Mapping[str, Coded]
    rows: Mapping[str, np.ndarray]
    failed: Mapping[str, np.ndarray]

    @staticmethod
    def of(
        rows: pl.LazyFrame, checks: Sequence[Check], what: Mapping[str, Named], counts: Mapping[str, int]
    ) -> "_Sample":
        """Draws records by their position: Fibonacci hashing (Knuth 6.4) spreads them evenly."""
        lot = ((pl.col("source_position").cast(pl.UInt64) * 2_654_435_761) % 2**32 / 2**32).alias(LOT)
        most = max(2_000, min(FAILING, ALL_FAILING // len(checks)))
        chance = {each.id: min(1.0, most / counts[f"failed:{each.id}"]) for each in checks}
        passing = min(1.0, PASSING / max(counts[f"asked:{each.id}"] for each in checks))
        attributes = {one.name: one for each in what.values() for one in (*each.around, *each.asks)}
        answers = [each.right.alias(each.id) for each in checks]
        drawn = rows.with_columns(lot).filter(
            (pl.col(LOT) < passing)
            | pl.any_horizontal(each.failed & (pl.col(LOT) < chance[each.id]) for each in checks)
        )
        here = drawn.collect_schema()
        person = pl.col("person_id") if "person_id" in here else pl.lit(None, pl.String)
        whose = pl.when(person.is_not_null()).then(person.hash())
        frame = _streamed(
            drawn.select(LOT, *PLACE, whose.alias(WHOSE), *answers, *(each.text for each in attributes.values()))
        )
        frame = frame.sort(*PLACE, *attributes)
        drawn_lot = frame[LOT].to_numpy()
        failed = {each.id: (~frame[each.id]).fill_null(value=False).to_numpy() for each in checks}
        passed = {each.id: frame[each.id].fill_null(value=False).to_numpy() for each in checks}
        kept = {
            each.id: (failed[each.id] & (drawn_lot < chance[each.id])) | (passed[each.id] & (drawn_lot < passing))
            for each in checks
        }
        return _Sample(frame, {name: Coded.of(one, frame[name]) for name, one in attributes.items()}, kept, failed)

    def subgroups(self, check: Check, what: Named) -> list[Subgroup]:
        """First what is around the failing rows; where that does not explain them, what the checked cells say."""
        rows, failed = self.rows[check.id], self.failed[check.id][self.rows[check.id]]
        witnesses = self._witnesses(rows & self.failed[check.id])
        found = subgroups(failed, self._of(what.around, rows), witnesses)
        left = ~reduce(np.logical_or, (each.rows for each in found), np.zeros(len(failed), dtype=bool))
        if failed[left].sum() > failed.sum() / 2:
            asks = [one for one in what.asks if check.kind is not Kind.FILLED or one.kind is Reads.READING]
            coded = [each[left] for each in self._of(asks, rows)]
            more = subgroups(failed[left], coded, witnesses, skip_empty=True)
            found += [Subgroup(each.conditions, _spread(each.rows, left), each.contrast) for each in more]
        return found

    def looks(self, check: Check, what: Named, inside: np.ndarray | None) -> tuple[Look, ...]:
        """How the checked cells of the failing rows look, and those of rows that pass."""
        rows, failed = self.rows[check.id], self.failed[check.id]
        mine = rows & failed if inside is None else _spread(inside, rows) & failed
        return looks([self.coded[each.name] for each in what.asks], mine, rows & ~failed)

    def _of(self, attributes: Sequence[Attribute], rows: np.ndarray) -> list[Coded]:
        return [self.coded[each.name][rows] for each in attributes]

    def _witnesses(self, failing: np.ndarray) -> float:
        """Persons, or records of nobody, to a failing row: rows of one visit fail together and bear witness once."""
        rows = self.frame.select(*PLACE, WHOSE).filter(pl.Series(failing))
        known = rows[WHOSE].is_not_null()
        once = rows.filter(known)[WHOSE].n_unique() + rows.filter(~known).select(PLACE).n_unique()
        return once / rows.height if rows.height else 1.0


def _spread(inner: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """`inner` says which of the rows in `outer`; the answer which of all rows."""
    every = np.zeros(len(outer), dtype=bool)
    every[np.flatnonzero(outer)[inner]] = True
    return every


def _all(conditions: Sequence[Condition]) -> pl.Expr:
    return reduce(and_, (each.holds for each in conditions), pl.lit(True))


def _streamed(rows: pl.LazyFrame) -> pl.DataFrame:
    with pl.Config(streaming_chunk_size=ROWS_AT_ONCE):
        return rows.collect(engine="streaming")
