"""Normalised persons and their numbers as the columns that a spec encodes: a row a record, all String.

Nothing is guessed: who has two numbers of a kind has none that speaks for one person.
"""

import polars as pl

KINDS = ("id", "insurance")  # of NORMAL_NUMBERS; each becomes a column of its name


def encodable(persons: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """NORMAL in its order with a column for each of KINDS: the usable number, null where there is none, or two."""
    usable = numbers.filter(pl.col("usable"))
    rows = persons
    for kind in KINDS:
        mine = usable.filter(pl.col("kind") == kind).group_by("site", "record")
        one = pl.when(pl.col("value").n_unique() == 1).then(pl.col("value").first()).alias(kind)
        rows = rows.join(mine.agg(one), on=["site", "record"], how="left", maintain_order="left")
    return rows
