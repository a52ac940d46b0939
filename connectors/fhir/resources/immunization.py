"""Immunization: one row of a vaccine given."""

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import CONCEPT, EVERY, QUANTITY, REFERENCE
from connectors.fhir.resource import Resource


def conform(draft: Draft) -> None:
    """One medication row of kind `admin`."""
    rows = draft.rows
    vaccine = concept(rows, "vaccineCode")
    draft.add("medication", rows, {
        "encounter_id": draft.encounter(rows, "encounter"), "kind": pl.Series(["admin"]).new_from_index(0, len(rows)),
        "drug_code": vaccine.code, "drug_code_system": vaccine.system, "drug_name": vaccine.text,
        "dose": draft.numbers(rows, "dose", "doseQuantity.value"), "dose_unit": rows.text("doseQuantity.unit"),
        "route_code": rows.text("route.coding.0.code"),
        "start_time": draft.times(rows, "start_time", "occurrenceDateTime"),
        "status": rows.text("status"),
    })  # fmt: skip


RESOURCES = (
    Resource(
        "Immunization", "medication", "patient",
        EVERY | {
            "vaccineCode": CONCEPT, "patient": REFERENCE, "encounter": REFERENCE, "occurrenceDateTime": "s",
            "doseQuantity": QUANTITY, "route": CONCEPT,
        },
        conform,
        foreign=("date", "notGiven", "vaccinationProtocol", "practitioner", "explanation", "informationSource",
                 "basedOn", "administeredProduct", "supportingInformation", "reason"),
    ),
)  # fmt: skip
