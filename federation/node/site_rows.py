"""All rows of a site that stand after some of its batches, each with the day on which its batch came.

Only reads.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from federation.node.batch import part_folders
from federation.node.gone import Came, gone_of
from federation.quality.frame import AS_OF
from schemas.tables import TABLES


def site_rows(came: Sequence[Came]) -> dict[str, pl.LazyFrame]:
    """Table -> its standing rows, with the column AS_OF; `came` are the site's batches, oldest first.

    A table of which any batch has a file is there, be it without rows.
    """
    gone, judged = gone_of(came), as_of(came)
    return {name: gone.left(table).with_columns(judged) for name, table in written(came).items()}


def as_of(came: Sequence[Came]) -> pl.Expr:
    """The day the batch of a row came, as AS_OF."""
    days = {each.id: each.day for each in came}
    return pl.col("batch_id").replace_strict(days, default=None, return_dtype=pl.Date).alias(AS_OF)


def written(came: Sequence[Came]) -> dict[str, pl.LazyFrame]:
    """Table -> all its rows as the batches have them."""
    return {name: pl.scan_parquet(paths) for name, paths in table_files(came).items()}


def table_files(came: Sequence[Came]) -> dict[str, list[Path]]:
    """Table -> its files in the batches, in the order of the batches and of their parts."""
    parts = [part for each in came for part in part_folders(each.folder)]
    found = {name: [path for part in parts if (path := part / f"{name}.parquet").exists()] for name in TABLES}
    return {name: paths for name, paths in found.items() if paths}
