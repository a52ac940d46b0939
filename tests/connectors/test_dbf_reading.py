"""dBase tables, good and bad: every record of the file is accounted for, and leads back to its bytes."""

import struct

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Context
from connectors.dbf.layout import look
from connectors.dbf.rows import rows
from connectors.errors import ConnectorError, DoesNotFit, Unreadable
from connectors.kinds.dbf import CONNECTOR
from connectors.profiles import profiles
from federation.node.raw import slice_of
from tests.connectors.drawn_dbf import dbf
from tests.connectors.drawn_workbook import mapping

FIELDS = [("就诊号", "C", 8), ("病历号", "C", 8), ("身份证号", "C", 18), ("就诊日期", "D", 8)]
GOOD = [
    ("v1", "p1", "11010519491231002X", "20240301"),
    ("v2", "p2", "", "20240302"),
    ("v3", "p3", "440524188001010014", ""),
]


def cells(path, encoding=""):
    return pl.concat([piece.cells for piece in rows(path, look(path, encoding))])


def came_of(path, given=None):
    chunks = list(CONNECTOR.open(path, None, given).chunks(Context("A", "b", "f")))
    for chunk in chunks:
        chunk.check()
    made = pl.concat([chunk.tables["patient_identifier"] for chunk in chunks if chunk.tables])
    rejects = pl.concat([chunk.rejects for chunk in chunks]).select("position", "column", "reason", "whole").rows()
    return sum(chunk.read for chunk in chunks), made, rejects, chunks


def test_a_table_is_read_and_every_record_leads_back_to_its_bytes(tmp_path):
    path = dbf(tmp_path / "a.dbf", FIELDS, GOOD)
    read, made, rejects, [chunk] = came_of(path, mapping(tmp_path))
    assert (read, rejects) == (3, [])
    assert made["id_value"].to_list() == ["11010519491231002X", None, "440524188001010014"]
    assert made["first_seen"].dt.date().cast(pl.String).to_list() == ["2024-03-01", "2024-03-02", None]
    for place, length, key in chunk.records.select("offset", "length", "key").iter_rows():
        assert slice_of(path, place, length).decode("gb18030")[1:9].strip() == key.removeprefix("CLINIC|")


def test_a_record_marked_as_deleted_is_rejected_as_such(tmp_path):
    path = dbf(tmp_path / "a.dbf", FIELDS, GOOD, deleted=[2])
    read, made, rejects, _ = came_of(path, mapping(tmp_path))
    assert (read, made["source_pk"].to_list(), rejects) == (3, ["v1", "v3"], [(2, "", "deleted", True)])


def test_a_count_that_is_too_small_hides_no_record(tmp_path):
    assert came_of(dbf(tmp_path / "a.dbf", FIELDS, GOOD, claimed=1), mapping(tmp_path))[0] == 3


@pytest.mark.parametrize("claimed", [4, 4_000_000_000])
def test_a_count_that_is_too_large_says_that_records_are_missing(tmp_path, claimed):
    source = CONNECTOR.open(dbf(tmp_path / "a.dbf", FIELDS, GOOD, claimed=claimed), None, mapping(tmp_path))
    chunks = []
    with pytest.raises(Unreadable, match="3 are there") as error:
        chunks.extend(source.chunks(Context("A", "b", "f")))
    assert (error.value.reason, sum(chunk.read for chunk in chunks)) == ("truncated", 3)


def test_a_table_that_is_cut_off_gives_its_whole_records(tmp_path):
    path = dbf(tmp_path / "a.dbf", FIELDS, GOOD)
    path.write_bytes(path.read_bytes()[:-20])
    chunks = []
    with pytest.raises(Unreadable, match="2 are there"):
        chunks.extend(CONNECTOR.open(path, None, mapping(tmp_path)).chunks(Context("A", "b", "f")))
    assert [chunk.read for chunk in chunks] == [2]


def test_what_stands_behind_the_end_mark_is_no_record(tmp_path):
    path = dbf(tmp_path / "a.dbf", FIELDS, GOOD, end=b"\x1a" + b" left over" * 20)
    assert came_of(path, mapping(tmp_path))[0] == 3


def test_text_that_is_cut_inside_a_character_is_not_taken_for_whole(tmp_path):
    half = "甲乙".encode("gb18030")[:3]
    path = dbf(
        tmp_path / "a.dbf", [*FIELDS, ("备注", "C", 3)], [(*GOOD[0], half), (*GOOD[1], "甲"), (*GOOD[2], b"\xff\xff ")]
    )
    read, made, rejects, _ = came_of(path, mapping(tmp_path))
    assert (read, made.height) == (3, 2)
    assert sorted(rejects) == [(1, "备注", "cut-text", False), (3, "", "undecodable", True)]


def test_a_line_break_in_a_field_shifts_nothing(tmp_path):
    path = dbf(tmp_path / "a.dbf", [("N", "C", 6), ("M", "C", 4)], [("甲\n乙", "x"), ("丙", "y")])
    assert cells(path).rows() == [("甲\n乙", "x"), ("丙", "y")]


CELL = st.one_of(st.text("甲乙Ａ 1x", max_size=3).map(lambda text: text.encode("gb18030")[:6]), st.binary(max_size=6))


@given(st.lists(CELL, min_size=1, max_size=8), st.sampled_from("CN"))
def test_values_that_come_again_are_read_as_if_they_came_once(tmp_path_factory, values, type_):
    folder, fields = tmp_path_factory.mktemp("again"), [("K", "C", 3), ("V", type_, 6)]
    once, again = (
        next(rows(path, look(path, "gb18030")))
        for times in (1, 40)
        for path in [
            dbf(folder / f"{times}.dbf", fields, [(f"k{at}", value) for at, value in enumerate(values)] * times)
        ]
    )
    assert again.cells.rows() == once.cells.rows() * 40
    one = once.rejects.select("position", "column", "reason", "whole", "raw").rows()
    every = [(at + turn * len(values), *rest) for turn in range(40) for at, *rest in one]
    assert sorted(again.rejects.select("position", "column", "reason", "whole", "raw").rows()) == sorted(every)


@pytest.mark.parametrize(
    ("driver", "encoding", "learnt"),
    [
        (0x4D, "gb18030", "language driver"),
        (0x78, "cp950", "language driver"),
        (0, "gb18030", "text"),
        (0x57, "utf-8", "text"),
    ],
)
def test_the_encoding_is_learnt_from_the_driver_byte_or_the_text(tmp_path, driver, encoding, learnt):
    path = dbf(tmp_path / "a.dbf", [("NAME", "C", 12)], [("醫院病人",)] * 30, driver=driver, encoding=encoding)
    layout = look(path)
    assert (layout.encoding, layout.encoding_from) == (encoding, learnt)
    assert cells(path)["NAME"].to_list() == ["醫院病人"] * 30


def test_a_declared_encoding_counts_more_and_an_unknown_one_is_refused(tmp_path):
    path = dbf(tmp_path / "a.dbf", [("NAME", "C", 12)], [("病人",)], driver=0x4D, encoding="utf-8")
    assert cells(path, "utf-8")["NAME"].to_list() == ["病人"]
    with pytest.raises(Unreadable, match="not one of"):
        look(path, "klingon")


def test_binary_fields_of_foxpro_are_read(tmp_path):
    fields = [("I", "I", 4), ("D", "B", 8), ("Y", "Y", 8), ("T", "T", 8), ("L", "L", 1), ("L2", "L", 1), ("N", "N", 8)]
    record = [
        struct.pack("<i", -7),
        struct.pack("<d", 1.5),
        struct.pack("<q", 1_234_500),
        struct.pack("<ii", 2_460_371, 30_600_000),
        "T",
        "?",
        "12.50",
    ]
    path = dbf(tmp_path / "a.dbf", fields, [record], version=0x30)
    assert cells(path).rows() == [("-7", "1.5", "123.4500", "2024-03-01 08:30:00", "T", None, "12.50")]


def test_memos_of_foxpro_and_dbase_are_read_and_a_block_that_is_not_there_is_told(tmp_path):
    text = "高血压病史".encode("gb18030")
    (tmp_path / "a.fpt").write_bytes(
        struct.pack(">IHH", 0, 0, 64).ljust(512, b"\0") + (struct.pack(">II", 1, len(text)) + text).ljust(64, b"\0")
    )
    path = dbf(
        tmp_path / "a.dbf",
        [("K", "C", 2), ("M", "M", 10)],
        [("1", "8".rjust(10)), ("2", ""), ("3", "99".rjust(10))],
        version=0xF5,
    )
    [piece] = rows(path, look(path))
    assert piece.cells["M"].to_list() == ["高血压病史", None, None]
    assert piece.rejects.select("position", "column", "reason").rows() == [(3, "M", "bad-reference")]
    (tmp_path / "b.dbt").write_bytes(bytes(512) + text + b"\x1a\x1a")
    three = dbf(tmp_path / "b.dbf", [("M", "M", 10)], [("1".rjust(10),)], version=0x83)
    assert cells(three)["M"].to_list() == ["高血压病史"]
    (tmp_path / "c.dbt").write_bytes(
        bytes(20) + struct.pack("<H", 512) + bytes(490) + b"\xff\xff\x08\x00" + struct.pack("<I", 8 + len(text)) + text
    )
    four = dbf(tmp_path / "c.dbf", [("M", "M", 10)], [("1".rjust(10),)], version=0x8B)
    assert cells(four)["M"].to_list() == ["高血压病史"]


def test_memos_without_their_file_are_told(tmp_path):
    [piece] = rows(path := dbf(tmp_path / "a.dbf", [("M", "M", 10)], [("1".rjust(10),)], version=0x83), look(path))
    assert piece.rejects["reason"].to_list() == ["bad-reference"]


def test_a_front_page_in_dbase_fits_its_profile(tmp_path):
    names = list(dict.fromkeys([*profiles()["hqms_v1"].about.detect.all, *profiles()["hqms_v1"].sources]))
    path = dbf(tmp_path / "hqms_2012.dbf", [(name, "C", 4) for name in names], [["1"] * len(names)])
    assert CONNECTOR.sniff(path).profile == "hqms_v1"
    assert CONNECTOR.open(path).profile == "hqms_v1"


def test_a_table_that_its_mapping_does_not_fit_says_which_column(tmp_path):
    with pytest.raises(DoesNotFit, match="就诊号"):
        CONNECTOR.open(dbf(tmp_path / "a.dbf", [("X", "C", 2)], []), None, mapping(tmp_path))


def test_a_table_without_records_is_no_fault(tmp_path):
    source = CONNECTOR.open(dbf(tmp_path / "a.dbf", FIELDS, []), None, mapping(tmp_path))
    assert list(source.chunks(Context("A", "b", "f"))) == []


def test_fields_that_overrun_the_record_are_refused(tmp_path):
    path = dbf(tmp_path / "a.dbf", FIELDS, GOOD)
    content = bytearray(path.read_bytes())
    content[10:12] = (20).to_bytes(2, "little")
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="a record has 20"):
        CONNECTOR.open(path, None, mapping(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\x03", b"a,b\n1,2\n" * 40, b"PK\x03\x04" + bytes(200), bytes(400)])
def test_what_is_no_table_is_left_to_others(tmp_path, content):
    (tmp_path / "a.dbf").write_bytes(content)
    assert CONNECTOR.sniff(tmp_path / "a.dbf") is None


@given(st.data())
def test_a_damaged_table_never_ends_the_program(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    path = dbf(
        folder / "a.dbf",
        [*FIELDS, ("备注", "M", 10), ("F", "C", 3)],
        [(*each, "1".rjust(10), "甲") for each in GOOD],
        version=0x83,
    )
    (folder / "a.dbt").write_bytes(bytes(512) + b"text\x1a")
    content = bytearray(path.read_bytes())
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        content[at] = byte
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        CONNECTOR.sniff(path)
        for chunk in CONNECTOR.open(path, None, mapping(folder)).chunks(Context("A", "b", "f")):
            chunk.check()
    except ConnectorError:
        pass
