"""How long after an event a field stops changing: days, by site and column, at the median and at nine in ten.

It reads all versions of a record that ever came; from the figures a city sees from which day on a month can be used.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from schemas.table import COMMON, Table

SETTLED = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "column": pl.String(),
        "days": pl.Int64(),  # from the event until the column had the value it has now
        "records": pl.Int64(),
    }
)
SETTLING = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "column": pl.String(),
        "records": pl.Int64(),
        "p50": pl.Int64(),
        "p90": pl.Int64(),
    }
)
CURVES = pl.Schema(
    {
        "org_code": pl.String(),
        "table": pl.String(),
        "column": pl.String(),
        "day": pl.Int64(),
        "settled": pl.Int64(),  # records that changed no more after that day
        "records": pl.Int64(),
    }
)
SCOPE = ["org_code", "table", "column"]
WHOLE = "whole record"  # in the place of a column: all columns of the record
LEAST = 20  # records; fewer say nothing of nine in ten
DAYS = (0, 1, 3, 7, 14, 30, 60, 90, 180, 365)  # of a curve


def settled(
    versions: pl.LazyFrame, table: type[Table], came: str = "updated_at", until: date | None = None
) -> pl.DataFrame:
    """Columns SETTLED: for each column, and for WHOLE, how many records settled after how many days.

    `versions` holds every version of every row, with the table's columns; `came` is the column that says when a version
    came. A version of which that, or the event's time, is not known is left out, and so is a record whose last version
    withdraws it, or whose event lies after `until`: it was not watched long enough. A column that a record never filled
    is not counted of it. A change before the event counts as 0.
    """
    if table.when is None:
        return pl.DataFrame(schema=SETTLED)
    here = set(versions.collect_schema())
    own = [name for name in table.columns if name not in COMMON and name in here and name != table.when]
    key, at, event = ["org_code", "record_id"], pl.col(came), pl.col(table.when).last().cast(pl.Date)
    known = versions.filter(at.is_not_null()).sort(*key, came, maintain_order=True)
    withdrawn = pl.col("deleted").last().fill_null(value=False) if "deleted" in here else pl.lit(value=False)
    last = known.group_by(key, maintain_order=True).agg(
        event.alias("event of record"),
        withdrawn.alias("withdrawn"),
        *(
            at.filter(
                pl.col(name).eq_missing(pl.col(name).shift(1)).not_()
                | at.is_first_distinct() & (pl.int_range(pl.len()) == 0)
            )
            .last()
            .cast(pl.Date)
            .pipe(_if_ever, name)
            .alias(name)
            for name in own
        ),
    )
    happened = pl.col("event of record")
    watched = happened.is_not_null() & pl.col("withdrawn").not_() & (True if until is None else happened <= until)
    days = [(pl.col(name) - happened).dt.total_days().clip(0).alias(name) for name in own]
    long = last.filter(watched).select("org_code", *days, pl.max_horizontal(days).alias(WHOLE)).collect()
    parts = [
        long.select("org_code", pl.col(name).alias("days"))
        .drop_nulls("days")
        .group_by("org_code", "days")
        .agg(pl.len().alias("records"))
        .with_columns(pl.lit(table.name).alias("table"), pl.lit(name).alias("column"))
        .select(SETTLED.names())
        .cast(SETTLED)
        for name in (*own, WHOLE)
    ]
    return pl.concat(parts).sort(SETTLED.names())


def _if_ever(settled: pl.Expr, name: str) -> pl.Expr:
    """Null where the column never held anything: what is never filled does not settle."""
    return pl.when(pl.col(name).is_not_null().any()).then(settled)


def settling(counts: pl.DataFrame) -> pl.DataFrame:
    """Columns SETTLING of counts (columns SETTLED, of any number of parts); a scope of fewer than LEAST is left out."""
    every = counts.group_by([*SCOPE, "days"]).agg(pl.col("records").sum()).sort([*SCOPE, "days"])
    up_to = every.with_columns(
        pl.col("records").cum_sum().over(SCOPE).alias("so far"), pl.col("records").sum().over(SCOPE).alias("all")
    )
    quantiles = [
        pl.col("days").filter(pl.col("so far") >= share * pl.col("all")).first().alias(name)
        for name, share in (("p50", 0.5), ("p90", 0.9))
    ]
    found = up_to.group_by(SCOPE, maintain_order=True).agg(pl.col("all").first().alias("records"), *quantiles)
    return found.filter(pl.col("records") >= LEAST).select(SETTLING.names()).cast(SETTLING)


def curves(counts: pl.DataFrame, days: Sequence[int] = DAYS) -> pl.DataFrame:
    """Columns CURVES of counts (columns SETTLED): how many of the records of a scope had settled by each day."""
    every = counts.group_by(SCOPE).agg(
        pl.col("records").sum().alias("of"),
        *(pl.col("records").filter(pl.col("days") <= day).sum().alias(str(day)) for day in days),
    )
    long = every.filter(pl.col("of") >= LEAST).unpivot(
        [str(day) for day in days], index=[*SCOPE, "of"], variable_name="day", value_name="settled"
    )
    told = long.select(*SCOPE, pl.col("day").cast(pl.Int64), "settled", pl.col("of").alias("records"))
    return told.cast(CURVES).sort(*SCOPE, "day")
