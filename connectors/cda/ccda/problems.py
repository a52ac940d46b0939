"""Problems and diagnoses: each problem observation is a condition row. What was denied becomes none."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from connectors.cda.coded import GUARDED, ICD10, concept, original, translations
from connectors.cda.draft import Document, Row
from connectors.cda.observation import GUARDED_LEVEL, happened
from connectors.cda.values import V3, below, kid, said, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_STATUS_TEMPLATE = "2.16.840.1.113883.10.20.22.4.6"
_STATUS_LOINC = "33999-4"
# SNOMED CT findings that say that there is nothing: no current problems, no known allergies, no medication.
NOTHING_KNOWN = {
    "160245001", "160244002", "716186003", "409137002", "428607008", "429625007",
    "64970000", "55607006:0",
}  # fmt: skip
_CONTEXT = {"RSON", "CAUS", "MFST", "SUBJ", "COMP", "REFR"}


def reader(role: str | None) -> Callable[[Document, "_Element", str], None]:
    """Reads entries whose problems play `role`, a code of condition-role, or None where the section says none."""

    def read(document: Document, entry: "_Element", suffix: str) -> None:
        for number, (problem, concern) in enumerate(problems_in(entry), 1):
            add_problem(document, problem, f"{suffix}.{number}", role, concern)

    return read


def problems_in(entry: "_Element") -> Iterator[tuple["_Element", "_Element | None"]]:
    """Problem observations of an entry, with the concern act around each: concern, hospital diagnosis, or none."""
    for act in entry:
        if act.tag == V3 + "observation":
            yield act, None
        elif act.tag == V3 + "act" and act.get("negationInd") != "true":
            for inner in act.iterfind(f"{V3}entryRelationship/{V3}observation"):
                yield inner, act


def add_problem(
    document: Document,
    problem: "_Element",
    suffix: str,
    role: str | None,
    concern: "_Element | None",
    rank: int | None = None,
) -> None:
    """A condition row, where the problem is one of the patient's and was not denied."""
    value = kid(problem, "value")
    coded = concept(value, ICD10)
    name = coded.name or original(kid(problem, "code")) or text_of(kid(problem, "text"))
    if not happened(problem) or coded.code in NOTHING_KNOWN or not (coded.code or name):
        return
    row: Row = {
        "encounter_id": document.encounter, "role_code": role, "rank": rank, "code": coded.code,
        "code_system": coded.system, "code_version": coded.version, "display": name,
        "onset_date": document.day("onset_date", _onset(problem)),
        "recorded_time": document.time("recorded_time", _recorded(problem, concern)),
        "extra": _extra(problem, value, concern),
    }  # fmt: skip
    guarded = coded.code and ICD10.fullmatch(coded.system or "") and GUARDED.match(coded.code)
    document.add("condition", suffix, row, GUARDED_LEVEL if guarded else 0)


def _onset(problem: "_Element") -> str | None:
    time = kid(problem, "effectiveTime")
    return None if time is None else said(kid(time, "low"), "value") or said(time, "value")


def _recorded(problem: "_Element", concern: "_Element | None") -> str | None:
    own = said(below(problem, "author/time"), "value")
    return own or (None if concern is None else said(below(concern, "author/time"), "value"))


def _extra(problem: "_Element", value: "_Element | None", concern: "_Element | None") -> str | None:
    """What no column of a condition takes: status, end, and the other codes of the same problem."""
    kept: dict[str, object] = {}
    if status := _status(problem) or said(None if concern is None else kid(concern, "statusCode"), "code"):
        kept["status"] = status
    if ended := said(below(problem, "effectiveTime/high"), "value"):
        kept["effectiveTime/high"] = ended
    if value is not None and len(value):
        codes = [(said(each, "code"), said(each, "codeSystem")) for each in (value, *translations(value))]
        if others := [f"{code}|{system or ''}" for code, system in codes if code]:
            kept["codes"] = others
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _status(problem: "_Element") -> str | None:
    for inner in problem.iterfind(f"{V3}entryRelationship/{V3}observation"):
        templates = {each.get("root") for each in inner.iterfind(V3 + "templateId")}
        if _STATUS_TEMPLATE in templates or said(kid(inner, "code"), "code") == _STATUS_LOINC:
            return said(kid(inner, "value"), "displayName") or said(kid(inner, "value"), "code")
    return None
