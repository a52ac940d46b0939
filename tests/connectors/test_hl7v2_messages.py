"""What messages say, in the shared tables: persons, visits, results, drugs, documents, charges, and their later versions."""

import base64
import gzip
import hashlib
import json
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.hl7v2.source import Hl7Source

HERE = Context(site="A", batch="b1", file="0" * 16)
PID = "PID|1||PID0001^^^HIS^MR~110101199003078515^^^CN^NI||甲^^^^^^L||19900307|M|||一号^^城^省||100|||M"


def message(kind: str, *segments: str, control: str = "1", at: str = "20240301083000", more: str = "") -> bytes:
    head = f"MSH|^~\\&|HIS|H1|X|Y|{at}||{kind}|{control}|P|2.5.1{more}"
    return ("\r".join([head, *segments]) + "\r").encode()


@pytest.fixture
def read(tmp_path):
    """Reads bytes as one file: one chunk, checked."""

    def reading(*messages: bytes) -> Chunk:
        path = tmp_path / "in.hl7"
        path.write_bytes(b"".join(messages))
        [chunk] = Hl7Source(path).chunks(HERE)
        chunk.check()
        return chunk

    return reading


def row(chunk: Chunk, table: str) -> dict:
    [only] = chunk.tables[table].to_dicts()
    return only


def test_an_admission_gives_a_person_a_visit_and_diagnoses(read):
    chunk = read(
        message(
            "ADT^A01^ADT_A01",
            "EVN|A01|20240301083100||||20240301082900",
            PID,
            "PV1|1|I|W01^101^1||||D1^乙^主任|||03||||1|||||V1|||||||||||||||||||||||||20240301080000",
            "DG1|1||I10.x00^高血压^I10||20240301|A|||||||||2",
            "DG1|2||F32.900^抑郁^I10||20240301|F|||||||||1",
            more="|||||CHN",
        )
    )
    person = row(chunk, "patient")
    assert (person["person_id"], person["name"], person["gender_code"]) == ("PID0001", "甲", "1")
    assert (person["birth_date"], person["birth_precision"], person["marital_code"]) == (date(1990, 3, 7), "day", "20")
    assert (person["address"], person["phone"], person["updated_at"]) == (
        "省 城 一号",
        "100",
        datetime(2024, 3, 1, 8, 31),
    )
    visit = row(chunk, "encounter")
    assert (visit["record_id"], visit["class_code"], visit["admission_no"]) == ("PV1|V1", "IP", "V1")
    assert (visit["start_time"], visit["admit_dept_code"], visit["admit_route_code"]) == (
        datetime(2024, 3, 1, 8), "03", "1",
    )  # fmt: skip
    assert visit["attending_physician"] == "乙 主任"
    found = chunk.tables["condition"].select("encounter_id", "role_code", "rank", "code", "sec_level").rows()
    assert found == [("PV1|V1", "ADMIT", 2, "I10.x00", 3), ("PV1|V1", "MAIN", 1, "F32.900", 5)]
    numbers = chunk.tables["patient_identifier"].select("id_type_code", "id_value", "check_ok").rows()
    assert numbers == [(None, "PID0001", None), ("1", "110101199003078515", True)]
    assert chunk.versions["key"].to_list() == ["PID|PID0001", "PV1|V1", "DG1|V1"]
    assert set(chunk.versions["at"]) == {datetime(2024, 3, 1, 8, 31)}


def test_the_time_of_the_event_is_the_admission_where_pv1_has_none(read):
    chunk = read(message("ADT^A01", "EVN|A01|20240301||||20240229235900", PID, "PV1|1|I|||||||||||||||||V1"))
    assert row(chunk, "encounter")["start_time"] == datetime(2024, 2, 29, 23, 59)


def test_codes_of_the_country_are_codes_of_ours_only_in_its_messages(read):
    chunk = read(message("ADT^A01", PID, "PV1|1|I||||||||||||4|||||V1", more="|||||USA"))
    assert row(chunk, "encounter")["admit_route_code"] is None
    assert json.loads(row(chunk, "encounter")["extra"])["PV1-14"] == "4"


def test_a_cancelled_admission_is_a_deleted_visit(read):
    chunk = read(message("ADT^A11", PID, "PV1|1|I|||||||||||||||||V1"))
    assert row(chunk, "encounter")["deleted"]


def test_a_cancelled_discharge_empties_the_discharge(read):
    chunk = read(message("ADT^A13", PID, "PV1|1|I|||||||||||||||||V1|||||||||||||||||1||||||||20240301|20240305"))
    assert row(chunk, "encounter")["end_time"] is None
    [cleared] = chunk.versions.filter(pl.col("key") == "PV1|V1")["cleared"]
    assert set(cleared.split(",")) == {"end_time", "discharge_way_code", "discharge_dept_code"}


def test_a_null_of_hl7_empties_and_an_empty_field_says_nothing(read):
    chunk = read(message("ADT^A08", 'PID|1||P1||""^^||""|""|||||""', "PV1|1|I"))
    person = row(chunk, "patient")
    assert (person["name"], person["phone"], person["birth_date"], person["gender_code"]) == (None, None, None, None)
    [cleared] = chunk.versions["cleared"]
    assert set(cleared.split(",")) == {"name", "phone", "birth_date", "gender_code"}
    assert not chunk.rejects.height
    assert "encounter" not in chunk.tables


def test_merged_numbers_are_kept_and_counted(read):
    chunk = read(message("ADT^A40", "PID|1||NEW^^^HIS^MR||甲", "MRG|OLD^^^HIS^MR"))
    numbers = chunk.tables["patient_identifier"].select("person_id", "id_value").rows()
    assert numbers == [("NEW", "NEW"), ("NEW", "OLD")]
    assert chunk.rejects.select("column", "reason", "whole").rows() == [("MRG-1", "merged-person", False)]


RESULTS = """NM|718-7^Hb^LN||130.5|g/L^^UCUM|115-150|H|||F -> 130.5 None 130.5 H 115.0 150.0
NM|x^y^L||> 6.22||<5||||F -> 6.22 > >_6.22 None None 5.0
ST|x^y^L||8.62++||||||F -> 8.62 None 8.62++ None None None
ST|x^y^L||7.75轻度乳糜||||||F -> 7.75 None 7.75轻度乳糜 None None None
ST|x^y^L||2.2.8||||||F -> None None 2.2.8 None None None
SN|x^y^L||>^100||||||F -> 100.0 > >100 None None None
SN|x^y^L||^1^:^128||||||F -> None None 1:128 None None None
CWE|x^y^L||POS^阳性^L||阴性||||F -> None None 阳性 POS None None
TX|x^y^L||a~b||||||F -> None None a/b None None None
FT|x^y^L||a\\.br\\b\\T\\c\\X41\\||||||F -> None None a/b&cA None None None
DT|x^y^L||20240301||||||F -> None None 20240301 None None None
NM|x^y^L||*****||||||F -> None None ***** None None None
TM|x^y^L||0830||||||F -> None None 0830 None None None"""


@pytest.mark.parametrize("case", RESULTS.splitlines())
def test_results_of_every_type(read, case):
    segment, expected = case.split(" -> ")
    chunk = read(message("ORU^R01", PID, "OBR|1||F1||||20240301070000|||||||20240301071000||||||||20240301080000||LAB|F",
                         f"OBX|1|{segment}"))  # fmt: skip
    made = row(chunk, "observation")
    names = ("value_num", "comparator", "value_text", "value_code", "ref_low", "ref_high")
    said = " ".join(str(made[name]).replace(" ", "_").replace("\n", "/") for name in names)
    assert said == expected.replace("\\\\", "\\")
    assert (made["report_id"], made["category"]) == ("F1", "laboratory")
    assert (made["sampled_time"], made["reported_time"]) == (datetime(2024, 3, 1, 7), datetime(2024, 3, 1, 8))


def test_a_number_that_is_none_is_noted_where_the_type_says_number(read):
    chunk = read(message("ORU^R01", PID, "OBR|1||F1", "OBX|1|NM|a||未查||||||F", "OBX|2|ST|b||未查||||||F"))
    assert chunk.rejects.select("column", "reason").rows() == [("value_num", "bad-number")]


def test_a_corrected_result_has_the_key_of_the_one_it_replaces(read):
    def result(control, status, number):
        return message("ORU^R01", PID, "OBR|1||F1^LIS", f"OBX|{number}|NM|718-7||130||||||{status}", control=control)

    chunk = read(result("1", "P", 1), result("2", "C", 7), result("3", "W", 1))
    made = chunk.tables["observation"].select("record_id", "deleted").rows()
    assert made == [("OBX|F1^LIS|718-7", False), ("OBX|F1^LIS|718-7", False), ("OBX|F1^LIS|718-7", True)]
    assert chunk.versions.filter(pl.col("key").str.starts_with("OBX"))["position"].to_list() == [1, 2, 3]


def test_results_that_only_their_place_tells_apart_stay_apart(read):
    chunk = read(message("ORU^R01", PID, "OBR|1||F1", "OBX|1|TX|a||one||||||F", "OBX|1|TX|a||two||||||F"))
    assert chunk.tables["observation"]["record_id"].to_list() == ["OBX|F1|a", "OBX|F1|a|#2"]


def test_files_in_results_are_documents_with_the_hash_of_what_they_hold(read):
    held = base64.b64encode(b"%PDF-1.7 made up").decode()
    chunk = read(
        message(
            "ORU^R01", PID, "OBR|1||F1||||20240301",
            f"OBX|1|ED|R^报告^L||APP^application^pdf^Base64^{held}||||||F",
            "OBX|2|RP|S^片^L||https://pacs.invalid/1^^image^jpeg||||||F", "OBX|3|ED|B^坏||APP^x^y^Base64^???||||||F",
        )
    )  # fmt: skip
    made = chunk.tables["document"].select("title", "content_sm3", "mime", "content_uri", "created_time").rows()
    day = datetime(2024, 3, 1)
    digest = hashlib.new("sm3", b"%PDF-1.7 made up").hexdigest()
    assert made == [
        ("报告", digest, "application/pdf", None, day), ("片", None, "image/jpeg", "https://pacs.invalid/1", day),
        ("坏", None, "x/y", None, day),
    ]  # fmt: skip
    assert chunk.rejects["reason"].to_list() == ["bad-attachment"]
    assert "observation" not in chunk.tables


def test_a_document_of_mdm_is_known_by_its_unique_number(read):
    chunk = read(
        message("MDM^T02", PID, "PV1|1|I|||||||||||||||||V1", "TXA|1|DS^出院小结|TX|20240301||20240302|||D1|||DOC1|||||AU",
                "OBX|1|TX|||第一行||||||F", "OBX|2|TX|||第二行||||||F"),
        message("MDM^T11", PID, "TXA|1|DS|TX|||||||||DOC1", control="2"),
    )  # fmt: skip
    made = chunk.tables["document"].select("record_id", "encounter_id", "doc_type_code", "title", "deleted").rows()
    assert made == [("TXA|DOC1", "PV1|V1", "DS", "出院小结", False), ("TXA|DOC1", None, "DS", "DS", True)]
    digest = hashlib.new("sm3", "第一行\n第二行".encode()).hexdigest()
    assert chunk.tables["document"]["content_sm3"].to_list() == [digest, None]
    assert "observation" not in chunk.tables


def test_drugs_ordered_dispensed_and_given(read):
    chunk = read(
        message("RDE^O11", PID, "ORC|NW|P1|F1|G1||||||||||20240301", "RXE|^BID|D1^药^L|5||mg|TAB",
                "RXR|PO", "TQ1|||BID||||20240302|20240305"),
        message("VXU^V04", PID, "ORC|RE||F2", "RXA|0|1|20240303|20240303|08^HepB^CVX|0.5|mL", control="2"),
        message("RDS^O13", PID, "ORC|RE||F3", "RXD|1|D2^药二^ATC|20240304|10|TAB", control="3"),
    )  # fmt: skip
    names = ("record_id", "kind", "drug_code", "dose", "dose_unit", "total_qty", "freq_code", "route_code", "group_no")
    made = chunk.tables["medication"].select(*names).rows()
    assert made == [
        ("RXE|F1|D1", "order", "D1", 5.0, "mg", None, "BID", "PO", "G1"),
        ("RXD|F3|D2", "dispense", "D2", None, "TAB", 10.0, None, None, None),
        ("RXA|F2|08", "admin", "08", 0.5, "mL", None, None, None, None),
    ]
    assert chunk.tables["medication"]["start_time"].dt.day().to_list() == [2, 4, 3]
    assert chunk.tables["medication"]["drug_code_system"].to_list()[2] == "http://hl7.org/fhir/sid/cvx"


def test_charges_are_in_yuan_or_noted(read):
    chunk = read(
        message("DFT^P03", PID, "PV1|1|O|||||||||||||||||V1", "FT1|1|T1||20240301||CG|I1^床位费|||2|50.5&CNY|||||||04",
                "FT1|2|T2||20240301||CD|I1^床位费|||1|25", "FT1|3|T3||20240301||CG|I2^x|||1|9&USD",
                "FT1|4|T4||20240301||PY|I2^x|||1|9", more="|||||CHN"),
    )  # fmt: skip
    made = chunk.tables["cost"].select("encounter_id", "item_name", "quantity", "amount", "fee_class_code").rows()
    assert made == [("PV1|V1", "床位费", 2.0, Decimal("50.50"), "04"), ("PV1|V1", "床位费", 1.0, Decimal("-25.00"), None),
                    ("PV1|V1", "x", 1.0, None, None)]  # fmt: skip
    assert chunk.rejects["reason"].to_list() == ["foreign-currency"]


def test_problems_and_procedures(read):
    chunk = read(
        message("PPR^PC1", PID, "PRB|AD|20240301|E11^糖尿病^I10|N1|||20240228|||||||||20200101"),
        message("BAR^P12", PID, "PV1|1|I|||||||||||||||||V1", "PR1|1||47.01^阑尾切除^I9||20240301090000||30|D8|||D9", control="2"),
    )  # fmt: skip
    problem, operation = row(chunk, "condition"), row(chunk, "procedure")
    assert (problem["record_id"], problem["role_code"]) == ("PRB|PID0001|N1", "CHRONIC")
    assert (problem["recorded_time"], problem["onset_date"]) == (datetime(2024, 2, 28), date(2020, 1, 1))
    assert (operation["code"], operation["end_time"], operation["operator_id"], operation["anesthetist_id"]) == (
        "47.01", datetime(2024, 3, 1, 9, 30), "D9", "D8",
    )  # fmt: skip


def test_drug_allergies_stand_with_the_visit(read):
    chunk = read(message("ADT^A01", PID, "PV1|1|I|||||||||||||||||V1", "AL1|1|DA|X^青霉素", "AL1|2|FA|Y^虾"))
    visit = row(chunk, "encounter")
    assert (visit["allergy_code"], visit["allergy_text"]) == ("2", "青霉素")
    assert json.loads(visit["extra"])["segments"] == ["AL1|1|DA|X^青霉素", "AL1|2|FA|Y^虾"]


def test_what_has_no_column_is_kept_verbatim(read):
    chunk = read(message("ADT^A08", PID + "|CHR|ACC1^^^F^AN", "NK1|1|丙\\T\\丁", 'ZPI|自定义|"引号"', "PV1|1|I"))
    extra = json.loads(row(chunk, "patient")["extra"])
    assert extra["PID-17"] == "CHR"
    assert extra["segments"] == ["NK1|1|丙\\T\\丁", 'ZPI|自定义|"引号"', "PV1|1|I"]


def test_notes_stay_with_the_result_they_follow(read):
    chunk = read(message("ORU^R01", PID, "OBR|1||F1", "OBX|1|ST|a||1||||||P", "NTE|1||说明", "OBX|2|ST|b||2||||||F"))
    first, second = (json.loads(each) if each else {} for each in chunk.tables["observation"]["extra"])
    assert first == {"OBX-11": "P", "segments": ["OBR|1||F1", "NTE|1||说明"]}
    assert second == {"OBX-11": "F"}


def test_the_number_of_its_own_kind_is_the_person_whatever_its_place(read):
    chunk = read(
        message("ADT^A08", "PID|1||999^^^X^SS~P7^^^HIS^MR||甲"), message("ADT^A08", "PID|1|P8|||甲", control="2"),
        message("ADT^A08", "PID|1|||P9^^^HIS|甲", control="3"),
    )  # fmt: skip
    assert chunk.tables["patient"]["person_id"].to_list() == ["P7", "P8", "P9"]


def test_an_offset_is_turned_into_the_clock_of_the_city(read):
    chunk = read(
        message(
            "ADT^A08", "PID|1||P1||||1990", "PV1|1|O|||||||||||||||||V1|||||||||||||||||||||||||20240301083000+0000"
        )
    )
    assert row(chunk, "encounter")["start_time"] == datetime(2024, 3, 1, 16, 30)
    assert (row(chunk, "patient")["birth_date"], row(chunk, "patient")["birth_precision"]) == (date(1990, 1, 1), "year")


def test_a_message_without_a_table_or_a_person_is_kept_and_counted(read):
    chunk = read(
        message("QBP^Q22", PID), message("ADT^A08", "EVN|A08", control="2"), message("ADT^A08", PID, control="3"),
        message("ADT^A08", PID, control="4").replace(b"2.5.1", b"3.0"),
    )  # fmt: skip
    assert (chunk.read, chunk.records["position"].to_list()) == (4, [3])
    whole = chunk.rejects.filter("whole").select("position", "reason").rows()
    assert whole == [(1, "no-shared-table"), (2, "no-person"), (4, "unknown-version")]


def test_the_same_message_sent_again_has_the_same_key_and_hash(read):
    one = message("ADT^A08", PID)
    chunk = read(one, one)
    assert chunk.records.select("hash", "key").n_unique() == 1
    assert chunk.records["key"][0] == "MSH|HIS|H1|1|20240301083000"


def test_gzip_is_unpacked(tmp_path):
    path = tmp_path / "in.gz"
    path.write_bytes(gzip.compress(message("ADT^A08", PID)))
    [chunk] = Hl7Source(path).chunks(HERE)
    assert chunk.records.select("position", "line", "offset").rows() == [(1, 1, 0)]
