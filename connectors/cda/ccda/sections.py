"""Which section of a C-CDA document is which, and what reads its entries: by templateId first, by LOINC code second.

The history of relatives, plans and goals are left alone: they are no facts about the patient.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from connectors.cda.alike import Collected
from connectors.cda.ccda import allergies, encounters, medications, problems, procedures
from connectors.cda.ccda.observations import Observations
from connectors.cda.draft import Document
from connectors.cda.values import V3, said

if TYPE_CHECKING:
    from lxml.etree import _Element

Reader = Callable[[Document, "_Element", str], None]  # document, entry, suffix of the rows it makes
_OID = "2.16.840.1.113883.10.20.22.2."
PROBLEM = problems.reader("CHRONIC")
SECTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Reader], ...] = (
    ("problems", ("5", "5.1"), ("11450-4",), PROBLEM),
    ("past illness", ("20",), ("11348-0",), problems.reader(None)),
    ("admission diagnosis", ("43",), ("46241-6",), problems.reader("ADMIT")),
    ("discharge diagnosis", ("24",), ("11535-2",), problems.reader(None)),
    (
        "diagnosis of an operation",
        ("34", "35", "36", "28", "37"),
        ("10219-4", "10218-6", "59769-0", "59776-5", "55109-3"),
        problems.reader(None),
    ),
    ("assessment", ("8",), ("51848-0", "29308-4"), problems.reader(None)),
    ("medications", ("1", "1.1"), ("10160-0",), medications.reader("taking")),
    ("admission medications", ("44",), ("42346-7",), medications.reader("taking")),
    ("discharge medications", ("11", "11.1"), ("10183-2", "75311-1"), medications.reader("prescription")),
    ("medications administered", ("38",), ("29549-3",), medications.reader("admin")),
    ("anesthesia", ("25",), ("59774-0",), procedures.read),
    ("immunizations", ("2", "2.1"), ("11369-6",), medications.reader("admin")),
    ("results", ("3", "3.1"), ("30954-2",), Observations("laboratory")),
    ("vital signs", ("4", "4.1"), ("8716-3",), Observations("vital-signs")),
    ("physical exam", ("2.10",), ("29545-1",), Observations("exam")),
    ("social history", ("17",), ("29762-2",), Observations("social-history")),
    ("functional status", ("14",), ("47420-5",), Observations("survey")),
    ("mental status", ("56",), ("10190-7",), Observations("survey")),
    ("procedures", ("7", "7.1"), ("47519-4",), procedures.read),
    ("allergies", ("6", "6.1"), ("48765-2",), allergies.read),
    ("encounters", ("22", "22.1"), ("46240-8",), encounters.read),
)
_BY_TEMPLATE = {_OID + arc: reader for _, arcs, _, reader in SECTIONS for arc in arcs}
_BY_LOINC = {code: reader for *_, codes, reader in SECTIONS for code in codes}
_BY_TEMPLATE["2.16.840.1.113883.10.20.2.10"] = _BY_TEMPLATE.pop(_OID + "2.10")  # physical exam, older than C-CDA
DEEPEST = 16  # sections in sections


def read_body(document: Document, root: "_Element", alike: Collected) -> None:
    """The rows of every section that is known; observations that are written `alike` are left for later."""
    number = 0
    for section in root.iter(V3 + "section"):
        reader = reader_of(section)
        for entry in section.iterfind(V3 + "entry") if reader else ():
            number += 1
            plain = isinstance(reader, Observations) and alike.takes(entry, f"e{number}.1", reader.category)
            if reader is not None and not plain:
                reader(document, entry, f"e{number}")


def reader_of(section: "_Element") -> Reader | None:
    """What reads the section's entries; None where nothing does."""
    for template in _templates(section):
        if template in _BY_TEMPLATE:
            return _BY_TEMPLATE[template]
    return _BY_LOINC.get(said(section.find(V3 + "code"), "code") or "")


def _templates(section: "_Element") -> Iterator[str]:
    return (root for each in section.iterfind(V3 + "templateId") if (root := said(each, "root")))
