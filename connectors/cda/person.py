"""Whose document it is: the patient's row, identifiers, and the key that the site's other documents share.

Nothing is checked against anything: what the record target says is taken as it says it.
"""

from functools import cache
from typing import TYPE_CHECKING

from connectors.cda.draft import Document, Row
from connectors.cda.values import SDTC, V3, below, kid, moment, said, tag_of, text_of
from connectors.fhir.resources.patient import MARITAL
from schemas.code_system import code_system

if TYPE_CHECKING:
    from lxml.etree import _Element

CHINA = "2.16.156.10011.1."
RESIDENT, HEALTH_RECORD, HEALTH_CARD, RECORD_NO, INPATIENT, OUTPATIENT = (
    CHINA + arc for arc in ("3", "2", "19", "13", "12", "11")
)
# Numbers that stay with a person come before those of one visit; others (specimen, request, report) name no person.
_BY_RANK = (RESIDENT, HEALTH_RECORD, HEALTH_CARD, RECORD_NO, INPATIENT, OUTPATIENT)
_PERSONAL = (RESIDENT, HEALTH_RECORD, HEALTH_CARD, RECORD_NO)
_TYPES = {RESIDENT: "1", "2.16.840.1.113883.4.330": "6"}  # RC038: resident id, passport
_SEX = {"M": "1", "F": "2", "UN": "9", "0": "0", "1": "1", "2": "2", "9": "9"}  # v3 AdministrativeGender, GB/T 2261.1
_ADDRESS = ("state", "city", "county", "township", "streetName", "houseNumber")
_AMERICAN = ("streetAddressLine", "city", "state", "postalCode", "country")


def identifiers(role: "_Element") -> list[tuple[str, str]]:
    """Root and extension of every identifier of the patient and the role; a root alone is its own extension."""
    found = [*role.iterfind(V3 + "id"), *role.iterfind(f"{V3}patient/{V3}id")]
    pairs = [(said(each, "root") or "", said(each, "extension") or "") for each in found]
    return [(root, extension or root) for root, extension in pairs if extension or root]


def person_key(pairs: list[tuple[str, str]]) -> str | None:
    """The identifier that names the person best, with its root: the same number under two roots is two persons."""
    by_root = dict(reversed(pairs))
    known = next((root for root in _BY_RANK if by_root.get(root)), None)
    if known:
        return f"{known}^{by_root[known]}"
    foreign = next((pair for pair in pairs if not pair[0].startswith(CHINA)), None)
    return None if foreign is None else (foreign[1] if foreign[0] == foreign[1] else f"{foreign[0]}^{foreign[1]}")


def add_person(document: Document, role: "_Element", pairs: list[tuple[str, str]]) -> Row:
    """The patient's row and a row for each identifier that names a person; returns the patient's row."""
    by_root = dict(reversed(pairs))
    own = next((by_root[root] for root in (RECORD_NO, INPATIENT, OUTPATIENT) if root in by_root), None)
    row: Row = {"org_patient_id": own or pairs[0][1], "address": _address(kid(role, "addr")), "phone": _phone(role)}
    patient = kid(role, "patient")
    if patient is not None:
        row |= _demographics(document, patient)
    document.add("patient", "patient", row)
    kept = [pair for pair in pairs if pair[0] in _PERSONAL or not pair[0].startswith(CHINA)]
    for number, (root, extension) in enumerate(dict.fromkeys(kept), 1):
        # `check_ok` follows for all rows of a chunk at once.
        value = "".join(extension.split()).upper()
        one = {"id_type_code": _TYPES.get(root), "id_value": value, "assigner_org": root}
        document.add("patient_identifier", f"id{number}", one)
    return row


def _demographics(document: Document, patient: "_Element") -> Row:
    birth = said(kid(patient, "birthTime"), "value")
    born = moment(birth) if birth else None
    if birth and born and born.first is None:
        document.lose("birth_date", "bad-date", birth)
    occupation = below(patient, "occupation/occupationCode")
    nation = kid(patient, "nationality")
    died = patient.find(SDTC + "deceasedTime")
    return {
        "name": name_of(kid(patient, "name")),
        "gender_code": document.code("gender_code", said(kid(patient, "administrativeGenderCode"), "code"), _SEX),
        "birth_date": born.first if born else None,
        "birth_precision": ("day" if born.precision == "time" else born.precision) if born else None,
        "death_time": document.time("death_time", said(died, "value")),
        "marital_code": _coded(document, "marital_code", kid(patient, "maritalStatusCode"), "marital", MARITAL),
        "ethnicity_code": _chinese_only(document, "ethnicity_code", kid(patient, "ethnicGroupCode"), "ethnicity"),
        "country_code": _coded(document, "country_code", nation, "country", {}),
        "occupation_code": _coded(document, "occupation_code", occupation, "occupation", {}),
    }


def _coded(
    document: Document, column: str, element: "_Element | None", list_name: str, more: dict[str, str]
) -> str | None:
    code = said(element, "code")
    return None if code is None else document.code(column, code, codes(list_name) | more)


def _chinese_only(document: Document, column: str, element: "_Element | None", list_name: str) -> str | None:
    """The US ethnicity of a C-CDA document is another question than GB/T 3304; it is no wrong answer to it."""
    return None if (said(element, "codeSystem") or "").startswith("2.16.840.") else _coded(
        document, column, element, list_name, {}
    )  # fmt: skip


@cache
def codes(list_name: str) -> dict[str, str]:
    """The codes of a shared list, each as itself."""
    return {code: code for code in code_system(list_name).codes}


def name_of(element: "_Element | None") -> str | None:
    """A name as one string: family then given where it has parts, else as written."""
    if element is None:
        return None
    parts = [text_of(each) for tag in ("family", "given") for each in element.iterfind(V3 + tag)]
    return " ".join(part for part in parts if part) or text_of(element)


def _address(element: "_Element | None") -> str | None:
    if element is None:
        return None
    parts = {tag_of(each): text_of(each) for each in element}
    chinese = [part for tag in _ADDRESS if (part := parts.get(tag))]
    if chinese and any(tag in parts for tag in ("county", "township", "houseNumber")):
        return "".join(chinese)
    return " ".join(part for tag in _AMERICAN if (part := parts.get(tag))) or text_of(element)


def _phone(role: "_Element") -> str | None:
    values = [value for each in role.iterfind(V3 + "telecom") if (value := said(each, "value") or text_of(each))]
    plain = [value.removeprefix("tel:") for value in values if "@" not in value and not value.startswith("http")]
    return next(iter(plain), None)
