"""Condition: one diagnosis row; an ICD-10 coding is kept before others. No code is translated."""

import polars as pl

from connectors.fhir.concepts import ICD10, concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import CONCEPT, EVERY, REFERENCE
from connectors.fhir.resource import Resource

ROLE = {"problem-list-item": "CHRONIC"}  # `encounter-diagnosis` says no role: admission, principal or other
# GB/T 39725 level 5: HIV, sexually transmitted, mental and behavioural disorders.
GUARDED = r"^(?i)(?:B2[0-4]|A5[0-9]|A6[0-4]|F[0-9][0-9])"


def conform(draft: Draft) -> None:
    """One condition row."""
    rows = draft.rows
    code = concept(rows, "code", prefer=ICD10)
    guarded = code.system.str.contains(ICD10) & code.code.str.contains(GUARDED)
    level = pl.select(pl.when(guarded).then(5).otherwise(3)).to_series()
    category = rows.text("category.0.coding.0.code")
    draft.add("condition", rows, {
        "encounter_id": draft.encounter(rows, "encounter"),
        "role_code": category.replace_strict(ROLE, default=None, return_dtype=pl.String),
        "code": code.code, "code_system": code.system, "code_version": code.version, "display": code.display,
        "recorded_time": draft.times(rows, "recorded_time", "recordedDate"),
        "onset_date": draft.days(rows, "onset_date", "onsetDateTime", "onsetPeriod.start"),
    }, sec_level=level)  # fmt: skip


RESOURCES = (
    Resource(
        "Condition", "condition", "subject",
        EVERY | {
            "clinicalStatus": CONCEPT, "category": [CONCEPT], "code": CONCEPT, "subject": REFERENCE,
            "encounter": REFERENCE, "onsetDateTime": "s", "onsetPeriod": {"start": "s"}, "recordedDate": "s",
        },
        conform, foreign=("assertedDate", "context", "participant", "evidence.0.concept", "evidence.0.reference"),
    ),
)  # fmt: skip
