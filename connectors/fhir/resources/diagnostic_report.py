"""DiagnosticReport: a document row, an observation row for its conclusion, and its id on the results it names.

Results are marked only where they stand in the same piece of the file; the report is not kept open for later ones.
"""

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import ATTACHMENT, CONCEPT, EVERY, PERIOD, REFERENCE
from connectors.fhir.resource import Resource
from connectors.fhir.resources.document_reference import attachment

CATEGORY = {"LAB": "laboratory", "CH": "laboratory", "HM": "laboratory", "MB": "laboratory", "SR": "laboratory",
            "RAD": "imaging", "IMG": "imaging", "CT": "imaging", "NMR": "imaging", "RUS": "imaging", "RX": "imaging",
            "laboratory": "laboratory", "imaging": "imaging", "exam": "exam", "vital-signs": "vital-signs"}  # fmt: skip


def conform(draft: Draft) -> None:
    """The document, the conclusion, and links to results."""
    rows = draft.rows
    code = concept(rows, "code")
    encounter = draft.encounter(rows, "encounter")
    issued = draft.times(rows, "created_time", "issued")
    draft.add("document", rows, attachment(rows, "presentedForm.0") | {
        "encounter_id": encounter, "doc_type_code": code.code, "title": code.text, "created_time": issued,
        "author_id": draft.reference(rows, "performer.0"),
    })  # fmt: skip
    conclusion = rows.text("conclusion")
    kept = conclusion.is_not_null().arg_true().to_numpy()
    if len(kept):
        some = rows.where(kept)
        draft.add("observation", some, {
            "encounter_id": encounter.gather(kept), "report_id": draft.key.gather(kept),
            "category": draft.codes(some, "category", some.text("category.0.coding.0.code"), CATEGORY),
            "item_code": code.code.gather(kept), "item_system": code.system.gather(kept),
            "item_name": code.text.gather(kept), "value_text": conclusion.gather(kept),
            "sampled_time": draft.times(some, "sampled_time", "effectiveDateTime", "effectivePeriod.start"),
            "reported_time": issued.gather(kept),
        }, suffix=pl.Series(["conclusion"]).new_from_index(0, len(some)))  # fmt: skip
    results = rows.each("result")
    ids = draft.reference(results, "", "Observation")
    draft.links = pl.DataFrame({"source_pk": ids, "report_id": draft.of(results, draft.key)}).drop_nulls()


RESOURCES = (
    Resource(
        "DiagnosticReport", "document", "subject",
        EVERY | {
            "category": [CONCEPT], "code": CONCEPT, "subject": REFERENCE, "encounter": REFERENCE, "issued": "s",
            "effectiveDateTime": "s", "effectivePeriod": PERIOD, "performer": [REFERENCE], "conclusion": "s",
            "result": [REFERENCE], "presentedForm": [ATTACHMENT],
        },
        conform, foreign=("context", "image", "codedDiagnosis", "performer.0.actor", "composition", "note",
                          "supportingInfo"),
    ),
)  # fmt: skip
