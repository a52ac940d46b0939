"""Whether tables are a sound CDM 5.4: fields, required values, types, lengths, keys, and what is referred to.

Takes tables of strings as they were written; opens no file, and names fields and counts, never a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from schemas.exports.omop import Field, cdm
from schemas.exports.omop_sql import LOCAL


@dataclass(frozen=True)
class Violation:
    """What is wrong with one field (or with a table, where `field` is empty), and in how many rows."""

    table: str
    field: str
    what: str
    rows: int = 0


def violations(tables: Mapping[str, pl.DataFrame], *, vocabulary: bool = False) -> list[Violation]:
    """Everything that is wrong. `tables`: CDM table -> its rows, every column a String, null where it is empty.

    References are asked only of tables that are there and not empty. OHDSI's own concepts (below 2,000,000,000) are
    asked for only with `vocabulary`: most databases keep them apart, or a part of them.
    """
    found: list[Violation] = []
    for name, rows in tables.items():
        if name not in cdm():
            found.append(Violation(name, "", "no table of the CDM"))
            continue
        found += _fields(name, rows)
        there = [field for field in cdm()[name].values() if field.name in rows.columns]
        found += [each for field in there for each in _values(field, rows)]
        found += [each for field in there if (each := _reference(field, rows, tables, vocabulary)) is not None]
    return found


def _fields(name: str, rows: pl.DataFrame) -> list[Violation]:
    known = list(cdm()[name])
    if rows.columns == known:
        return []
    missing = [Violation(name, field, "the field is missing") for field in known if field not in rows.columns]
    extra = [Violation(name, field, "no field of the table") for field in rows.columns if field not in known]
    return missing + extra or [Violation(name, "", "the fields are in another order")]


def _values(field: Field, rows: pl.DataFrame) -> list[Violation]:
    column = rows[field.name]
    empty = column.null_count()
    found = [Violation(field.table, field.name, "required and empty", empty)] if field.required and empty else []
    wrong = _wrong(field, column)
    if wrong:
        found.append(Violation(field.table, field.name, f"not {field.type}", wrong))
    if field.key and column.drop_nulls().n_unique() < len(column) - empty:
        twice = len(column) - empty - column.drop_nulls().n_unique()
        found.append(Violation(field.table, field.name, "the key stands twice", twice))
    return found


def _wrong(field: Field, column: pl.Series) -> int:
    if field.longest is not None:
        return int((column.str.len_chars() > field.longest).sum())
    if field.dtype == pl.Date:
        made = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    elif isinstance(field.dtype, pl.Datetime):
        made = column.str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    elif field.dtype == pl.String:
        return 0
    else:
        made = column.cast(field.dtype, strict=False)
    return int((column.is_not_null() & made.is_null()).sum())


def _reference(
    field: Field, rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame], vocabulary: bool
) -> Violation | None:
    """A reference that leads nowhere; concept 0 is no concept, so it leads nowhere on purpose."""
    table, _, name = field.references.partition(".")
    if table not in tables or not tables[table].height or name not in tables[table].columns:
        return None
    said = rows[field.name].drop_nulls()
    if table == "concept" and not vocabulary:
        said = said.filter(said.cast(pl.Int64, strict=False) > LOCAL)
    lost = said.filter(~said.is_in(tables[table][name].implode()) & (said != "0"))
    return Violation(field.table, field.name, f"refers to no {field.references}", len(lost)) if len(lost) else None
