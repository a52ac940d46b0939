"""What a batch changes in the counts of its site: added to those of the batches before, they are the counts of all.

Only the rows that the batch bears on are asked again. Rows that it replaces, or that look different beside it, answered
before: those answers are taken back, so a change may be negative.
"""

from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree

import polars as pl

from federation.node.near import near
from federation.node.site_rows import Came, site_rows, table_files, written
from federation.quality.check import Check
from federation.quality.count import count, merge
from federation.quality.need import Exists


def rescored(earlier: Sequence[Came], batch: Came, checks: Sequence[Check], spill: Path) -> pl.DataFrame:
    """The change in states (columns STATES) that the batch makes after `earlier`, the site's batches before it.

    `spill` is a folder for what does not fit in memory; it is gone afterwards.
    """
    fresh = written([batch])
    if not earlier:
        return count(site_rows([batch]), batch.day, checks)
    try:
        old = written(earlier) if _asks_more(earlier, fresh, checks) else near(earlier, batch, spill)
        both = {name: pl.concat([rows[name] for rows in (old, fresh) if name in rows]) for name in {**old, **fresh}}
        after = count(site_rows([*earlier, batch], both), batch.day, checks)
        before = count(site_rows(earlier, old), batch.day, checks)
    finally:
        rmtree(spill, ignore_errors=True)
    return merge([after, before.with_columns(-pl.col("asked", "failed"))])


def _asks_more(earlier: Sequence[Came], fresh: dict[str, pl.LazyFrame], checks: Sequence[Check]) -> bool:
    """Whether the batch is the first with a table that others refer to: all their references are asked from now on."""
    targets = {need.table for each in checks for need in each.needs if isinstance(need, Exists)}
    return bool(targets & (fresh.keys() - table_files(earlier).keys()))
