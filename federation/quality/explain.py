"""Which rows failed a check, and where they came from: key columns only, values for the owner alone.

It reads the tables again when somebody asks; nothing about single rows is kept with the counts.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from federation.quality.check import Check
from federation.quality.count import answerable, month_of
from federation.quality.need import Slips

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
        "slip": pl.String(),  # what was likely done, where the check can say; without a value
    }
)
VALUES = "values"  # one JSON object: column -> text of the value, or null
MEANT = "meant"  # what was likely meant, where the check can say


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
    `values` adds the columns VALUES, the cells the answer depends on, and MEANT. They are patients' values: only for
    the owner of the rows, never for a log, a message or another site.
    """
    nobody = pl.DataFrame(schema=explained(values))
    found = [nobody]
    for each in checks:
        rows, able = answerable([each], tables, as_of) if each.table in tables else (nobody.lazy(), [])
        if able:
            of_month = rows if month is None else rows.filter(month_of(each.frame) == month)
            chosen = of_month if among is None else of_month.filter(among)
            found.append(_failing(each, rows, chosen, limit, values))
    return pl.concat(found)


def explained(values: bool) -> dict[str, pl.DataType]:
    """The columns of explained rows."""
    return {**EXPLAINED, **({VALUES: pl.String(), MEANT: pl.String()} if values else {})}


def _failing(check: Check, every: pl.LazyFrame, rows: pl.LazyFrame, limit: int, values: bool) -> pl.DataFrame:
    """Failing ones of the rows; `every` row of the frame is there for checks that say why by other rows."""
    shown = [pl.lit(check.id).alias("check"), pl.lit(check.table).alias("table"), *map(pl.col, KEYS)]
    shown.append(pl.lit(", ".join(check.columns)).alias("columns"))
    failing = rows.filter(check.failed)
    needs = [need for need in check.needs if isinstance(need, Slips)]
    beside = [name for name in ("person_id",) if needs]
    wanted = failing.select(*shown, *([_values(check.columns)] if values else []), *beside)
    first = wanted.sort("source_file", "source_position", "record_id").head(limit).collect(engine="streaming")
    told = first.with_columns(pl.lit(None, pl.String()).alias(name) for name in ("slip", MEANT))
    for need in needs:
        slips = need.slips(every, first.lazy())
        on = ["org_code", "record_id"]
        told = told.drop("slip", MEANT).join(slips, on=on, how="left", maintain_order="left")
    return told.select(list(explained(values)))


def _values(columns: Sequence[str]) -> pl.Expr:
    return pl.struct(pl.col(name).cast(pl.String) for name in columns).struct.json_encode().alias(VALUES)
