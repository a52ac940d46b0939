"""Results, vital signs, social history, scales: each observation, in an organizer or alone, is a row."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.cda.draft import Document, Row
from connectors.cda.observation import add_observation, happened, specimen
from connectors.cda.values import V3, below, full_id, kid, said, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 8  # organizers in organizers, panels in panels


@dataclass(frozen=True)
class Observations:
    """Reads entries whose observations are of `category`, a code of observation-category."""

    category: str

    def __call__(self, document: Document, entry: "_Element", suffix: str) -> None:
        """The rows of one entry."""
        number = 0
        for act in entry:
            if act.tag == V3 + "organizer":
                number = _organizer(document, act, suffix, number, {"category": self.category}, 0)
            elif act.tag in (V3 + "observation", V3 + "act"):
                number = _single(document, act, suffix, number, {"category": self.category}, 0)


def _organizer(document: Document, organizer: "_Element", suffix: str, number: int, shared: Row, depth: int) -> int:
    """Rows of the components; they share the organizer's report number, specimen and time. Returns the last number."""
    if depth > _DEEPEST or not happened(organizer):
        return number
    time = kid(organizer, "effectiveTime")
    when = said(time, "value") or said(below(organizer, "effectiveTime/low"), "value")
    shared = shared | {
        "report_id": full_id(kid(organizer, "id")) or shared.get("report_id"),
        "specimen_code": specimen(organizer) or shared.get("specimen_code"),
        "performer_org": _performer(organizer) or shared.get("performer_org"),
        "sampled_time": document.time("sampled_time", when) if when else shared.get("sampled_time"),
    }
    for component in organizer.iterfind(V3 + "component"):
        for act in component:
            if act.tag == V3 + "observation":
                number = _single(document, act, suffix, number, shared, depth + 1)
            elif act.tag == V3 + "organizer":
                number = _organizer(document, act, suffix, number, shared, depth + 1)
    return number


def _single(document: Document, act: "_Element", suffix: str, number: int, shared: Row, depth: int) -> int:
    """The row of an observation, and of the observations it is made of."""
    if depth > _DEEPEST or act.get("negationInd") == "true":
        return number
    if act.tag == V3 + "observation" and _has_value(act):
        number += 1
        add_observation(document, act, f"{suffix}.{number}", shared)
    for inner in act.iterfind(f"{V3}entryRelationship[@typeCode='COMP']/{V3}observation"):
        number = _single(document, inner, suffix, number, shared, depth + 1)
    return number


def _has_value(act: "_Element") -> bool:
    return act.find(V3 + "value") is not None or act.find(V3 + "interpretationCode") is not None


def _performer(organizer: "_Element") -> str | None:
    return text_of(below(organizer, "performer/assignedEntity/representedOrganization/name"))
