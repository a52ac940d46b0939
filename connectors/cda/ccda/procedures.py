"""Procedures: each procedure, act or observation of the section is a row, where it was done."""

from typing import TYPE_CHECKING

from connectors.cda.coded import concept
from connectors.cda.draft import Document, Row
from connectors.cda.observation import happened
from connectors.cda.person import name_of
from connectors.cda.values import V3, below, full_id, kid, text_of
from connectors.cda.visit import interval

if TYPE_CHECKING:
    from lxml.etree import _Element

_ACTS = (V3 + "procedure", V3 + "act", V3 + "observation")


def read(document: Document, entry: "_Element", suffix: str) -> None:
    """The procedures of one entry."""
    for number, act in enumerate((each for each in entry if each.tag in _ACTS), 1):
        add_procedure(document, act, f"{suffix}.{number}")


def add_procedure(document: Document, act: "_Element", suffix: str) -> Row | None:
    """A procedure row, where something was done and is named; returns it."""
    coded = concept(kid(act, "code"))
    name = coded.name or text_of(kid(act, "text"))
    if not happened(act) or not (coded.code or name):
        return None
    start, end = interval(document, kid(act, "effectiveTime"), "start_time", "end_time")
    row: Row = {
        "encounter_id": document.encounter, "code": coded.code, "code_system": coded.system,
        "code_version": coded.version, "display": name, "start_time": start, "end_time": end,
        "operator_id": performer(act),
    }  # fmt: skip
    document.add("procedure", suffix, row)
    return row


def performer(act: "_Element") -> str | None:
    """The first performer: the name, else the number."""
    entity = below(act, "performer/assignedEntity")
    if entity is None:
        return None
    return name_of(below(entity, "assignedPerson/name")) or full_id(kid(entity, "id"))
