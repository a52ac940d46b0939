"""Small cells: a count of one to four rows may be one patient, and is told to nobody but the site that owns it.

Zero is told: that nothing came, or nothing failed, is about no one. Pure.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from federation.report.both import Both

SMALLEST_TOLD = 5  # the bureau's rule for what is published; queries of the pool have a stricter one of their own
FEW = Both(f"<{SMALLEST_TOLD}", f"<{SMALLEST_TOLD}")
FEWER = SMALLEST_TOLD - 1
SAYS = Both(
    f"{SMALLEST_TOLD} 以下的计数（1 至 {FEWER}）对本机构以外不显示，以“{FEW.zh}”代替；合计只含已显示的数。",
    f"Counts from 1 to {FEWER} are shown to nobody but their owner: `{FEW.en}` stands for them, "
    "and sums are of what is shown.",
)


def is_small(number: int) -> bool:
    """Whether a count may be one person's."""
    return 0 < number < SMALLEST_TOLD


def is_told(asked: int, failed: int) -> bool:
    """Whether `failed` may be told beside `asked`: neither of them, nor what is left between them, is small."""
    return not (is_small(asked) or is_small(failed) or is_small(asked - failed))


def failed_of(row: Mapping[str, Any]) -> int | Both:
    """How many failed, as it may be told: the number, that it is few, or that all but a few did."""
    if row["asked"] is None or (row["failed"] is None and not row["most"]):
        return FEW
    if row["failed"] is None:
        return Both(f">{row['asked'] - SMALLEST_TOLD:,}", f">{row['asked'] - SMALLEST_TOLD:,}")
    return int(row["failed"])


def asked_of(row: Mapping[str, Any]) -> int | Both:
    """How many were asked, as it may be told."""
    return FEW if row["asked"] is None else int(row["asked"])


def told(counts: pl.DataFrame) -> pl.DataFrame:
    """The table with `failed` emptied, and `small` set, in rows that may not be told; `asked` where it is small too.

    `most` says of such a row that all but a few failed.
    """
    small = pl.any_horizontal(
        part.is_between(1, FEWER) for part in (pl.col("asked"), pl.col("failed"), pl.col("asked") - pl.col("failed"))
    )
    asked = pl.when(pl.col("asked").is_between(1, FEWER).not_()).then("asked").alias("asked")
    most = small & (pl.col("failed") > FEWER) & (pl.col("asked") > FEWER)
    failed = pl.when(small.not_()).then("failed").alias("failed")
    return counts.with_columns(small.alias("small"), most.alias("most"), asked, failed)


def told_rows(counts: pl.DataFrame) -> pl.DataFrame:
    """The table with `rows` emptied, and `small` set, where there are few."""
    small = pl.col("rows").is_between(1, FEWER)
    return counts.with_columns(small.alias("small"), pl.when(small.not_()).then("rows").alias("rows"))


def told_punctual(counts: pl.DataFrame) -> pl.DataFrame:
    """Columns PUNCTUAL with `in_time` emptied where it, or what is not in time, is small."""
    rest = pl.col("records") - pl.col("in_time")
    small = pl.col("in_time").is_between(1, FEWER) | rest.is_between(1, FEWER)
    return counts.with_columns(pl.when(small.not_()).then("in_time").alias("in_time"))
