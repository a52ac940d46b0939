"""Landing tables of hospital platforms (HLHT_*): every one is known by its whole header, and nothing of it is lost."""

import csv
import json

import pytest

from connectors.connector import Context
from connectors.kinds.delimited import CONNECTOR
from connectors.profiles import best, profiles

HLHT = {name: profile for name, profile in profiles().items() if name.startswith("hlht_")}


def header(name):
    return HLHT[name].about.detect.most


@pytest.mark.parametrize("name", HLHT)
def test_a_table_is_known_by_its_whole_header_and_by_no_other(name):
    assert best(header(name)).name == name


@pytest.mark.parametrize("name", HLHT)
def test_a_record_makes_a_document_of_a_person_and_what_no_table_holds_stays(name, tmp_path):
    names = header(name)
    cells = {column: f"{column}-1" for column in names} | {"xbdm": "2", "gxsj": "2026-01-02 03:04:05"}
    path = tmp_path / f"{name}.csv"
    path.write_text(",".join(names) + "\n" + ",".join(cells[column] for column in names) + "\n", "utf-8")
    (chunk,) = CONNECTOR.open(path).chunks(Context("A", "b", "f"))
    chunk.check()
    document = chunk.tables["document"].to_dicts()[0]
    assert (document["person_id"], document["record_id"]) == ("patid-1", f"{HLHT[name].source}|yjlxh-1")
    assert str(document["updated_at"]) == "2026-01-02 03:04:05"
    kept = json.loads(document["extra"])
    assert set(kept) == set(names) - set(HLHT[name].sources)


def test_an_outpatient_record_is_a_visit_with_its_diagnosis(tmp_path):
    cells = {"yjlxh": "1", "patid": "P1", "jzlsh": "V1", "hzxm": "甲", "xbdm": "1", "csrq": "1980-02-03", "jzrqsj": "2026-01-02 09:00",
             "xyzdbm": "I10.x00", "xyzdmc": "高血压"}  # fmt: skip
    path = tmp_path / "visits.csv"
    names = header("hlht_mjzbl_mjzbl")
    path.write_text(",".join(names) + "\n" + ",".join(cells.get(column, "") for column in names) + "\n", "utf-8")
    (chunk,) = CONNECTOR.open(path).chunks(Context("A", "b", "f"))
    visit, diagnosis = chunk.tables["encounter"].row(0, named=True), chunk.tables["condition"].row(0, named=True)
    assert (visit["class_code"], visit["visit_no"], str(visit["start_time"])) == ("OP", "V1", "2026-01-02 09:00:00")
    assert (diagnosis["code"], diagnosis["display"], diagnosis["role_code"]) == ("I10.x00", "高血压", None)
    assert diagnosis["encounter_id"] == visit["record_id"]
    assert str(chunk.tables["patient"]["birth_date"][0]) == "1980-02-03"


def read(name, tmp_path, cells, spell=str):
    path, names = tmp_path / "table.csv", header(name)
    path.write_text(
        ",".join(map(spell, names)) + "\n" + ",".join(cells.get(column, "") for column in names) + "\n", "utf-8"
    )
    (chunk,) = CONNECTOR.open(path).chunks(Context("A", "b", "f"))
    chunk.check()
    return chunk


@pytest.mark.parametrize("name", HLHT)
def test_capitals_make_no_difference(name, tmp_path):
    cells = {column: f"{column}-1" for column in header(name)}
    small, large = read(name, tmp_path, cells), read(name, tmp_path, cells, str.upper)
    assert best([column.upper() for column in header(name)]).name == name
    for table, frame in small.tables.items():
        volatile = ["source_row_hash", "extra"]
        assert frame.drop(volatile).equals(large.tables[table].drop(volatile))
    kept, large_kept = (json.loads(each.tables["document"]["extra"][0]) for each in (small, large))
    assert {column.upper(): value for column, value in kept.items()} == large_kept


def test_columns_that_differ_by_case_alone_are_not_chosen_between():
    names = header("hlht_mjzcf_xycf")
    assert best([*names, "YWMC"]).sources.count("YWMC") == 0


def test_a_prescription_is_a_drug_prescribed(tmp_path):
    cells = {"yjlxh": "1", "patid": "P1", "jzlsh": "V1", "ywdm": "X1", "ywmc": "甲药", "ywsycjl": "0.5", "ywsyjldw": "g",
             "ywsypcdm": "02", "ywsyzjl": "7", "cfyxts": "7", "cfklrq": "2026-01-02", "cfypzh": "1"}  # fmt: skip
    for name in ("hlht_mjzcf_xycf", "hlht_mjzcf_zycf"):
        row = read(name, tmp_path, cells).tables["medication"].row(0, named=True)
        assert (row["kind"], row["drug_name"], row["drug_code"], row["dose"], row["dose_unit"], row["total_qty"], row["days"]) == (
            "prescription", "甲药", "X1", 0.5, "g", 7.0, 7
        )  # fmt: skip
        assert str(row["start_time"]) == "2026-01-02 00:00:00"
    assert read("hlht_mjzcf_xycf", tmp_path, cells | {"ywdm": "", "ywmc": ""}).tables["medication"].height == 0


def test_an_operation_is_a_procedure_with_its_anaesthesia_and_its_team(tmp_path):
    cells = {"yjlxh": "1", "patid": "P1", "jzlsh": "V1", "ssjczbm": "47.0", "ssmc": "甲术", "ssksrq": "2026-01-02 09:00",
             "ssjsrq": "2026-01-02 10:30", "ssjbdm": "2", "mzff": "01", "sszbm": "D1", "yzbm": "D2", "ezbm": "D3", "mzysbm": "D4"}  # fmt: skip
    row = read("hlht_zlczjl_ybssjl", tmp_path, cells).tables["procedure"].row(0, named=True)
    assert (row["code"], row["display"], row["level_code"], row["anesthesia_code"]) == ("47.0", "甲术", "2", "01")
    assert [row[name] for name in ("operator_id", "assistant_1", "assistant_2", "anesthetist_id")] == [
        "D1",
        "D2",
        "D3",
        "D4",
    ]
    assert (str(row["start_time"]), str(row["end_time"])) == ("2026-01-02 09:00:00", "2026-01-02 10:30:00")


@pytest.mark.parametrize("name", ["mzsqfsjl", "mzshfsjl"])
def test_an_operation_that_is_planned_or_told_again_makes_no_procedure(name):
    assert "procedure" not in {rows.table.name for rows in HLHT[f"hlht_zlczjl_{name}"].rows}


@pytest.mark.samples
def test_what_of_a_vendors_list_of_columns_is_known_is_a_number(samples):
    path = samples / "cn" / "derived-tables" / "winning_hlht_columns.csv"
    tables: dict[str, list[str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            tables.setdefault(row["table"].lower(), []).append(row["pinyin"])
    known = {name for name, names in tables.items() if (found := best(names)) and found.name == name}
    mapped = sum(len(set(HLHT[name].sources) & set(tables[name])) for name in known)
    assert (len(tables), len(known)) == (39, 39)
    assert (sum(map(len, tables.values())), mapped) == (2147, 431)
