"""The FHIR exports: one NDJSON series a resource type, as a Bulk Data export lays them out."""

import polars as pl

from federation.city import fhir, fhir_faults, fhir_rows
from federation.city.faults import Fault
from federation.city.sheet import Rows, Sheet, woven
from federation.city.sites import Site

_OBSERVATION_LINE = pl.when("pressure").then(woven(fhir.PRESSURE)).otherwise(woven(fhir.LABORATORY))


def _sheet(site: Site, kind: str, rows: Rows, line: str | pl.Expr, faults: list[Fault]) -> Sheet:
    woven_line = woven(line) if isinstance(line, str) else line
    return Sheet(site, kind, ".ndjson", rows, woven_line, [*faults, *fhir_faults.line_faults(kind)])


def _organization_sheet(site: Site) -> Sheet:
    return Sheet(site, "Organization", ".ndjson", fhir_rows.organization, woven(fhir.ORGANIZATION), [])


def hospital(site: Site) -> list[Sheet]:
    """Everything a tertiary hospital's FHIR server gives out."""
    return [
        *clinic(site),
        _sheet(site, "Procedure", fhir_rows.procedures, fhir.PROCEDURE, fhir_faults.procedure_faults()),
        _sheet(site, "DiagnosticReport", fhir_rows.reports, fhir.REPORT, fhir_faults.subject_faults()),
    ]


def clinic(site: Site) -> list[Sheet]:
    """What a community centre on a hosted FHIR system gives out."""
    return [
        _organization_sheet(site),
        _sheet(site, "Patient", fhir_rows.patients, fhir.PATIENT, fhir_faults.patient_faults()),
        _sheet(site, "Encounter", fhir_rows.encounters, fhir.ENCOUNTER, fhir_faults.encounter_faults()),
        _sheet(site, "Condition", fhir_rows.conditions, fhir.CONDITION, fhir_faults.condition_faults()),
        _sheet(site, "Observation", fhir_rows.observations, _OBSERVATION_LINE, fhir_faults.observation_faults()),
        _sheet(site, "MedicationRequest", fhir_rows.medications, fhir.MEDICATION, fhir_faults.medication_faults()),
    ]


def laboratory(site: Site) -> list[Sheet]:
    """A hospital whose laboratory system alone speaks FHIR."""
    return [
        _organization_sheet(site),
        _sheet(site, "Patient", fhir_rows.patients, fhir.PATIENT, fhir_faults.patient_faults()),
        _sheet(site, "Observation", fhir_rows.laboratory_only, woven(fhir.LABORATORY), fhir_faults.result_faults()),
        _sheet(site, "DiagnosticReport", fhir_rows.reports_only, fhir.REPORT, fhir_faults.subject_faults()),
    ]
