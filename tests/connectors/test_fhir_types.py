"""What each type of FHIR resource becomes, seen on one made example each."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.fhir.values import reference, times
from connectors.kinds.fhir_r4 import CONNECTOR

HERE = Context(site="A", batch="b1", file="0" * 16)
WHO = {"subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/e1"}}


def read(folder: Path, *resources: dict[str, object]) -> Chunk:
    path = folder / "made.ndjson"
    path.write_text("\n".join(json.dumps({"id": "x1"} | each, ensure_ascii=False) for each in resources))
    [chunk] = CONNECTOR.open(path).chunks(HERE)
    chunk.check()
    return chunk


def rows(chunk: Chunk, table: str, *columns: str) -> list[tuple[object, ...]]:
    return list(chunk.tables[table].select(columns).iter_rows())


def lost(chunk: Chunk) -> list[tuple[str, str, bytes]]:
    return list(chunk.rejects.filter(~pl.col("whole")).select("column", "reason", "raw").iter_rows())


def coded(system: str, code: str, display: str | None = None) -> dict[str, object]:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def test_a_patient_and_the_identifiers(tmp_path):
    chunk = read(tmp_path, {
        "resourceType": "Patient", "gender": "female", "birthDate": "1980-02", "deceasedDateTime": "2020-01-01T20:00:00Z",
        "name": [{"family": "张", "given": ["三"]}], "telecom": [{"system": "email", "value": "x"}, {"system": "phone", "value": "139"}],
        "identifier": [{"system": "urn:oid:2.16.156.10011.1.3", "value": " １１x "}, {"type": {"coding": [{"code": "PPN"}]}, "value": "E1"},
                       {"system": "no value"}], "meta": {"lastUpdated": "2024-01-01T00:00:00.123+00:00"},
    })  # fmt: skip
    assert rows(chunk, "patient", "person_id", "name", "gender_code", "birth_date", "birth_precision", "phone") == [
        ("x1", "张 三", "2", None, "month", "139")
    ]
    assert rows(chunk, "patient", "death_time", "updated_at", "sec_level") == [
        (datetime(2020, 1, 2, 4), datetime(2024, 1, 1, 8, 0, 0, 123000), 4)
    ]
    assert rows(chunk, "patient_identifier", "record_id", "id_type_code", "id_value") == [
        ("Patient|x1|id1", "1", "11X"), ("Patient|x1|id2", "6", "E1")
    ]  # fmt: skip
    assert lost(chunk) == [("birth_date", "partial-date", b"1980-02")]


def test_an_encounter_and_a_class_that_is_not_known(tmp_path):
    made = {"resourceType": "Encounter", "period": {"start": "2020-01-01T08:00:00+08:00"}} | WHO
    chunk = read(tmp_path, made | {"class": {"code": "IMP"}, "partOf": {"reference": "Encounter/e0"}},
                 made | {"id": "x2", "class": {"code": "FLD"}})  # fmt: skip
    assert rows(chunk, "encounter", "class_code", "part_of", "start_time") == [
        ("IP", "Encounter|e0", datetime(2020, 1, 1, 8)), (None, None, datetime(2020, 1, 1, 8))
    ]  # fmt: skip
    assert lost(chunk) == [("class_code", "unmapped-code", b"FLD")]


def test_a_condition_keeps_its_icd_10_coding_and_is_guarded_by_it(tmp_path):
    code = {
        "coding": [
            coded("http://snomed.info/sct", "1"),
            coded("http://hl7.org/fhir/sid/icd-10", "F20.0", "x") | {"version": "2019"},
        ]
    }
    chunk = read(tmp_path, {"resourceType": "Condition", "code": code, "onsetDateTime": "2020-05-06T23:00:00Z"} | WHO)
    assert rows(chunk, "condition", "code", "code_version", "display", "onset_date", "sec_level", "encounter_id") == [
        ("F20.0", "2019", "x", date(2020, 5, 6), 5, "Encounter|e1")
    ]


def test_an_observation_with_components_is_a_row_and_one_for_each(tmp_path):
    def quantity(value: float) -> dict[str, object]:
        return {
            "value": value,
            "unit": "mmHg",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
            "comparator": "<",
        }

    chunk = read(tmp_path, {
        "resourceType": "Observation", "code": {"text": "BP"}, "issued": "2020-01-01T00:00:00Z",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "component": [{"code": {"text": "sys"}, "valueQuantity": quantity(120.5)}, {"code": {"text": "dia"}, "valueString": "低"}],
    } | WHO)  # fmt: skip
    columns = ("record_id", "category", "item_name", "value_num", "value_text", "comparator", "unit_ucum")
    assert rows(chunk, "observation", *columns) == [
        ("Observation|x1", "vital-signs", "BP", None, None, None, None),
        ("Observation|x1|c1", "vital-signs", "sys", 120.5, "120.5", "<", "mm[Hg]"),
        ("Observation|x1|c2", "vital-signs", "dia", None, "低", None, None),
    ]


@pytest.mark.parametrize(("value", "text", "number"), [
    ({"valueInteger": 3}, "3", 3.0), ({"valueBoolean": False}, "false", None), ({"valueString": "阴性"}, "阴性", None),
    ({"valueCodeableConcept": {"coding": [coded("s", "c", "d")]}}, "d", None),
    ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, "1-2", None),
    ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128", None),
    ({"valueTime": "10:00:00"}, "10:00:00", None), ({"valueQuantity": {"value": 1.50}}, "1.5", 1.5),
])  # fmt: skip
def test_every_kind_of_result_keeps_its_text(tmp_path, value, text, number):
    chunk = read(tmp_path, {"resourceType": "Observation"} | WHO | value)
    assert rows(chunk, "observation", "value_text", "value_num") == [(text, number)]


def test_serology_is_guarded(tmp_path):
    hiv = {"resourceType": "Observation", "code": {"coding": [coded("http://loinc.org", "75622-1")]}} | WHO
    assert rows(read(tmp_path, hiv), "observation", "sec_level") == [(5,)]


def test_a_report_marks_its_results_and_keeps_its_conclusion(tmp_path):
    report = {"resourceType": "DiagnosticReport", "id": "r1", "conclusion": "未见异常", "result": [{"reference": "Observation/o1"}],
              "code": {"text": "胸片"}} | WHO  # fmt: skip
    chunk = read(tmp_path, {"resourceType": "Observation", "id": "o1"} | WHO, report)
    assert rows(chunk, "observation", "record_id", "report_id", "value_text") == [
        ("Observation|o1", "DiagnosticReport|r1", None),
        ("DiagnosticReport|r1|conclusion", "DiagnosticReport|r1", "未见异常"),
    ]
    assert rows(chunk, "document", "record_id", "title") == [("DiagnosticReport|r1", "胸片")]


def test_a_drug_is_found_in_place_or_in_a_contained_medication(tmp_path):
    drug = {"coding": [coded("http://x", "d1"), coded("http://www.whocc.no/atc", "A10BA02")], "text": "二甲双胍"}
    made = {"resourceType": "MedicationRequest", "authoredOn": "2020-01-01"} | WHO
    chunk = read(tmp_path, made | {"medicationCodeableConcept": drug}, made | {
        "id": "x2", "contained": [{"resourceType": "Medication", "id": "m", "code": drug}], "medicationReference": {"reference": "#m"},
    }, made | {"id": "x3", "medicationReference": {"reference": "Medication/9", "display": "阿司匹林"}})  # fmt: skip
    assert rows(chunk, "medication", "drug_code", "atc_code", "drug_name", "kind") == [
        ("d1", "A10BA02", "二甲双胍", "prescription"), ("d1", "A10BA02", "二甲双胍", "prescription"),
        (None, None, "阿司匹林", "prescription"),
    ]  # fmt: skip


def test_a_claim_is_its_total_and_its_items_and_dollars_are_no_yuan(tmp_path):
    items = [{"productOrService": {"text": "挂号"}, "net": {"value": 12.5, "currency": "CNY"}, "quantity": {"value": 1}},
             {"net": {"value": 7, "currency": "USD"}}]  # fmt: skip
    chunk = read(
        tmp_path,
        {"resourceType": "Claim", "patient": {"reference": "Patient/p1"}, "total": {"value": 20}, "item": items},
    )
    assert rows(chunk, "cost", "record_id", "kind", "fee_class_code", "amount", "item_name") == [
        ("Claim|x1", "settlement", "TOTAL", Decimal("20.00"), None),
        ("Claim|x1|i1", "charge_item", None, Decimal("12.50"), "挂号"), ("Claim|x1|i2", "charge_item", None, None, None),
    ]  # fmt: skip
    assert lost(chunk) == [("amount", "unmapped-code", b"7")]


def test_a_benefit_is_what_was_submitted_and_what_was_paid(tmp_path):
    chunk = read(tmp_path, {
        "resourceType": "ExplanationOfBenefit", "patient": {"reference": "Patient/p1"}, "payment": {"amount": {"value": 8}},
        "total": [{"category": {"coding": [{"code": "benefit"}]}, "amount": {"value": 8}},
                  {"category": {"coding": [{"code": "submitted"}]}, "amount": {"value": 10}}],
    })  # fmt: skip
    assert rows(chunk, "cost", "amount", "fund_pay") == [(Decimal("10.00"), Decimal("8.00"))]


def test_a_document_keeps_the_sm3_of_its_content_not_the_content(tmp_path):
    chunk = read(tmp_path, {
        "resourceType": "DocumentReference", "description": "出院记录", "date": "2020-01-01T00:00:00Z",
        "content": [{"attachment": {"contentType": "text/plain", "data": "YWJj"}}],
    } | WHO)  # fmt: skip
    of_abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, example 1
    assert rows(chunk, "document", "content_sm3", "mime", "title") == [(of_abc, "text/plain", "出院记录")]


def test_a_consent_is_one_row_for_each_value_of_each_attribute_of_each_provision(tmp_path):
    inner = {"type": "deny", "purpose": [{"system": "s", "code": "HMARKT"}], "dataPeriod": {"start": "2019-01-01"}}
    outer = {"type": "permit", "period": {"start": "2020-01-01"}, "provision": [inner], "action": [{"coding": [{"code": "access"}]}],
             "actor": [{"role": {"coding": [{"code": "PRCP"}]}, "reference": {"reference": "Organization/o1"}}]}  # fmt: skip
    chunk = read(
        tmp_path,
        {"resourceType": "Consent", "status": "active", "patient": {"reference": "Patient/p1"}, "provision": outer},
    )
    columns = ("provision_id", "parent_id", "depth", "decision", "attribute", "value", "data_from")
    assert rows(chunk, "consent", *columns) == [
        ("Consent|x1|p", None, 0, "permit", "action", "access", None),
        ("Consent|x1|p", None, 0, "permit", "actor", "o1", None),
        ("Consent|x1|p", None, 0, "permit", "role", "PRCP", None),
        ("Consent|x1|p.1", "Consent|x1|p", 1, "deny", "purpose", "HMARKT", date(2019, 1, 1)),
    ]
    assert chunk.tables["consent"]["record_id"].is_unique().all()


def test_a_consent_that_is_only_a_policy_is_one_row(tmp_path):
    chunk = read(tmp_path, {"resourceType": "Consent", "status": "active", "patient": {"reference": "Patient/p1"}})
    assert rows(chunk, "consent", "provision_id", "depth", "decision") == [("Consent|x1|p", 0, None)]


@pytest.mark.parametrize(("written", "clock"), [
    ("2020-01-01T00:00:00Z", datetime(2020, 1, 1, 8)), ("2020-01-01T00:00:00-05:00", datetime(2020, 1, 1, 13)),
    ("2020-01-01T00:00:00.5+08:00", datetime(2020, 1, 1, 0, 0, 0, 500000)), ("2020-01-01T10:00:00", datetime(2020, 1, 1, 10)),
    ("2020-01-01", datetime(2020, 1, 1)), ("1988-07-01T00:00:00Z", datetime(1988, 7, 1, 9)),
    ("2020-02-30", None), ("2020-01-01T24:30:00Z", None), ("2020", None), ("text", None), ("", None),
])  # fmt: skip
def test_times_are_the_wall_clock_of_shanghai(written, clock):
    typed = times(pl.Series([written, "2021-01-01T00:00:00Z"]))
    assert typed.values.to_list() == [clock, datetime(2021, 1, 1, 8)]
    assert (typed.reasons is None) == (clock is not None)


@pytest.mark.parametrize(("written", "named"), [
    ("Patient/1", "1"), ("http://h/fhir/Patient/1", "1"), ("Patient/1/_history/2", "1"), ("urn:uuid:a-b", "a-b"),
    ("Patient?identifier=http://s|77", "77"), ("#p", None), ("Group/1", None), ("http://h/Device/1", None), ("1", "1"),
])  # fmt: skip
def test_a_reference_names_an_id_of_the_type_asked_for(written, named):
    assert reference(pl.Series([written]), "Patient").to_list() == [named]
