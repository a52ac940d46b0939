"""Encounter: one row. Reasons and diagnoses stay with the Condition resources that carry them."""

from connectors.fhir.draft import Draft
from connectors.fhir.elements import CODING, CONCEPT, EVERY, IDENTIFIER, PERIOD, REFERENCE
from connectors.fhir.resource import Resource

# v3-ActCode to the shared classes. Only what is sure: FLD (field) and PRENC (not begun) stay unmapped.
CLASS = {"AMB": "OP", "EMER": "ER", "IMP": "IP", "ACUTE": "IP", "NONAC": "IP", "OBSENC": "OBS", "HH": "HOME",
         "VR": "VR"}  # fmt: skip
ADMIT = {"emd": "1", "outp": "2", "hosp-trans": "3", "other": "9"}  # RC026 from encounter-admit-source
LEFT = {"home": "1", "aadvice": "4", "exp": "5", "oth": "9"}  # RC019; `other-hcf` may be 2 or 3


def conform(draft: Draft) -> None:
    """One encounter row."""
    rows = draft.rows
    stay = "hospitalization."
    admitted = rows.text(f"{stay}admitSource.coding.0.code")
    left = rows.text(f"{stay}dischargeDisposition.coding.0.code")
    draft.add("encounter", rows, {
        "class_code": draft.codes(rows, "class_code", rows.text("class.code"), CLASS),
        "part_of": draft.encounter(rows, "partOf"),
        "visit_no": rows.text("identifier.0.value"),
        "start_time": draft.times(rows, "start_time", "period.start"),
        "end_time": draft.times(rows, "end_time", "period.end"),
        "admit_route_code": draft.codes(rows, "admit_route_code", admitted, ADMIT),
        "discharge_way_code": draft.codes(rows, "discharge_way_code", left, LEFT),
        "receiving_org_name": rows.text(f"{stay}destination.display"),
    })  # fmt: skip


RESOURCES = (
    Resource(
        "Encounter", "encounter", "subject",
        EVERY | {
            "identifier": [IDENTIFIER], "class": CODING, "subject": REFERENCE, "period": PERIOD, "partOf": REFERENCE,
            "serviceProvider": REFERENCE,
            "hospitalization": {"admitSource": CONCEPT, "dischargeDisposition": CONCEPT, "destination": REFERENCE},
        },
        conform,
        foreign=("reason", "incomingReferral", "class[]", "actualPeriod", "admission", "plannedStartDate",
                 "plannedEndDate", "subjectStatus", "businessStatus", "virtualService", "participant.0.actor"),
    ),
)  # fmt: skip
