"""Cells in doubt: which side of a contradiction is the likely culprit, what was expected there, and why.

It adds up independent hints as logarithms of odds and looks again without the cells it doubts, until nothing changes.
A cell that no hint speaks against is never in doubt; an empty cell is for completeness to count.
"""

from collections.abc import Sequence

import polars as pl

from federation.quality.cells.dependency import Dependency
from federation.quality.cells.spelling import CLOSE, slips, unusual
from federation.quality.cells.vote import ROW, votes

IN_DOUBT = 2.0  # odds of e^2, about 7 to 1, that the cell is wrong
CLOSE_SLIP, LOOSE_SLIP, ODD_SHAPE = 3.0, 1.5, 2.5
ROUNDS = 4
DOUBTS = pl.Schema(
    {
        ROW: pl.UInt32(),  # from 0
        "column": pl.String(),
        "odds": pl.Float64(),  # natural logarithm; the higher the surer
        "expected": pl.String(),  # null where the table does not say
        "because": pl.String(),  # `dependency`, `slip`, `shape`, with + between them
    }
)


def doubts(cells: pl.DataFrame, dependencies: Sequence[Dependency]) -> pl.DataFrame:
    """Columns DOUBTS, one row per cell in doubt, by row and column. `cells`: all String, null where empty."""
    numbered = cells.with_row_index(ROW)
    looks = pl.concat([pl.DataFrame(schema=DOUBTS), *(_looks(numbered, name) for name in cells.columns)])
    doubted = pl.DataFrame(schema=DOUBTS)
    for _ in range(ROUNDS):
        before = doubted
        said = votes(numbered, _without(numbered, before), dependencies)
        doubted = _weighed(pl.concat([looks, said.with_columns(pl.lit("dependency").alias("because"))]))
        if doubted.select(ROW, "column").equals(before.select(ROW, "column")):
            break
    return doubted


def _looks(numbered: pl.DataFrame, name: str) -> pl.DataFrame:
    """Hints from the value alone."""
    column = numbered[name]
    cells = numbered.select(ROW, pl.col(name).alias("value")).drop_nulls()
    slip = cells.join(slips(column), on="value").select(
        ROW,
        pl.lit(name).alias("column"),
        pl.when(pl.col("alike") >= CLOSE).then(CLOSE_SLIP).otherwise(LOOSE_SLIP).alias("odds"),
        pl.col("meant").alias("expected"),
        pl.lit("slip").alias("because"),
    )
    odd = cells.join(unusual(column).filter("unusual"), on="value").select(
        ROW,
        pl.lit(name).alias("column"),
        pl.lit(ODD_SHAPE).alias("odds"),
        pl.lit(None, pl.String()).alias("expected"),
        pl.lit("shape").alias("because"),
    )
    return pl.concat([slip, odd])


def _weighed(hints: pl.DataFrame) -> pl.DataFrame:
    """The cells whose hints add up to a doubt; what the strongest hint expected is expected."""
    against = pl.col("odds") > 0
    strongest = pl.col("expected").filter(against & pl.col("expected").is_not_null())
    added = hints.sort("odds", "expected", descending=True, nulls_last=True).group_by(
        ROW, "column", maintain_order=True
    )
    summed = added.agg(
        pl.col("odds").sum(),
        strongest.first(),
        pl.col("because").filter(against).unique().sort().str.join("+"),
    )
    return summed.filter(pl.col("odds") > IN_DOUBT).select(DOUBTS.names()).sort(ROW, "column")


def _without(numbered: pl.DataFrame, doubted: pl.DataFrame) -> pl.DataFrame:
    """The rows with null in the place of every cell in doubt."""
    for (name,), of_column in doubted.partition_by("column", as_dict=True).items():
        numbered = numbered.with_columns(
            pl.when(pl.col(ROW).is_in(of_column[ROW].implode()).not_()).then(pl.col(str(name))).alias(str(name))
        )
    return numbered
