"""What the cells of a workbook say, whoever wrote it."""

import datetime as dt

import polars as pl
import pytest
import python_calamine
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from connectors.workbook import forms
from connectors.workbook.numbers import spoken, texts
from connectors.workbook.shown import PLAIN, Shown, shown
from tests.connectors.drawn_workbook import MAIN, package, row, sheet

RICH = f"""<sst xmlns="{MAIN}"><si><t>plain</t></si>
<si><r><t>高</t></r><r><rPr><b/></rPr><t>血压</t></r><rPh sb="0" eb="1"><t>gao</t></rPh></si><si><t xml:space="preserve"> a </t></si></sst>"""
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>
<numFmt numFmtId="165" formatCode="000000"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="9"/><xf numFmtId="20"/></cellXfs></styleSheet>"""


def cells(path, number=0):
    """All rows of one sheet, and the cells that have no value."""
    grids = list(forms.grids(path, forms.parts(path)[number]))
    return pl.concat([grid.cells for grid in grids], how="diagonal").rows(), pl.concat([grid.faults for grid in grids])


def number(name, value, style=0):
    return f'<c r="{name}" s="{style}"><v>{value}</v></c>'


@pytest.mark.parametrize(
    ("written", "style", "says"),
    [
        ("45352", 0, "45352"),
        ("45352", 1, "2024-03-01"),
        ("45352.354166666664", 2, "2024-03-01 08:30:00"),
        ("1", 1, "1900-01-01"),
        ("59", 1, "1900-02-28"),
        ("61", 1, "1900-03-01"),
        ("0.35416666666666669", 6, "08:30:00"),
        ("1.5", 4, "36:00:00"),
        ("0.975", 5, "97.5%"),
        ("301", 3, "000301"),
        ("12.0", 0, "12"),
        ("5.0999999999999996", 0, "5.1"),
        ("1E-3", 0, "0.001"),
        ("-7", 0, "-7"),
        ("110101199001011237", 0, "110101199001011237"),  # no double holds it: the file has all its digits
        ("6222021234567893", 0, "6222021234567893"),
    ],
)
def test_a_number_is_what_a_person_sees(tmp_path, written, style, says):
    path = package(tmp_path / "a.xlsx", {"s": sheet(f'<row r="1">{number("A1", written, style)}</row>')}, styles=STYLES)
    rows, faults = cells(path)
    assert (rows, faults.height) == ([(says,)], 0)


@pytest.mark.parametrize(
    ("written", "style", "reason"),
    [
        ("1.10101199001011E+17", 0, "lost-digits"),
        ("110101199001011232", 0, "lost-digits"),  # what a double gives for 110101199001011237
        ("110101199001011000", 0, "lost-digits"),
        ("6222021234567890", 0, "lost-digits"),
        ("60", 1, "bad-date"),  # 1900-02-29 never was
        ("2958466", 1, "bad-date"),
        ("-3", 1, "bad-date"),
    ],
)
def test_a_number_that_is_not_known_is_none(tmp_path, written, style, reason):
    path = package(tmp_path / "a.xlsx", {"s": sheet(f'<row r="1">{number("A1", written, style)}</row>')}, styles=STYLES)
    rows, faults = cells(path)
    assert rows == [(None,)]
    assert faults.rows() == [(1, 0, reason, written)]


def test_text_is_kept_whether_shared_rich_phonetic_inline_or_made_by_a_formula(tmp_path):
    made = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c>'
        '<c r="D1" t="str"><f>A1&amp;"x"</f><v>a &amp; b</v></c><c r="E1" t="b"><v>1</v></c><c r="F1" t="e"><v>#N/A</v></c>'
        '<c r="G1" t="inlineStr"><is><t>甲_x000D_乙</t></is></c><c r="H1" s="1"/><c r="J1" t="d"><v>2024-03-01T08:30:00</v></c></row>'
    )
    rows, faults = cells(package(tmp_path / "a.xlsx", {"s": sheet(made)}, strings=RICH))
    assert rows == [("plain", "高血压", " a ", "a & b", "TRUE", None, "甲\r乙", "2024-03-01 08:30:00")]
    assert faults.rows() == [(1, 5, "cell-error", "#N/A")]


ODD = {
    "another prefix": '<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="2"><x:c r="B2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>',
    "single quotes": "<worksheet xmlns='{main}'><sheetData><row r='2'><c r='B2'><v>7</v></c></row></sheetData></worksheet>",
    "a comment": '<worksheet xmlns="{main}"><sheetData><!-- < --><row r="2"><c r="B2"><v>7</v></c></row></sheetData></worksheet>',
    "line breaks": '<worksheet xmlns="{main}">\n<sheetData>\n <row spans="1:2" r="2">\n  <c\n r="B2"><v>7</v></c>\n </row>\n</sheetData></worksheet>',
    "CDATA": '<worksheet xmlns="{main}"><sheetData><row r="2"><c r="B2"><v><![CDATA[7]]></v></c></row></sheetData></worksheet>',
    "rich inline": '<worksheet xmlns="{main}"><sheetData><row r="2"><c r="B2" t="inlineStr"><is><r><t>7</t></r><r><t/></r></is></c></row></sheetData></worksheet>',
}


@pytest.mark.parametrize("xml", ODD.values(), ids=ODD)
def test_a_sheet_that_is_written_oddly_is_read_all_the_same(tmp_path, xml):
    path = package(tmp_path / "a.xlsx", {"s": xml.replace("{main}", MAIN)})
    [grid] = forms.grids(path, forms.parts(path)[0])
    assert (grid.lines.tolist(), grid.cells["1"].to_list()) == ([2], ["7"])


def test_cells_without_names_stand_one_after_the_other(tmp_path):
    rows, _ = cells(package(tmp_path / "a.xlsx", {"s": sheet("<row><c><v>1</v></c><c><v>2</v></c></row>")}))
    assert rows == [("1", "2")]


def test_a_dimension_that_lies_is_not_believed(tmp_path):
    made = "".join(f'<row r="{n}">{number(f"A{n}", n)}</row>' for n in range(1, 3001))
    for claim in ("A1", "A1:XFD1048576"):
        rows, _ = cells(package(tmp_path / "a.xlsx", {"s": sheet(made, f'<dimension ref="{claim}"/>')}))
        assert len(rows) == 3000


def test_two_cells_at_the_ends_of_a_sheet_take_no_room_for_those_between(tmp_path):
    made = f'<row r="1">{number("A1", 1)}</row><row r="1048576">{number("XFD1048576", 2)}</row>'
    [grid] = forms.grids(path := package(tmp_path / "a.xlsx", {"s": sheet(made)}), forms.parts(path)[0])
    assert (grid.lines.tolist(), grid.cells.columns) == ([1, 1048576], ["0", "16383"])


def test_a_block_is_cut_anywhere_and_nothing_is_lost(tmp_path, monkeypatch):
    made = "".join(f'<row r="{n}">{number(f"A{n}", n)}</row>' for n in range(1, 500))
    path = package(tmp_path / "a.xlsx", {"s": sheet(made)})
    monkeypatch.setattr("connectors.workbook.package.PIECE", 97)
    rows, _ = cells(path)
    assert [value for (value,) in rows] == [str(n) for n in range(1, 500)]


VALUES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip),
    st.integers(-(10**9), 10**9),
    st.decimals(-10000, 10000, places=2).map(float),
    st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(lambda t: t.replace(microsecond=0)),
    st.booleans(),
    st.none(),
)


@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=12))
def test_every_cell_reads_as_the_library_reads_it(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for line, cells_ in enumerate(rows):
            for place, value in enumerate(cells_):
                if isinstance(value, dt.datetime):
                    page.write_datetime(line, place, value, days)
                elif isinstance(value, str):
                    page.write_string(line, place, value)
                elif value is not None:
                    page.write(line, place, value)
    theirs = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    top, left = theirs.start or (0, 0)
    expected = {
        (top + line + 1, left + place): spoken(value)[0]
        for line, cells_ in enumerate(theirs.to_python())
        for place, value in enumerate(cells_)
        if value != ""
    }
    ours = {
        (int(line), int(name)): value
        for grid in forms.grids(path, forms.parts(path)[0])
        for name in grid.cells.columns
        for line, value in zip(grid.lines, grid.cells[name], strict=True)
        if value is not None
    }
    assert ours == expected


@pytest.mark.parametrize(
    ("code", "look"),
    [("yyyy/m/d", "date"), ("[$-804]aaaa;@", "plain"), ("[Red]0.00", "plain"), ("h:mm AM/PM", "time"), ("mmm", "date"),
     ('0.0"岁"', "plain"), ("[mm]:ss", "duration"), ("0.00%", "percent"), ('yyyy"年"m"月"', "date"), ("#,##0.00_);[Red](#,##0.00)", "plain"),
     ('"day"0', "plain"), ("General", "plain")],
)  # fmt: skip
def test_a_format_tells_days_from_amounts(code, look):
    assert shown(200, code).look == look


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-(10.0**15) + 1, max_value=10.0**15 - 1))
def test_a_number_below_sixteen_digits_is_never_changed(value):
    text, why = texts(pl.Series([repr(value)]), PLAIN)
    assert why is None
    assert float(text[0]) == value


@given(st.integers(10**15, 10**19))
def test_a_long_number_is_given_whole_or_not_at_all(value):
    text, _ = texts(pl.Series([str(value)]), PLAIN)
    assert text[0] in (str(value), None)
    text, _ = texts(pl.Series([repr(float(value))]), PLAIN)
    assert text[0] is None or float(value) == value < 2**53


def test_a_workbook_that_counts_from_1904_says_so(tmp_path):
    text, _ = texts(pl.Series(["0", "1", "43890.5"]), Shown("date"), since_1904=True)
    assert text.to_list() == ["1904-01-01", "1904-01-02", "2024-03-01 12:00:00"]


def test_rows_that_say_nothing_are_no_rows(tmp_path):
    rows, _ = cells(
        package(
            tmp_path / "a.xlsx", {"s": sheet('<row r="1"/><row r="2" ht="20"/>' + row(3, "a") + '<row r="4"></row>')}
        )
    )
    assert [value for value in rows if value[0]] == [("a",)]
