"""Procedure: one row; its first performer is the operator. No code is translated."""

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import CONCEPT, EVERY, PERIOD, REFERENCE
from connectors.fhir.resource import Resource

ICD9 = r"(?i)icd-?9|2\.16\.840\.1\.113883\.6\.(?:2|104)$"


def conform(draft: Draft) -> None:
    """One procedure row."""
    rows = draft.rows
    code = concept(rows, "code", prefer=ICD9)
    draft.add("procedure", rows, {
        "encounter_id": draft.encounter(rows, "encounter"),
        "code": code.code, "code_system": code.system, "code_version": code.version, "display": code.display,
        "start_time": draft.times(rows, "start_time", "performedDateTime", "performedPeriod.start"),
        "end_time": draft.times(rows, "end_time", "performedPeriod.end"),
        "operator_id": draft.reference(rows, "performer.0.actor"),
    })  # fmt: skip


RESOURCES = (
    Resource(
        "Procedure", "procedure", "subject",
        EVERY | {
            "code": CONCEPT, "subject": REFERENCE, "encounter": REFERENCE, "performedDateTime": "s",
            "performedPeriod": PERIOD, "performer": [{"actor": REFERENCE}],
        },
        conform,
        foreign=("context", "definition", "notDone", "notDoneReason", "occurrenceDateTime", "occurrencePeriod",
                 "reportedBoolean", "recorded", "performer.0.role"),
    ),
)  # fmt: skip
