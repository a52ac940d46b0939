"""Where the header of a CDA document says a data element by its place, and which element a code system means.

What an element means is said in connectors/elements.py.
"""

import csv
from functools import cache
from pathlib import Path

from connectors.elements import elements

_HEADER = Path(__file__).with_name("header.csv")


@cache
def header() -> dict[str, str]:
    """Where a header says a data element by its place alone: path from the root -> data element."""
    with _HEADER.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["element"] for row in csv.DictReader(file)}


@cache
def by_oid() -> dict[str, str]:
    """Code system -> data element, for values whose own code names none."""
    return {each.oid: each.element for each in elements().values() if each.oid}


def of_system(oid: str) -> str | None:
    """The data element whose code system a value names; of ICD-10 the variants with one more arc as well."""
    while oid:
        if found := by_oid().get(oid):
            return found
        oid = oid.rpartition(".")[0] if oid.startswith("2.16.156.10011.2.3.3.11.") else ""
    return None
