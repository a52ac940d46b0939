"""What C-CDA documents say and what becomes of it: sections by template, absent things absent."""

import json
from datetime import date, datetime

import polars as pl
import pytest

from tests.connectors.drawn_cda import made, paper, section

CCD = "2.16.840.1.113883.10.20.22.1.2"


def american(*sections: str) -> dict[str, pl.DataFrame]:
    return made(paper(0, *sections, template=CCD))


def problem(value: str, more: str = "", time: str = "", act: str = "", around: str = "") -> str:
    return (f'<act classCode="ACT" moodCode="EVN" {around}><statusCode code="active"/><entryRelationship typeCode="SUBJ">'
            f'<observation classCode="OBS" moodCode="EVN" {act}><code code="55607006"/>{time}{value}{more}</observation>'
            "</entryRelationship></act>")  # fmt: skip


SNOMED, ICD = "2.16.840.1.113883.6.96", "2.16.840.1.113883.6.90"
ASTHMA = (f'<value xsi:type="CD" code="195967001" codeSystem="{SNOMED}" displayName="甲"><translation code="J45.909" '
          f'codeSystem="{ICD}" displayName="乙"/></value>')  # fmt: skip


def test_a_problem_is_a_condition_with_its_icd_10_code_before_others():
    time = '<effectiveTime><low value="20120806"/><high value="20130101"/></effectiveTime>'
    [row] = american(section("11450-4", problem(ASTHMA, time=time)))["condition"].to_dicts()
    assert (row["role_code"], row["code"], row["code_system"], row["display"]) == ("CHRONIC", "J45.909", ICD, "乙")
    assert row["onset_date"] == date(2012, 8, 6)
    assert json.loads(row["extra"]) == {
        "status": "active", "effectiveTime/high": "20130101", "codes": [f"195967001|{SNOMED}", f"J45.909|{ICD}"]}  # fmt: skip


@pytest.mark.parametrize("entry", [
    problem(ASTHMA, act='negationInd="true"'), problem(ASTHMA, around='negationInd="true"'),
    problem('<value xsi:type="CD" nullFlavor="UNK"/>'), problem('<value xsi:type="CD" code="160245001"/>'),
    problem(ASTHMA, more="<subject><relatedSubject/></subject>"), problem(ASTHMA).replace('"EVN" ><code', '"INT" ><code'),
])  # fmt: skip
def test_what_was_denied_planned_unknown_or_somebody_elses_is_no_condition(entry):
    tables = american(section("11450-4", entry))
    assert "condition" not in tables
    assert not tables["rejects"].height


def test_no_known_allergy_and_no_known_medication_make_no_rows():
    allergy = problem('<value xsi:type="CD" code="419199007"/>', act='negationInd="true"')
    drug = '<substanceAdministration negationInd="true" moodCode="EVN"><consumable/></substanceAdministration>'
    tables = american(section("48765-2", allergy), section("10160-0", drug))
    assert not {"observation", "condition", "medication"} & set(tables)


RESULT = """<organizer classCode="BATTERY" moodCode="EVN"><id root="1.2.3" extension="R1"/><effectiveTime value="20240301"/>
<component><observation classCode="OBS" moodCode="EVN"><code code="718-7" codeSystem="2.16.840.1.113883.6.1" displayName="甲"/>
<statusCode code="{status}"/>{value}<interpretationCode code="HH"/><referenceRange><observationRange><text>甲</text>
<value xsi:type="IVL_PQ"><low value="10.5"/><high value="20"/></value></observationRange></referenceRange></observation></component>
</organizer>"""
VALUES = {
    '<value xsi:type="PQ" value="13.2" unit="g/dl"/>': (13.2, None, "13.2", "HH", "g/dl"),
    '<value xsi:type="INT" value="7"/>': (7.0, None, "7", "HH", None),
    '<value xsi:type="REAL" value="x"/>': (None, None, "x", "HH", None),
    '<value xsi:type="IVL_PQ"><high value="5" unit="mg" inclusive="false"/></value>': (5.0, "<", "<5", "HH", "mg"),
    '<value xsi:type="IVL_PQ"><low value="5"/><high value="9"/></value>': (None, None, "5-9", "HH", None),
    '<value xsi:type="CD" code="260385009" displayName="Negative"/>': (None, None, "Negative", "260385009", None),
    '<value xsi:type="ST">&gt; 6.22 甲</value>': (6.22, ">", "> 6.22 甲", "HH", None),
    '<value xsi:type="ED">长文本</value>': (None, None, "长文本", "HH", None),
    '<value xsi:type="RTO"><numerator value="1"/><denominator value="128"/></value>': (None, None, "1:128", "HH", None),
    '<value xsi:type="BL" value="true"/>': (None, None, "true", "HH", None),
    '<value xsi:type="PQ" nullFlavor="UNK"/>': (None, None, None, "HH", None),
}


@pytest.mark.parametrize(("value", "wanted"), VALUES.items())
def test_results_of_every_type(value, wanted):
    [row] = american(section("30954-2", RESULT.format(status="completed", value=value)))["observation"].to_dicts()
    assert tuple(row[name] for name in ("value_num", "comparator", "value_text", "value_code", "unit")) == wanted
    assert (row["ref_low"], row["ref_high"], row["ref_text"], row["critical_flag"]) == (10.5, 20.0, "甲", True)
    assert (row["report_id"], row["sampled_time"], row["category"]) == ("1.2.3^R1", datetime(2024, 3, 1), "laboratory")


def test_a_cancelled_result_is_none():
    assert "observation" not in american(section("30954-2", RESULT.format(status="aborted", value="")))


def test_a_name_is_looked_up_in_the_text_of_its_document_and_nowhere_else():
    value = (
        '<value xsi:type="CD" code="J45" codeSystem="x"><originalText><reference value="#p1"/></originalText></value>'
    )
    narrative = '<text><table><td ID="p1">甲 <b>乙</b></td></table></text>'
    tables = american(section("11450-4", problem(value)).replace('"11450-4"/>', f'"11450-4"/>{narrative}'))
    assert tables["condition"]["display"].to_list() == ["甲 乙"]


def test_a_section_is_known_by_its_template_before_its_code():
    as_problems = section("30954-2", problem(ASTHMA)).replace(
        "<section>", '<section><templateId root="2.16.840.1.113883.10.20.22.2.5.1"/>'
    )
    assert american(as_problems)["condition"].height == 1


def test_a_medication_has_dose_route_period_and_frequency():
    drug = """<substanceAdministration classCode="SBADM" moodCode="INT"><statusCode code="active"/>
<effectiveTime xsi:type="IVL_TS"><low value="20120806"/><high value="20120816"/></effectiveTime>
<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="12" unit="h"/></effectiveTime><routeCode code="C38216"/>
<doseQuantity value="1" unit="mg/actuat"/><consumable><manufacturedProduct><manufacturedMaterial><code code="219483"
codeSystem="2.16.840.1.113883.6.88" displayName="甲"><translation code="R03AC02" codeSystem="2.16.840.1.113883.6.73"/></code>
</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration>"""
    [row] = american(section("10160-0", drug))["medication"].to_dicts()
    assert (row["kind"], row["drug_code"], row["atc_code"], row["drug_name"]) == (
        "prescription",
        "219483",
        "R03AC02",
        "甲",
    )
    assert (row["dose"], row["dose_unit"], row["route_code"], row["freq_code"]) == (1.0, "mg/actuat", "C38216", "12 h")
    assert (row["start_time"], row["end_time"]) == (datetime(2012, 8, 6), datetime(2012, 8, 16))
