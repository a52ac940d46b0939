"""What is said of a value once, said of every row that holds it: names and addresses repeat, and their rules are long.

Keeps order; knows nothing of what the values mean.
"""

from collections.abc import Callable

import polars as pl


def of_distinct(values: pl.Series, make: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """`make` of the distinct values (a row each, in their order), put in the place of every row of `values`."""
    once = values.unique(maintain_order=True).alias("value")
    made = make(once)
    if len(once) == len(values):
        return made
    return (
        values.alias("value").to_frame()
        .join(made.with_columns(once), on="value", how="left", nulls_equal=True, maintain_order="left")
        .select(made.columns)
    )  # fmt: skip
