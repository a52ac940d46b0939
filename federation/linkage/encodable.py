"""Normalised persons and their numbers as the columns that a spec encodes: a row a record, all String.

Nothing is guessed: who has two numbers of a kind has none that speaks for one person.
"""

import polars as pl

from federation.linkage.normal.number import only

KINDS = ("id", "insurance")  # of NORMAL_NUMBERS; each becomes a column of its name


def encodable(persons: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """NORMAL in its order with a column for each of KINDS: the usable number, null where there is none, or two."""
    rows = persons
    for kind in KINDS:
        rows = rows.join(only(numbers, kind), on=["site", "record"], how="left", maintain_order="left")
    return rows
