"""What the other rows say of a cell: under each dependency, how many rows with the same key agree, how many do not.

A row never votes for itself, and a cell that is in doubt votes for nobody.
"""

from collections.abc import Sequence

import polars as pl

from federation.quality.cells.dependency import Dependency

FEWEST = 2  # other rows with the same key; fewer cannot tell which of two is wrong
ROW = "row"
VOTES = pl.Schema({ROW: pl.UInt32(), "column": pl.String(), "odds": pl.Float64(), "expected": pl.String()})


def votes(cells: pl.DataFrame, trusted: pl.DataFrame, dependencies: Sequence[Dependency]) -> pl.DataFrame:
    """Columns VOTES, one row per cell and dependency that has something to say.

    `cells` are the rows as they are (all String) with their number in ROW; `trusted` the same with null in the place
    of every cell in doubt. `odds` is the natural logarithm of (rows with the most frequent other value + 1/2) over
    (other rows with the same value + 1/2); `expected` that other value.
    """
    return pl.concat([pl.DataFrame(schema=VOTES), *(_of(cells, trusted, each) for each in dependencies)])


def _of(cells: pl.DataFrame, trusted: pl.DataFrame, dependency: Dependency) -> pl.DataFrame:
    key, told = list(dependency.of), dependency.decides
    of_value = trusted.select(*key, told).drop_nulls().group_by([*key, told]).len("times")
    ranked = of_value.sort("times", told, descending=[True, False]).group_by(key, maintain_order=True)
    of_key = ranked.agg(
        pl.col("times").sum().alias("all"),
        pl.col(told).first().alias("first"),
        pl.col("times").first().alias("first_times"),
        pl.col(told).get(1, null_on_oob=True).alias("second"),
        pl.col("times").get(1, null_on_oob=True).fill_null(0).alias("second_times"),
    )
    said = trusted.select(ROW, *key).drop_nulls()
    asked = said.join(cells.select(ROW, told).drop_nulls(), on=ROW).join(
        trusted.select(ROW, pl.col(told).is_not_null().cast(pl.Int64).alias("itself")), on=ROW
    )
    beside = asked.join(of_key, on=key).join(of_value, on=[*key, told], how="left")
    own = pl.col("times").fill_null(0).cast(pl.Int64) - pl.col("itself")
    is_first = pl.col(told) == pl.col("first")
    other = pl.when(is_first).then("second_times").otherwise("first_times")
    return beside.filter(pl.col("all").cast(pl.Int64) - pl.col("itself") >= FEWEST).select(
        ROW,
        pl.lit(told).alias("column"),
        ((other + 0.5) / (own + 0.5)).log().alias("odds"),
        pl.when(is_first).then("second").otherwise("first").alias("expected"),
    )
