"""How long after an event a field stops changing: days, by site and column, at the median and at nine in ten.

It reads all versions of a record that ever came; from the figures a city sees from which day on a month can be used.
"""

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
SCOPE = ["org_code", "table", "column"]
LEAST = 20  # records; fewer say nothing of nine in ten


def settled(versions: pl.LazyFrame, table: type[Table], came: str = "updated_at") -> pl.DataFrame:
    """Columns SETTLED: for each number of days, how many records settled then.

    `versions` holds every version of every row, with the table's columns; `came` is the column that says when a version
    came. A version of which that, or the event's time, is not known is left out. Nothing before the event counts as 0.
    """
    if table.when is None:
        return pl.DataFrame(schema=SETTLED)
    here = set(versions.collect_schema())
    own = [name for name in table.columns if name not in COMMON and name in here and name != table.when]
    key, at, event = ["org_code", "record_id"], pl.col(came), pl.col(table.when).last().cast(pl.Date)
    known = versions.filter(at.is_not_null()).sort(*key, came, maintain_order=True)
    last = known.group_by(key, maintain_order=True).agg(
        event.alias("event of record"),
        *(
            at.filter(
                pl.col(name).eq_missing(pl.col(name).shift(1)).not_()
                | at.is_first_distinct() & (pl.int_range(pl.len()) == 0)
            )
            .last()
            .cast(pl.Date)
            .alias(name)
            for name in own
        ),
    )
    days = [(pl.col(name) - pl.col("event of record")).dt.total_days().clip(0).alias(name) for name in own]
    long = last.filter(pl.col("event of record").is_not_null()).select("org_code", *days).collect()
    told = long.unpivot(own, index="org_code", variable_name="column", value_name="days")
    counted = told.group_by("org_code", "column", "days").agg(pl.len().alias("records"))
    return (
        counted.with_columns(pl.lit(table.name).alias("table"))
        .select(SETTLED.names())
        .cast(SETTLED)
        .sort(SETTLED.names())
    )


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
