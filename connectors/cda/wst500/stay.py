"""What the body and the signatures of a WS/T 500 document say of the visit and the patient: columns of rows there are.

A yes or no (BL) becomes the code that the column's own list has for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from connectors.cda.draft import Document, Row
from connectors.cda.person import codes, name_of
from connectors.cda.values import V3, below, kid, said, text_of
from connectors.cda.wst500.item import Item
from connectors.elements import YES_NO, elements
from schemas.tables import TABLES

if TYPE_CHECKING:
    from lxml.etree import _Element

_MINUTES = {"d": 1440, "h": 60, "min": 1}
_STAFF = {
    "科主任": "director", "主任（副主任）医师": "chief_physician", "主任(副主任)医师": "chief_physician",
    "主任医师": "chief_physician", "主治医师": "attending_physician", "住院医师": "resident_physician",
    "责任护士": "responsible_nurse", "编码员": "coder",
}  # fmt: skip
_FEES = "cost"
_MOST = 10**12  # Decimal(14, 2)


def add_to_rows(document: Document, items: Sequence[Item], patient: Row, visit: Row | None) -> None:
    """Columns of the patient and of the visit that statements of one section fill; a column once filled stays."""
    for top in items:
        for item in top.walk():
            known = elements().get(item.element or "")
            if known is None or not item.is_observation:
                continue
            row = patient if known.table == "patient" else visit if known.table == "encounter" else None
            if row is not None and item.value is not None and not item.taken:
                _fill(document, row, known.table, known.column, item, known.note)


def _fill(document: Document, row: Row, table: str, column: str, item: Item, note: str) -> None:
    if column == "coma_before_min":
        _add_coma(document, row, item, note)
        return
    if column == "newborn_birth_weight_g" and "入院" in item.label:
        return  # the weight on admission, written under the element of the birth weight
    if column not in row or row[column] is None:
        row[column] = _value(document, table, column, item)
        item.take("value")
    if column == "discharge_way_code":
        _add_receiver(row, item)
    if (
        column == "allergy_code"
        and (named := below(item.act, "participant/participantRole/playingEntity/desc")) is not None
    ):
        row["allergy_text"] = row.get("allergy_text") or text_of(named)


def _value(document: Document, table: str, column: str, item: Item) -> object:
    declared = TABLES[table].columns[column]
    if declared.dtype.is_integer():
        return document.whole(column, item.text)
    if isinstance(declared.dtype, pl.Datetime):
        return document.time(column, item.text)
    if declared.codes is None:
        return item.text
    flag = said(item.value, "value")
    if flag in {"true", "false"} and declared.codes in YES_NO:
        return YES_NO[declared.codes][flag == "false"]
    return document.code(column, item.code, codes(declared.codes))


def _add_receiver(row: Row, way: Item) -> None:
    """The institution that takes over stands inside the way of discharge."""
    for inner in way.kids:
        if inner.element == "DE08.10.013.00":
            row["receiving_org_name"] = inner.text
            inner.take("value")


def _add_coma(document: Document, row: Row, item: Item, note: str) -> None:
    """Days, hours and minutes of one coma are one number; before or after admission is told by the label."""
    around = below(item.act.getparent().getparent(), "code") if item.act.getparent() is not None else None  # type: ignore[union-attr]
    label = f"{item.label} {said(around, 'displayName') or ''}"
    before, after = "入院前" in label, "入院后" in label
    if before == after:
        return
    column = "coma_before_min" if before else "coma_after_min"
    part = document.whole(column, item.text, 100_000)
    item.take("value")
    if part is not None:
        row[column] = (row.get(column) or 0) + part * _MINUTES[note]


def add_staff(root: "_Element", visit: Row) -> None:
    """The doctors and nurses who sign, by the words of their role."""
    for tag in ("authenticator", "legalAuthenticator"):
        for entity in root.iterfind(f"{V3}{tag}/{V3}assignedEntity"):
            column = _STAFF.get(said(kid(entity, "code"), "displayName") or "")
            name = name_of(below(entity, "assignedPerson/name"))
            if column and name and not visit.get(column):
                visit[column] = name


def add_fees(document: Document, items: Sequence[Item], visit: Row | None) -> None:
    """Fee classes of a front page as cost rows; they were charged when the stay ended."""
    if visit is None:
        return
    for top in items:
        for item in top.walk():
            known = elements().get(item.element or "")
            if known is None or known.table != _FEES or not item.is_observation or item.text is None:
                continue
            amount = document.number("amount", item.text)
            if amount is not None and abs(amount) >= _MOST:
                document.lose("amount", "out-of-range", item.text)
                amount = None
            row: Row = {
                "encounter_id": document.encounter, "kind": "front_page", "fee_class_code": known.note,
                "amount": None if amount is None else item.text, "charged_time": visit.get("end_time"),
            }  # fmt: skip
            item.take("value")
            document.add("cost", f"f{known.note}", row)
