"""What the shared tables call their own columns: Chinese names, data elements, and in which rows they stand.

A column that a concept of synonyms.csv already fills lends it its names; every other column is a concept of its own.
"""

import re
from dataclasses import dataclass
from functools import cache

import polars as pl

from connectors.mapping import OPTIONAL
from connectors.propose.uses import CURATED, Use
from schemas.column import Column
from schemas.table import COMMON
from schemas.tables import TABLES

KIND = {"encounter": "visit", "condition": "visit", "cost": "visit", "observation": "result", "medication": "drug",
        "followup": "followup", "patient": "*"}  # fmt: skip
_ELEMENT = re.compile(r"DE\d\d\.\d\d\.\d{3}\.\d\d|[a-z]{3,}(?:_[a-z0-9]+)+|H[DS][SD][DB]\d\d\.\d\d\.\d{3}")
_OF_A_CODE = re.compile(r"(?:代码|编码)$")
_SHAPES: tuple[tuple[tuple[type[pl.DataType], ...], str], ...] = (
    ((pl.Date, pl.Datetime), "date"), ((pl.Decimal,), "money"), ((pl.Int16, pl.Int32, pl.Int64, pl.Float64), "number"),
)  # fmt: skip


@dataclass(frozen=True)
class SharedColumn:
    """`own`: it is its own concept, called `table.column`; else it belongs to those in `concepts`."""

    concepts: tuple[str, ...]
    own: bool
    kind: str
    expects: str
    zh: tuple[str, ...]
    elements: tuple[str, ...]


@cache
def shared_columns() -> dict[str, SharedColumn]:
    """`table.column` -> what it is called; columns that name a row or a person are named by keys, not here."""
    return {
        f"{table}.{name}": _of(table, name, column)
        for table in KIND
        for name, column in TABLES[table].columns.items()
        if name not in (*COMMON, *OPTIONAL) and not column.references and column.dtype != pl.Boolean
    }  # fmt: skip


@cache
def uses() -> tuple[Use, ...]:
    """What each concept fills: those of `uses.py`, then every other column by its own name."""
    named = (name.split(".") for name, column in shared_columns().items() if column.own)
    return (*CURATED, *(Use(table, column, f"{table}.{column}") for table, column in named))


def _of(table: str, name: str, column: Column) -> SharedColumn:
    concepts = tuple(dict.fromkeys(use.concept for use in CURATED if (use.table, use.column) == (table, name)))
    words = tuple(dict.fromkeys([column.zh, _OF_A_CODE.sub("", column.zh)]))
    own = not concepts
    # What several concepts fill is called after none of them alone: a start is an arrival or an admission.
    lends = concepts if len(concepts) == 1 else ()
    elements = tuple(_ELEMENT.findall(column.element))
    return SharedColumn((f"{table}.{name}",) if own else lends, own, KIND[table], _expects(column), words, elements)


def _expects(column: Column) -> str:
    if column.codes:
        return "code"
    return next((shape for dtypes, shape in _SHAPES if isinstance(column.dtype, dtypes)), "any")
