"""The dashboard's checks: as many as it resolves, its ids, its reasons, and the counts of plain SQL."""

import random
from datetime import date

import polars as pl
import pytest

from federation.quality.finding import Verdict
from federation.quality.omop.resolve import CATEGORY, resolved
from federation.quality.omop.run import answered
from schemas.exports.omop import cdm
from tests.evidence import omop as evidence

TODAY = date(2026, 1, 1)


def table(name, *rows):
    fields = dict.fromkeys(cdm()[name])
    return {name: pl.DataFrame([fields | row for row in rows], schema=dict.fromkeys(fields, pl.String()))}


def person(number="1", **cells):
    birth = {"year_of_birth": "1980", "gender_concept_id": "8507", "person_id": number}
    return table("person", birth | cells)


def people(**cells):
    return {"person": pl.concat([person()["person"], person("2", **cells)["person"]])}


def answer(tables, check, vocabulary=False):
    [found] = [each for each in answered(tables, TODAY, vocabulary) if each.asked.id == check]
    return found.rows, found.violated, found.verdict


def test_as_many_checks_are_resolved_as_by_the_dashboard_itself():
    assert (len(resolved(vocabulary=True)), len(resolved())) == (2535, 2376)
    assert {each.check for each in resolved()} == set(CATEGORY)
    assert len(CATEGORY) == 27
    assert len({each.id for each in resolved(vocabulary=True)}) == 2535


def test_every_field_that_is_named_is_one_of_the_cdm():
    fields = {(name, field) for name, its in cdm().items() for field in its}
    assert all((each.table, each.field) in fields for each in resolved(vocabulary=True) if each.field)


@pytest.mark.parametrize(
    ("check", "tables", "wanted"),
    [
        ("table_cdmtable_person", {}, (1, 1, Verdict.FAILED)),
        ("field_isrequired_person_year_of_birth", people(year_of_birth=None), (2, 1, Verdict.FAILED)),
        ("field_isprimarykey_person_person_id", person(), (1, 0, Verdict.PASSED)),
        ("field_cdmdatatype_person_year_of_birth", person(year_of_birth="1980.5"), (1, 1, Verdict.FAILED)),
        ("field_plausiblevaluehigh_person_month_of_birth", person(month_of_birth="13"), (1, 1, Verdict.FAILED)),
        ("field_plausiblevaluehigh_person_year_of_birth", person(year_of_birth="2028"), (1, 1, Verdict.FAILED)),
        (
            "field_plausibleafterbirth_death_death_date",
            person() | table("death", {"person_id": "1", "death_date": "1979-01-01"}), (1, 1, Verdict.FAILED),
        ),
        (
            "field_plausiblebeforedeath_measurement_measurement_date",
            person() | table("death", {"person_id": "1", "death_date": "2020-01-01"})
            | table("measurement", {"person_id": "1", "measurement_date": "2020-03-02"}), (1, 1, Verdict.FAILED),
        ),
        (
            "concept_plausiblegender_condition_occurrence_condition_concept_id_26662",
            person(gender_concept_id="8532") | table("condition_occurrence", {"person_id": "1", "condition_concept_id": "26662"}),
            (1, 1, Verdict.FAILED),
        ),
    ],
)  # fmt: skip
def test_a_check_counts_what_it_should(check, tables, wanted):
    assert answer(tables, check) == wanted


def test_what_nobody_could_be_asked_is_not_applicable_and_says_why():
    tables = person() | table("death")
    said = {each.asked.id: (each.verdict, each.reason) for each in answered(tables, TODAY)}
    assert said["field_isrequired_note_note_id"] == (Verdict.NO_EVIDENCE, "Table NOTE does not exist.")
    assert said["field_isrequired_death_person_id"] == (Verdict.NO_EVIDENCE, "Table DEATH is empty.")
    assert said["field_plausiblevaluelow_person_day_of_birth"][1] == "Field PERSON.DAY_OF_BIRTH is not populated."
    assert said["field_measurevaluecompleteness_person_day_of_birth"][0] is Verdict.PASSED


def test_no_table_at_all_fails_every_table_and_passes_nothing():
    said = answered({}, TODAY)
    assert {each.verdict for each in said if each.asked.check == "cdmTable"} == {Verdict.FAILED}
    assert Verdict.PASSED not in {each.verdict for each in said}


@pytest.mark.samples
def test_counts_are_those_of_plain_sql_on_the_sample_and_on_a_spoiled_one(samples):
    first = {name: rows.head(400) for name, rows in evidence.sample(samples).items()}
    for tables in (first, evidence.spoiled(first, random.Random(5))):
        assert evidence.differing(answered(tables, TODAY, vocabulary=True), evidence.by_sql(tables)) == []


def test_a_cdm_that_lacks_fields_of_its_tables_is_asked_all_the_same():
    few = {name: rows.select("person_id") for name, rows in one_row_each().items()}
    said = {each.asked.id: each for each in answered(few, TODAY)}
    assert said["field_cdmfield_person_birth_datetime"].verdict is Verdict.FAILED
    assert said["field_plausibleafterbirth_death_death_date"].reason == "Field DEATH.DEATH_DATE does not exist."
    assert said["field_isforeignkey_death_person_id"].verdict is Verdict.PASSED


def one_row_each():
    others = ("death", "visit_occurrence", "measurement", "condition_occurrence", "drug_era")
    return person() | {k: v for name in others for k, v in table(name, {"person_id": "1"}).items()}
