"""Medications and vaccines: each substance administration is a row. What was refused or not given becomes none."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from connectors.cda.coded import ATC, concept
from connectors.cda.draft import Document, Row
from connectors.cda.values import V3, XSI_TYPE, below, kid, said, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_PRESCRIBED = {"INT", "RQO"}
_GONE = {"aborted", "cancelled", "nullified"}


def reader(kind: str) -> Callable[[Document, "_Element", str], None]:
    """Reads entries of a section whose drugs are of `kind`, a code of medication-kind, unless an act is a request."""

    def read(document: Document, entry: "_Element", suffix: str) -> None:
        nested = f"{V3}act/{V3}entryRelationship/{V3}substanceAdministration"
        acts = [*entry.iterfind(V3 + "substanceAdministration"), *entry.iterfind(nested)]
        for number, act in enumerate(acts, 1):
            add_medication(document, act, f"{suffix}.{number}", kind)

    return read


def add_medication(document: Document, act: "_Element", suffix: str, kind: str) -> Row | None:
    """A medication row, where a drug is named and was not refused; returns it."""
    status = said(kid(act, "statusCode"), "code")
    if act.get("negationInd") == "true" or status in _GONE:
        return None
    made = below(act, "consumable/manufacturedProduct")
    drug = _drug(made)
    if not (drug["drug_code"] or drug["drug_name"]):
        return None
    mood = act.get("moodCode")
    row: Row = drug | {
        "encounter_id": document.encounter, "status": status,
        "kind": "prescription" if mood in _PRESCRIBED and kind == "taking" else kind,
        "route_code": concept(kid(act, "routeCode")).code,
        "form_code": concept(kid(act, "administrationUnitCode")).code,
        "total_qty": document.number("total_qty", _supplied(act)),
    }  # fmt: skip
    row |= _dose(document, act) | _times(document, act)
    document.add("medication", suffix, row)
    return row


def _drug(made: "_Element | None") -> Row:
    material = None if made is None else kid(made, "manufacturedMaterial")
    if material is None:
        material = below(made, "manufacturedLabeledDrug")
    element = None if material is None else kid(material, "code")
    coded, atc = concept(element), concept(element, ATC)
    name = coded.name or (None if material is None else text_of(kid(material, "name")))
    in_atc = ATC.fullmatch(atc.system or "") is not None
    return {
        "drug_code": coded.code, "drug_code_system": coded.system, "drug_name": name,
        "atc_code": atc.code if in_atc else None,
    }  # fmt: skip


def _dose(document: Document, act: "_Element") -> Row:
    """doseQuantity; a range of doses is no single dose."""
    dose = kid(act, "doseQuantity")
    if dose is None:
        return {}
    value, low, high = said(dose, "value"), kid(dose, "low"), kid(dose, "high")
    if value is None and said(low, "value") is not None and said(low, "value") == said(high, "value"):
        value = said(low, "value")
    unit = said(dose, "unit") or (said(low, "unit") if value else None)
    return {"dose": document.number("dose", value), "dose_unit": None if unit == "1" else unit}


def _times(document: Document, act: "_Element") -> Row:
    """The period in which it was taken, and how often: the period of a PIVL, or the event of an EIVL."""
    row: Row = {}
    for time in act.iterfind(V3 + "effectiveTime"):
        kind = (time.get(XSI_TYPE) or "").rpartition(":")[2]
        if kind in {"PIVL_TS", "EIVL_TS"}:
            period, event = kid(time, "period"), kid(time, "event")
            amount, unit = said(period, "value"), said(period, "unit")
            row["freq_code"] = (f"{amount} {unit or ''}".strip() if amount else None) or said(event, "code")
        elif row.get("start_time") is None:
            begun = said(time, "value") or said(kid(time, "low"), "value")
            row["start_time"] = document.time("start_time", begun)
            row["end_time"] = document.time("end_time", said(kid(time, "high"), "value"))
    return row


def _supplied(act: "_Element") -> str | None:
    return next((said(each, "value") for each in act.iterfind(f"{V3}entryRelationship/{V3}supply/{V3}quantity")), None)
