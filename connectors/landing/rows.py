"""Which shared tables a landing table makes rows of, and the rule of each of their columns.

A table is made where the header fills what a row of it cannot be without (`NEEDS`); the order of columns never counts.
"""

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from connectors.elements import PATIENT_TYPE, YES_NO, places
from connectors.landing.person import PRESCRIPTION
from schemas.code_system import code_system
from schemas.table import COMMON
from schemas.tables import TABLES

Named = Mapping[str, str]  # data element -> column
# Of each group one. An operation without a time may be one that is only planned: the element is the same.
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "encounter": (("start_time",), ("admission_no", "visit_no", "mrn")),
    "condition": (("code", "display"),),
    "procedure": (("code", "display"), ("start_time",)),
    "medication": (("drug_name",),),
    "observation": (("item_code", "item_name"), ("value_num", "value_text", "value_code")),
    "patient": (("name", "gender_code", "birth_date"),),
    "patient_identifier": (("id_value",),),
}
SEVERAL = ("medication", "observation")  # of which a visit has many: such a record is not the visit
_APART = {
    "condition": ("code", "display"), "procedure": ("code", "display", "start_time"),
    "medication": ("drug_name", "start_time", "group_no"), "observation": ("item_code", "item_name"),
}  # fmt: skip
# Days, hours and minutes of a coma do not say whether before or after admission; a kind of examination has other codes.
_UNSAID = {("encounter", "coma_before_min"), ("observation", "category")}
_TRUE, _FALSE = ("true", "TRUE", "True", "T", "是", "有"), ("false", "FALSE", "False", "F", "否", "无")
_ABSENT = "No column of the table is called after its data element."
# note of the list -> suffix of the row
_NOTES = {"": "", "TCM": "tcm", "EXT_CAUSE": "cause", "RECORD": "record", "CARD": "card"}


def columns_of(named: Named, note: str = "") -> dict[str, dict[str, str]]:
    """Shared table -> its column -> the source column, of elements with this `note`."""
    found: dict[str, dict[str, str]] = {}
    for element, column in named.items():
        place = places().get(element)
        if place is None or (place.table, place.column) in _UNSAID or place.table not in NEEDS:
            continue
        if place.note.removeprefix("header").lstrip(":") == note:
            found.setdefault(place.table, {})[place.column] = column
    return found


def made(named: Named) -> list[str]:
    """Shared tables of which rows are made, in the order in which they are written."""
    every = [columns_of(named, note) for note in _NOTES]
    there = [name for name, needs in NEEDS.items() if any(_fills(each.get(name, {}), needs) for each in every)]
    return [name for name in there if name != "encounter" or not set(SEVERAL) & set(there)]


def apart(named: Named) -> list[str]:
    """Source columns that tell records of one visit apart."""
    tables = made(named)
    every = [columns_of(named, note) for note in _NOTES]
    return [each[table][name] for table, names in _APART.items() if table in tables
            for each in every for name in names if name in each.get(table, {})]  # fmt: skip


def table_of(name: str, named: Named, visits: bool) -> dict[str, Any]:
    """What a mapping says of one shared table; `visits` where the record is a visit as well."""
    rows = []
    for note, suffix in _NOTES.items():
        found = columns_of(named, note).get(name, {})
        if not _fills(found, NEEDS[name]):
            continue
        rules = {column: _rule(name, column, source) for column, source in found.items()}
        rules |= _beside(name, found, named, note, visits=visits)
        own = [each for each in TABLES[name].columns if each not in {*COMMON, TABLES[name].person}]
        when = [found[column] for column in NEEDS[name][0] if column in found]
        rows.append(
            {
                "suffix": suffix or ("" if name in {"encounter", "patient"} else "row"),
                "when": [] if name in {"encounter", "patient"} else when,
                "columns": {column: rules.get(column, {"absent": _ABSENT}) for column in own},
            }
        )
    return {"target": name, "rows": rows}


def _fills(found: Collection[str], needs: tuple[tuple[str, ...], ...]) -> bool:
    return all(any(column in found for column in group) for group in needs)


def _rule(table: str, column: str, source: str) -> dict[str, Any]:
    declared = TABLES[table].columns[column]
    rule: dict[str, Any] = {"from": source}
    if (table, column) == ("encounter", "class_code"):
        rule["codes"] = dict(PATIENT_TYPE)
    elif declared.codes in YES_NO:
        # A bare 1 is yes in one export and no in the shared list: it is not taken for either.
        yes, no = YES_NO[declared.codes]
        rule["codes"] = dict.fromkeys(_TRUE, yes) | dict.fromkeys(_FALSE, no)
    elif declared.codes and declared.dtype == pl.String:
        rule["codes"] = {code: code for code in code_system(declared.codes).codes}
    elif (table, column) == ("patient_identifier", "id_value"):
        rule["read_as"] = "identifier"
    elif (table, column) == ("observation", "value_num"):
        rule["read_as"] = "measured-number"
    return rule


def _beside(name: str, found: Named, named: Named, note: str, *, visits: bool) -> dict[str, Any]:
    """Columns that no element of their own carries but the header says all the same."""
    rules: dict[str, Any] = {}
    if "encounter_id" in TABLES[name].columns and visits:
        rules["encounter_id"] = {"record": True}
    if name == "encounter" and "class_code" not in found and "admission_no" in found and "visit_no" not in found:
        rules["class_code"] = {"value": "IP"}
    if name == "condition" and note == "EXT_CAUSE":
        rules["role_code"] = {"value": "EXT_CAUSE"}
    if name == "patient" and "birth_date" in found:
        rules["birth_precision"] = {"from": found["birth_date"], "read_as": "date-precision"}
    if name == "patient_identifier":
        oid = next((each.oid for each in places().values() if each.note == f"header:{note}"), "")
        rules |= {"assigner_org": {"value": oid}} if oid else {}
    if name == "medication" and PRESCRIPTION in named:
        rules["kind"] = {"value": "prescription"}
    if name == "observation" and "value_num" in found:
        rules["comparator"] = {"from": found["value_num"], "read_as": "comparator"}
        rules |= {} if "value_text" in found else {"value_text": {"from": found["value_num"]}}
    return rules
