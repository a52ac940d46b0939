"""One observation as one row of the shared table: its code, its value of whatever type, its range and its times.

An observation that was denied (negationInd), planned, cancelled or made of somebody else becomes no row.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.cda.coded import concept
from connectors.cda.draft import Document, Row
from connectors.cda.values import V3, XSI_TYPE, below, kid, result, said, text_of
from connectors.fhir.resources.observation import CRITICAL, GUARDED_CODES, GUARDED_NAMES

if TYPE_CHECKING:
    from lxml.etree import _Element

DATA_ELEMENTS = "2.16.156.10011.2.2.1"  # WS/T 363: the catalogue of data elements
_GUARDED = re.compile(GUARDED_NAMES)
_GONE = {"aborted", "cancelled", "nullified"}
_QUANTITIES = {"PQ", "INT", "REAL", "MO", ""}
GUARDED_LEVEL = 5
_STATUS, _VALUE = V3 + "statusCode", V3 + "value"


def happened(act: "_Element") -> bool:
    """Whether an act is one that was done or found: not denied, not a plan, not cancelled, not of a relative."""
    if act.get("negationInd") == "true" or (act.get("moodCode") or "EVN") != "EVN":
        return False
    status = act.find(_STATUS)
    return (status is None or status.get("code") not in _GONE) and act.find(V3 + "subject") is None


def add_observation(document: Document, act: "_Element", suffix: str, shared: Row) -> Row | None:
    """A row for the observation, where it happened and says what was observed; returns it."""
    if not happened(act):
        return None
    row: Row = {"encounter_id": document.encounter, **shared}
    for child in act:
        if part := _PARTS.get(child.tag):
            part(document, child, row)
    if not (row.get("item_code") or row.get("item_name")):
        return None
    document.add("observation", suffix, row, level_of(row.get("item_code"), row.get("item_name")))
    return row


def _add_code(_: Document, element: "_Element", row: Row) -> None:
    coded = concept(element)
    row["item_code"], row["item_system"], row["item_name"] = coded.code, coded.system, coded.name


def _add_value(document: Document, element: "_Element", row: Row) -> None:
    if "value_text" not in row:
        add_value(document, element, row, ucum=row.get("item_system") != DATA_ELEMENTS)


def _add_time(document: Document, element: "_Element", row: Row) -> None:
    when = said(element, "value") or said(kid(element, "low"), "value") or said(kid(element, "center"), "value")
    if when:
        row["sampled_time"] = document.time("sampled_time", when)


def _add_meaning(_: Document, element: "_Element", row: Row) -> None:
    """The first interpretation: a code of the result where it has no own, and whether it is critical."""
    meant = said(element, "code")
    if meant and "critical_flag" not in row:
        row["value_code"] = row.get("value_code") or meant
        row["critical_flag"] = meant in CRITICAL


def _add_method(_: Document, element: "_Element", row: Row) -> None:
    row["method"] = concept(element).name or row.get("method")


def _add_author(document: Document, element: "_Element", row: Row) -> None:
    row["reported_time"] = document.time("reported_time", said(kid(element, "time"), "value"))


@lru_cache(maxsize=4096)
def level_of(code: str | None, name: str | None) -> int:
    """5 for the serologies of GB/T 39725 that are guarded, by code or name; 0 for the table's own level."""
    return GUARDED_LEVEL if code in GUARDED_CODES or (name and _GUARDED.search(name)) else 0


def add_value(document: Document, value: "_Element", row: Row, *, ucum: bool) -> None:
    """value[any] as number, comparator, unit, code and the text as sent; a unit is UCUM only where HL7 says so."""
    if value.get("nullFlavor") is not None:
        return
    kind = (value.get(XSI_TYPE) or "").rpartition(":")[2]
    amount = said(value, "value")
    if kind in _QUANTITIES and amount:
        row["value_num"], row["value_text"] = document.number("value_num", amount), amount
        _add_unit(value, row, ucum=ucum)
    elif (code := said(value, "code")) or kind in {"CD", "CE", "CO", "CV", "CS"}:
        coded = concept(value)
        row["value_code"] = coded.code if code is None else code
        row["value_text"] = coded.name or coded.code
    elif kind in {"IVL_PQ", "IVL_INT", "IVL_REAL"}:
        _add_interval(document, value, row, ucum=ucum)
    elif kind in {"RTO", "RTO_PQ_PQ", "RTO_QTY_QTY"}:
        ends = [said(kid(value, end), "value") for end in ("numerator", "denominator")]
        row["value_text"] = ":".join(end for end in ends if end) or None
    else:
        row["value_text"] = amount or text_of(value)
        if row["value_text"] and kind in {"ST", "ED", ""}:
            row["comparator"], row["value_num"] = result(row["value_text"])


def _add_unit(value: "_Element", row: Row, *, ucum: bool) -> None:
    unit = said(value, "unit") or said(value, "currency")
    if unit and unit != "1":
        row["unit"] = unit
        if ucum:
            row["unit_ucum"] = unit


def _add_interval(document: Document, value: "_Element", row: Row, *, ucum: bool) -> None:
    """One open end is a comparator; two ends are a text."""
    low, high = kid(value, "low"), kid(value, "high")
    least, most = said(low, "value"), said(high, "value")
    if least and most:
        row["value_text"] = f"{least}-{most}"
    elif (end := low if least else high) is not None and (one := least or most):
        open_end = end.get("inclusive") == "false"
        row["comparator"] = (">" if least else "<") + ("" if open_end else "=")
        row["value_num"], row["value_text"] = document.number("value_num", one), row["comparator"] + one
    for each in (low, high):
        if each is not None and (least or most):
            _add_unit(each, row, ucum=ucum)


def _add_range(document: Document, reference: "_Element", row: Row) -> None:
    inside = reference.find(V3 + "observationRange")
    if "ref_low" in row or "ref_high" in row or "ref_text" in row:
        return
    for child in () if inside is None else inside:
        if child.tag == _VALUE:
            for end in child:
                if end.tag == V3 + "low":
                    row["ref_low"] = document.number("ref_low", said(end, "value"))
                elif end.tag == V3 + "high":
                    row["ref_high"] = document.number("ref_high", said(end, "value"))
            if not len(child) and child.text:
                row["ref_text"] = text_of(child)
        elif child.tag == V3 + "text":
            row["ref_text"] = text_of(child)


def specimen(organizer: "_Element") -> str | None:
    """The kind of specimen an organizer names."""
    return said(below(organizer, "specimen/specimenRole/specimenPlayingEntity/code"), "code")


_PARTS: dict[object, Callable[[Document, "_Element", Row], None]] = {
    V3 + "code": _add_code, _VALUE: _add_value, V3 + "effectiveTime": _add_time, V3 + "methodCode": _add_method,
    V3 + "interpretationCode": _add_meaning, V3 + "referenceRange": _add_range, V3 + "author": _add_author,
}  # fmt: skip
