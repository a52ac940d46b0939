"""What WS/T 500 documents say by data element and what becomes of it; how times and numbers of CDA are read."""

import json
import re
from datetime import date, datetime
from decimal import Decimal
from hashlib import new

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cda.doc_kind import doc_kind
from connectors.cda.elements import of_system
from connectors.cda.values import moment, number, result
from connectors.elements import places, plain
from connectors.xml import parsed
from schemas.code_system import code_system
from schemas.tables import TABLES
from tests.connectors.drawn_cda import coded, made, paper, quantity, relation, said, section, text


@pytest.mark.parametrize("number_", range(1, 54))
def test_every_kind_of_ws_t_500_is_known_by_its_template(number_):
    tables = made(paper(20 + number_))
    [row] = tables["document"].to_dicts()
    assert (row["doc_type_code"], row["template_oid"]) == (f"C{number_:04}", f"2.16.156.10011.2.1.1.{20 + number_}")


def kind_of(template: int, code: str, title: str) -> tuple[str | None, str | None]:
    root = parsed(
        f'<ClinicalDocument xmlns="urn:hl7-org:v3"><templateId root="2.16.156.10011.2.1.1.{template}"/>'
        f'<code code="{code}" codeSystem="2.16.156.10011.2.4"/><title>{title}</title></ClinicalDocument>'.encode()
    )
    kind = doc_kind(root)
    return kind.code, kind.contradicts


def test_template_and_code_that_contradict_are_decided_by_the_title_and_counted():
    assert kind_of(52, "C0032", "住院病案首页") == ("C0032", None)
    assert kind_of(52, "C0050", "死亡记录") == ("C0050", "C0032")
    assert kind_of(52, "C0050", "其他") == ("C0032", "C0050")


HEAD = """<id root="2.16.156.10011.1.13" extension="B7"/><id root="2.16.156.10011.1.24" extension="Q9"/>
<addr use="H"><houseNumber>1号</houseNumber><streetName>甲路</streetName><county>乙区</county><city>丙市</city><state>丁省</state></addr>
<telecom value="tel:0000"/><patient><id root="2.16.156.10011.1.3" extension="pid0001x"/><name>甲</name>
<administrativeGenderCode code="2" codeSystem="2.16.156.10011.2.3.3.4"/><birthTime value="195003"/>
<maritalStatusCode code="20"/><ethnicGroupCode code="77"/><nationality code="156"/><age value="3" unit="天"/>
<occupation><occupationCode code="11"/></occupation></patient>"""
STAY = """<componentOf><encompassingEncounter><code code="1"/><effectiveTime><low value="20240201093000"/><high value="20240210"/>
</effectiveTime><location><healthCareFacility><serviceProviderOrganization><asOrganizationPartOf><wholeOrganization>
<name>病房</name><asOrganizationPartOf><wholeOrganization><id root="2.16.156.10011.1.26" extension="03"/></wholeOrganization>
</asOrganizationPartOf></wholeOrganization></asOrganizationPartOf></serviceProviderOrganization></healthCareFacility></location>
</encompassingEncounter></componentOf>"""


def test_the_header_of_a_front_page_fills_patient_identifiers_and_stay():
    tables = made(paper(52, head=HEAD, encounter=STAY))
    [patient] = tables["patient"].to_dicts()
    assert patient["person_id"] == "2.16.156.10011.1.3^pid0001x"
    assert (patient["org_patient_id"], patient["name"], patient["gender_code"]) == ("B7", "甲", "2")
    assert (patient["birth_date"], patient["birth_precision"]) == (date(1950, 3, 1), "month")
    assert (patient["marital_code"], patient["ethnicity_code"], patient["country_code"]) == ("20", None, "156")
    assert (patient["address"], patient["phone"], patient["occupation_code"]) == ("丁省丙市乙区甲路1号", "0000", "11")
    ids = tables["patient_identifier"].select("id_type_code", "id_value").rows()
    assert ids == [(None, "B7"), ("1", "PID0001X")]
    [stay] = tables["encounter"].to_dicts()
    assert (stay["class_code"], stay["admission_no"], stay["mrn"], stay["age_days"]) == ("IP", "Z1", "B7", 3)
    assert (stay["start_time"], stay["end_time"]) == (datetime(2024, 2, 1, 9, 30), datetime(2024, 2, 10))
    assert (stay["admit_route_code"], stay["admit_dept_code"]) == ("1", "03")
    assert tables["rejects"].select("column", "reason", "whole").rows() == [("ethnicity_code", "unmapped-code", False)]
    assert json.loads(tables["document"]["extra"][0])[
        "DE01.00.008.00 recordTarget/patientRole/id[2.16.156.10011.1.24]"] == "Q9"  # fmt: skip


def test_names_and_codes_of_diagnoses_that_follow_each_other_are_one_row_each():
    discharge = section(
        "11535-2",
        text("DE05.01.025.00", "甲病", "出院诊断-主要诊断名称"), coded("DE05.01.024.00", "F32.900", "出院诊断-主要诊断疾病编码"),
        coded("DE09.00.104.00", "1", "出院诊断-主要诊断入院病情代码", ""), text("DE05.01.025.00", "乙病", "出院诊断-其他诊断名称"),
        coded("DE05.01.024.00", "I10.x00", "出院诊断-其他诊断疾病编码"), text("DE05.01.025.00", "丙病", "出院诊断-其他诊断名称"),
    )  # fmt: skip
    outside = section("11450-4", text("DE05.10.152.00", "摔倒", "", relation(coded("DE05.01.078.00", "W01"))))
    tables = made(paper(52, discharge, outside, encounter=STAY))
    columns = ("role_code", "rank", "code", "display", "poa_code", "sec_level")
    assert tables["condition"].select(columns).rows() == [
        ("MAIN", 1, "F32.900", "甲病", "1", 5), ("OTHER", 1, "I10.x00", "乙病", None, 3), ("OTHER", 2, None, "丙病", None, 3),
        ("EXT_CAUSE", 1, "W01", "摔倒", None, 3),
    ]  # fmt: skip


def test_codes_and_names_in_two_blocks_are_paired_only_where_there_are_as_many():
    codes = [coded("DE05.01.024.00", code, "其他诊断") for code in ("I10", "E11")]
    names = [text("DE05.01.025.00", name, "其他诊断") for name in ("甲病", "乙病")]
    even = made(paper(52, section("11535-2", *codes, *names)))["condition"]
    odd = made(paper(52, section("11535-2", *codes, names[0], names[1], text("DE05.01.025.00", "丙病", "其他诊断"))))[
        "condition"
    ]
    assert even.select("code", "display").rows() == [("I10", "甲病"), ("E11", "乙病")]
    assert odd.select("code", "display").rows() == [
        ("I10", None), ("E11", None), (None, "甲病"), (None, "乙病"), (None, "丙病")]  # fmt: skip


def test_a_front_page_has_its_stay_fees_operations_and_blood_group():
    sections = (
        section("30954-2", f"<organizer><component>{coded('DE04.50.001.00', '2', system='')}</component></organizer>"),
        section("8648-8", quantity("DE06.00.310.00", "9", "天")),
        section("18776-5", said("DE06.00.194.00", 'xsi:type="BL" value="true"/>', "", relation(text("DE06.00.195.00", "复查")))),
        section("48765-2", '<act classCode="ACT" moodCode="EVN">' + relation(
            said("DE02.10.023.00", 'xsi:type="BL" value="false"/>')) + "</act>"),
        section("11450-4", '<organizer><code displayName="颅脑损伤患者入院前昏迷时间"/><component>'
                + quantity("DE05.10.138.01", "1", "d") + "</component><component>" + quantity("DE05.10.138.02", "2", "h")
                + "</component></organizer>"),
        section("48768-6", said("HDSD00.11.142", 'xsi:type="MO" value="123.45" currency="元"/>', "",
                relation(said("HDSD00.11.143", 'xsi:type="MO" value="20.5" currency="元"/>')))),
        section("47519-4", """<procedure classCode="PROC" moodCode="EVN"><code code="47.0901" codeSystem="2.16.156.10011.2.3.3.12"/>
<effectiveTime value="20240203"/><performer><assignedEntity><assignedPerson><name>术者甲</name></assignedPerson></assignedEntity>
</performer><participant><participantRole><code displayName="第一助手"/><playingEntity><name>助手乙</name></playingEntity>
</participantRole></participant>""" + relation(text("DE06.00.094.00", "某手术"))
                + relation(coded("DE06.00.255.00", "3", system="2.16.156.10011.2.3.3.12")) + "</procedure>"),
    )  # fmt: skip
    signed = ('<authenticator><assignedEntity><code displayName="科主任"/><assignedPerson><name>主任甲</name></assignedPerson>'
              "</assignedEntity></authenticator>")  # fmt: skip
    tables = made(paper(52, *sections, encounter=signed + STAY))
    [stay] = tables["encounter"].to_dicts()
    assert (stay["los_days"], stay["readmit31_code"], stay["readmit31_reason"]) == (9, "2", "复查")
    assert (stay["allergy_code"], stay["coma_before_min"], stay["director"]) == ("1", 1560, "主任甲")
    assert tables["patient"]["abo_code"].to_list() == ["2"]
    fees = tables["cost"].select("fee_class_code", "amount", "charged_time").rows()
    assert fees == [
        ("TOTAL", Decimal("123.45"), datetime(2024, 2, 10)),
        ("SELF", Decimal("20.50"), datetime(2024, 2, 10)),
    ]
    [operation] = tables["procedure"].to_dicts()
    assert (operation["code"], operation["display"], operation["level_code"]) == ("47.0901", "某手术", "3")
    assert (operation["operator_id"], operation["assistant_1"]) == ("术者甲", "助手乙")
    assert not tables["rejects"].height


def test_an_operation_that_is_only_agreed_to_is_none():
    planned = section("47519-4", '<procedure moodCode="EVN"><code code="47.09"/></procedure>')
    tables = made(paper(46, planned))
    assert "procedure" not in tables
    assert json.loads(tables["document"]["extra"][0])["DE06.00.093.00"] == "47.09"


def test_items_of_a_laboratory_report_are_rows_with_what_stands_with_them():
    item = text("DE04.30.019.00", "WBC", "检验项目代码", "".join(map(relation, (
        said("DE04.50.134.00", 'xsi:type="ST">血</value>', time='<effectiveTime><low value="20240301070000"/>'
             '<high value="20240301073000"/></effectiveTime>'),
        quantity("DE04.30.015.00", "6.22", "10^9/L"), text("DE04.30.017.00", "1"),
    ))))  # fmt: skip
    report = section("30954-2", text("DE02.10.027.00", "流式法"), f"<organizer><component>{item}</component></organizer>",
                     f"<organizer><component>{text('DE04.30.020.00', 'HIV抗体')}</component></organizer>")  # fmt: skip
    rows = made(paper(27, report, head='<id root="2.16.156.10011.1.33" extension="R5"/>'))["observation"].to_dicts()
    first, second = rows
    assert (first["item_code"], first["value_num"], first["unit"], first["method"]) == ("WBC", 6.22, "10^9/L", "流式法")
    assert (first["specimen_code"], first["report_id"], first["category"]) == ("血", "R5", "laboratory")
    assert (first["sampled_time"].hour, first["received_time"].minute, first["value_code"]) == (7, 30, "1")
    assert (second["item_name"], second["sec_level"]) == ("HIV抗体", 5)


def test_a_prescription_is_a_row_for_each_drug():
    drug = """<substanceAdministration classCode="SBADM" moodCode="EVN"><routeCode code="1"/><doseQuantity value="0.5" unit="g"/>
<rateQuantity value="2"/><administrationUnitCode code="01"/><consumable><manufacturedProduct><manufacturedLabeledDrug>
<name>某药</name></manufacturedLabeledDrug></manufacturedProduct></consumable>""" + relation(
        text("DE08.50.043.00", "0.25g")) + "</substanceAdministration>"  # fmt: skip
    author = '<author><time value="20240301090000"/></author>'
    tables = made(paper(24, section("10160-0", drug, quantity("DE06.00.294.00", "3", "天")), encounter=author))
    [row] = tables["medication"].to_dicts()
    assert (row["kind"], row["drug_name"], row["dose"], row["dose_unit"]) == ("prescription", "某药", 0.5, "g")
    assert (row["freq_code"], row["route_code"], row["form_code"], row["spec"], row["days"]) == (
        "2",
        "1",
        "01",
        "0.25g",
        3,
    )
    assert row["start_time"] == datetime(2024, 3, 1, 9)


def test_an_order_is_a_drug_only_where_it_says_so():
    def order(kind: str) -> str:
        return (f"<organizer><component>{coded('DE06.00.289.00', kind, system='')}</component><component>"
                f"{text('DE06.00.288.00', '某药 0.5g bid')}</component></organizer>")  # fmt: skip

    tables = made(paper(72, section("46209-3", order("01"), order("02"))))
    assert tables["medication"].select("kind", "drug_name").rows() == [("order", "某药 0.5g bid")]
    assert json.loads(tables["document"]["extra"][0])["DE06.00.289.00"] == "02"


def test_an_element_written_otherwise_or_told_by_its_code_system_is_found():
    assert plain("DE08_10_026_00_KS") == "DE08.10.026.00"
    assert plain("DE02.10.28.00") == "DE02.10.028.00"
    assert plain("34133-9") is None
    assert of_system("2.16.156.10011.2.3.3.11.5") == "DE05.01.024.00"
    unnamed = '<observation><code displayName="诊断"/><value xsi:type="CD" code="I10" codeSystem="2.16.156.10011.2.3.3.11"/></observation>'
    assert made(paper(22, section("29548-5", unnamed)))["condition"]["code"].to_list() == ["I10"]
    copied = coded(
        "DE04.50.001.00", "1", system="2.16.156.10011.2.3.3.11"
    )  # the code system of diagnoses on a blood group
    tables = made(paper(52, section("30954-2", copied)))
    assert tables["patient"]["abo_code"].to_list() == ["1"]
    assert "condition" not in tables


def test_the_list_of_elements_does_not_contradict_the_shared_tables():
    listed = places()
    others = {("encounter", "director")}  # a name as well, of another person
    others |= {(name, each) for name in ("followup", "document", "organization") for each in TABLES[name].columns}
    for table in TABLES.values():
        for name, column in table.columns.items():
            for element in re.findall(r"DE\d\d\.\d\d\.\d{3}\.\d\d", column.element):
                if element in listed and (table.name, name) not in others:
                    assert (listed[element].table, listed[element].column) == (table.name, name) or "coma" in name
    for each in listed.values():
        assert each.column in TABLES[each.table].columns
        assert each.table != "cost" or each.note in set(code_system("fee-class").codes)


def test_the_document_row_has_the_sm3_of_the_bytes_as_they_came():
    content = paper()
    [row] = made(content)["document"].to_dicts()
    assert row["content_sm3"] == new("sm3", content.encode()).hexdigest()
    assert (row["mime"], row["title"], row["created_time"]) == ("text/xml", "甲", datetime(2024, 3, 1, 8))


TIMES = {
    "20240301": ("2024-03-01 00:00:00", "day"), "202403010930": ("2024-03-01 09:30:00", "time"),
    "20240301093015.25": ("2024-03-01 09:30:15.250000", "time"), "20240301093000+0000": ("2024-03-01 17:30:00", "time"),
    "20240301093000-0500": ("2024-03-01 22:30:00", "time"), "19880701120000+0000": ("1988-07-01 21:00:00", "time"),
    "2024-03-01 09:30": ("2024-03-01 09:30:00", "time"), "20240301-0500": ("2024-03-01 00:00:00", "day"),
    "202403": (None, "month"), "2024": (None, "year"), "20240230": (None, None), "甲": (None, None),
    "99999999999999999999": (None, None),
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), TIMES.items())
def test_times_as_hl7_writes_them(written, meant):
    read = moment(written)
    clock = None if read.micros is None else str(pl.Series([read.micros]).cast(pl.Datetime("us")).item())
    assert (clock, read.precision) == meant


@given(st.text(max_size=30))
def test_whatever_a_time_or_a_number_is_written_like_it_is_read_or_not(written):
    assert (moment(written).micros is None) or moment(written).precision in {"day", "time"}
    assert number(written) is None or isinstance(number(written), float)
    result(written)
