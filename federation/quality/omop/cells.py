"""Cells of a CDM table, all read as strings, as the number, day or text a check asks for."""

from collections.abc import Mapping

import polars as pl

Tables = Mapping[str, pl.DataFrame]


def number(field: str) -> pl.Expr:
    """A number; null where it is none."""
    return pl.col(field).cast(pl.String).cast(pl.Float64, strict=False)


def day(field: str) -> pl.Expr:
    """The date of a date or time; null where it is none."""
    return pl.col(field).cast(pl.String).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


def given(field: str) -> pl.Expr:
    """Whether the cell is filled."""
    return pl.col(field).is_not_null()


def values(tables: Tables, table: str, field: str) -> pl.Series:
    """The different filled cells of a field, as strings; none where the table or field is not there."""
    if table not in tables or field not in tables[table].columns:
        return pl.Series(field, [], dtype=pl.String())
    return tables[table].get_column(field).drop_nulls().unique()
