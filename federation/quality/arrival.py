"""When the rows of a month came: what each batch added, by site, table and month, read from its counts.

Pure, and nothing of a row is read: the key of every row is asked about, so the answers to that are the rows. A batch
that takes rows back adds less than nothing.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

ARRIVALS = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "month": pl.Date(),
        "day": pl.Date(),  # on which the batch came
        "batch": pl.String(),
        "rows": pl.Int64(),  # that stand since then, less those that no longer do
        "answers": pl.Boolean(),  # whether any check was asked more often than before
    }
)
KEY = ".record_id.unique"  # of a table's name: the check that is asked of each of its rows


def arrivals_of(states: pl.DataFrame, batch: str, day: date) -> pl.DataFrame:
    """Columns ARRIVALS of one batch's change in the counts of its site (columns STATES); rows without a month aside."""
    rows = pl.col("asked").filter(pl.col("check") == pl.col("table") + KEY).sum()
    dated = states.filter(pl.col("month").is_not_null()).group_by("org_code", "table", "month")
    found = dated.agg(rows.alias("rows"), (pl.col("asked") > 0).any().alias("answers"))
    told = found.with_columns(pl.lit(batch).alias("batch"), pl.lit(day).alias("day"))
    return told.select(ARRIVALS.names()).cast(ARRIVALS)


def every_arrival(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Those of several batches, in one order whatever theirs was."""
    return pl.concat([pl.DataFrame(schema=ARRIVALS), *parts]).sort(ARRIVALS.names()[:5])
