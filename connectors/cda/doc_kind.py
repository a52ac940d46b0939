"""Which kind of document it is: one of the 53 of WS/T 500-2016, or a C-CDA document type.

By templateId first. Where the code of a WS/T 500 document names another kind than its templateId, the title decides
between the two, and the contradiction is counted: templates are copied with their identifiers, titles seldom are.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from connectors.cda.values import V3, said, text_of
from schemas.code_system import code_system

if TYPE_CHECKING:
    from lxml.etree import _Element

WST500 = "2.16.156.10011.2.1.1."  # part n of WS/T 500-2016 is template 20 + n, and document code C00nn
WST500_CODES = "2.16.156.10011.2.4"
_FIRST, _LAST = 21, 73
CCDA = "2.16.840.1.113883.10.20.22.1."
CCDA_HEADER = CCDA + "1"
CCDA_TYPES = {
    "2": "Continuity of Care Document", "3": "History and Physical", "4": "Consultation Note",
    "5": "Diagnostic Imaging Report", "6": "Procedure Note", "7": "Operative Note", "8": "Discharge Summary",
    "9": "Progress Note", "10": "Unstructured Document", "13": "Transfer Summary", "14": "Referral Note",
    "15": "Care Plan",
}  # fmt: skip
BY_LOINC = {
    "34133-9": "2", "34117-2": "3", "11488-4": "4", "18748-4": "5", "28570-0": "6", "11504-8": "7", "18842-5": "8",
    "11506-3": "9", "18761-7": "13", "57133-1": "14", "52521-2": "15",
}  # fmt: skip


@dataclass(frozen=True)
class DocKind:
    """`code` and `template` are what the columns of the document say; `family` is `wst500`, `ccda` or `cda`."""

    family: str
    code: str | None
    template: str | None
    name: str
    zh: str
    contradicts: str | None = None


def doc_kind(root: "_Element") -> DocKind:
    """The kind of a document, from its root element; reads nothing below its direct children."""
    templates = [root_ for each in root.iterfind(V3 + "templateId") if (root_ := said(each, "root"))]
    code = root.find(V3 + "code")
    number = next((found for each in templates if (found := _wst500(each))), None)
    own = said(code, "code")
    coded = own if own in _titles() and (said(code, "codeSystem") or WST500_CODES) == WST500_CODES else None
    if number or coded:
        return _chinese(number, coded, text_of(root.find(V3 + "title")))
    return _american(templates, own)


def named(templates: list[str], code: str | None) -> DocKind:
    """The kind after its template roots and its document code alone, for a look at the head of a file."""
    number = next((found for each in templates if (found := _wst500(each))), None)
    if number or code in _titles():
        return _chinese(number, None if number else code, None)
    return _american(templates, code)


def _wst500(template: str) -> str | None:
    arc = template.removeprefix(WST500)
    return f"C{int(arc) - 20:04}" if arc != template and arc.isdecimal() and _FIRST <= int(arc) <= _LAST else None


def _chinese(number: str | None, coded: str | None, title: str | None) -> DocKind:
    kind = number or coded or ""
    contradicts = coded if number and coded and number != coded else None
    if contradicts and title and _plain(_titles()[contradicts][1]) == _plain(title):
        kind, contradicts = contradicts, number
    means, zh = _titles()[kind]
    return DocKind("wst500", kind, f"{WST500}{20 + int(kind[1:])}", means, zh, contradicts)


def _american(templates: list[str], code: str | None) -> DocKind:
    known = next((each for each in templates if each.removeprefix(CCDA) in CCDA_TYPES), None)
    template = known or next(iter(templates), None)
    arc = known.removeprefix(CCDA) if known else BY_LOINC.get(code or "", "")
    of_family = known is not None or any(each == CCDA_HEADER for each in templates)
    name = CCDA_TYPES.get(arc, "CDA document")
    return DocKind("ccda" if of_family else "cda", code, template, name, name)


@cache
def _titles() -> dict[str, tuple[str, str]]:
    return dict(code_system("wst500").labels)


def _plain(title: str) -> str:
    return "".join(sign for sign in title if sign not in "()（）[]【】 \u3000/-")
