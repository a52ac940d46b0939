"""What a check is asked of: the rows of one shared table, alone or with what belongs to each of them beside it.

A frame never adds or drops a row for want of a partner: a table that was not given is an empty table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import polars as pl

from federation.quality.links import Link
from schemas.table import Table
from schemas.tables import TABLES

Tables = Mapping[str, pl.LazyFrame]
AS_OF = "as_of"  # the day of the scoring, handed in; the core has no clock


@dataclass(frozen=True)
class Frame:
    """`table` is the shared table whose rows are counted; `build` makes them, with further columns, from all tables.

    `beside` says which rows it puts beside a row, all of them: a batch is then rescored without the others. Where it is
    not said (None), a batch makes every row of the site be asked again. `reads` are the columns of its own table that
    `build` needs, whatever the checks read; None is all of them.
    """

    name: str
    table: type[Table]
    build: Callable[[Tables], pl.LazyFrame]
    means: str = ""
    zh: str = ""
    beside: tuple[Link, ...] | None = None
    reads: tuple[str, ...] | None = None

    def rows(self, tables: Tables) -> pl.LazyFrame:
        """The rows to ask; withdrawn records (tombstones) are nobody's fault and are left out."""
        rows = self.build(Given(tables))
        return rows.filter(~pl.col("deleted").fill_null(value=False)) if "deleted" in self.table.columns else rows

    def schema(self) -> pl.Schema:
        """Columns a check may name, with their dtypes."""
        return _schema(self)


class Given(dict[str, pl.LazyFrame]):
    """The tables at hand; one that is not there is empty, with the columns it is declared with."""

    def __missing__(self, name: str) -> pl.LazyFrame:
        return pl.LazyFrame(schema=TABLES[name].schema())


@cache
def _schema(frame: Frame) -> pl.Schema:
    """Asked once per frame, for its checks are many."""
    return frame.build(Given({})).collect_schema()


def frame_of(table: type[Table]) -> Frame:
    """The rows of one shared table as they are."""

    def build(tables: Tables) -> pl.LazyFrame:
        return tables[table.name] if table.name in tables else pl.LazyFrame(schema=table.schema())

    return Frame(table.name, table, build, (table.__doc__ or "").strip(), table.zh, (), ())
