"""CDM tables drawn here: headers in every spelling, values that cannot be read, and what lies beside them."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Context
from connectors.errors import ConnectorError, Unreadable
from connectors.kinds.omop import CONNECTOR
from connectors.omop.table import known
from schemas.exports.omop import RENAMED, cdm

CONTEXT = Context("s", "b", "f")
PERSON = ["person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime",
          "race_concept_id", "ethnicity_concept_id", "location_id", "person_source_value"]  # fmt: skip
VISIT = [name for name in cdm()["visit_occurrence"] if name != "preceding_visit_occurrence_id"]


def table(path: Path, columns: list[str], *rows: str, separator: str = ",") -> Path:
    """A file with these columns; cells of the rows are apart by blanks, `_` is an empty one."""
    cells = [columns, *([("" if cell == "_" else cell) for cell in row.split()] for row in rows)]
    path.write_text("".join(separator.join(row) + "\n" for row in cells), "utf-8")
    return path


def read(path: Path):
    """The only chunk of a small file."""
    (chunk,) = CONNECTOR.open(path).chunks(CONTEXT)
    chunk.check()
    return chunk


def test_births_are_as_precise_as_they_are_said(tmp_path):
    path = table(tmp_path / "p.csv", PERSON, "1 8507 1990 4 9 _ 0 0 _ X1", "2 8532 1990 4 _ _ 0 0 _ X2",
                 "3 8551 1990 _ _ _ 0 0 _ X3", "4 0 1990 2 31 _ 0 0 _ _")  # fmt: skip
    chunk = read(path)
    rows = chunk.tables["patient"].select("person_id", "org_patient_id", "gender_code", "birth_date", "birth_precision")
    assert rows.rows() == [
        ("1", "X1", "1", date(1990, 4, 9), "day"),
        ("2", "X2", "2", None, "month"),
        ("3", "X3", "0", None, "year"),
        ("4", "4", None, None, None),
    ]
    assert chunk.rejects.select("position", "column", "reason", "whole").rows() == [
        (2, "birth_datetime", "partial-date", False),
        (3, "birth_datetime", "partial-date", False),
        (4, "birth_datetime", "bad-date", False),
    ]


@pytest.mark.parametrize("separator", [",", "\t", "|"])
@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_headers_in_every_spelling_make_the_same_rows(tmp_path, separator, spelling):
    plain = read(table(tmp_path / "p.csv", PERSON, "1 8507 1990 4 9 _ 0 0 _ X1")).tables["patient"]
    path = table(tmp_path / "other.txt", [spelling(name) for name in PERSON], "1 8507 1990 4 9 _ 0 0 _ X1",
                 separator=separator)  # fmt: skip
    assert CONNECTOR.sniff(path).profile == "person"
    assert read(path).tables["patient"].drop("source_row_hash").equals(plain.drop("source_row_hash"))


def test_quoted_capitals_with_a_mark_in_front_are_read(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text('"PERSON_ID","DEATH_DATE","DEATH_DATETIME"\r\n"7","2019-05-28",""\r\n', "utf-8-sig")
    chunk = read(path)
    assert chunk.tables["patient"].select("record_id", "death_time").rows() == [("person|7", datetime(2019, 5, 28))]


def test_a_death_is_a_later_version_of_the_person_and_clears_nothing(tmp_path):
    person = read(table(tmp_path / "p.csv", PERSON, "7 8507 1990 4 9 _ 0 0 _ X1"))
    death = read(table(tmp_path / "d.csv", ["person_id", "death_date"], "7 2019-05-28"))
    assert person.records["key"].to_list() == ["person|7"]
    assert death.records["key"].to_list() == ["death|7"]
    assert death.versions.select("key", "cleared").rows() == [("person|7", None)]
    cleared = person.versions["cleared"][0].split(",")
    assert "death_time" not in cleared
    assert {"name", "phone", "address"} <= set(cleared)


def test_the_names_of_5_3_are_read_as_those_of_5_4(tmp_path):
    older = {new: old for old, new in RENAMED.items()}
    row = "5 7 9201 2024-01-02 _ 2024-01-09 _ 44818517 _ _ V5 0 0 2 0 1"
    new = read(table(tmp_path / "n.csv", VISIT, row)).tables["encounter"].drop("source_row_hash", "extra")
    old_file = table(tmp_path / "o.csv", [older.get(name, name) for name in VISIT], row)
    old = read(old_file).tables["encounter"].drop("source_row_hash", "extra")
    assert known([older.get(name, name) for name in VISIT]).version == "5.3"
    assert old.equals(new)
    assert new.select("class_code", "admit_route_code", "discharge_way_code", "visit_no").rows() == [
        ("IP", "2", "1", "V5")
    ]


def test_numbers_with_a_point_and_words_for_nothing_are_what_data_frames_write(tmp_path):
    path = table(tmp_path / "v.csv", VISIT, "5.0 7.0 9202.0 2024-01-02 NA NA NULL 44818517 NA \\N V5 0 0 _ 0 _")
    chunk = read(path)
    row = chunk.tables["encounter"].row(0, named=True)
    assert (row["record_id"], row["person_id"], row["class_code"], row["end_time"]) == (
        "visit_occurrence|5", "7", "OP", None,
    )  # fmt: skip
    assert chunk.rejects["reason"].to_list() == ["required-empty"]  # visit_end_date


def test_who_and_which_are_needed_and_all_else_is_counted(tmp_path):
    path = table(tmp_path / "v.csv", VISIT,
                 "_ 7 9202 2024-01-02 _ 2024-01-02 _ 1 _ _ V 0 0 _ 0 _",
                 "6 _ 9202 2024-01-02 _ 2024-01-02 _ 1 _ _ V 0 0 _ 0 _",
                 "7 7 9202 2024-13-02 _ 2024-01-02 _ one x _ V 0 0 _ 0 _",
                 "8 7 4711 2024-01-02 _ 2024-01-02 _ 1 _ _ V 0 0 _ 0 7")  # fmt: skip
    chunk = read(path)
    assert (chunk.read, chunk.rejected, chunk.tables["encounter"].height) == (4, 2, 2)
    assert sorted(chunk.rejects.select("position", "column", "reason").rows()) == [
        (1, "", "no-key"), (2, "", "no-person"),
        (3, "provider_id", "bad-number"), (3, "visit_start_datetime", "bad-date"), (3, "visit_type_concept_id", "bad-number"),
        (4, "discharged_to_source_value", "unmapped-code"), (4, "visit_class", "unmapped-code"),
    ]  # fmt: skip


CONDITION = ["condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date",
             "condition_type_concept_id", "condition_status_concept_id", "condition_source_value",
             "condition_source_concept_id"]  # fmt: skip
CONCEPT = ["concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "concept_code",
           "valid_start_date", "valid_end_date"]  # fmt: skip


def test_a_code_is_the_source_value_and_its_concept_names_it(tmp_path):
    table(tmp_path / "CONCEPT.csv", CONCEPT, "11 甲病 Condition ICD10CM x A01 1970-01-01 2099-12-31",
          "12 乙病 Condition SNOMED x 700 1970-01-01 2099-12-31")  # fmt: skip
    path = table(tmp_path / "c.csv", CONDITION,
                 "1 7 12 2024-01-02 32817 32902 A01 11",   # the source concept
                 "2 7 12 2024-01-02 32817 32908 700 0",    # the standard concept has the source's code
                 "3 7 12 2024-01-02 32817 0 Z99 0",        # nobody says which system Z99 is of
                 "4 7 12 2024-01-02 32817 0 _ 0",          # no source value: the concept's own code
                 "5 7 99 2024-01-02 32817 0 _ 0")  # a concept that is not there: its number  # fmt: skip
    rows = read(path).tables["condition"].select("code", "code_system", "display", "role_code").rows()
    assert rows == [
        ("A01", "http://hl7.org/fhir/sid/icd-10-cm", "甲病", "MAIN"),
        ("700", "http://snomed.info/sct", "乙病", "OTHER"),
        ("Z99", None, None, None),
        ("700", "http://snomed.info/sct", "乙病", None),
        ("99", "https://fhir-terminology.ohdsi.org", None, None),
    ]


def test_another_concept_table_is_another_way_of_reading(tmp_path):
    path = table(tmp_path / "c.csv", CONDITION, "1 7 12 2024-01-02 32817 0 A01 11")
    alone = CONNECTOR.open(path).mapping_version
    table(tmp_path / "concept.csv", CONCEPT, "11 甲病 Condition ICD10CM x A01 1970-01-01 2099-12-31")
    beside = CONNECTOR.open(path).mapping_version
    table(tmp_path / "concept.csv", CONCEPT, "11 乙病 Condition ICD10CM x A01 1970-01-01 2099-12-31")
    assert len({alone, beside, CONNECTOR.open(path).mapping_version}) == 3


COST = ["cost_id", "cost_event_id", "cost_domain_id", "cost_type_concept_id", "total_charge", "paid_by_patient",
        "revenue_code_source_value"]  # fmt: skip


def test_a_cost_belongs_to_the_person_of_its_event(tmp_path):
    table(tmp_path / "visit_occurrence.csv", VISIT, "5 7 9201 2024-01-02 _ 2024-01-09 _ 1 _ _ V5 0 0 _ 0 _")
    path = table(
        tmp_path / "c.csv", COST, "1 5 Visit 32817 12.50 2.5 TOTAL", "2 6 Visit 32817 1 _ _", "3 5 Drug 32817 1 _ _"
    )
    chunk = read(path)
    assert chunk.tables["cost"].select("person_id", "encounter_id", "amount", "self_pay", "fee_class_code").rows() == [
        ("7", "visit_occurrence|5", Decimal("12.50"),
         Decimal("2.50"), "TOTAL"),
    ]  # fmt: skip
    assert chunk.rejects.filter("whole")["reason"].to_list() == ["no-person", "no-person"]


def test_where_somebody_lives_comes_from_the_location_table(tmp_path):
    fields = [name for name in cdm()["location"] if name != "country_source_value"]
    table(tmp_path / "location.csv", fields, "3 甲路 _ 乙市 _ _ 110101 _ _ _ _")
    chunk = read(table(tmp_path / "p.csv", PERSON, "1 8507 1990 4 9 _ 0 0 3 X1", "2 8507 1990 4 9 _ 0 0 4 X1"))
    assert chunk.tables["patient"].select("residence_div_code", "address").rows() == [
        ("110101", "甲路 乙市"),
        (None, None),
    ]


def test_what_no_mapping_uses_is_kept_verbatim_at_the_site(tmp_path):
    chunk = read(table(tmp_path / "c.csv", CONDITION, "1 7 12 2024-01-02 32817 0 A01 11"))
    assert chunk.tables["condition"]["extra"][0] == (
        '{"condition_concept_id":"12","condition_type_concept_id":"32817","condition_source_concept_id":"11"}'
    )


def test_parquet_makes_the_rows_that_text_makes(tmp_path):
    rows = ["5 7 9201 2024-01-02 _ 2024-01-09 _ 44818517 _ _ V5 0 0 2 0 1"]
    text = read(table(tmp_path / "v.csv", VISIT, *rows)).tables["encounter"]
    frame = pl.read_csv(tmp_path / "v.csv", infer_schema=True, try_parse_dates=True)
    frame.write_parquet(tmp_path / "v.parquet")
    chunk = read(tmp_path / "v.parquet")
    assert CONNECTOR.sniff(tmp_path / "v.parquet").profile == "visit_occurrence"
    assert chunk.tables["encounter"].drop("source_row_hash", "extra").equals(text.drop("source_row_hash", "extra"))


@pytest.mark.parametrize("cut", [0, 3, 4, 11, 40, -1])
def test_a_cut_off_parquet_is_said_in_a_sentence(tmp_path, cut):
    whole, path = tmp_path / "w.parquet", tmp_path / "c.parquet"
    pl.DataFrame({"person_id": [1], "death_date": [date(2020, 1, 1)]}).write_parquet(whole)
    path.write_bytes(whole.read_bytes()[:cut])
    assert CONNECTOR.sniff(path) is None
    with pytest.raises(ConnectorError):
        list(CONNECTOR.open(path).chunks(CONTEXT))


@given(st.data())
def test_a_damaged_parquet_ends_in_rows_or_in_a_sentence(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("p")
    pl.DataFrame({"person_id": [1, 2], "death_date": [date(2020, 1, 1)] * 2}).write_parquet(folder / "w.parquet")
    raw = bytearray((folder / "w.parquet").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (folder / "d.parquet").write_bytes(raw)
    with suppress(ConnectorError):
        for chunk in CONNECTOR.open(folder / "d.parquet").chunks(CONTEXT):
            chunk.check()


def test_vocabulary_is_one_record_passed_over(tmp_path):
    chunk = read(table(tmp_path / "x.csv", CONCEPT, "11 甲病 Condition ICD10CM x A01 1970-01-01 2099-12-31"))
    assert (chunk.read, chunk.rejects["reason"].to_list(), chunk.rejects["column"].to_list()) == (
        1, ["no-shared-table"], ["concept"],
    )  # fmt: skip


@given(st.sampled_from(sorted(cdm())), st.randoms(use_true_random=False))
def test_a_table_is_known_in_any_order_of_its_fields(name, shuffled):
    fields = list(cdm()[name])
    shuffled.shuffle(fields)
    assert known(fields).table == name


@given(st.lists(st.text(min_size=1, max_size=20), max_size=30))
def test_other_headers_are_no_table(header):
    assert known(header) is None


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "person.csv").write_bytes(b"")
    with pytest.raises(Unreadable):
        CONNECTOR.open(tmp_path / "person.csv")
