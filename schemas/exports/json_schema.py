"""The shared tables as JSON Schema 2020-12: one definition a table, one object a row.

Every cell may be null, because completeness is counted and never enforced. Decimals are text, so that no cent is lost.
"""

from collections.abc import Iterable
from typing import Any

import polars as pl

from schemas.code_system import code_system
from schemas.column import Column
from schemas.exports.arrow import facts
from schemas.table import Table
from schemas.version import KEY, SCHEMA_VERSION

LONGEST_ENUM = 64  # longer lists are named, not spelled out
TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$"  # `date-time` would ask for an offset

INTEGERS: dict[type[pl.DataType], int] = {pl.Int8: 7, pl.Int16: 15, pl.Int32: 31, pl.Int64: 63}
PLAIN: dict[type[pl.DataType], dict[str, Any]] = {
    pl.String: {"type": ["string", "null"]},
    pl.Float64: {"type": ["number", "null"]},
    pl.Boolean: {"type": ["boolean", "null"]},
    pl.Date: {"type": ["string", "null"], "format": "date"},
    pl.Datetime: {"type": ["string", "null"], "pattern": TIME},
}


def document(tables: Iterable[type[Table]]) -> dict[str, Any]:
    """One JSON Schema document holding `$defs/<table>` for each table, with the version under `x-guantong`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Guantong shared tables",
        KEY: {"version": SCHEMA_VERSION},
        "$defs": {table.name: definition(table) for table in tables},
    }


def definition(table: type[Table]) -> dict[str, Any]:
    """One table: an object with exactly its columns."""
    return {
        "title": table.name,
        "description": table.__doc__,
        "type": "object",
        "properties": {name: _property(column) for name, column in table.columns.items()},
        "required": list(table.columns),
        "additionalProperties": False,
        KEY: {"zh": table.zh, "fhir": table.fhir, "omop": table.omop, "when": table.when, "person": table.person},
    }


def _property(column: Column) -> dict[str, Any]:
    told = {"description": column.means, KEY: {"dtype": str(column.dtype)} | facts(column)}
    return _shape(column.dtype) | _enum(column) | told


def _shape(dtype: pl.DataType) -> dict[str, Any]:
    if isinstance(dtype, pl.Decimal):
        whole = (dtype.precision or 38) - dtype.scale
        return {"type": ["string", "null"], "pattern": rf"^-?\d{{1,{whole}}}(\.\d{{1,{dtype.scale}}})?$"}
    if bits := INTEGERS.get(type(dtype)):
        return {"type": ["integer", "null"], "minimum": -(2**bits), "maximum": 2**bits - 1}
    return PLAIN[type(dtype)]


def _enum(column: Column) -> dict[str, Any]:
    if column.codes is None or isinstance(column.dtype, tuple(INTEGERS)):
        return {}
    codes = code_system(column.codes).codes
    return {"enum": [*codes, None]} if len(codes) <= LONGEST_ENUM else {}
