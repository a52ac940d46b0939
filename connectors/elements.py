"""Which data element of WS/T 363 goes to which column of the shared tables: `elements.csv`, one line an element.

One list for CDA documents and for landing tables, whose columns are called after data elements. What the shared tables
say themselves (`element` of a column) and this list may not contradict; a test holds it.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("elements.csv")
_WRITTEN = re.compile(r"(DE)(\d\d)[._](\d\d)[._](\d{2,3})[._](\d\d)|(H[DS][SD][DB])(\d\d)[._](\d\d)[._](\d{3})")
PATIENT_TYPE = {"1": "OP", "2": "ER", "3": "IP"}  # CV09.00.404
YES_NO = {"rc028": ("2", "1"), "rc037": ("2", "1"), "rc016": ("1", "2")}  # list: (yes, no), see cn-standards
_HEADER_ONLY = "header"


@dataclass(frozen=True, slots=True)
class Element:
    """`oid` is the code system by which a value is known where no element is named; `note` says what part it has."""

    element: str
    table: str
    column: str
    oid: str
    note: str
    means: str
    zh: str


@cache
def places() -> dict[str, Element]:
    """Every data element that has a column."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["element"]: Element(**row) for row in csv.DictReader(file)}


@cache
def elements() -> dict[str, Element]:
    """Those that a document's body says; a name or a number inside a body need not be the patient's."""
    return {name: each for name, each in places().items() if not each.note.startswith(_HEADER_ONLY)}


@cache
def plain(code: str) -> str | None:
    """A data element as the catalogue writes it: `DE08_10_026_00_KS` is `DE08.10.026.00`; None for no element."""
    found = _WRITTEN.match(code)
    if found is None:
        return None
    if found[1]:
        return f"DE{found[2]}.{found[3]}.{int(found[4]):03}.{found[5]}"
    return f"{found[6]}{found[7]}.{found[8]}.{found[9]}"
