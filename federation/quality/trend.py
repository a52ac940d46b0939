"""Scores month by month, by the month in which things happened. Rows without a date are in no month. Pure."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from federation.quality.check import Check
from federation.quality.score import score
from federation.quality.scorecard import scorecard
from federation.quality.standard import Standard

TREND = pl.Schema(
    {
        "site": pl.String(),
        "dimension": pl.String(),
        "month": pl.String(),  # YYYY-MM
        "score": pl.Float64(),  # 0 to 1
        "low": pl.Float64(),
        "high": pl.Float64(),
        "asked": pl.Int64(),
        "level": pl.String(),
    }
)


def trend(
    states: pl.DataFrame, scheme: str, by: Standard, checks: Sequence[Check], last: int, day: date
) -> pl.DataFrame:
    """Columns TREND, of each site the `last` months with rows up to `day`; a month without evidence has no row.

    Months to come exist where a date is wrong: they fail a check of their own, and are no trend.
    """
    dated = states.filter(pl.col("month") <= day)
    months = dated.select("org_code", "month").unique().sort("month").group_by("org_code").tail(last)
    shown = dated.join(months, on=["org_code", "month"], how="semi")
    rows = [
        (
            card.org_code, str(card.dimension), card.month.strftime("%Y-%m"),
            one.value, one.interval.low, one.interval.high, card.denominator, by.level(one.value).id,
        )
        for card in scorecard(shown, scheme, monthly=True, checks=checks)
        if card.month is not None and (one := score(card, by)) is not None
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=TREND, orient="row").sort("site", "dimension", "month", maintain_order=True)
