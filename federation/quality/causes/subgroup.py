"""Finds the few conditions that best tell failing rows from passing ones: a decision list of subgroups.

Each subgroup is one condition, or two, and a stretch of time; it is named only where chance does not explain it
(exact test, corrected for everything that was looked at) and where the odds of failing are several times those of all
other rows. Works on a sample in memory; asks the same question always in the same order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.quality.causes.attribute import Attribute, Kind
from federation.quality.causes.chance import allowed, contrast, odds, tail
from federation.quality.causes.condition import Condition, How
from federation.quality.causes.since import stretch

ALARM = 0.01  # chance that anything at all is named where errors are scattered
LEAST_ROWS = 5  # failing rows that something is said about; fewer are shown row by row
LEAST_SHARE = 0.02  # of all failing rows
LEAST_ODDS = 3.0
BEAM = 8  # subgroups that are tried to be narrowed
MOST = 5  # causes of one check
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """An attribute as numbers: `code` per row is a place in `values`, which are in order; null is a value as well."""

    attribute: Attribute
    code: NDArray[np.int64]
    values: list[str | None]

    @staticmethod
    def of(attribute: Attribute, texts: pl.Series) -> "Coded":
        """The texts of an attribute, as numbers."""
        values = texts.unique().sort(nulls_last=False)
        code = texts.rank("dense").cast(pl.Int64) - (0 if values.null_count() else 1)
        return Coded(attribute, code.fill_null(0).to_numpy(), values.to_list())

    def __getitem__(self, rows: Mask) -> "Coded":
        """The same for some of the rows."""
        return Coded(self.attribute, self.code[rows], self.values)


@dataclass(frozen=True)
class Subgroup:
    """Rows of a sample for which all `conditions` hold; `contrast` says how sharply they differ from the others."""

    conditions: tuple[Condition, ...]
    rows: Mask = field(repr=False)
    contrast: float = 0.0


def subgroups(
    failed: Mask, around: Sequence[Coded], witnesses: float, most: int = MOST, skip_empty: bool = False
) -> list[Subgroup]:
    """The decision list: each subgroup is looked for among the rows that those before it left.

    `witnesses` is the number of persons to a failing row, at most 1.
    """
    left, found = np.ones(len(failed), dtype=bool), list[Subgroup]()
    enough = max(LEAST_ROWS, LEAST_SHARE * failed.sum())
    while len(found) < most and failed[left].sum() >= enough:
        search = _Search(failed[left], [each[left] for each in around], witnesses, enough, skip_empty)
        best = search.best()
        if best is None:
            break
        rows = np.zeros(len(failed), dtype=bool)
        rows[np.flatnonzero(left)[best.rows]] = True
        found.append(Subgroup(best.conditions, rows, best.contrast))
        left &= ~rows
    return found


@dataclass(frozen=True)
class _Search:
    """One search among `failed` and passing rows."""

    failed: Mask
    around: Sequence[Coded]
    witnesses: float
    enough: float
    skip_empty: bool

    def best(self) -> Subgroup | None:
        every = np.ones(len(self.failed), dtype=bool)
        single, tests = self._conditions(every, ())
        single = single[:BEAM]
        grown = [self._narrowed(each) for each in single if self._real(each.rows, every, tests)]
        # the sharpest; of equals the one with fewer conditions, then the one whose attribute comes first
        return max(grown, key=lambda each: (round(each.contrast, 6), -len(each.conditions)), default=None)

    def _narrowed(self, wide: Subgroup) -> Subgroup:
        """The subgroup with a second condition, then with a stretch of time, where each makes it sharper."""
        for _ in range(2):
            taken = tuple(each.attribute.name for each in wide.conditions)
            values = sum(each.attribute.kind is not Kind.MONTH for each in wide.conditions)
            inside, more = self._conditions(wide.rows, taken, only_time=values == 2)
            real = [each for each in inside[:BEAM] if self._real(each.rows, wide.rows, more * BEAM)]
            joined = [
                Subgroup(wide.conditions + each.conditions, each.rows, self._contrast(each.rows)) for each in real
            ]
            best = max(joined, key=lambda each: each.contrast, default=wide)
            if best.contrast <= wide.contrast:
                break
            wide = best
        return wide

    def _contrast(self, rows: Mask) -> float:
        counts = np.asarray(float(self.failed[rows].sum())), np.asarray(float(rows.sum()))
        return float(contrast(*counts, float(self.failed.sum()), float(len(self.failed))))

    def _real(self, rows: Mask, among: Mask, tests: int) -> bool:
        """Whether chance does not explain that these fail more often than the rows they are among."""
        counts = (self.failed[rows].sum(), rows.sum(), self.failed[among].sum(), among.sum())
        told = [int(each * self.witnesses) for each in counts]
        return tail(*told) <= allowed(tests, ALARM)

    def _conditions(self, among: Mask, taken: Sequence[str], only_time: bool = False) -> tuple[list[Subgroup], int]:
        """The sharpest conditions under which rows in `among` fail more often than its others; how many were tried."""
        found, tests = list[tuple[float, Condition, Coded]](), 0
        failed = self.failed[among]
        total, height = float(failed.sum()), float(len(failed))
        for each in self.around:
            if each.attribute.name in taken or (only_time and each.attribute.kind is not Kind.MONTH):
                continue
            code = each.code[among]
            asked = np.bincount(code, minlength=len(each.values)).astype(float)
            bad = np.bincount(code, weights=failed, minlength=len(each.values)).astype(float)
            tests += int((asked >= LEAST_ROWS).sum())
            if each.attribute.kind is Kind.MONTH:
                tests += len(each.values)
                if (span := stretch(each.attribute, each.values, bad, asked, LEAST_ODDS, self.enough)) is not None:
                    found.append((*span, each))
            else:
                found += [(sharp, condition, each) for sharp, condition in self._of(each, bad, asked, total, height)]
        found.sort(key=lambda one: -round(one[0], 6))
        return [Subgroup((condition,), among & _mask(condition, coded), sharp)
                for sharp, condition, coded in found[:BEAM]], tests  # fmt: skip

    def _of(
        self, each: Coded, bad: NDArray[np.float64], asked: NDArray[np.float64], total: float, height: float
    ) -> Iterator[tuple[float, Condition]]:
        """`is` conditions; and where nearly everything fails but one value, `but` that one."""
        sharp, ratio = contrast(bad, asked, total, height), odds(bad, asked, total, height)
        hits = np.flatnonzero((bad >= self.enough) & (asked < height) & (ratio >= LEAST_ODDS))
        for at in hits[np.argsort(-sharp[hits], kind="stable")][:BEAM]:
            if not (self.skip_empty and each.values[at] is None):
                yield float(sharp[at]), Condition(each.attribute, How.IS, each.values[at])
        outside = (total - bad) / np.maximum(height - asked, 1)
        spared = (outside >= 0.5) & (ratio <= 1 / LEAST_ODDS) & (asked >= LEAST_ROWS) & (total - bad >= self.enough)
        for at in np.flatnonzero(spared & (np.count_nonzero(asked) > 2)):
            yield float(sharp[at]), Condition(each.attribute, How.BUT, each.values[at])


def _mask(condition: Condition, coded: Coded) -> Mask:
    place = {value: at for at, value in enumerate(coded.values)}
    first = place[condition.value]
    mask: Mask
    if condition.how is How.IS:
        mask = coded.code == first
    elif condition.how is How.BUT:
        mask = coded.code != first
    elif condition.how is How.SINCE:
        mask = coded.code >= first
    else:
        last = place[condition.last] if condition.how is How.WITHIN else first
        low = first if condition.how is How.WITHIN else (1 if None in place else 0)
        mask = (coded.code >= low) & (coded.code <= last)
    return mask
