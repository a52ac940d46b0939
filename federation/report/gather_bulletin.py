"""Reads a home and counts what a bulletin says of one month. Small counts and scores of few rows end here.

Only the counts kept with batches are read, no row; nothing in the home changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.metadata import version

import polars as pl

from federation.broker.site import Site as Registered
from federation.broker.site import all_sites
from federation.errors import Usage
from federation.node.home import Home
from federation.node.journal import BatchRow, batches
from federation.node.kept import kept_with_arrivals
from federation.node.library import library_of
from federation.node.mandates import dues_of, mandates_of
from federation.node.scoring import standard_of
from federation.quality.certificate import library_digest
from federation.quality.check import Check
from federation.quality.due import usual
from federation.quality.finding import Finding, Verdict
from federation.quality.kind import Kind
from federation.quality.league import league
from federation.quality.library import OWN
from federation.quality.loss import losses
from federation.quality.score import score, total
from federation.quality.scorecard import Scorecard, by_month, by_site, scorecard
from federation.quality.standard import Standard
from federation.report.bulletin import (
    ARRIVED,
    DELIVERED,
    FAILURES,
    KINDS,
    MONTHS,
    SCORES,
    SHOWN_MONTHS,
    Bulletin,
    Terms,
    month_text,
    months_before,
)
from federation.report.hints import HINTS
from federation.report.mandated import mandated
from federation.report.pictures.rows import Site, in_order, named
from federation.report.scores import plain
from federation.report.small import SMALLEST_TOLD, told, told_rows
from schemas.tables import TABLES

DATED = tuple(name for name, table in TABLES.items() if table.when is not None and name not in OWN)


def gather_bulletin(home: Home, month: date, scheme: str) -> Bulletin:
    """The bulletin of a month (its first day). Raises Usage for a month that had not begun when the last batch came."""
    with home.engine.connect() as connection:
        registered, recorded = all_sites(connection), batches(connection)
    terms, checks = terms_of(home, recorded)
    if terms.day is not None and month > terms.day:
        raise Usage(f"{month:%Y-%m} had not begun when the last batch came, on {terms.day}. Name an earlier month.")
    sites = in_order([site_of(each) for each in registered])
    known = pl.col("org_code").is_in([each.site for each in sites])
    found = kept_with_arrivals(home, recorded)
    states, arrivals = found.states.filter(known), found.arrivals.filter(known)
    made = bulletin_of(states, sites, month, scheme, terms, checks, _arrived(arrivals, month))
    mandates = mandates_of(home)
    if terms.day is None or not mandates:
        return made
    dues = dues_of(mandates, {each.site: each.tier for each in sites}, terms.day).filter(pl.col("month") == month)
    return replace(made, mandated=mandated(arrivals, dues, mandates, made.months, terms.day))


def terms_of(home: Home, recorded: Sequence[BatchRow]) -> tuple[Terms, Sequence[Check]]:
    """By which rules a home scores, and its checks."""
    checks = library_of(home).checks
    day = max((date.fromisoformat(each.at[:10]) for each in recorded), default=None)
    return Terms(standard_of(home), len(checks), library_digest(checks)[:12], day, version("guantong")), checks


def site_of(one: Registered) -> Site:
    """A registered site as pictures name it."""
    return named(one.id, one.name_zh, one.name, one.tier)


def bulletin_of(
    states: pl.DataFrame,
    sites: Sequence[Site],
    month: date,
    scheme: str,
    terms: Terms,
    checks: Sequence[Check],
    arrived: pl.DataFrame,
) -> Bulletin:
    """The bulletin of counts (columns STATES, of these sites only). Pure."""
    ids = [each.site for each in sites]
    cards, before = (
        scorecard(states.filter(pl.col("month") == when), scheme, sites=ids, checks=checks)
        for when in (month, months_before(month, 1))
    )
    by, few = terms.standard, _few(cards)
    groups = {each.site: each.tier for each in sites}
    return Bulletin(
        month, scheme, terms, tuple(sites), tuple(league(cards, before, groups, scheme, by)), few,
        delivered=_delivered(states, ids, month), arrived=arrived, scores=_scores(cards, few, by),
        kinds=_kinds(states.filter(pl.col("month") == month), checks),
        months=_months(states, month, scheme, by, checks), failures=_failures(states, cards, scheme, by, checks),
    )  # fmt: skip


def _few(cards: Iterable[Scorecard]) -> frozenset[str]:
    """Sites with rows, but fewer than may be told."""
    most: dict[str, int] = {}
    for card in cards:
        most[card.org_code] = max(most.get(card.org_code, 0), _rows(card))
    return frozenset(site for site, rows in most.items() if 0 < rows < SMALLEST_TOLD)


def _rows(card: Scorecard) -> int:
    """The most rows that one check of the card was asked of."""
    return max((each.asked for each in card.findings), default=0)


def _arrived(arrivals: pl.DataFrame, month: date) -> pl.DataFrame:
    """When rows of the month came, and in how many batches."""
    of_month = arrivals.filter((pl.col("month") == month) & pl.col("answers"))
    days = of_month.group_by(pl.col("org_code").alias("site")).agg(
        pl.col("day").min().alias("first"),
        pl.col("day").max().alias("last"),
        pl.col("batch").n_unique().alias("batches"),
    )
    return days.cast(ARRIVED).sort("site")


def _delivered(states: pl.DataFrame, sites: Sequence[str], month: date) -> pl.DataFrame:
    """Rows of every site and dated table; the key of each row is asked about, so the most asked are its rows."""
    rows = (
        states.filter(pl.col("table").is_in(DATED))
        .group_by("org_code", "table", "month")
        .agg(pl.col("asked").max().alias("rows"))
    )
    scopes = rows.select("org_code", "table").unique().with_columns(pl.lit(month).alias("month"))
    every = pl.DataFrame({"org_code": sites}, schema={"org_code": pl.String()}).join(
        pl.DataFrame({"table": DATED}), how="cross"
    )
    found = (
        every.join(rows.filter(pl.col("month") == month).drop("month"), on=["org_code", "table"], how="left")
        .join(usual(rows, scopes).drop("month"), on=["org_code", "table"], how="left")
        .with_columns(pl.col("usual").is_not_null().alias("ever"), pl.col("rows").fill_null(0))
    )
    enough = pl.when(pl.col("usual") >= SMALLEST_TOLD).then("usual")
    return told_rows(found).select(
        pl.col("org_code").alias("site"), "table", "rows", "small", enough.alias("usual"), "ever"
    ).cast(DELIVERED)  # fmt: skip


def _scores(cards: Iterable[Scorecard], few: frozenset[str], by: Standard) -> pl.DataFrame:
    rows = []
    for card in cards:
        small = card.org_code in few or 0 < _rows(card) < SMALLEST_TOLD
        one = None if small else score(card, by)
        ends = (None, None, None) if one is None else (one.value, one.interval.low, one.interval.high)
        rows.append((card.org_code, str(card.dimension), *ends, small))
    return pl.DataFrame(rows, schema=SCORES, orient="row")


def _kinds(states: pl.DataFrame, checks: Iterable[Check]) -> pl.DataFrame:
    kinds = {each.id: each.kind.value for each in checks if each.counts}
    known = states.with_columns(kind=pl.col("check").replace_strict(kinds, default=None, return_dtype=pl.String))
    summed = (
        known.drop_nulls("kind").group_by(pl.col("org_code").alias("site"), "kind").agg(pl.col("asked", "failed").sum())
    )
    return told(summed).select(KINDS.names()).sort("site", "kind").cast(KINDS)


def _months(states: pl.DataFrame, month: date, scheme: str, by: Standard, checks: Sequence[Check]) -> pl.DataFrame:
    """The totals of the last months."""
    return monthly(
        states.filter(pl.col("month").is_between(months_before(month, SHOWN_MONTHS - 1), month)), scheme, by, checks
    )


def monthly(states: pl.DataFrame, scheme: str, by: Standard, checks: Sequence[Check]) -> pl.DataFrame:
    """Columns MONTHS: the totals of all months there are; one of few rows, or without evidence, has none."""
    rows = [
        (site, when, one.value)
        for (site, when), own in by_month(scorecard(states, scheme, monthly=True, checks=checks)).items()
        if max(map(_rows, own)) >= SMALLEST_TOLD and (one := total(own, scheme, by)) is not None
    ]
    return pl.DataFrame(rows, schema=MONTHS, orient="row")


def _failures(
    states: pl.DataFrame, cards: Iterable[Scorecard], scheme: str, by: Standard, checks: Sequence[Check]
) -> pl.DataFrame:
    """What failed among the month's rows, by site, the dearest first; then among rows without a date."""
    undated = _undated(states, checks)
    rows = [
        row
        for site, own in by_site(cards).items()
        for row in (
            *(_failure(site, one.finding, one.cost) for one in losses(own, scheme, by)),
            *(_failure(site, one, None) for one in undated.get(site, ())),
        )
    ]
    made = pl.DataFrame(rows, schema=FAILURES, orient="row")
    shown = told(made.drop("small", "most")).with_columns(pl.when(pl.col("small").not_()).then("cost").alias("cost"))
    return shown.select(FAILURES.names())


def _undated(states: pl.DataFrame, checks: Sequence[Check]) -> Mapping[str, Sequence[Finding]]:
    """What no month shows: failures of tables without dates as they stand, and rows of dated tables without their date.

    Of the latter only that the date is missing is told, among all rows: once mended, they are asked in their month.
    """
    known = {each.id: each for each in checks if each.counts and (each.table not in DATED or _asks_the_date(each))}
    undated = pl.col("failed").filter(pl.col("month").is_null() | pl.col("table").is_in(DATED).not_())
    found: dict[str, list[Finding]] = {}
    summed = states.group_by("org_code", "check").agg(pl.col("asked").sum(), undated.sum())
    for site, check, asked, failed in summed.sort("failed", "check", descending=[True, False]).iter_rows():
        if check in known and (one := Finding(known[check], asked, failed)).verdict is Verdict.FAILED:
            found.setdefault(site, []).append(one)
    return found


def _asks_the_date(check: Check) -> bool:
    """Whether it asks that the column which dates a row is filled."""
    return check.kind is Kind.FILLED and TABLES[check.table].when in check.columns


def _failure(site: str, one: Finding, cost: float | None) -> tuple[object, ...]:
    check, hint = one.check, HINTS[one.check.kind]
    return (
        site, check.id, check.rule, check.table, plain(check.means), check.zh, hint.en, hint.zh, str(check.severity),
        cost is not None, cost, one.asked, one.failed, False, False,
    )  # fmt: skip


def title(month: date) -> str:
    """The name of a bulletin's workbook."""
    return f"健康数据质量通报 {month_text(month).zh}"
