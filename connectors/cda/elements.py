"""Which data element of WS/T 363 goes to which column of the shared tables: `elements.csv`, one line an element.

What the shared tables say themselves (`element` of a column) and this list may not contradict; a test holds it.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("elements.csv")
_HEADER = Path(__file__).with_name("header.csv")
_WRITTEN = re.compile(r"(DE)(\d\d)[._](\d\d)[._](\d{2,3})[._](\d\d)|(H[DS][SD][DB])(\d\d)[._](\d\d)[._](\d{3})")


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
def elements() -> dict[str, Element]:
    """Every data element that has a column."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["element"]: Element(**row) for row in csv.DictReader(file)}


@cache
def header() -> dict[str, str]:
    """Where a header says a data element by its place alone: path from the root -> data element."""
    with _HEADER.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["element"] for row in csv.DictReader(file)}


@cache
def by_oid() -> dict[str, str]:
    """Code system -> data element, for values whose own code names none."""
    return {each.oid: each.element for each in elements().values() if each.oid}


@cache
def plain(code: str) -> str | None:
    """A data element as the catalogue writes it: `DE08_10_026_00_KS` is `DE08.10.026.00`; None for no element."""
    found = _WRITTEN.match(code)
    if found is None:
        return None
    if found[1]:
        return f"DE{found[2]}.{found[3]}.{int(found[4]):03}.{found[5]}"
    return f"{found[6]}{found[7]}.{found[8]}.{found[9]}"


def of_system(oid: str) -> str | None:
    """The data element whose code system a value names; of ICD-10 the variants with one more arc as well."""
    while oid:
        if found := by_oid().get(oid):
            return found
        oid = oid.rpartition(".")[0] if oid.startswith("2.16.156.10011.2.3.3.11.") else ""
    return None
