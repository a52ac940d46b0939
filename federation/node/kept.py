"""The counts that are kept with recorded batches, added up. Only reads."""

from collections.abc import Iterable

import polars as pl

from federation.node.home import Home
from federation.node.journal import BatchRow
from federation.quality.count import merge


def kept(home: Home, recorded: Iterable[BatchRow]) -> pl.DataFrame:
    """What the batches changed in the counts of their sites (columns STATES); one without counts changed nothing."""
    paths = [home.score(batch.site, batch.id) for batch in recorded]
    return merge(pl.read_parquet(path) for path in paths if path.is_file())
