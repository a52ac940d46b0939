"""Allergies: an observation row each, with the kind of reaction as the item and the substance as the value.

The shared tables have none of their own for allergies, and an allergy is no disease: so it is not made a condition.
"No known allergies" makes no row.
"""

import json
from typing import TYPE_CHECKING

from connectors.cda.ccda.problems import NOTHING_KNOWN
from connectors.cda.coded import concept
from connectors.cda.draft import Document, Row
from connectors.cda.observation import happened
from connectors.cda.values import V3, below, kid, said, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element


def read(document: Document, entry: "_Element", suffix: str) -> None:
    """The allergies of one entry: a concern act around one or several, or one alone."""
    alone = list(entry.iterfind(V3 + "observation"))
    acts = [act for act in entry.iterfind(V3 + "act") if act.get("negationInd") != "true"]
    within = [inner for act in acts for inner in act.iterfind(f"{V3}entryRelationship/{V3}observation")]
    for number, each in enumerate([*alone, *within], 1):
        _add(document, each, f"{suffix}.{number}")


def _add(document: Document, allergy: "_Element", suffix: str) -> None:
    kind = concept(kid(allergy, "value"))
    entity = below(allergy, "participant/participantRole/playingEntity")
    substance = concept(None if entity is None else kid(entity, "code"))
    name = substance.name or (None if entity is None else text_of(kid(entity, "name")))
    if not happened(allergy) or kind.code in NOTHING_KNOWN or not (substance.code or name):
        return
    time = kid(allergy, "effectiveTime")
    began = said(time, "value") or said(below(allergy, "effectiveTime/low"), "value")
    row: Row = {
        "encounter_id": document.encounter, "category": "exam", "item_code": kind.code, "item_system": kind.system,
        "item_name": kind.name or "allergy", "value_code": substance.code, "value_text": name or substance.code,
        "sampled_time": document.time("sampled_time", began),
        "reported_time": document.time("reported_time", said(below(allergy, "author/time"), "value")),
        "extra": _extra(allergy, substance.system),
    }  # fmt: skip
    document.add("observation", suffix, row)


def _extra(allergy: "_Element", system: str | None) -> str | None:
    """Reactions, severity and status, by the code of what each is, and the system of the substance."""
    kept: dict[str, list[str]] = {"substance system": [system]} if system else {}
    for inner in allergy.iter(V3 + "observation"):
        if inner is not allergy and (told := concept(kid(inner, "value"))) and (told.name or told.code):
            kept.setdefault(concept(kid(inner, "code")).code or "", []).append(told.name or told.code or "")
    return json.dumps(kept, ensure_ascii=False) if kept else None
