"""The dashboard's checks: as many as it resolves, its ids, its reasons, and the counts of plain SQL."""

import random
from datetime import date

import polars as pl
import pytest

from federation.quality.omop.resolve import CATEGORY, resolved
from federation.quality.omop.run import Status, answered
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
    return found.rows, found.violated, found.status


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
        ("table_cdmtable_person", {}, (1, 1, Status.FAILED)),
        ("field_isrequired_person_year_of_birth", people(year_of_birth=None), (2, 1, Status.FAILED)),
        ("field_isprimarykey_person_person_id", person(), (1, 0, Status.PASSED)),
        ("field_cdmdatatype_person_year_of_birth", person(year_of_birth="1980.5"), (1, 1, Status.FAILED)),
        ("field_plausiblevaluehigh_person_month_of_birth", person(month_of_birth="13"), (1, 1, Status.FAILED)),
        ("field_plausiblevaluehigh_person_year_of_birth", person(year_of_birth="2028"), (1, 1, Status.FAILED)),
        (
            "field_plausibleafterbirth_death_death_date",
            person() | table("death", {"person_id": "1", "death_date": "1979-01-01"}), (1, 1, Status.FAILED),
        ),
        (
            "field_plausiblebeforedeath_measurement_measurement_date",
            person() | table("death", {"person_id": "1", "death_date": "2020-01-01"})
            | table("measurement", {"person_id": "1", "measurement_date": "2020-03-02"}), (1, 1, Status.FAILED),
        ),
        (
            "concept_plausiblegender_condition_occurrence_condition_concept_id_26662",
            person(gender_concept_id="8532") | table("condition_occurrence", {"person_id": "1", "condition_concept_id": "26662"}),
            (1, 1, Status.FAILED),
        ),
    ],
)  # fmt: skip
def test_a_check_counts_what_it_should(check, tables, wanted):
    assert answer(tables, check) == wanted


def test_what_nobody_could_be_asked_is_not_applicable_and_says_why():
    tables = person() | table("death")
    said = {each.asked.id: (each.status, each.reason) for each in answered(tables, TODAY)}
    assert said["field_isrequired_note_note_id"] == (Status.NOT_APPLICABLE, "Table NOTE does not exist.")
    assert said["field_isrequired_death_person_id"] == (Status.NOT_APPLICABLE, "Table DEATH is empty.")
    assert said["field_plausiblevaluelow_person_day_of_birth"][1] == "Field PERSON.DAY_OF_BIRTH is not populated."
    assert said["field_measurevaluecompleteness_person_day_of_birth"][0] is Status.PASSED


def test_no_table_at_all_fails_every_table_and_passes_nothing():
    said = answered({}, TODAY)
    assert {each.status for each in said if each.asked.check == "cdmTable"} == {Status.FAILED}
    assert Status.PASSED not in {each.status for each in said}


@pytest.mark.samples
def test_counts_are_those_of_plain_sql_on_the_sample_and_on_a_spoiled_one(samples):
    first = {name: rows.head(400) for name, rows in evidence.sample(samples).items()}
    for tables in (first, evidence.spoiled(first, random.Random(5))):
        assert evidence.differing(answered(tables, TODAY, vocabulary=True), evidence.by_sql(tables)) == []
