"""MedicationRequest: one row of what was prescribed, its drug coded in place or in a contained Medication.

A Medication elsewhere is not looked up: its name is kept where the reference shows one.
"""

import polars as pl

from connectors.fhir.concepts import ATC, concept
from connectors.fhir.draft import Draft
from connectors.fhir.elements import CONCEPT, EVERY, IDENTIFIER_VALUE, PERIOD, QUANTITY, REFERENCE
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows

DOSE = "dosageInstruction.0.doseAndRate.0.doseQuantity"


def conform(draft: Draft) -> None:
    """One medication row."""
    rows = draft.rows
    repeat = "dosageInstruction.0.timing.repeat.boundsPeriod"
    supply = "dispenseRequest.expectedSupplyDuration"
    days = rows.bare(f"{supply}.value")
    in_days = (rows.text(f"{supply}.code") == "d").fill_null(value=False)
    days = days.zip_with(in_days, days.clear(len(days)))
    draft.add("medication", rows, drug(rows) | {
        "encounter_id": draft.encounter(rows, "encounter"),
        "kind": pl.Series(["prescription"]).new_from_index(0, len(rows)),
        "group_no": rows.text("groupIdentifier.value"),
        "dose": draft.numbers(rows, "dose", f"{DOSE}.value"), "dose_unit": rows.text(f"{DOSE}.unit"),
        "freq_code": rows.text("dosageInstruction.0.timing.code.coding.0.code"),
        "route_code": rows.text("dosageInstruction.0.route.coding.0.code"),
        "total_qty": draft.numbers(rows, "total_qty", "dispenseRequest.quantity.value"),
        "days": draft.typed(rows, "days", days, pl.Int16()),
        "start_time": draft.times(rows, "start_time", "authoredOn"),
        "end_time": draft.times(rows, "end_time", f"{repeat}.end"),
        "status": rows.text("status"),
    })  # fmt: skip


def drug(rows: Rows) -> dict[str, pl.Series]:
    """Code, system, ATC code and name of the drug."""
    own = concept(rows, "medicationCodeableConcept")
    columns = {"code": own.code, "system": own.system, "name": own.text, "atc": _atc(rows, "medicationCodeableConcept")}
    if rows.has("medicationReference.reference"):
        inside = _contained(rows)
        columns = {name: column.zip_with(column.is_not_null(), inside[name]) for name, column in columns.items()}
        shown = rows.text("medicationReference.display")
        columns["name"] = columns["name"].zip_with(columns["name"].is_not_null(), shown)
    return {"drug_code": columns["code"], "drug_code_system": columns["system"], "drug_name": columns["name"],
            "atc_code": columns["atc"]}  # fmt: skip


def _atc(rows: Rows, path: str) -> pl.Series:
    found = concept(rows, path, prefer=ATC)
    fits = found.system.str.contains(ATC).fill_null(value=False)
    return found.code.zip_with(fits, found.code.clear(len(found.code)))


def _contained(rows: Rows) -> pl.DataFrame:
    """Code, system, ATC code and name from the contained Medication each row refers to by `#id`."""
    held = rows.each("contained")
    code = concept(held, "code")
    medications = pl.DataFrame({
        "row": held.parent, "id": "#" + held.text("id"), "code": code.code, "system": code.system, "name": code.text,
        "atc": _atc(held, "code"),
    }, schema_overrides={"row": pl.Int64}).unique(["row", "id"], keep="first")  # fmt: skip
    wanted = pl.DataFrame({"row": range(len(rows)), "id": rows.text("medicationReference.reference")})
    return wanted.cast({"row": pl.Int64}).join(medications, on=["row", "id"], how="left", maintain_order="left")


RESOURCES = (
    Resource(
        "MedicationRequest", "medication", "subject",
        EVERY | {
            "contained": [{"resourceType": "s", "id": "s"}], "medicationCodeableConcept": CONCEPT,
            "medicationReference": REFERENCE, "subject": REFERENCE, "encounter": REFERENCE, "authoredOn": "s",
            "groupIdentifier": IDENTIFIER_VALUE,
            "dosageInstruction": [{"timing": {"code": CONCEPT, "repeat": {"boundsPeriod": PERIOD}}, "route": CONCEPT,
                                   "doseAndRate": [{"doseQuantity": QUANTITY}]}],
            "dispenseRequest": {"quantity": QUANTITY, "expectedSupplyDuration": QUANTITY},
        },
        conform,
        foreign=("context", "definition", "requester.agent", "medication", "renderedDosageInstruction", "reason",
                 "informationSource", "device", "effectiveDosePeriod"),
    ),
)  # fmt: skip
