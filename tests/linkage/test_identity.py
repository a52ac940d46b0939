"""What a site knows a person by: one row a person, the last word stands, withdrawn rows say nothing."""

from datetime import date, datetime

import polars as pl

from federation.linkage.identity import IDENTITY, NUMBERS, identities, numbers
from schemas.tables.patient import Patient
from schemas.tables.patient_identifier import PatientIdentifier


def patients(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{"deleted": False, **row} for row in rows], schema=Patient.schema())


def test_rows_of_one_person_are_one_record_and_what_was_said_last_stands():
    told = identities("A", patients(
        {"person_id": "1", "name": "甲", "phone": "1", "updated_at": datetime(2025, 1, 2)},
        {"person_id": "1", "name": "乙", "updated_at": datetime(2025, 1, 1), "residence_div_code": "440605"},
        {"person_id": "2", "name": "丙", "gender_code": "2"},
        {"person_id": None, "name": "丁"},
    ))  # fmt: skip
    assert told.schema == IDENTITY
    assert told.select("site", "record", "name", "sex", "phone", "division").rows() == [
        ("A", "1", "甲", None, "1", "440605"), ("A", "2", "丙", "2", None, None)]  # fmt: skip


def test_of_births_the_most_precise_stands_whenever_it_was_said():
    told = identities("A", patients(
        {"person_id": "1", "birth_date": date(1957, 3, 5), "birth_precision": "day", "updated_at": datetime(2025, 1, 1)},
        {"person_id": "1", "birth_date": date(1957, 1, 1), "birth_precision": "year", "updated_at": datetime(2025, 1, 2)},
    ))  # fmt: skip
    assert told.select("birth_date", "birth_precision").rows() == [(date(1957, 3, 5), "day")]


def test_an_unknown_sex_does_not_take_the_place_of_a_known_one():
    told = identities("A", patients({"person_id": "1", "gender_code": "1"}, {"person_id": "1", "gender_code": "9"}))
    assert told["sex"].to_list() == ["1"]


def test_a_withdrawn_row_says_nothing():
    assert identities("A", patients({"person_id": "1", "name": "甲", "deleted": True})).is_empty()
    rows = pl.DataFrame([{"person_id": "1", "id_value": "X", "deleted": True}], schema=PatientIdentifier.schema())
    assert numbers("A", rows).is_empty()


def test_a_number_said_by_many_rows_is_one_number():
    rows = [{"person_id": "1", "id_type_code": kind, "id_value": value} for kind, value in
            [("1", "X"), ("1", "X"), ("6", "X"), (None, "Y"), ("1", None)]]  # fmt: skip
    told = numbers("A", pl.DataFrame(rows, schema=PatientIdentifier.schema()))
    assert told.schema == NUMBERS
    assert told.select("kind", "value").rows() == [(None, "Y"), ("1", "X"), ("6", "X")]


def test_an_empty_table_is_an_empty_frame():
    assert identities("A", patients()).schema == IDENTITY
    assert numbers("A", pl.DataFrame(schema=PatientIdentifier.schema())).schema == NUMBERS
