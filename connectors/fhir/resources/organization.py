"""Organization: one row. Its codes are known by their system, never by their look."""

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import CONCEPT, EVERY, IDENTIFIER, REFERENCE
from connectors.fhir.resource import Resource

SYSTEMS = {"uscc": r"(?i)uscc|unified-?social-?credit|统一社会信用代码", "nhsa_code": r"(?i)nhsa|fixmedins",
           "ws218_code": r"(?i)ws-?/?t?-?218"}  # fmt: skip


def conform(draft: Draft) -> None:
    """One organization row."""
    rows = draft.rows
    draft.add("organization", rows, {
        "org_name": rows.text("name"), "org_class_code": concept(rows, "type.0").code,
        "parent_org_code": draft.reference(rows, "partOf", "Organization"),
    } | {column: _identifier(draft, system) for column, system in SYSTEMS.items()}, sec_level=1)  # fmt: skip


def _identifier(draft: Draft, system: str) -> pl.Series:
    """The first identifier of the system."""
    every = draft.rows.each("identifier")
    found = pl.DataFrame({"root": every.root, "system": every.text("system"), "value": every.text("value")})
    first = found.filter(pl.col("system").str.contains(system)).unique("root", keep="first", maintain_order=True)
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(draft.rows))
    return empty.scatter(first["root"], first["value"]) if first.height else empty


RESOURCES = (
    Resource(
        "Organization", "organization", "",
        EVERY | {"identifier": [IDENTIFIER], "name": "s", "type": [CONCEPT], "partOf": REFERENCE},
        conform, foreign=("qualification", "description"),
    ),
)  # fmt: skip
