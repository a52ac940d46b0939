"""Encounters of the encounters section: a row each, and the diagnoses made in it as condition rows."""

from typing import TYPE_CHECKING

from connectors.cda.ccda.problems import add_problem
from connectors.cda.draft import SOURCE_TABLE, Document, Row
from connectors.cda.observation import happened
from connectors.cda.values import V3, full_id, kid, said
from connectors.cda.visit import interval
from connectors.fhir.resources.encounter import CLASS

if TYPE_CHECKING:
    from lxml.etree import _Element

_ACT_CODES = "2.16.840.1.113883.5.4"


def read(document: Document, entry: "_Element", suffix: str) -> None:
    """The encounters of one entry."""
    for number, act in enumerate(entry.iterfind(V3 + "encounter"), 1):
        if happened(act):
            _add(document, act, f"{suffix}.{number}")


def _add(document: Document, act: "_Element", suffix: str) -> None:
    start, end = interval(document, kid(act, "effectiveTime"), "start_time", "end_time")
    row: Row = {
        "visit_no": full_id(kid(act, "id")), "start_time": start, "end_time": end, "class_code": _class(document, act),
    }  # fmt: skip
    document.add("encounter", suffix, row)
    about, document.encounter = document.encounter, f"{SOURCE_TABLE}|{document.key}|{suffix}"
    within = act.iterfind(f"{V3}entryRelationship/{V3}act/{V3}entryRelationship/{V3}observation")
    for number, each in enumerate(within, 1):
        add_problem(document, each, f"{suffix}.d{number}", None, None)
    document.encounter = about


def _class(document: Document, act: "_Element") -> str | None:
    """The class where the code, or a translation of it, is one of v3 ActEncounterCode; CPT codes say no class."""
    code = kid(act, "code")
    for each in () if code is None else (code, *code.iterfind(V3 + "translation")):
        if said(each, "codeSystem") == _ACT_CODES:
            return document.code("class_code", said(each, "code"), CLASS)
    return None
