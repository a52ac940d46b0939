"""What a row cannot answer alone: whether its key stands only once, and whether what it refers to is there.

A need adds one boolean column to the rows; null where the row does not ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import polars as pl

from federation.quality.frame import Tables
from federation.quality.links import Link

KEY, FOUND = "key of this row", "found beside this row"
FEW = 4096  # values that are looked for in every row without a join


@dataclass(frozen=True)
class Told:
    """What other rows told: `answer` of a row, once what is `beside` it (one row per `on`, or none) is joined to it."""

    answer: pl.Expr
    beside: pl.LazyFrame | None = None
    on: tuple[str, ...] = ()
    key: pl.Expr | None = None  # of the row, where `on` is no column of it

    def onto(self, rows: pl.LazyFrame, name: str) -> pl.LazyFrame:
        """The rows in any order with the answer added as a column of that name."""
        if self.beside is None:
            return rows.with_columns(self.answer.alias(name))
        keyed = rows if self.key is None else rows.with_columns(self.key.alias(*self.on))
        answered = keyed.join(self.beside, on=self.on, how="left").with_columns(self.answer.alias(name))
        return answered.drop(FOUND, *(self.on if self.key is not None else ()))


class Need(Protocol):
    """A column that other rows or tables have to provide."""

    @property
    def name(self) -> str:
        """The column's name."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the row that the answer depends on."""
        ...

    def link(self, table: str) -> Link:
        """Which rows decide the answer of a row of the table, beside itself."""
        ...

    def told(self, rows: pl.LazyFrame, tables: Tables) -> Told:
        """How each of the rows is answered; reads what it must of them."""
        ...


@runtime_checkable
class Slips(Protocol):
    """A need that can say of a failing row what was likely done, and what was meant."""

    def slips(self, rows: pl.LazyFrame, failing: pl.LazyFrame) -> pl.DataFrame:
        """Columns org_code, record_id, slip (without a value) and meant (a value), of failing rows among the rows."""
        ...


@dataclass(frozen=True)
class Unique:
    """True where no other row has the same values in `columns`; null where one of them is null.

    With `per`, rows that also agree on those columns may repeat: (number, per person) asks for numbers of two persons.
    Keys are compared by a 64-bit hash: among 5 million keys two different ones meet with a chance of about 1e-6.
    """

    columns: tuple[str, ...]
    per: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name."""
        per = f" per {', '.join(self.per)}" if self.per else ""
        return f"unique({', '.join(self.columns)}{per})"

    @property
    def reads(self) -> tuple[str, ...]:
        """The key's columns and those it may repeat within."""
        return self.columns + self.per

    def link(self, table: str) -> Link:
        """Rows of the same key."""
        return Link(self.columns, table, self.columns)

    def told(self, rows: pl.LazyFrame, tables: Tables) -> Told:  # noqa: ARG002
        """Reads the key columns once before. Where few keys repeat, they are looked for without a join."""
        key = key_of(self.columns)
        repeated = _repeated(self._keys(rows, key))
        if repeated.height <= FEW:
            return Told(pl.when(key.is_not_null()).then(key.is_in(repeated["key"].implode()).not_()))
        twice = repeated.lazy().select(pl.col("key").alias(KEY), pl.lit(False).alias(FOUND))
        return Told(pl.when(pl.col(KEY).is_not_null()).then(pl.col(FOUND).fill_null(True)), twice, (KEY,), key)

    def _keys(self, rows: pl.LazyFrame, key: pl.Expr) -> pl.LazyFrame:
        if not self.per:
            return rows.select(key.alias("key"))
        # What is not said agrees with everything.
        told = rows.select(key.alias("key"), key_of(self.per).alias("per")).drop_nulls().unique()
        return told.select("key")


@dataclass(frozen=True)
class Exists:
    """True where `column` is found in `table`.`key`; null where it is empty, or where the table was not given."""

    column: str
    table: str
    key: str

    @property
    def name(self) -> str:
        """The column's name."""
        return f"exists({self.column}, {self.table}.{self.key})"

    @property
    def reads(self) -> tuple[str, ...]:
        """The referring column."""
        return (self.column,)

    def link(self, table: str) -> Link:  # noqa: ARG002
        """Rows that it refers to."""
        return Link((self.column,), self.table, (self.key,))

    def told(self, rows: pl.LazyFrame, tables: Tables) -> Told:
        """Reads the column once before. Where few values are not found, they are looked for without a join."""
        if self.table not in tables or self.key not in tables[self.table].collect_schema():
            return Told(pl.lit(None, dtype=pl.Boolean))
        there = tables[self.table].select(pl.col(self.key).alias(self.column)).drop_nulls()
        asked = rows.select(self.column).drop_nulls()
        lost = asked.join(there, on=self.column, how="anti").unique().head(FEW + 1).collect(engine="streaming")
        filled, value = pl.col(self.column).is_not_null(), pl.col(self.column)
        if lost.height <= FEW:
            return Told(pl.when(filled).then(value.is_in(lost[self.column].implode()).not_()))
        found = there.unique().with_columns(pl.lit(True).alias(FOUND))
        return Told(pl.when(filled).then(pl.col(FOUND).fill_null(False)), found, (self.column,))


def key_of(columns: Sequence[str]) -> pl.Expr:
    """A 64-bit hash of the columns together (UInt64); null where one of them is."""
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    return pl.when(whole).then(pl.struct(columns).hash() if len(columns) > 1 else pl.col(columns[0]).hash())


def _repeated(keys: pl.LazyFrame) -> pl.DataFrame:
    """The key hashes (`key`, UInt64) that stand more than once. Sorting takes 8 bytes a row, grouping many more."""
    ordered = keys.drop_nulls().collect(engine="streaming")["key"].sort()
    return ordered.filter(ordered == ordered.shift(1)).unique().to_frame("key")
