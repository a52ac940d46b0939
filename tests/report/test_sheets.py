"""Workbooks that may be opened without fear."""

import io
import re
import zipfile
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from federation.report import sheets
from federation.report.sheets import Sheet, is_live, workbook

LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|'/c calc'!A0", '=HYPERLINK("http://x")', " =1", "＝1", "-", "%0A"]


def read(content: bytes, sheet: int = 0) -> list[list[object]]:
    return load_workbook(io.BytesIO(content)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


@pytest.mark.parametrize("text", LIVE)
def test_a_text_that_looks_like_a_formula_is_kept_as_text(text: str):
    content = workbook([Sheet(text, [text], [[text]], note=text)], text)
    assert read(content)[2] == [text]
    assert is_live(text)
    inside = "".join(body for name, body in parts(content).items() if name.startswith("xl/worksheets"))
    assert "<f>" not in inside
    assert "hyperlink" not in inside


def test_a_live_text_carries_the_mark_for_text_and_others_do_not():
    content = workbook([Sheet("a", ["h"], [["=1"], ["x"]])], "t")
    formats = re.findall(r"<xf [^>]*>", parts(content)["xl/styles.xml"].split("<cellXfs")[1])
    cells = dict(re.findall(r'<c r="(A\d)" s="(\d+)"', parts(content)["xl/worksheets/sheet1.xml"]))
    assert 'quotePrefix="1"' in formats[int(cells["A2"])]
    assert "quotePrefix" not in formats[int(cells["A3"])]


def test_numbers_are_numbers_and_what_a_cell_cannot_hold_is_text():
    [_, row] = read(workbook([Sheet("a", list("abcdef"), [[1, 2.5, None, 2**60, float("nan"), "0301"]])], "t"))
    assert row == [1.0, 2.5, "", str(2**60), "nan", "0301"]


def test_names_of_sheets_are_made_to_fit_and_stay_apart():
    content = workbook(
        [Sheet("整改/督办:[1]" * 9, ["a"], []), Sheet("整改/督办:[1]" * 9, ["a"], []), Sheet("'", ["a"], [])], "t"
    )
    names = load_workbook(io.BytesIO(content)).sheet_names
    assert len({name.casefold() for name in names}) == 3
    assert all(0 < len(name) <= 31 for name in names)


def test_a_table_too_long_for_a_sheet_goes_on_in_the_next(monkeypatch):
    monkeypatch.setattr(sheets, "ROWS", 12)
    content = workbook([Sheet("a", ["n"], [[n] for n in range(25)], note="x")], "t")
    assert load_workbook(io.BytesIO(content)).sheet_names == ["a", "a 2", "a 3"]
    assert [row[0] for sheet in range(3) for row in read(content, sheet)[2:]] == [float(n) for n in range(25)]


def test_the_same_tables_are_the_same_bytes():
    made = [workbook([Sheet("a", ["n"], [["甲", 1]])], "t", datetime(2026, 1, 1)) for _ in range(2)]
    assert made[0] == made[1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=20), min_size=1, max_size=4))
def test_any_text_makes_a_workbook_that_can_be_read(texts: list[str]):
    content = workbook([Sheet(texts[0], texts, [texts])], texts[0])
    assert len(load_workbook(io.BytesIO(content)).sheet_names) == 1
