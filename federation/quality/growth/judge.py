"""Heights and weights of many people as rows: which are wrong, why, and what was meant.

Pure: rows in, one row out for each; the order of rows never shows.
"""

import numpy as np
import polars as pl

from federation.quality.growth.cause import causes
from federation.quality.growth.series import Series, judged
from federation.quality.growth.standard import HEIGHT, WEIGHT

GIVEN = pl.Schema(
    {
        "row": pl.UInt32(),  # of the caller, unique with `measure`
        "person": pl.String(),
        "measure": pl.String(),  # HEIGHT or WEIGHT
        "days": pl.Float64(),  # of age
        "sex": pl.Int8(),  # 1 male, 2 female, else unknown
        "value": pl.Float64(),  # cm or kg
    }
)
JUDGED = pl.Schema(
    {
        "row": pl.UInt32(),
        "measure": pl.String(),
        "wrong": pl.Boolean(),
        "cause": pl.String(),  # null where right
        "meant": pl.Float64(),  # null where right or unknown
    }
)


def judge(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns JUDGED, one row per row of GIVEN, in any order. Values of nothing or less are wrong."""
    known = rows.select(GIVEN.names()).drop_nulls(["person", "days", "value"]).with_columns(pl.col("sex").fill_null(0))
    partner = known.select("person", "days", _other("measure"), pl.col("value").alias("partner")).unique(
        ["person", "days", "measure"], keep="none"
    )
    beside = known.join(partner, on=["person", "days", "measure"], how="left")
    numbered = beside.with_columns(pl.col("person").rank("dense").cast(pl.Int64).alias("number"))
    ordered = numbered.sort("number", "days", "value", "row")
    parts = [_of(measure, ordered.filter(pl.col("measure") == measure)) for measure in (HEIGHT, WEIGHT)]
    return pl.concat([pl.DataFrame(schema=JUDGED), *parts])


def _other(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == HEIGHT).then(pl.lit(WEIGHT)).otherwise(pl.lit(HEIGHT)).alias(name)


def _of(measure: str, rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return pl.DataFrame(schema=JUDGED)
    number, days, sex, value = (rows[name].to_numpy() for name in ("number", "days", "sex", "value"))
    series = Series(measure, number, days, sex, np.maximum(value, 0.0))
    partner = rows["partner"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # a figure of 1e308 is wrong, and no reason to warn of arithmetic
        found = judged(series)
        cause, meant = causes(series, found, partner)
    return pl.DataFrame(
        {
            "row": rows["row"],
            "measure": measure,
            "wrong": found.wrong,
            "cause": pl.Series(cause, dtype=pl.String),
            "meant": pl.Series(meant).fill_nan(None),
        },
        schema=JUDGED,
    )
