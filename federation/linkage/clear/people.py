"""Normalised persons and their numbers as one frame that a model compares: a row a record, all String.

Nothing is guessed: a child that is called after its mother has no name of its own.
"""

import polars as pl

from federation.linkage.normal.frame import NORMAL
from federation.linkage.normal.number import only

ID = "id"  # kind of number that everybody has one of


def people(persons: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """NORMAL with its usable resident ids, as columns `site`, `record` and those of the city's model.

    `name` and `sound` are whole, `year` of `born`, `place` the street up to the first number, `road` the street before
    it, `id` null where the record has none that may be used, or two.
    """
    told = persons.select(list(NORMAL))
    named = pl.when(~pl.col("newborn").fill_null(value=False))
    whole = pl.concat_str("family", "given", ignore_nulls=True)
    sound = pl.concat_str("family_pinyin", "given_pinyin", separator=" ", ignore_nulls=True)
    rows = told.with_columns(
        *(named.then(pl.col(c)).alias(c) for c in ("family", "given", "family_pinyin", "given_pinyin")),
        name=named.then(pl.when(whole != "").then(whole)),
        sound=named.then(pl.when(sound != "").then(sound)),
        year=pl.col("born").str.head(4),
        place=pl.col("street").str.extract(r"^([^0-9]+[0-9]+)"),
        road=pl.col("street").str.extract(r"^([^0-9]+)"),
    )
    ids = only(numbers, ID)
    return rows.join(ids, on=["site", "record"], how="left", maintain_order="left").drop("newborn", "street")
