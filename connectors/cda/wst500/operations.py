"""Operations and procedures done: each procedure act of a WS/T 500 document is a procedure row.

Documents that tell of what is planned or agreed to (consents, notes before an operation) make none.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.cda.draft import Document, Row
from connectors.cda.observation import happened
from connectors.cda.person import codes, name_of
from connectors.cda.values import V3, below, full_id, kid, said
from connectors.cda.visit import interval
from connectors.cda.wst500.item import Item
from connectors.elements import elements

if TYPE_CHECKING:
    from lxml.etree import _Element

PLANNED = {"C0010", "C0024", *(f"C{number:04}" for number in range(26, 32)), "C0046", "C0047"}
_LISTS = {"level_code": "rc029", "incision_code": "rc014", "anesthesia_code": "rc013", "asa_code": "rc024"}
_FIRST = ("第一助手", "Ⅰ助", "I助", "一助", "Ⅰ 助")
_SECOND = ("第二助手", "Ⅱ助", "II助", "二助", "Ⅱ 助")


def add_operations(document: Document, items: Sequence[Item], kind: str) -> None:
    """Procedure rows of the statements of one section."""
    if kind in PLANNED:
        return
    for item in items:
        if item.act.tag == V3 + "procedure" and happened(item.act):
            _add(document, item)


def _add(document: Document, item: Item) -> None:
    act = item.act
    cells = {known.column: inner for inner in item.walk() if inner.is_observation
             and (known := elements().get(inner.element or "")) is not None and known.table == "procedure"}  # fmt: skip
    code = kid(act, "code")
    number = said(code, "code") or (cells["code"].code if "code" in cells else None)
    name = (cells["display"].text if "display" in cells else None) or said(code, "displayName")
    if not (number or name):
        return
    start, end = interval(document, kid(act, "effectiveTime"), "start_time", "end_time")
    row: Row = {
        "encounter_id": document.encounter, "code": number, "code_system": said(code, "codeSystem"),
        "code_version": said(code, "codeSystemVersion"), "display": name, "start_time": start, "end_time": end,
        "operator_id": _person(below(act, "performer/assignedEntity")),
    }  # fmt: skip
    for column, used in (("code", number), ("display", name)):
        if column in cells and cells[column].text == used:
            cells[column].take("value")
    row |= _cells(document, cells) | _team(act)
    rank = len(document.rows.get("procedure", ())) + 1
    row["rank"] = rank
    item.take("code", "effectiveTime", "performer")
    document.add("procedure", f"p{rank}", row)


def _cells(document: Document, cells: dict[str, Item]) -> Row:
    row: Row = {}
    for column, item in cells.items():
        if column in _LISTS:
            row[column] = document.code(column, item.code, codes(_LISTS[column]))
        elif column in {"start_time", "end_time"}:
            row[column] = document.time(column, item.text)
        if column in row:
            item.take("value")
    if "anesthesia_code" in cells:
        row["anesthetist_id"] = _person(below(cells["anesthesia_code"].act, "performer/assignedEntity"))
        cells["anesthesia_code"].take("value", "performer")
    return row


def _team(act: "_Element") -> Row:
    """The assistants, by the words of their role."""
    row: Row = {}
    for each in act.iterfind(f"{V3}participant/{V3}participantRole"):
        role = said(kid(each, "code"), "displayName") or ""
        name = name_of(below(each, "playingEntity/name")) or full_id(kid(each, "id"))
        if role in _FIRST:
            row["assistant_1"] = name
        elif role in _SECOND:
            row["assistant_2"] = name
    return row


def _person(entity: "_Element | None") -> str | None:
    if entity is None:
        return None
    return name_of(below(entity, "assignedPerson/name")) or said(kid(entity, "id"), "extension")
