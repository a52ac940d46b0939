"""Which pairs are worth a comparison: records that agree on a key, keys that half the city shares left out.

A register where everybody has one name, or one phone, gives few pairs instead of all.
"""

from collections.abc import Sequence

import polars as pl

MOST_PAIRS = 2_500  # that one value of a key may bring; 50 people of one site with 50 of the other
_SEPARATOR = "\x1f"


def keyed(
    left: pl.DataFrame, right: pl.DataFrame, rules: Sequence[Sequence[str]], name: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with a column `{name}_{n}` a rule: its columns as one; null where one is, or too many share it."""
    for number, rule in enumerate(rules):
        column = f"{name}_{number}"
        made = pl.concat_str(rule, separator=_SEPARATOR, ignore_nulls=False).alias(column)
        left, right = left.with_columns(made), right.with_columns(made)
        few = _few(left[column], right[column])
        kept = pl.when(pl.col(column).is_in(few.implode())).then(pl.col(column)).alias(column)
        left, right = left.with_columns(kept), right.with_columns(kept)
    return left, right


def _few(left: pl.Series, right: pl.Series) -> pl.Series:
    """The values on both sides that bring no more pairs than one key may."""
    counts = left.drop_nulls().value_counts(name="n").join(right.drop_nulls().value_counts(name="k"), on=left.name)
    return counts.filter(pl.col("n").cast(pl.UInt64) * pl.col("k") <= MOST_PAIRS)[left.name]


def pairs(left: pl.DataFrame, right: pl.DataFrame, column: str) -> int:
    """How many pairs agree on a key column."""
    counts = left[column].drop_nulls().value_counts(name="n")
    both = counts.join(right[column].drop_nulls().value_counts(name="k"), on=column)
    return int((both["n"].cast(pl.UInt64) * both["k"]).sum())


def agreeing(left: pl.DataFrame, right: pl.DataFrame, columns: Sequence[str]) -> int:
    """How many pairs of `record` agree on at least one key column; each counts once."""
    found = [
        left.select("record", column).join(right.select("record", column), on=column).select("record", "record_right")
        for column in columns
    ]
    return pl.concat(found).unique().height
