"""Drugs of WS/T 500 documents: prescriptions, and the drug orders of an order sheet, as medication rows."""

from collections.abc import Sequence

from connectors.cda.ccda.medications import add_medication
from connectors.cda.draft import Document, Row
from connectors.cda.observation import happened
from connectors.cda.person import codes
from connectors.cda.values import V3, below, kid, said
from connectors.cda.visit import interval
from connectors.cda.wst500.item import Item
from connectors.elements import elements

_PRESCRIPTIONS = {"C0004", "C0005"}
_ORDER_TYPE, _ORDER, _STATUS, _GROUP = "DE06.00.289.00", "DE06.00.288.00", "DE06.00.290.00", "DE08.50.056.00"
DRUG_ORDER = "01"  # CV06.00.229: the order is one of drugs
_NUMBERS = {"total_qty"}


def add_drugs(document: Document, items: Sequence[Item], kind: str) -> None:
    """Medication rows of the statements of one section; what a prescription says once holds for all its drugs."""
    acts = [item for item in items if item.act.tag == V3 + "substanceAdministration"]
    shared = _shared(document, items) if acts else {}
    for number, item in enumerate(acts, 1):
        _add(document, item, f"{item.section}.d{number}", kind, shared)
    for number, item in enumerate(items, 1):
        if item.act.tag == V3 + "organizer":
            _add_order(document, item, f"{item.section}.o{number}")


def _shared(document: Document, items: Sequence[Item]) -> Row:
    row: Row = {}
    for item in items:
        known = elements().get(item.element or "")
        if item.is_observation and known is not None and known.column in {"days", "group_no"}:
            item.take("value")
            row[known.column] = document.whole("days", item.text, 32767) if known.column == "days" else item.text
    return row


def _add(document: Document, item: Item, suffix: str, kind: str, shared: Row) -> None:
    kind_of_row = "prescription" if kind in _PRESCRIPTIONS else "admin"
    row = add_medication(document, item.act, suffix, kind_of_row)
    if row is None:
        return
    rate = kid(item.act, "rateQuantity")
    row["freq_code"] = row.get("freq_code") or said(rate, "value") or said(rate, "code")
    for inner in item.walk():
        known = elements().get(inner.element or "")
        if inner.is_observation and known is not None and known.table == "medication" and not row.get(known.column):
            row[known.column] = _value(document, known.column, inner)
            inner.take("value")
    row |= {column: value for column, value in shared.items() if row.get(column) is None}
    if row.get("start_time") is None and kind in _PRESCRIPTIONS:
        root = item.act.getroottree().getroot()
        row["start_time"] = document.time("start_time", said(below(root, "author/time"), "value"))
    item.take("consumable", "doseQuantity", "routeCode", "rateQuantity", "administrationUnitCode", "effectiveTime")


def _value(document: Document, column: str, item: Item) -> object:
    if column in _NUMBERS:
        return document.number(column, item.text)
    if column == "days":
        return document.whole(column, item.text, 32767)
    if column == "tcm_kind_code":
        return document.code(column, item.code, codes("tcm-kind"))
    return item.code if column in {"form_code", "freq_code"} else item.text


def _add_order(document: Document, organizer: Item, suffix: str) -> None:
    """An order of drugs; orders of other things, and those that do not say what they are of, stay in `extra`."""
    inside = {item.element: item for item in reversed(list(organizer.walk())) if item.element}
    kind, order = inside.get(_ORDER_TYPE), inside.get(_ORDER)
    if kind is None or order is None or kind.code != DRUG_ORDER or not order.text or not happened(order.act):
        return
    start, end = interval(document, kid(order.act, "effectiveTime"), "start_time", "end_time")
    row: Row = {
        "encounter_id": document.encounter, "kind": "order", "drug_name": order.text, "start_time": start,
        "end_time": end, "status": inside[_STATUS].text if _STATUS in inside else None,
        "group_no": inside[_GROUP].text if _GROUP in inside else None,
    }  # fmt: skip
    for item in (kind, order, inside.get(_STATUS), inside.get(_GROUP)):
        if item is not None:
            item.take("value")
    order.take("effectiveTime")
    document.add("medication", suffix, row)
