"""Which rows failed a check, and where they came from: key columns only, values for the owner alone.

It reads the tables again when somebody asks; nothing about single rows is kept with the counts.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from federation.quality.check import Check
from federation.quality.count import answerable, month_of

KEYS = ["record_id", "org_code", "source_file", "source_position"]
EXPLAINED = pl.Schema(
    {
        "check": pl.String(),
        "table": pl.String(),
        "record_id": pl.String(),
        "org_code": pl.String(),
        "source_file": pl.String(),
        "source_position": pl.Int64(),
        "columns": pl.String(),  # those the answer depends on, with commas
    }
)
VALUES = "values"  # one JSON object: column -> text of the value, or null


def explain(
    tables: Mapping[str, pl.LazyFrame],
    checks: Sequence[Check],
    as_of: date,
    limit: int = 20,
    values: bool = False,
    month: date | None = None,
    among: pl.Expr | None = None,
) -> pl.DataFrame:
    """At most `limit` failing rows of each check (columns EXPLAINED), by file and position, of one month if named.

    `among` is a boolean expression over the rows of the checks' frame, true for those that are wanted.
    `values` adds the column VALUES, the cells the answer depends on. They are patients' values: only for the owner
    of the rows, never for a log, a message or another site.
    """
    nobody = pl.DataFrame(schema=EXPLAINED | ({VALUES: pl.String()} if values else {}))
    found = [nobody]
    for each in checks:
        rows, able = answerable([each], tables, as_of) if each.table in tables else (nobody.lazy(), [])
        if able:
            of_month = rows if month is None else rows.filter(month_of(each.frame) == month)
            found.append(_failing(each, of_month if among is None else of_month.filter(among), limit, values))
    return pl.concat(found)


def _failing(check: Check, rows: pl.LazyFrame, limit: int, values: bool) -> pl.DataFrame:
    shown = [pl.lit(check.id).alias("check"), pl.lit(check.table).alias("table"), *map(pl.col, KEYS)]
    shown.append(pl.lit(", ".join(check.columns)).alias("columns"))
    if values:
        shown.append(_values(check.columns))
    failing = rows.filter(check.failed).select(shown)
    return failing.sort("source_file", "source_position", "record_id").head(limit).collect(engine="streaming")


def _values(columns: Sequence[str]) -> pl.Expr:
    return pl.struct(pl.col(name).cast(pl.String) for name in columns).struct.json_encode().alias(VALUES)
