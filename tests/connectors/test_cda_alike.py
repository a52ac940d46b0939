"""Entries read by their markup give the rows that reading them element by element gives, whatever stands in them."""

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cda.alike import FEW, Entries
from connectors.cda.draft import Draft, Place
from connectors.cda.reading import read_document
from connectors.cda.shortened import shortened
from connectors.connector import Context
from connectors.xml import NotRead, parsed

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
CHINESE, AMERICAN = "2.16.156.10011.2.1.1.27", "2.16.840.1.113883.10.20.22.1.2"
WORDS = st.one_of(
    st.sampled_from(["", " ", "DE04.50.200.00", "DE04_10_174_00", "DE04.50.001.00", "718-7", "HIV抗体", "12.5", "1e5", "N", "HH",
                     "20240301", "202403", "20240230", "1", "mmol/L", "甲", "a b", "&amp;", "&#10;", "x&lt;y", "'"]),
    st.text(alphabet="甲乙DE0123456789.-: '", max_size=12),
)  # fmt: skip


def paper(template: str, entries: str) -> bytes:
    return f"""<ClinicalDocument xmlns="urn:hl7-org:v3" {XSI}><templateId root="{template}"/><id root="1.2" extension="D"/>
<recordTarget><patientRole><id root="1.3" extension="P"/></patientRole></recordTarget><component><structuredBody><component>
<section><code code="30954-2"/>{entries}</section></component></structuredBody></component></ClinicalDocument>""".encode()


def rows(content: bytes) -> tuple[list[dict[str, Any]], list[tuple[str, str, bytes]]]:
    draft = Draft(Context("A", "b1", "0" * 16))
    draft.take(read_document(Place(1, 1, 0, content)))
    chunk = draft.joined(())
    made = chunk.tables["observation"].to_dicts() if "observation" in chunk.tables else []
    told = [{name: value for name, value in row.items() if name not in HIDDEN and value is not None} for row in made]
    lost = chunk.rejects.filter(pl.col("column").is_in(["sampled_time", "value_num", "ref_low", "ref_high"]))
    return sorted(told, key=str), sorted(lost.select("column", "reason", "raw").rows())


HIDDEN = {"record_id", "source_row_hash"}


@st.composite
def entry(draw: st.DrawFn) -> str:
    said = {name: draw(WORDS) for name in ("code", "name", "time", "value", "unit", "meaning", "low", "high")}
    kind = draw(st.sampled_from(["PQ", "INT", "CD", "ST", "IVL_PQ", "ED"]))
    value = draw(st.sampled_from([
        f'<value xsi:type="{kind}" value="{said["value"]}" unit="{said["unit"]}"/>',
        f'<value xsi:type="CD" code="{said["value"]}" displayName="{said["unit"]}"/>', "",
        f'<value xsi:type="{kind}">{said["value"]}</value>', '<value xsi:type="PQ" nullFlavor="UNK" value="3"/>',
    ]))  # fmt: skip
    reference = (f'<referenceRange><observationRange><value xsi:type="IVL_PQ"><low value="{said["low"]}"/>'
                 f'<high value="{said["high"]}"/></value></observationRange></referenceRange>')  # fmt: skip
    more = draw(st.sampled_from([
        "", reference, f'<interpretationCode code="{said["meaning"]}"/>', "<!-- \"甲\" --><methodCode displayName='乙'/>",
        reference + f'<interpretationCode code="{said["meaning"]}"/>', "<methodCode><originalText>甲</originalText></methodCode>",
        f'<entryRelationship typeCode="COMP"><observation><code code="1"/>{value}</observation></entryRelationship>',
        '<id root="1.2.3" extension="x"/>', value,
    ]))  # fmt: skip
    act = draw(st.sampled_from(['moodCode="EVN"', 'moodCode="INT"', 'moodCode="EVN" negationInd="true"', ""]))
    system = draw(st.sampled_from(["2.16.156.10011.2.2.1", "2.16.840.1.113883.6.1", ""]))
    time = draw(st.sampled_from([f'<effectiveTime value="{said["time"]}"/>', "",
                                 f'<effectiveTime><low value="{said["time"]}"/></effectiveTime>']))  # fmt: skip
    return (f'<entry><observation classCode="OBS" {act}><code code="{said["code"]}" codeSystem="{system}" '
            f'displayName="{said["name"]}"/>{time}{value}{more}</observation></entry>')  # fmt: skip


@given(entry(), st.sampled_from([CHINESE, AMERICAN]))
def test_many_entries_are_read_as_one_is(one, template):
    alone, lost = rows(paper(template, one))
    many, all_lost = rows(paper(template, one * FEW))
    assert many == sorted(alone * FEW, key=str)
    assert all_lost == sorted(lost * FEW)


@given(st.lists(entry(), min_size=FEW, max_size=FEW + 4))
def test_entries_of_different_markup_keep_their_own_values(entries):
    together, _ = rows(paper(AMERICAN, "".join(entries)))
    apart = [row for each in entries for row in rows(paper(AMERICAN, each))[0]]
    assert together == sorted(apart, key=str)


PLAIN = ('<entry><observation moodCode="EVN"><code code="718-7" codeSystem="x" displayName="甲"/>'
         '<value xsi:type="PQ" value="{}" unit="g"/></observation></entry>')  # fmt: skip


@pytest.mark.parametrize("value", [
    '<value xsi:type="PQ" value="" unit="g"/>', '<value xsi:type="PQ" value=" " unit="g"/>',
    '<value xsi:type="PQ" value="5" code="" unit="g"/>', '<value xsi:type="CD" code="" displayName="x"/>',
    '<value xsi:type="CD" code="a" value="" displayName="x"/>', '<value xsi:type="PQ" value="5" currency="CNY"/>',
])  # fmt: skip
@pytest.mark.parametrize("given", ["5", "", "a"])
def test_a_value_that_is_empty_in_one_entry_and_not_in_another_is_read_as_it_stands(value, given):
    one = PLAIN.format("7").replace('<value xsi:type="PQ" value="7" unit="g"/>', value)
    filled = re.sub(r'(value|code)="[^"]*"(?=[^>]*/></observation>)', rf'\1="{given}"', one)
    for entries in ([filled] * FEW + [one], [one] * FEW + [filled], [PLAIN.format("7")] * FEW + [one, filled]):
        together, _ = rows(paper(AMERICAN, "".join(entries)))
        apart = [row for each in entries for row in rows(paper(AMERICAN, each))[0]]
        assert together == sorted(apart, key=str)


def test_plain_entries_are_read_by_their_markup():
    content = paper(AMERICAN, "".join(PLAIN.format(number) for number in range(FEW)))
    entries = Entries.of(parsed(content), content)
    assert len(entries.starts) == FEW
    assert all(entries.alike(each) is not None for each in entries.starts)
    assert sorted(row["value_num"] for row in rows(content)[0]) == list(range(FEW))


@pytest.mark.parametrize("trick", [
    "<!-- <entry> -->", "<text>&lt;/entry></text>", "<text><![CDATA[</entry>]]></text>", "<!-- </entry> -->",
])  # fmt: skip
def test_what_only_looks_like_an_entry_changes_no_value(trick):
    entries = "".join(PLAIN.format(number) for number in range(FEW))
    assert sorted(row["value_num"] for row in rows(paper(AMERICAN, trick + entries))[0]) == list(range(FEW))


def test_a_prefix_for_every_name_changes_nothing():
    entries = "".join(PLAIN.format(number) for number in range(FEW))
    content = (
        paper(AMERICAN, entries).decode().replace("<", "<h:").replace("<h:/", "</h:").replace("xmlns=", "xmlns:h=")
    )
    assert rows(content.encode()) == rows(paper(AMERICAN, entries))


# ---- documents that are shortened before they are parsed


def outcome(content: bytes) -> object:
    """Rows and rejects, or why and on which line the document was not read."""
    draft = Draft(Context("A", "b1", "0" * 16))
    try:
        draft.take(read_document(Place(1, 1, 0, content)))
    except NotRead as error:
        return error.reason, error.line
    chunk = draft.joined(())
    return {name: rows.to_dicts() for name, rows in chunk.tables.items()}, chunk.rejects.to_dicts()


@pytest.fixture
def whole(monkeypatch):
    """Reads a document without shortening it."""

    def read(content: bytes) -> object:
        with monkeypatch.context() as patch:
            patch.setattr("connectors.cda.reading.shortened", lambda _: None)
            return outcome(content)

    return read


MEASURED = ('<entry><observation moodCode="EVN"><code code="DE04.50.2{:02}.00" codeSystem="2.16.156.10011.2.2.1" '
            'displayName="{}"/><value xsi:type="PQ" value="{}" unit="g"/></observation></entry>')  # fmt: skip


def taught() -> None:
    """Has the markups of PLAIN and MEASURED learnt."""
    for template in (CHINESE, AMERICAN):
        outcome(paper(template, "".join(PLAIN.format(n) + MEASURED.format(n, "甲", n) for n in range(FEW))))


def test_what_is_read_by_its_markup_is_not_parsed(whole):
    taught()
    plain = "".join(PLAIN.format(number) for number in range(FEW))
    measured = "".join(MEASURED.format(number, "甲", number) for number in range(FEW))
    for content in (paper(AMERICAN, plain), paper(CHINESE, measured)):
        left = shortened(content)
        assert left is not None
        assert len(left.read) == FEW - 1
        assert len(left.text) < len(content) / 2
        assert outcome(content) == whole(content)


@given(st.lists(st.one_of(
    entry(), st.builds(PLAIN.format, WORDS.filter(lambda word: '"' not in word)),
    st.builds(MEASURED.format, st.integers(0, 99), st.sampled_from(["甲", "乙 ", "\x01", "\ufffe", "a>b"]), st.integers(0, 9)),
), min_size=FEW, max_size=2 * FEW), st.sampled_from([CHINESE, AMERICAN]), st.sampled_from([
    ("", ""), ("30954-2", "11450-4"), ("30954-2", "99999-9"), ("<section>", '<section xmlns="urn:other">'),
    ("<section>", '<section xmlns:xsi="urn:other">'), (XSI, ""), ("</section>", "</sectio>"), ("<section>", "<section><!-- <entry> -->"),
    ("<section>", "<section><text><![CDATA[<entry/>]]></text>"), ('extension="P"', ""), ('extension="D"', 'root=""'),
    ("<section>", "<component><section>" * 60), ("<section>", "<section><text>\x02</text>"), ("<section>", '<section a="1" a="1">'),
]))  # fmt: skip
def test_a_shortened_document_is_read_as_it_is_whole(entries, template, change):
    taught()
    content = paper(template, "".join(entries))
    content = content.decode().replace(*change).encode() if change[0] else content
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.cda.reading.shortened", lambda _: None)
        wanted = outcome(content)
    assert outcome(content) == wanted
    assert outcome(content) == wanted  # its own markups are learnt now


def test_a_document_too_deep_is_refused_though_its_depth_is_in_what_was_taken_out(whole):
    taught()
    plain = "".join(PLAIN.format(number) for number in range(FEW))
    for levels in (190, 236, 240, 242, 243, 244, 245, 250):
        content = paper(AMERICAN, "<component><section>" * (levels // 2) + '<code code="30954-2"/>' + plain
                        + "</section></component>" * (levels // 2))  # fmt: skip
        assert outcome(content) == whole(content)
