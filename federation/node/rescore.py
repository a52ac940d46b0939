"""What a batch changes in the counts of its site: added to those of the batches before, they are the counts of all.

Only the rows that the batch bears on are asked again. Rows that it replaces, or that look different beside it, answered
before: those answers are taken back, so a change may be negative.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from shutil import rmtree

import polars as pl

from federation.node.gone import Came
from federation.node.index import Index
from federation.node.near import Near, together
from federation.node.near_rows import Pass, Rows, Tables
from federation.node.site_rows import site_rows
from federation.quality.check import Check
from federation.quality.count import count, merge, passes_of
from federation.quality.links import Link, both
from federation.quality.need import Exists


def rescored(earlier: Sequence[Came], batch: Came, checks: Sequence[Check], spill: Path, index: Index) -> pl.DataFrame:
    """The change in states (columns STATES) that the batch makes after `earlier`, the site's batches before it.

    `spill` is a folder for what does not fit in memory; it is gone afterwards. `index` is that of the site.
    """
    if not earlier:
        return count(site_rows([batch]), batch.day, checks)
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return merge(_changes(Near(earlier, batch, index, spill), checks))
    finally:
        rmtree(spill, ignore_errors=True)


def _changes(near: Near, checks: Sequence[Check]) -> Iterator[pl.DataFrame]:
    linked: list[Pass] = []

    @cache
    def whole() -> tuple[Tables, Tables]:
        return site_rows(near.earlier), site_rows([*near.earlier, near.batch])

    for together_ in passes_of(checks):
        links = links_of(together_)
        if links is None or _asks_more(near, together_):
            yield _change(near, together_, *whole())
        else:
            linked.append(Pass(together_, links, near.affected(together_[0].table, links)))
    linked = [each for each in linked if each.own.rows or each.table in near.fresh]
    rows = Rows(near)
    for each in linked:
        rows.ask(each.table, each.own, each.columns)
    looked_at = {id(each): {link: rows.linked(each, link) for link in each.links} for each in linked}
    for each in linked:
        for link, spots in looked_at[id(each)].items():
            rows.ask(link.table, spots, each.columns_of(link.table))
    standing = rows.standing()
    for each in linked:
        own = together([each.own, *(spots for link, spots in looked_at[id(each)].items() if link.table == each.table)])
        yield _change(near, each.checks, *standing.tables(each, own, looked_at[id(each)]))


def links_of(checks: Sequence[Check]) -> tuple[Link, ...] | None:
    """The links of checks that are counted together; None where their frame does not say them."""
    frame = checks[0].frame
    return both(frame.beside, tuple(need.link(frame.table.name) for each in checks for need in each.needs))


def _asks_more(near: Near, checks: Sequence[Check]) -> bool:
    """Whether the batch is the first with a table that others refer to: all their references are asked from now on."""
    targets = {need.table for each in checks for need in each.needs if isinstance(need, Exists)}
    return any(target in near.fresh and not near.there(target) for target in targets)


def _change(near: Near, checks: Sequence[Check], before: Tables | None, after: Tables) -> pl.DataFrame:
    states = [count(after, near.batch.day, checks)]
    if before is not None:
        states.append(count(before, near.batch.day, checks).with_columns(-pl.col("asked", "failed")))
    return merge(states)
