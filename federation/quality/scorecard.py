"""Scorecards: all answers of one scope (site, month, dimension), with numerator, denominator and interval.

A scope without answers says "no evidence"; it is never 100. What the answers come to in points is for `score`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

import polars as pl

from federation.quality.check import Check
from federation.quality.count import merge
from federation.quality.finding import Finding, Interval, Verdict, share, wilson
from federation.quality.kind import SCHEMES
from federation.quality.library import all_checks


@dataclass(frozen=True)
class Scorecard:
    """`findings` holds every check of the dimension, asked or not; those of severity info are listed, never counted.

    `month` is None for all months together.
    """

    org_code: str
    dimension: StrEnum
    findings: tuple[Finding, ...]
    month: date | None = None

    @property
    def numerator(self) -> int:
        """Right answers."""
        return sum(each.asked - each.failed for each in self.findings if each.check.counts)

    @property
    def denominator(self) -> int:
        """Answers."""
        return sum(each.asked for each in self.findings if each.check.counts)

    @property
    def rate(self) -> float | None:
        """Share of right answers; None is no evidence."""
        return share(self.numerator, self.denominator)

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the rate, as if the answers were drawn from many more like them."""
        return wilson(self.numerator, self.denominator)

    def having(self, verdict: Verdict) -> int:
        """How many of the checks came out this way."""
        return sum(each.verdict is verdict for each in self.findings)


def scorecard(
    states: pl.DataFrame,
    scheme: str = "nhc",
    monthly: bool = False,
    sites: Iterable[str] = (),
    checks: Sequence[Check] | None = None,
) -> list[Scorecard]:
    """One scorecard per site (and month) and dimension of a scheme (`nhc`, `gbt`, `kahn`), in this order.

    `states` has the columns STATES, in any order and any number of parts. `sites` are shown even where they have no
    states: a registered hospital that sent nothing is no evidence, not a hole in the list.
    """
    library = all_checks() if checks is None else checks
    counted = _by_scope(states if monthly else _all_months(states))
    filed = {
        dimension: [each for each in library if dimension_of(each, scheme) is dimension]
        for dimension in SCHEMES[scheme]
    }
    seen = {site for site, _ in counted}
    scopes = [*counted, *((site, None) for site in set(sites) - seen)]
    return [
        Scorecard(site, dimension, _findings(filed[dimension], counted.get((site, month), {})), month)
        for site, month in sorted(scopes, key=lambda scope: (scope[0], scope[1] or date.min))
        for dimension in SCHEMES[scheme]
    ]


class OfSite(Protocol):
    """Anything said of one site."""

    @property
    def org_code(self) -> str:
        """The site."""
        ...


One = TypeVar("One", bound=OfSite)


def by_site(every: Iterable[One]) -> dict[str, list[One]]:
    """Site -> what is said of it, sites and what is said in the order in which they come."""
    found: dict[str, list[One]] = {}
    for each in every:
        found.setdefault(each.org_code, []).append(each)
    return found


def by_month(cards: Iterable[Scorecard]) -> dict[tuple[str, date], list[Scorecard]]:
    """Site and month -> its cards, one a dimension; those of all months together, or without a date, are left out."""
    found: dict[tuple[str, date], list[Scorecard]] = {}
    for each in cards:
        if each.month is not None:
            found.setdefault((each.org_code, each.month), []).append(each)
    return found


def _all_months(states: pl.DataFrame) -> pl.DataFrame:
    return states.with_columns(pl.lit(None, dtype=pl.Date).alias("month"))


Counts = dict[str, tuple[int, int]]


def _by_scope(states: pl.DataFrame) -> dict[tuple[str, date | None], Counts]:
    scopes: dict[tuple[str, date | None], Counts] = {}
    for row in merge([states]).iter_rows(named=True):
        scopes.setdefault((row["org_code"], row["month"]), {})[row["check"]] = (row["asked"], row["failed"])
    return scopes


def _findings(checks: Iterable[Check], counts: Counts) -> tuple[Finding, ...]:
    return tuple(Finding(each, *counts.get(each.id, (0, 0))) for each in checks)


def dimension_of(check: Check, scheme: str) -> StrEnum:
    """The check's dimension in a scheme (`nhc`, `gbt`, `kahn`)."""
    found: StrEnum = {"nhc": check.nhc, "gbt": check.gbt36344, "kahn": check.kahn}[scheme]
    return found
