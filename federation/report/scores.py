"""From counts of checks (quality states) to the report's tables on quality and coverage. Pure: reads no file."""

from collections.abc import Sequence

import polars as pl

from federation.quality.kind import SCHEMES, zh
from federation.quality.library import all_checks
from federation.quality.scorecard import Scorecard, scorecard
from federation.report.facts import CHECKS, COVERAGE, HEAT
from federation.report.hints import HINTS
from schemas.tables import TABLES

SHOWN = ("nhc", "kahn")  # of the schemes; a third would repeat the same counts under other names


def heat(states: pl.DataFrame, sites: Sequence[str]) -> pl.DataFrame:
    """Columns HEAT: each site and dimension of the shown schemes; a site without states has no evidence."""
    cards = [(scheme, card) for scheme in SHOWN if scheme in SCHEMES for card in scorecard(states, scheme, sites=sites)]
    return pl.DataFrame([_cell(scheme, card) for scheme, card in cards], schema=HEAT, orient="row")


def _cell(scheme: str, card: Scorecard) -> tuple[object, ...]:
    ends = (card.interval.low, card.interval.high) if card.interval else (None, None)
    failed = card.denominator - card.numerator
    return card.org_code, scheme, str(card.dimension), zh(card.dimension), card.denominator, failed, *ends


def checks(states: pl.DataFrame) -> pl.DataFrame:
    """Columns CHECKS: each site and check that counts and failed at least once, with what to do about it."""
    known = {check.id: check for check in all_checks() if check.counts}
    summed = states.group_by("org_code", "check").agg(pl.col("asked", "failed").sum()).sort("org_code", "check")
    rows = [
        (site, check.id, plain(check.means), check.zh, HINTS[check.kind].en, HINTS[check.kind].zh, *counts)
        for site, name, *counts in summed.filter(pl.col("failed") > 0).iter_rows()
        if (check := known.get(name)) is not None
    ]
    return pl.DataFrame(rows, schema=CHECKS, orient="row")


def plain(text: str) -> str:
    """A docstring's first paragraph on one line, without backticks."""
    return " ".join(text.partition("\n\n")[0].replace("`", "").split())


def coverage(states: pl.DataFrame) -> pl.DataFrame:
    """Columns COVERAGE: rows by site and month, of the tables whose rows carry a date.

    The check that keys are unique is asked of every row, so the largest `asked` of a table is its number of rows.
    """
    dated = [name for name, table in TABLES.items() if table.when is not None]
    rows = states.filter(pl.col("table").is_in(dated)).group_by("org_code", "month", "table").agg(pl.col("asked").max())
    summed = rows.group_by("org_code", "month").agg(pl.col("asked").sum().alias("rows"))
    return summed.select(pl.col("org_code").alias("site"), "month", "rows").sort("site", "month").cast(COVERAGE)
