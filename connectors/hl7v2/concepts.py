"""Coded elements (CE, CWE, CNE): code, words and code system of a component triple, with the system as a URI.

It never translates a code; a system that it does not know stays as it is written.
"""

from dataclasses import dataclass

import polars as pl

from connectors.hl7v2.draft import Draft
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.spellings import spellings

SYSTEMS = {  # HL7 table 0396 to the URIs that FHIR uses, as far as both are sure
    "LN": "http://loinc.org", "LNC": "http://loinc.org", "SCT": "http://snomed.info/sct",
    "I10": "http://hl7.org/fhir/sid/icd-10", "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I10P": "http://www.cms.gov/Medicare/Coding/ICD10", "I9": "http://hl7.org/fhir/sid/icd-9",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm", "I9CDX": "http://hl7.org/fhir/sid/icd-9-cm",
    "CVX": "http://hl7.org/fhir/sid/cvx", "NDC": "http://hl7.org/fhir/sid/ndc", "ATC": "http://www.whocc.no/atc",
    "WC": "http://www.whocc.no/atc", "C4": "http://www.ama-assn.org/go/cpt", "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "UCUM": "http://unitsofmeasure.org",
}  # fmt: skip
LOCAL = "local"


@dataclass(frozen=True)
class Concept:
    """Columns of one coded field: `system` as URI, `words` else the code."""

    code: pl.Series
    words: pl.Series
    system: pl.Series
    version: pl.Series


def concept(draft: Draft, rows: Rows, names: tuple[str, str, str], place: int) -> Concept:
    """The coded element in a field; `names` are the columns of code, words and system."""
    code, words = draft.text(rows, names[0], place, 1), draft.text(rows, names[1], place, 2)
    system = uri(draft.text(rows, names[2], place, 3))
    return Concept(code, words, system, draft.text(rows, "code_version", place, 7))


def uri(names: pl.Series) -> pl.Series:
    """Names of table 0396 as URIs; OIDs as `urn:oid:`; others stay."""
    if names.null_count() == len(names):
        return names
    known = {each: _uri(each) for each in spellings(names)}
    if len(known) == 1 and not names.null_count():
        return pl.Series(list(known.values())).new_from_index(0, len(names))
    return names.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _uri(name: str) -> str:
    if name.upper() in SYSTEMS:
        return SYSTEMS[name.upper()]
    return f"urn:oid:{name}" if name.replace(".", "").isdigit() and name.count(".") > 2 else name
