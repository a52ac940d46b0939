"""Reads rows drawn as text: `encounter los_days=3 + 2 condition code=I10` is one stay with two diagnoses."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from schemas.tables import TABLES

AS_OF = date(2026, 1, 1)
BY_DEFAULT = {
    "encounter": {"class_code": "IP"},
    "condition": {"encounter_id": "E1", "role_code": "MAIN", "code_system": "2.16.156.10011.2.3.3.11"},
    "procedure": {"encounter_id": "E1"},
    "cost": {"encounter_id": "E1", "kind": "front_page"},
    "observation": {"encounter_id": "E1", "category": "laboratory"},
    "patient_identifier": {"id_type_code": "1"},
}


def read_rows(text: str) -> dict[str, pl.LazyFrame]:
    rows: dict[str, list[dict[str, str]]] = {}
    for part in text.split(" + "):
        words = part.split()
        times = int(words.pop(0)) if words[0].isdecimal() else 1
        table, *cells = words
        for _ in range(times):
            rows.setdefault(table, []).append(dict(cell.split("=", 1) for cell in cells))
    return {table: _frame(table, of_table) for table, of_table in rows.items()}


def _frame(table: str, rows: list[dict[str, str]]) -> pl.LazyFrame:
    schema = TABLES[table].schema()
    filled = [
        {
            "record_id": f"{table[0].upper()}{number}",
            "person_id": "P1",
            "org_code": "A",
            "deleted": "false",
            "source_system": "delimited/hqms_v2",
            "source_file": "f",
            "source_position": str(number),
        }
        | BY_DEFAULT.get(table, {})
        | row
        for number, row in enumerate(rows, 1)
    ]
    strings = pl.DataFrame(filled, schema=dict.fromkeys(set().union(*filled) & set(schema), pl.String()))
    unknown = set().union(*filled) - set(schema) - {"person_id"}
    assert not unknown, f"{table} has no column {unknown}"
    return strings.select(_typed(name, dtype, strings) for name, dtype in schema.items()).lazy()


def _typed(name: str, dtype: pl.DataType, strings: pl.DataFrame) -> pl.Expr:
    if name not in strings.columns:
        return pl.lit(None, dtype=dtype).alias(name)
    if dtype == pl.Boolean:
        return pl.col(name) == "true"
    if isinstance(dtype, pl.Datetime):
        whole = pl.col(name) + pl.when(pl.col(name).str.contains("T")).then(pl.lit("")).otherwise(pl.lit("T00:00"))
        return whole.str.to_datetime("%Y-%m-%dT%H:%M", time_unit="us")
    if dtype == pl.Date:
        return pl.col(name).str.to_date("%Y-%m-%d")
    blank = pl.col(name).replace("~", " ")
    return blank if dtype == pl.String else blank.cast(dtype)


@pytest.fixture
def rows() -> Callable[[str], dict[str, pl.LazyFrame]]:
    """Makes tables of a picture."""
    return read_rows


@pytest.fixture
def as_of() -> date:
    """The day on which the rows are judged."""
    return AS_OF
