"""The body of a WS/T 500 document, section by section: rows where there are columns, `extra` for all the rest."""

from typing import TYPE_CHECKING

from connectors.cda.alike import Collected
from connectors.cda.draft import Document, Row
from connectors.cda.person import CHINA
from connectors.cda.values import V3, said, text_of
from connectors.cda.wst500.diagnoses import add_diagnoses
from connectors.cda.wst500.drugs import add_drugs
from connectors.cda.wst500.item import items
from connectors.cda.wst500.left import Kept, as_json, keep, keep_header, keep_items
from connectors.cda.wst500.operations import add_operations
from connectors.cda.wst500.results import add_results, not_alike
from connectors.cda.wst500.stay import add_fees, add_staff, add_to_rows

if TYPE_CHECKING:
    from lxml.etree import _Element

_REPORTS = (CHINA + "33", CHINA + "32")
_ROLE, _PATIENT = "recordTarget/patientRole", "recordTarget/patientRole/patient"
# Places of the header that always have a column; the others are kept in `extra`.
USED = frozenset({
    f"{_PATIENT}/name", f"{_PATIENT}/birthTime", f"{_ROLE}/id[{CHINA}2]", f"{_ROLE}/id[{CHINA}13]",
    f"{_ROLE}/id[{CHINA}19]", f"{_ROLE}/id[{CHINA}11]", f"{_ROLE}/id[{CHINA}12]", f"{_PATIENT}/id[{CHINA}3]",
    f"{_ROLE}/id[{CHINA}3]", f"{_PATIENT}/administrativeGenderCode", f"{_PATIENT}/maritalStatusCode",
    f"{_PATIENT}/ethnicGroupCode", f"{_PATIENT}/nationality", f"{_PATIENT}/occupation/occupationCode",
    "componentOf/encompassingEncounter/effectiveTime", "componentOf/encompassingEncounter/effectiveTime/low",
    "componentOf/encompassingEncounter/effectiveTime/high",
})  # fmt: skip


def read_body(
    document: Document,
    root: "_Element",
    kind: str,
    pairs: list[tuple[str, str]],
    patient: Row,
    visit: Row | None,
    alike: Collected,
) -> str | None:
    """Adds the rows of the body; returns what no column took, as JSON for the document's `extra`."""
    kept: Kept = {}
    keep_header(kept, root, USED)
    by_root = dict(reversed(pairs))
    report = next((by_root[each] for each in _REPORTS if each in by_root), None)
    for section in root.iter(V3 + "section"):
        code = said(section.find(V3 + "code"), "code") or "section"
        found = items(not_alike(alike, section.iterfind(V3 + "entry"), code, report), code)
        add_diagnoses(document, found, kind)
        add_operations(document, found, kind)
        add_drugs(document, found, kind)
        add_to_rows(document, found, patient, visit)
        add_results(document, found, kind, report)
        add_fees(document, found, visit)
        keep_items(kept, found)
        if words := text_of(section.find(V3 + "text")):
            keep(kept, f"{code}/text", words)
    if visit is not None:
        add_staff(root, visit)
    return as_json(kept)
