"""What becomes of settlement lists, front pages and reports: values, codes, roles, marks of mutual recognition."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.connector import Sniffed
from connectors.errors import BadMapping, DoesNotFit, NoSuchKind
from connectors.kinds.nhsa import CONNECTOR
from connectors.mapping import load
from tests.connectors.nhsa_drawn import (
    CULTURES,
    EVERY,
    EXAMINATION,
    FRONT_PAGE,
    LABORATORY,
    SETTLEMENT,
    changed,
    read,
    refused,
    rows,
    written,
)


def test_a_settlement_list_becomes_a_person_a_stay_and_what_was_paid(tmp_path):
    chunks = read(written(tmp_path, SETTLEMENT))
    [person] = rows(chunks, "patient").rows(named=True)
    assert (person["person_id"], person["birth_date"], person["country_code"]) == ("R1", date(1980, 1, 2), "156")
    stay, icu = rows(chunks, "encounter").rows(named=True)
    assert (stay["class_code"], stay["start_time"], stay["los_days"]) == ("IP", datetime(2024, 3, 1, 8), 4)
    assert (stay["admit_dept_code"], stay["discharge_dept_code"]) == ("0301", "03")
    assert (stay["ventilator_hours"], stay["coma_before_min"]) == (4, 1590)
    assert (icu["class_code"], icu["part_of"], icu["icu_type_code"]) == ("ICU", stay["record_id"], "01")
    costs = rows(chunks, "cost").select("fee_class_code", "amount", "own_pay", "fund_pay", "item_code").rows()
    assert costs == [
        ("01", Decimal("100.00"), Decimal("0.00"), None, None),
        ("09", Decimal("20.00"), None, None, None),
        ("SELF", Decimal("12.50"), Decimal("3.00"), None, None),
        ("FUND", Decimal("104.50"), None, Decimal("104.50"), "310100"),
    ]
    assert chunks[0].rejects.height == 0


def test_diagnoses_carry_role_rank_and_the_insurance_edition_of_their_codes(tmp_path):
    told = rows(read(written(tmp_path, SETTLEMENT)), "condition")
    assert told.select("role_code", "rank", "code", "code_system", "code_version").rows() == [
        ("MAIN", 1, "I10.x00", "urn:oid:2.16.156.10011.2.3.3.11", "YB2.0"),
        ("OTHER", 1, "E11.900", "urn:oid:2.16.156.10011.2.3.3.11", "YB2.0"),
        ("TCM_MAIN", 1, "A01.01", "GB/T 15657", "GB/T15657"),
    ]


def test_where_the_numbering_of_diagnoses_is_the_other_one_nothing_is_guessed(tmp_path):
    other = changed(SETTLEMENT, "setlinfo")
    other["input"]["diseinfo"] = [
        {"diag_type": "1", "maindiag_flag": "1", "diag_code": "I10.x00", "diag_name": "甲"},
        {"diag_type": "1", "maindiag_flag": "0", "diag_code": "E11.900", "diag_name": "乙"},
        {"diag_type": "2", "maindiag_flag": "0", "diag_code": "A01.01", "diag_name": "丙"},
    ]
    chunks = read(written(tmp_path, other))
    assert rows(chunks, "condition")["role_code"].to_list() == ["MAIN", "OTHER", None]
    assert set(chunks[0].rejects["reason"]) == {"unmapped-code"}


def test_the_main_operation_has_rank_one_wherever_it_stands(tmp_path):
    assert rows(read(written(tmp_path, SETTLEMENT)), "procedure").select("rank", "code").rows() == [
        (1, "47.0"),
        (2, "99.1"),
    ]


def test_a_list_for_a_chronic_disease_is_an_outpatient_visit(tmp_path):
    chronic = changed(SETTLEMENT, "setlinfo", adm_time=None, dscg_time=None, opsp_mdtrt_date="2024-04-01")
    chronic["input"] |= {"diseinfo": None, "icuinfo": [], "opspdiseinfo": [{"diag_code": "E11", "diag_name": "糖尿病"}]}
    chunks = read(written(tmp_path, chronic))
    assert rows(chunks, "encounter").select("class_code", "start_time").rows() == [("OP", datetime(2024, 4, 1))]
    assert rows(chunks, "condition").select("role_code", "code").rows() == [("CHRONIC", "E11")]


def test_a_front_page_says_who_what_and_how_much(tmp_path):
    chunks = read(written(tmp_path, FRONT_PAGE))
    assert rows(chunks, "patient").select("person_id", "marital_code").rows() == [("psn-P1", "20")]
    assert rows(chunks, "patient_identifier").select("id_type_code", "check_ok").rows() == [("1", True), ("9", None)]
    assert rows(chunks, "cost").select("fee_class_code", "amount").rows() == [
        ("TOTAL", Decimal("120.00")), ("FP13", Decimal("20.00")),
    ]  # fmt: skip
    assert rows(chunks, "observation").select("item_code", "value_code", "sec_level").rows() == [("HBsAg", "1", 5)]


def test_what_a_front_page_marks_as_not_valid_is_withdrawn(tmp_path):
    told = rows(read(written(tmp_path, FRONT_PAGE)), "condition")
    assert told.select("role_code", "deleted").rows() == [("MAIN", False), (None, True)]
    gone = read(written(tmp_path, changed(FRONT_PAGE, "baseinfo", vali_flag="0")))
    assert all(frame["deleted"].all() for frame in gone[0].tables.values())


def test_a_number_that_is_no_residents_is_not_called_one(tmp_path):
    told = rows(read(written(tmp_path, changed(FRONT_PAGE, "baseinfo", certno="G1234567"))), "patient_identifier")
    assert told["id_type_code"].to_list() == [None, "9"]


def test_a_laboratory_report_gives_results_ranges_and_marks_of_mutual_recognition(tmp_path):
    told = rows(read(written(tmp_path, LABORATORY)), "observation")
    asked = ["item_code", "value_num", "value_text", "value_code", "ref_low", "ref_high", "mutual_recognition"]
    assert told.select(asked).rows() == [
        ("GLU", 5.6, "5.6", "N", 3.9, 6.1, "省HR"),
        ("HBsAg", None, "阴性", None, None, None, "全国HR"),
    ]
    assert set(told["sampled_time"]) == {datetime(2024, 3, 2, 8)}
    assert set(told["specimen_code"]) == {"血清"}
    assert set(told["encounter_id"]) == {"nhsa_4401|H1-V1"}


def test_items_of_one_report_that_come_as_several_requests_do_not_replace_each_other(tmp_path):
    requests = [changed(LABORATORY, "labinfo", exam_item_code=code) for code in ("A", "B")]
    [chunk] = read(written(tmp_path, *requests, LABORATORY))
    assert chunk.records["key"].to_list() == [f"nhsa_4502|H1-V1-L1-{item}" for item in ("A", "B", "none")]


def test_samples_that_differ_say_nothing_about_all_items(tmp_path):
    two = changed(LABORATORY, "labinfo")
    two["input"]["sampleinfo"] = [{"sapl_date": "2024-03-02"}, {"sapl_date": "2024-03-03"}]
    told = rows(read(written(tmp_path, two)), "observation")
    assert told["sampled_time"].null_count() == 2
    assert "2024-03-03" in told["extra"][0]


def test_an_examination_is_a_conclusion_and_a_document_of_which_the_hash_is_kept(tmp_path):
    chunks = read(written(tmp_path, EXAMINATION))
    [told] = rows(chunks, "observation").rows(named=True)
    assert (told["category"], told["value_text"], told["mutual_recognition"]) == ("imaging", "未见异常", "全国HR")
    [document] = rows(chunks, "document").rows(named=True)
    assert document["content_sm3"] == hashlib.new("sm3", "未见异常".encode()).hexdigest()


def test_each_germ_of_a_culture_is_a_record_of_its_own(tmp_path):
    chunks = read(written(tmp_path, CULTURES))
    assert chunks[0].records["key"].to_list() == ["nhsa_4503|H1-V1-C1-eco", "nhsa_4503|H1-V1-C1-kpn"]
    told = rows(chunks, "observation").select("value_code", "value_num", "comparator", "deleted").rows()
    assert told == [("eco", None, None, False), ("kpn", None, None, True), (None, 100000.0, ">", True)]


def test_susceptibility_and_pathology_and_files_are_read(tmp_path):
    path = written(
        tmp_path,
        {"infno": "4504", "input": {"data": [{"mdtrt_sn": "V", "psn_no": "P", "rpotc_no": "D", "germ_code": "eco",
         "sstb_code": "AMP", "sstb_name": "氨苄西林", "exam_rslt": "<=8", "reta_rslt_code": "S"}]}},
        {"infno": "4505", "input": {"data": [{"mdtrt_sn": "V", "psn_no": "P", "palg_no": "B1", "palg_diag": "炎症",
         "exam_fnd": "灰白", "frez_no": "F1"}]}},
        {"infno": "4506", "input": {"data": [{"mdtrt_sn": "V", "psn_no": "P", "appy_no": "1", "file_name": "a.pdf",
         "file_formate": "PDF", "exam_test_rpot": "JVBERg=="}]}},
    )  # fmt: skip
    chunks = read(path)
    told = rows(chunks, "observation").select("item_code", "value_num", "comparator", "value_code").rows()
    assert told == [("AMP", 8.0, "<=", "S"), ("palg_diag", None, None, None), ("exam_fnd", None, None, None)]
    assert rows(chunks, "document")["mime"].to_list() == ["text/plain", "application/pdf"]
    assert rows(chunks, "document")["content_sm3"].null_count() == 0


def test_what_no_rule_reads_is_kept_verbatim_at_the_site(tmp_path):
    extra = json.loads(rows(read(written(tmp_path, SETTLEMENT)), "encounter")["extra"][0])
    assert extra["envelope.msgid"] == "M1"
    assert extra["acct_pay"] == "0"
    assert json.loads(extra["bldinfo"])[0]["bld_amt"] == "2"
    assert {"memo": "x", "diag_type": "2"}.items() <= json.loads(extra["diseinfo"])[1].items()


@pytest.mark.parametrize("record", EVERY, ids=lambda record: record["infno"])
def test_every_interface_is_known_by_its_number_and_by_its_nodes(tmp_path, record):
    for value in (record, record["input"]):
        told = CONNECTOR.sniff(written(tmp_path, value))
        assert isinstance(told, Sniffed)
        assert (told.kind, told.profile) == ("nhsa", f"nhsa_{record['infno']}")


def test_fhir_and_other_json_are_left_to_others(tmp_path):
    assert CONNECTOR.sniff(written(tmp_path, {"resourceType": "Patient", "id": "a"})) is None
    assert CONNECTOR.sniff(written(tmp_path, {"a": 1})) is None


def test_a_profile_reads_its_interface_only_and_a_wrong_one_is_named(tmp_path):
    path = written(tmp_path, SETTLEMENT, LABORATORY)
    assert refused(read(path, profile="nhsa_4101")) == [(2, "no-shared-table")]
    with pytest.raises(NoSuchKind, match="nhsa_4101, nhsa_4401"):
        CONNECTOR.open(path, "nhsa_9")


def test_what_was_said_for_other_files_of_a_folder_does_not_stop_the_others(tmp_path, root):
    path = written(tmp_path, SETTLEMENT)
    with pytest.raises(DoesNotFit, match="another kind"):
        CONNECTOR.open(path, "hqms_v2")
    folder = tmp_path / "mappings"
    folder.mkdir()
    assert refused(read(path, mapping=folder)) == []


def test_a_site_may_change_a_profile_with_a_mapping_of_its_own(tmp_path, root):
    folder = tmp_path / "own"
    folder.mkdir()
    for file in (root / "connectors/profiles/nhsa_4101").iterdir():
        (folder / file.name).write_text(file.read_text("utf-8").replace('"CCU" = "01"', '"1" = "01"'), "utf-8")
    assert load(folder).name == "nhsa_4101"
    other = changed(SETTLEMENT, "setlinfo")
    other["input"]["icuinfo"][0]["scs_cutd_ward_type"] = "1"
    path = written(tmp_path, other)
    assert rows(read(path), "encounter")["icu_type_code"].to_list() == [None, None]
    assert rows(read(path, mapping=folder), "encounter")["icu_type_code"].to_list() == [None, "01"]
    with pytest.raises(BadMapping, match="no mapping of NHSA JSON"):
        CONNECTOR.open(path, mapping=root / "connectors/profiles/wt4_1")


def test_a_report_under_node_names_nobody_reads_is_refused_with_its_text(tmp_path):
    other = changed(LABORATORY, "labinfo")
    other["input"]["examlist"] = other["input"].pop("iteminfo")
    chunks = read(written(tmp_path, other, LABORATORY))
    assert refused(chunks) == [(1, "no-rows")]
    assert "examlist" in chunks[0].rejects["raw"][0].decode()
    assert rows(chunks, "observation").height == 2


def test_the_example_of_the_page_is_read_as_the_page_says(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "nhsa.md").read_text("utf-8")
    example = page.split("```json\n")[1].split("```")[0]
    path = tmp_path / "sent.json"
    path.write_text(example, "utf-8")
    chunks = read(path)
    assert sum(chunk.records.height for chunk in chunks) == 2
    assert not refused(chunks)
    assert {name for chunk in chunks for name, made in chunk.tables.items() if made.height} == {
        "patient", "patient_identifier", "encounter", "condition", "cost", "observation",
    }  # fmt: skip
