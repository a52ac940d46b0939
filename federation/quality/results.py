"""Counts as rows of the shared table `quality_result`, for the pool and for other programs.

Pure: the run and its batch are named by the caller.
"""

from collections.abc import Sequence

import polars as pl

from federation.quality.check import Check
from federation.quality.library import all_checks
from schemas.tables.quality_result import QualityResult

SYSTEM = "guantong/quality"
PUBLIC = 2  # GB/T 39725 level of counts without persons


def results(states: pl.DataFrame, run_id: str, batch_id: str, checks: Sequence[Check] | None = None) -> pl.DataFrame:
    """One row per site, month and check, in the columns of `quality_result`.

    `numerator` is the number of right answers. Months that are not known have no window.
    """
    about = _about(all_checks() if checks is None else checks)
    known = states.join(about, on="check", how="inner", maintain_order="left").with_row_index("place", offset=1)
    month = pl.col("month")
    key = pl.concat_str(
        pl.lit(run_id), pl.col("check"), "org_code", month.dt.strftime("%Y-%m").fill_null("undated"), separator="|"
    )
    right = pl.col("asked") - pl.col("failed")
    own = {
        "run_id": pl.lit(run_id),
        "target_table": pl.col("table"),
        "target_column": pl.col("target_column"),
        "rule_id": pl.col("check"),
        "dimension_nhc": pl.col("nhc"),
        "dimension_gbt36344": pl.col("gbt36344"),
        "dimension_kahn": pl.col("kahn"),
        "severity": pl.col("severity"),
        "numerator": right,
        "denominator": pl.col("asked"),
        "coefficient": right / pl.col("asked"),
        "window_start": month,
        "window_end": month.dt.month_end(),
    }
    common = {
        "record_id": pl.concat_str(pl.lit(QualityResult.name), key, separator="|"),
        "org_code": pl.col("org_code"),
        "source_system": pl.lit(SYSTEM),
        "source_table": pl.lit(QualityResult.name),
        "source_pk": key,
        "source_row_hash": pl.lit(""),
        "source_file": pl.lit(run_id),
        "source_position": pl.col("place"),
        "batch_id": pl.lit(batch_id),
        "updated_at": pl.lit(None),
        "deleted": pl.lit(False),
        "sec_level": pl.lit(PUBLIC),
        "extra": pl.lit(None),
    }
    made = own | common
    return known.select(made[name].cast(dtype).alias(name) for name, dtype in QualityResult.schema().items())


def _about(checks: Sequence[Check]) -> pl.DataFrame:
    rows = [
        (
            each.id,
            each.nhc,
            each.gbt36344,
            each.kahn,
            each.severity,
            each.columns[0] if len(each.columns) == 1 else None,
        )
        for each in checks
    ]
    names = ["check", "nhc", "gbt36344", "kahn", "severity", "target_column"]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")
