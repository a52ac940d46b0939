"""The distinct texts of a column, where most often all are the same: then they are not hashed."""

import polars as pl


def spellings(texts: pl.Series) -> list[str]:
    """Every text that occurs, without null, in no order."""
    if texts.null_count() == len(texts):
        return []
    if not texts.null_count() and (texts == texts[0]).all():
        return [texts[0]]
    return texts.unique().drop_nulls().to_list()
