"""What may be named of a row when its failure is explained: codes, departments, files, systems, months, shapes.

Never a column that reveals anything of a person, and never a measured value, a key or a date: of dates the month, of
other texts the shape.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import polars as pl

from federation.quality.causes.shape import shape
from federation.quality.check import Check
from federation.quality.frame import AS_OF
from schemas.reveals import Reveals
from schemas.table import COMMON, Table

# In the order in which they are named where several tell the same rows apart.
ORIGINS = ("source_system", "source_table", "source_file", "batch_id")
REFUSED = "refused"  # a column beside the rows: which source columns of the record were emptied on reading, and why
NOT_SAID = {*COMMON, "content_sm3", "prev_hash", "entry_hash", "source_hash"} - set(ORIGINS)


class Kind(StrEnum):
    """How an attribute is read off a row."""

    CODE = "code"
    ORIGIN = "origin"
    MONTH = "month"
    SHAPE = "shape"
    READING = "reading"


@dataclass(frozen=True)
class Attribute:
    """One text of a row (null where empty): a safe column, the month of a date, or the shape of any text."""

    column: str
    kind: Kind
    zh: str
    codes: str = ""  # the list of codes that says what its values mean

    @property
    def name(self) -> str:
        """A name of its own among all attributes."""
        return f"{self.kind}:{self.column}"

    @cached_property
    def text(self) -> pl.Expr:
        """The attribute as a String expression over rows of the check's frame."""
        column = pl.col(self.column)
        if self.kind is Kind.MONTH:
            return column.dt.strftime("%Y-%m").alias(self.name)
        if self.kind is Kind.SHAPE:
            return shape(column.cast(pl.String)).alias(self.name)
        return column.cast(pl.String).alias(self.name)


def origins(table: type[Table]) -> list[Attribute]:
    """Where a row comes from."""
    return [Attribute(name, Kind.ORIGIN, table.columns[name].zh) for name in ORIGINS]


def codes(table: type[Table]) -> list[Attribute]:
    """The safe columns of a table: texts that reveal nothing of a person, and flags."""
    return [
        Attribute(name, Kind.CODE, column.zh, column.codes or "")
        for name, column in table.columns.items()
        if column.reveals is Reveals.NOTHING
        and not column.token
        and name not in {*NOT_SAID, *ORIGINS}
        and isinstance(column.dtype, (pl.String, pl.Boolean))
    ]


def months(table: type[Table]) -> list[Attribute]:
    """The dates by which a row may be placed in time: its own, then others of the table, then the day it came."""
    when = [table.when] if table.when else []
    others = [name for name, column in table.columns.items()
              if when and name not in COMMON and isinstance(column.dtype, pl.Datetime)]  # fmt: skip
    own = [Attribute(name, Kind.MONTH, table.columns[name].zh) for name in dict.fromkeys(when + others)]
    return [*own, Attribute(AS_OF, Kind.MONTH, "报送时间")]


@dataclass(frozen=True)
class Named:
    """What may be named of the rows of one check: `around` it, and of what it `asks` itself.

    Of an empty cell only the reading can tell why it is empty.
    """

    around: tuple[Attribute, ...]
    asks: tuple[Attribute, ...]


def named(check: Check, shapes: bool, here: Collection[str]) -> Named:
    """The attributes for one check that its rows have (`here`); `shapes` of texts are for the owner of the rows alone.

    Columns that the check itself looks at say what is wrong, not where; a date that it doubts places nothing in time.
    """
    table, asked = check.frame.table, set(check.columns)
    time = next(each for each in months(table) if each.column not in asked and each.column in here)
    around = [*(each for each in codes(table) if each.column not in asked), *origins(table), time]
    asks = _asked(table, asked, shapes)
    return Named(*(tuple(each for each in some if each.column in here) for some in (around, asks)))


def _asked(table: type[Table], asked: set[str], shapes: bool) -> Iterator[Attribute]:
    yield Attribute(REFUSED, Kind.READING, "读入时清空")
    yield from (each for each in codes(table) if each.column in asked)
    if shapes:
        for name, column in table.columns.items():
            if name in asked and name not in COMMON and isinstance(column.dtype, pl.String):
                yield Attribute(name, Kind.SHAPE, column.zh)
