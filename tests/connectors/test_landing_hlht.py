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
    assert (sum(map(len, tables.values())), mapped) == (2147, 368)
