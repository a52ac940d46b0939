"""What a row cannot answer alone: whether its key stands only once, and whether what it refers to is there.

A need adds one boolean column to the rows; null where the row does not ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import polars as pl

from federation.quality.frame import Tables
from federation.quality.links import Link


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

    def attach(self, rows: pl.LazyFrame, tables: Tables) -> pl.LazyFrame:
        """The same rows in any order, with the column `name` added."""
        ...


@runtime_checkable
class Slips(Protocol):
    """A need that can say of a failing row what was likely done, and what was meant."""

    def slips(self, rows: pl.LazyFrame, failing: pl.LazyFrame) -> pl.DataFrame:
        """Columns org_code, record_id, slip (without a value) and meant (a value), of failing rows among the rows."""
        ...


KEY = "key of this row"


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

    def attach(self, rows: pl.LazyFrame, tables: Tables) -> pl.LazyFrame:  # noqa: ARG002
        """The rows with the column added. Reads the key columns once before, and nothing more where no key repeats."""
        key = key_of(self.columns)
        repeated = _repeated(self._keys(rows, key))
        if repeated.is_empty():
            return rows.with_columns(pl.when(key.is_not_null()).then(pl.lit(True)).alias(self.name))
        twice = repeated.lazy().select(pl.col("key").alias(KEY), pl.lit(False).alias(self.name))
        found = rows.with_columns(key.alias(KEY)).join(twice, on=KEY, how="left")
        return found.with_columns(pl.when(pl.col(KEY).is_not_null()).then(pl.col(self.name).fill_null(True))).drop(KEY)

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

    def attach(self, rows: pl.LazyFrame, tables: Tables) -> pl.LazyFrame:
        """The rows with the column added."""
        if self.table not in tables or self.key not in tables[self.table].collect_schema():
            return rows.with_columns(pl.lit(None, dtype=pl.Boolean).alias(self.name))
        there = tables[self.table].select(pl.col(self.key).alias(self.column)).drop_nulls().unique()
        found = rows.join(there.with_columns(pl.lit(True).alias(self.name)), on=self.column, how="left")
        return found.with_columns(pl.when(pl.col(self.column).is_not_null()).then(pl.col(self.name).fill_null(False)))


def key_of(columns: Sequence[str]) -> pl.Expr:
    """A 64-bit hash of the columns together (UInt64); null where one of them is."""
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in columns)
    return pl.when(whole).then(pl.struct(columns).hash() if len(columns) > 1 else pl.col(columns[0]).hash())


def _repeated(keys: pl.LazyFrame) -> pl.DataFrame:
    """The key hashes (`key`, UInt64) that stand more than once. Sorting takes 8 bytes a row, grouping many more."""
    ordered = keys.drop_nulls().collect(engine="streaming")["key"].sort()
    return ordered.filter(ordered == ordered.shift(1)).unique().to_frame("key")
