"""What mandates asked and what came, as it may be told to others than the site: small counts are hidden here.

Pure, but for the frames it is handed.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from federation.consent.mandate import Mandate
from federation.quality.due import DELIVERIES, State, deliveries
from federation.report.small import FEWER, SMALLEST_TOLD, told_rows

MANDATED = pl.Schema(
    DELIVERIES
    | {
        "small": pl.Boolean(),  # too few rows to be told
        "score": pl.Float64(),  # of the site's month, 0 to 1; null without evidence, or of few rows
        "at_least": pl.Float64(),  # 0 to 1; null where nothing is asked of it
        "below": pl.Boolean(),  # due, and the score is lower than that
    }
)
SUMS = pl.Schema(
    {
        "mandate": pl.String(),
        "month": pl.Date(),
        "org_code": pl.String(),
        "due": pl.Date(),
        "tables": pl.Int64(),
        "in_time": pl.Int64(),  # tables
        "late": pl.Int64(),
        "absent": pl.Int64(),
        "open": pl.Int64(),
        "short": pl.Int64(),
        "days_late": pl.Int64(),  # of the latest
        "score": pl.Float64(),
        "at_least": pl.Float64(),
        "below": pl.Boolean(),
    }
)


def mandated(
    arrivals: pl.DataFrame, dues: pl.DataFrame, mandates: Sequence[Mandate], scores: pl.DataFrame, day: date
) -> pl.DataFrame:
    """Columns MANDATED, one row per row of `dues`. `scores` has the columns site, month and score."""
    found = told_rows(deliveries(arrivals, dues, day))
    few = pl.col("rows").is_null()
    rest = pl.col("rows") - pl.col("in_time")
    hidden = few | pl.col("in_time").is_between(1, FEWER) | rest.is_between(1, FEWER)
    asked = {each.id: each.at_least / 100 for each in mandates if each.at_least is not None}
    lowest = pl.col("mandate").replace_strict(asked, default=None, return_dtype=pl.Float64).alias("at_least")
    told = (
        found.with_columns(
            pl.when(hidden.not_()).then("in_time").alias("in_time"),
            pl.when(pl.col("usual") >= SMALLEST_TOLD).then("usual").alias("usual"),
            lowest,
        )
        .join(scores.rename({"site": "org_code"}), on=["org_code", "month"], how="left", maintain_order="left")
        .with_columns((pl.col("score") < pl.col("at_least")).fill_null(value=False).alias("is_low"))
    )
    below = pl.col("is_low") & (pl.col("due") < day)
    return told.with_columns(below.alias("below")).select(MANDATED.names()).cast(MANDATED)


def sums(told: pl.DataFrame) -> pl.DataFrame:
    """Columns SUMS of columns MANDATED: one row per mandate, month and site; tables are counted, never rows."""

    def having(state: State) -> pl.Expr:
        return (pl.col("state") == state).sum()

    summed = told.group_by("mandate", "month", "org_code", "due", maintain_order=True).agg(
        pl.len().alias("tables"), having(State.IN_TIME).alias("in_time"), having(State.LATE).alias("late"),
        having(State.ABSENT).alias("absent"), having(State.OPEN).alias("open"), pl.col("short").sum(),
        pl.col("days_late").max(), pl.col("score", "at_least", "below").first(),
    )  # fmt: skip
    return summed.select(SUMS.names()).cast(SUMS)


def amiss(told: pl.DataFrame) -> pl.DataFrame:
    """Those that are late, absent or short."""
    return told.filter(pl.col("state").is_in([State.LATE, State.ABSENT]) | pl.col("short"))
