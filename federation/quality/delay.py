"""How many days after an event its record came, by site, month and table; and whether that is within what was asked.

Counts are added up like other states. What is asked (a task's days, a regulation's) is handed in, never assumed.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from federation.quality.frame import Tables
from schemas.tables import TABLES

DELAYS = pl.Schema(
    {
        "org_code": pl.String(),
        "month": pl.Date(),
        "table": pl.String(),
        "days": pl.Int64(),  # whole days; a record that came before its event's day counts as 0
        "records": pl.Int64(),
    }
)
PUNCTUAL = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "records": pl.Int64(),
        "p50": pl.Int64(),
        "p90": pl.Int64(),
        "allowed": pl.Int64(),  # days; null where nothing is asked of the table
        "in_time": pl.Int64(),  # records within them; null likewise
    }
)
ENDS = {
    "encounter": "end_time",
    "medication": "start_time",
}  # what the days run from, where it is not the table's `when`
NAMES = ["org_code", "month", "table", "days"]


def count_delays(tables: Tables, came: str = "updated_at") -> pl.DataFrame:
    """Columns DELAYS. `came` is the column that says when a record came or was last changed, where it is there."""
    parts = [_counted(rows, name, came) for name, rows in tables.items() if TABLES[name].when is not None]
    return merge_delays(parts)


def merge_delays(states: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The sum of states, in one order whatever theirs was."""
    every = pl.concat([pl.DataFrame(schema=DELAYS), *states])
    return every.group_by(NAMES).agg(pl.col("records").sum()).filter(pl.col("records") != 0).sort(NAMES)


def _counted(rows: pl.LazyFrame, name: str, came: str) -> pl.DataFrame:
    event = ENDS.get(name, TABLES[name].when or "")
    if not {event, came} <= set(rows.collect_schema()):
        return pl.DataFrame(schema=DELAYS)
    happened = pl.col(event).cast(pl.Date)
    days = (pl.col(came).cast(pl.Date) - happened).dt.total_days().clip(0).cast(pl.Int64).alias("days")
    standing = rows.filter(~pl.col("deleted").fill_null(value=False))
    told = standing.select("org_code", happened.dt.truncate("1mo").alias("month"), pl.lit(name).alias("table"), days)
    dated = told.filter(pl.col("days").is_not_null())
    return dated.group_by(NAMES).agg(pl.len().cast(pl.Int64).alias("records")).collect(engine="streaming")


def punctual(counts: pl.DataFrame, allowed: Mapping[str, int]) -> pl.DataFrame:
    """Columns PUNCTUAL, one row per site and table; `allowed` gives the days by table."""
    scope = ["org_code", "table"]
    every = counts.group_by([*scope, "days"]).agg(pl.col("records").sum()).sort([*scope, "days"])
    limit = pl.col("table").replace_strict(dict(allowed), default=None, return_dtype=pl.Int64)
    up_to = every.with_columns(
        pl.col("records").cum_sum().over(scope).alias("so far"),
        pl.col("records").sum().over(scope).alias("all"),
        limit.alias("limit"),
    )
    quantiles = [
        pl.col("days").filter(pl.col("so far") >= share * pl.col("all")).first().alias(name)
        for name, share in (("p50", 0.5), ("p90", 0.9))
    ]
    in_time = pl.col("records").filter(pl.col("days") <= pl.col("limit")).sum()
    found = up_to.group_by(scope, maintain_order=True).agg(
        pl.col("all").first().alias("records"),
        *quantiles,
        pl.col("limit").first().alias("allowed"),
        pl.when(pl.col("limit").first().is_not_null()).then(in_time).alias("in_time"),
    )
    return found.select(PUNCTUAL.names()).cast(PUNCTUAL)
