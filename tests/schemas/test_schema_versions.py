"""What may change between two versions of the shared tables, and what has to be called a new major version."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.exports.json_schema import document
from schemas.tables import TABLES
from schemas.version import SCHEMA_VERSION, compatible

NOW = document(TABLES.values())


def change(edit: Callable[[dict[str, Any]], object], version: str = SCHEMA_VERSION) -> dict[str, Any]:
    new = deepcopy(NOW)
    edit(new["$defs"])
    new["x-guantong"]["version"] = version
    return new


def column(tables: dict[str, Any], place: str) -> dict[str, Any]:
    table, _, name = place.partition(".")
    return tables[table]["properties"][name]


def told(tables: dict[str, Any], place: str) -> dict[str, Any]:
    return column(tables, place)["x-guantong"]


def rename(tables: dict[str, Any]) -> None:
    tables["cost"]["properties"]["sum"] = tables["cost"]["properties"].pop("amount")


CHANGES = [
    ("nothing", len, "none", ""),
    ("a table more", lambda tables: tables.update(ward=tables["cost"]), "minor", "The table was added."),
    ("a table less", lambda tables: tables.pop("cost"), "major", "The table was removed."),
    ("a column more", lambda tables: tables["cost"]["properties"].update(tax=column(tables, "patient.address")),
     "minor", "The column was added."),
    ("a column less", lambda tables: tables["cost"]["properties"].pop("amount"), "major", "The column was removed."),
    ("another name", rename, "major", "The column was renamed to `sum`."),
    ("another type", lambda tables: told(tables, "cost.amount").update(dtype="Float64"), "major",
     "Its dtype changed from Decimal(precision=14, scale=2) to Float64."),
    ("another unit", lambda tables: told(tables, "cost.amount").update(unit="USD"), "major",
     "Its unit changed from CNY to USD."),
    ("leaves in clear", lambda tables: told(tables, "patient.phone").update(leaves=True), "major",
     "Its leaves changed from False to True."),
    ("no longer a token", lambda tables: told(tables, "encounter.mrn").update(token=False), "major",
     "Its token changed from True to False."),
    ("another list", lambda tables: told(tables, "patient.gender_code").update(codes="rc001"), "major",
     "Its codes changed from sex to rc001."),
    ("a code more", lambda tables: column(tables, "patient.gender_code")["enum"].append("3"), "minor",
     "1 codes were added."),
    ("a code less", lambda tables: column(tables, "patient.gender_code")["enum"].remove("9"), "major",
     "1 codes were removed."),
    ("counted from now on", lambda tables: told(tables, "patient.phone").update(required=True), "minor",
     "It is now counted by completeness."),
    ("other words", lambda tables: column(tables, "patient.phone").update(description="Telephone."), "patch",
     "Its words changed."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "size", "what"), [pytest.param(*rest, id=name) for name, *rest in CHANGES])
def test_each_change_has_its_size_and_is_said(edit: Callable[[dict[str, Any]], object], size: str, what: str):
    found = compatible(NOW, change(edit))
    assert found.size == size
    assert what in " ".join(difference.what for difference in found.differences)
    assert found.readable == (size != "major")


def test_the_largest_change_decides():
    def edit(tables: dict[str, Any]) -> None:
        tables["ward"] = tables["cost"]
        rename(tables)

    found = compatible(NOW, change(edit))
    assert {difference.size for difference in found.differences} >= {"minor", "major"}
    assert found.size == "major"


@pytest.mark.parametrize(("version", "honest"), [
    ("1.0.0", False), ("1.0.1", False), ("1.1.0", True), ("2.0.0", True), ("0.9.0", False),
])  # fmt: skip
def test_a_column_more_asks_for_a_minor_version(version: str, honest: bool):
    new = change(lambda tables: tables["cost"]["properties"].update(tax=column(tables, "patient.address")), version)
    assert compatible({**NOW, "x-guantong": {"version": "1.0.0"}}, new).honest is honest


def test_the_version_is_three_numbers():
    assert [part.isdigit() for part in SCHEMA_VERSION.split(".")] == [True, True, True]
