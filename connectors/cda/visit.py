"""The visit a document is about: one encounter row of its header, where the header says anything of one.

Documents of one organisation that name the same visit say it together: they have one row. The class is never guessed:
it follows from a code, from the kind of document, or it is empty.
"""

import re
from typing import TYPE_CHECKING

from connectors.cda.draft import VISIT, Document, Row
from connectors.cda.person import CHINA, INPATIENT, OUTPATIENT, RECORD_NO, codes
from connectors.cda.values import V3, below, full_id, kid, said, text_of
from connectors.elements import PATIENT_TYPE
from connectors.fhir.resources.encounter import CLASS

if TYPE_CHECKING:
    from lxml.etree import _Element

_INPATIENT_KINDS = {f"C{number:04}" for number in range(32, 54)}
_CLASS_OF_KIND = dict.fromkeys(_INPATIENT_KINDS, "IP") | {"C0003": "OBS"}
_ACT_CODES = "2.16.840.1.113883.5.4"
DEPARTMENT = CHINA + "26"
_NUMBER = re.compile(r"(?=.*[1-9A-Za-z])(?!(?i:n/?a|null|none|unknown|x+)$).*[0-9A-Za-z].*", re.DOTALL)
_YEARS, _DAYS = {"岁", "a", "y", "年", ""}, {"天", "日", "d"}


def add_visit(document: Document, root: "_Element", pairs: list[tuple[str, str]], kind: str | None) -> Row | None:
    """The encounter's row, which what the body says of the visit is added to; None where there is no visit."""
    inside = below(root, "componentOf/encompassingEncounter")
    role = below(root, "recordTarget/patientRole")
    by_root = dict(reversed(pairs))
    visit_no, admission_no = by_root.get(OUTPATIENT), by_root.get(INPATIENT)
    if inside is None and not visit_no and not admission_no:
        return None
    row: Row = {"visit_no": visit_no, "admission_no": admission_no, "mrn": by_root.get(RECORD_NO)}
    row |= _age(document, role)
    row["class_code"] = _class(document, inside, role, kind, inpatient=bool(admission_no) and not visit_no)
    if inside is not None:
        start, end = interval(document, kid(inside, "effectiveTime"), "start_time", "end_time")
        row |= {"start_time": start, "end_time": end}
        row["visit_no"] = visit_no or (None if admission_no else full_id(kid(inside, "id")))
        row |= _place(document, inside)
        row |= _route(document, inside, kind)
    document.add("encounter", "visit", row)
    document.visit = _key(document, root, row, None if inside is None else kid(inside, "id"), admission_no, visit_no)
    if document.visit:
        row |= {"record_id": f"{VISIT}|{document.visit}", "source_table": VISIT, "source_pk": document.visit}
    document.encounter = row["record_id"]
    return row


def _key(
    document: Document, root: "_Element", row: Row, own: "_Element | None", admission_no: str | None,
    visit_no: str | None,
) -> str:  # fmt: skip
    """What tells the visit from all others, empty where nothing does: organisation and number.

    Where both numbers are there the class says which of them is the visit's. An identifier of any other root counts
    together with the person: those of public examples are copied from one person's document to another's.
    """
    kept = full_id(below(root, "custodian/assignedCustodian/representedCustodianOrganization/id")) or ""
    if admission_no and visit_no and row["class_code"] is None:
        return ""
    inpatient = admission_no and (row["class_code"] == "IP" or not visit_no)
    number, kind = (admission_no, INPATIENT) if inpatient else (visit_no, OUTPATIENT)
    if number is not None:
        return f"{kept}/{kind}^{number}" if _NUMBER.fullmatch(number) else ""
    identifier = full_id(own)
    return f"{kept}/{identifier}/{document.person}" if identifier and _NUMBER.fullmatch(identifier) else ""


def interval(document: Document, time: "_Element | None", start: str, end: str) -> tuple[int | None, int | None]:
    """Both ends of an effectiveTime; a single value is its beginning."""
    if time is None:
        return None, None
    low = said(time, "value") or said(kid(time, "low"), "value") or said(kid(time, "center"), "value")
    return document.time(start, low), document.time(end, said(kid(time, "high"), "value"))


def _class(
    document: Document, inside: "_Element | None", role: "_Element | None", kind: str | None, *, inpatient: bool
) -> str | None:
    kind_of_patient = said(below(role, "patientType/patienttypeCode"), "code")
    if kind_of_patient in PATIENT_TYPE:
        return PATIENT_TYPE[kind_of_patient]
    code = None if inside is None else kid(inside, "code")
    if code is not None and said(code, "codeSystem") == _ACT_CODES:
        return document.code("class_code", said(code, "code"), CLASS)
    return _CLASS_OF_KIND.get(kind or "") or ("IP" if inpatient else None)


def _age(document: Document, role: "_Element | None") -> Row:
    age = below(role, "patient/age")
    value, unit = said(age, "value") or text_of(age), said(age, "unit") or ""
    if value is None:
        return {}
    if unit in _YEARS:
        return {"age_years": document.whole("age_years", value, 32767)}
    if unit in _DAYS:
        return {"age_days": document.whole("age_days", value)}
    document.lose("age_years", "unmapped-code", f"{value} {unit}")
    return {}


def _route(document: Document, inside: "_Element", kind: str | None) -> Row:
    """On front pages the code of the encounter is the route of admission (CV09.00.403)."""
    code = said(kid(inside, "code"), "code") if kind in {"C0032", "C0033"} else None
    left = kid(inside, "dischargeDispositionCode")
    way = said(left, "code") if (said(left, "codeSystem") or "").startswith("2.16.156.") else None
    return {
        "admit_route_code": document.code("admit_route_code", code, codes("rc026")),
        "discharge_way_code": document.code("discharge_way_code", way, codes("rc019")),
    }


def _place(document: Document, inside: "_Element") -> Row:
    """The department, from the chain bed, room, department, ward, hospital; only a code of RC023 is one."""
    chain = below(inside, "location/healthCareFacility/serviceProviderOrganization")
    while chain is not None:
        for each in chain.iterfind(V3 + "id"):
            if said(each, "root") == DEPARTMENT:
                return {"admit_dept_code": document.code("admit_dept_code", said(each, "extension"), codes("rc023"))}
        chain = below(chain, "asOrganizationPartOf/wholeOrganization")
    return {}
