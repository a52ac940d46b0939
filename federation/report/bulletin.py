"""What a monthly bulletin says: plain tables of counts and scores, of which nothing is small enough to be a person.

Whoever fills it (gather_bulletin.py) hides what is small; whoever draws it (pictures/) adds nothing of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from federation.quality.kind import Kind
from federation.quality.league import Placed
from federation.quality.standard import Standard
from federation.report.both import Both
from federation.report.mandated import MANDATED
from federation.report.pictures.rows import Site

DELIVERED = pl.Schema(
    {
        "site": pl.String(),
        "table": pl.String(),  # a shared table whose rows carry a date
        "rows": pl.Int64(),  # of the month; null where there are few
        "small": pl.Boolean(),
        "usual": pl.Float64(),  # the middle of the three months before; null where there are few
        "ever": pl.Boolean(),  # rows of any month
    }
)
ARRIVED = pl.Schema({"site": pl.String(), "first": pl.Date(), "last": pl.Date(), "batches": pl.Int64()})
SCORES = pl.Schema(
    {
        "site": pl.String(),
        "dimension": pl.String(),
        "score": pl.Float64(),  # 0 to 1; null without evidence, or of few rows
        "low": pl.Float64(),
        "high": pl.Float64(),
        "small": pl.Boolean(),
    }
)
KINDS = pl.Schema(
    {
        "site": pl.String(),
        "kind": pl.String(),
        "asked": pl.Int64(),  # null where few
        "failed": pl.Int64(),  # null where few failed, or few did not
        "small": pl.Boolean(),
        "most": pl.Boolean(),  # too few were right to be told
    }
)
MONTHS = pl.Schema({"site": pl.String(), "month": pl.Date(), "score": pl.Float64()})  # the total, 0 to 1
FAILURES = pl.Schema(
    {
        "site": pl.String(),
        "check": pl.String(),
        "rule": pl.String(),
        "table": pl.String(),
        "en": pl.String(),
        "zh": pl.String(),
        "fix": pl.String(),
        "fix_zh": pl.String(),
        "severity": pl.String(),
        "dated": pl.Boolean(),  # rows of the month; else tables, or rows, without a date
        "cost": pl.Float64(),  # share of the total that mending it gives back; null where undated
        "asked": pl.Int64(),
        "failed": pl.Int64(),
        "small": pl.Boolean(),
        "most": pl.Boolean(),  # too few were right to be told
    }
)
SHOWN_MONTHS = 12  # of a trend
KIND_NAMES: dict[Kind, Both] = {
    Kind.FILLED: Both("填写", "filled"),
    Kind.FORMAT: Both("格式", "format"),
    Kind.CODE: Both("值域", "codes"),
    Kind.REFERENCE: Both("关联", "links"),
    Kind.DERIVED: Both("推算", "derived"),
    Kind.UNIQUE: Both("唯一", "unique"),
    Kind.ATEMPORAL: Both("数值", "values"),
    Kind.TEMPORAL: Both("时间", "times"),
}


@dataclass(frozen=True)
class Terms:
    """By which rules it was made: the standard, the library of checks, the day up to which batches came."""

    standard: Standard
    checks: int
    digest: str
    day: date | None
    program: str


@dataclass(frozen=True)
class Bulletin:
    """One month of all sites, in the order of `sites`: tier by tier."""

    month: date
    scheme: str
    terms: Terms
    sites: tuple[Site, ...] = ()
    league: tuple[Placed, ...] = ()
    few: frozenset[str] = frozenset()  # sites of which so few rows came that they have no score
    delivered: pl.DataFrame = field(default_factory=DELIVERED.to_frame)
    arrived: pl.DataFrame = field(default_factory=ARRIVED.to_frame)
    scores: pl.DataFrame = field(default_factory=SCORES.to_frame)
    kinds: pl.DataFrame = field(default_factory=KINDS.to_frame)
    months: pl.DataFrame = field(default_factory=MONTHS.to_frame)
    failures: pl.DataFrame = field(default_factory=FAILURES.to_frame)
    mandated: pl.DataFrame = field(default_factory=MANDATED.to_frame)  # of the month; empty where nothing is asked

    def __post_init__(self) -> None:
        """Raises TypeError when a table has other columns or types than the schemas above."""
        for name, schema in SCHEMAS.items():
            if getattr(self, name).schema != schema:
                raise TypeError(f"bulletin.{name} has the columns {dict(getattr(self, name).schema)}, not {schema}.")

    @property
    def names(self) -> Mapping[str, Both]:
        """Site id -> name."""
        return {each.site: each.name for each in self.sites}

    @property
    def tiers(self) -> list[str]:
        """The tiers there are, in order."""
        return list(dict.fromkeys(each.tier for each in self.sites))

    @property
    def here(self) -> list[Site]:
        """The sites of which rows of the month came."""
        came = set(self.delivered.filter((pl.col("rows") > 0) | "small")["site"])
        return [each for each in self.sites if each.site in came]


SCHEMAS = {
    "delivered": DELIVERED,
    "arrived": ARRIVED,
    "scores": SCORES,
    "kinds": KINDS,
    "months": MONTHS,
    "failures": FAILURES,
    "mandated": MANDATED,
}


def month_text(month: date) -> Both:
    """`2026年5月`, `May 2026` without asking the machine for its language."""
    return Both(f"{month.year}年{month.month}月", f"{_MONTHS[month.month - 1]} {month.year}")


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def last_months(month: date, number: int) -> list[date]:
    """So many months up to that one, the first of them first."""
    return [months_before(month, back) for back in range(number - 1, -1, -1)]


def months_before(month: date, number: int) -> date:
    """The first day of the month so many before."""
    whole = month.year * 12 + month.month - 1 - number
    return date(whole // 12, whole % 12 + 1, 1)
