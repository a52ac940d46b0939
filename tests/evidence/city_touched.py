"""Which cells of the shared tables an injected error changed: those that a city without it has otherwise.

No list of columns is kept by hand and no check is asked: two cities of one seed, with and without errors, are compared
row by row. What differs at the place of an error is that error's doing.
"""

import polars as pl

from schemas.table import COMMON
from tests.evidence.city_reading import PLACE, Reading

TOUCHED = pl.Schema(
    {
        "table": pl.String(),
        "record_id": pl.String(),
        "column": pl.String(),  # empty where the row is new, or gone
        "error": pl.UInt32(),  # of the truth file
    }
)
AGAIN = ("row-twice", "sent-again", "sent-under-new-key", "person-twice")  # a second line, after the good one


def touched(clean: Reading, spoilt: Reading) -> pl.DataFrame:
    """Columns TOUCHED: every cell that is not as it would be, and the error at whose record it stands."""
    found = [pl.DataFrame(schema=TOUCHED)]
    for name in sorted({*clean.tables, *spoilt.tables}):
        before, after = (_shown(reading, name) for reading in (clean, spoilt))
        if before is None or after is None:
            continue
        found += [each.with_columns(pl.lit(name).alias("table")).select(list(TOUCHED)).cast(TOUCHED)
                  for each in _differing(_shifted(before, spoilt.truth), after, spoilt.truth)]  # fmt: skip
    return pl.concat(found).unique()


def _shown(reading: Reading, table: str) -> pl.DataFrame | None:
    rows = reading.tables.get(table)
    if rows is None:
        return None
    own = [name for name in rows.columns if name not in COMMON]
    place = (pl.col("source_file").alias("file"), pl.col("source_position").alias("record"))
    return rows.select("record_id", *place, *own).unique("record_id", keep="first", maintain_order=True)


def _shifted(clean: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """The clean rows at the places where they stand in the spoilt city, whose second lines push the others down."""
    more = truth.filter(pl.col("class").is_in(AGAIN)).sort("file", "record")
    # The n-th line that was put in stands after record - n lines of the clean file.
    steps = more.select("file", at=pl.col("record") - pl.int_range(pl.len()).over("file") - 1, by=_ordinal())
    held = clean.with_columns(pl.col("record").alias("at")).sort("at")
    after = held.join_asof(
        steps.with_columns(pl.col("at") + 1).sort("at"), on="at", by="file", strategy="backward", check_sortedness=False
    )
    return after.with_columns(pl.col("record") + pl.col("by").fill_null(0)).drop("at", "by")


def _ordinal() -> pl.Expr:
    return pl.int_range(1, pl.len() + 1).over("file").cast(pl.Int64)


def _differing(before: pl.DataFrame, after: pl.DataFrame, truth: pl.DataFrame) -> list[pl.DataFrame]:
    errors = truth.select("error", *PLACE)
    own = [name for name in after.columns if name not in ("record_id", *PLACE)]
    both = after.join(before, on="record_id", suffix=" before").join(errors, on=PLACE)
    changed = both.select("record_id", "error", *(pl.col(name).ne_missing(pl.col(f"{name} before")) for name in own))
    cells = changed.unpivot(index=["record_id", "error"], variable_name="column", value_name="differs")
    gone = before.join(after, on="record_id", how="anti")
    new = after.join(before, on="record_id", how="anti")
    whole = [
        rows.join(errors, on=PLACE).select("record_id", "error", pl.lit("").alias("column")) for rows in (gone, new)
    ]
    return [cells.filter("differs"), *whole]
