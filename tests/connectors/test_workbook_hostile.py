"""Workbooks that are cut, locked, or made to harm: one sentence, or their good part with a reason; never a traceback."""

import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.connector import Context
from connectors.errors import ConnectorError, Unreadable
from connectors.kinds.workbook import CONNECTOR
from connectors.workbook import forms
from tests.connectors.drawn_workbook import HEADER, MAIN, came_of, mapping, package, row, sheet
from tests.connectors.test_workbook_sheets import FIRST, SECOND, ods

GOOD = row(1, *HEADER) + row(2, *FIRST) + row(3, *SECOND)


def everything(path, given=None):
    """Reads a file as `ingest` does: sniffed, opened, read to its end; what is known to be wrong passes."""
    try:
        CONNECTOR.sniff(path)
        for chunk in CONNECTOR.open(path, None, given).chunks(Context("A", "b", "f")):
            chunk.check()
    except (ConnectorError, OSError):
        return False
    return True


def test_a_sheet_that_is_cut_off_gives_what_came_before(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.workbook.package.PIECE", 64)
    path = package(tmp_path / "a.xlsx", {"s": sheet(GOOD)[:-60]})
    source = CONNECTOR.open(path, None, mapping(tmp_path))
    chunks = []
    with pytest.raises(Unreadable) as error:
        chunks.extend(source.chunks(Context("A", "b", "f")))
    assert (sum(chunk.read for chunk in chunks), error.value.reason) == (1, "truncated")


def test_a_zip_that_is_cut_off_says_so(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(GOOD)})
    path.write_bytes(path.read_bytes()[:-30])
    assert "cut off" in CONNECTOR.sniff(path).why
    with pytest.raises(Unreadable, match="Copy it again"):
        CONNECTOR.open(path, None, mapping(tmp_path))


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.workbook.package.MOST_SHEET", 1 << 22)
    path = package(
        tmp_path / "a.xlsx", {"s": sheet(GOOD + f'<row r="4"><c r="A4" t="str"><v>{"x" * (1 << 23)}</v></c></row>')}
    )
    with pytest.raises(Unreadable, match="unpacks to more"):
        came_of(path, mapping(tmp_path))


def test_strings_that_unpack_without_end_are_not_held(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.workbook.xlsx.MOST_STRINGS", 1 << 20)
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * (1 << 21)}</t></si></sst>'
    with pytest.raises(Unreadable, match="unpacks to more"):
        CONNECTOR.open(package(tmp_path / "a.xlsx", {"s": sheet(GOOD)}, strings=strings), None, mapping(tmp_path))


def test_entities_of_a_sheet_are_not_resolved(tmp_path):
    bomb = '<!DOCTYPE worksheet [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    made = f'{bomb}<worksheet xmlns="{MAIN}"><sheetData>{GOOD}<row r="4"><c r="A4" t="str"><v>&b;</v></c><c r="B4" t="str"><v>&f;</v></c></row></sheetData></worksheet>'
    path = package(tmp_path / "a.xlsx", {"s": made})
    text = [grid.cells.rows() for grid in forms.grids(path, forms.parts(path)[0])]
    assert "xxxx" not in str(text)
    assert everything(path, mapping(tmp_path)) in (True, False)


def test_names_that_climb_out_of_the_package_reach_nothing(tmp_path):
    path = package(
        tmp_path / "a.xlsx", {"s": sheet(GOOD)}, more={"../../evil.txt": b"x", "xl/vbaProject.bin": b"macro"}
    )
    before = sorted(tmp_path.parent.rglob("*"))
    read, _, _ = came_of(path, mapping(tmp_path))
    assert read == 2
    assert "evil.txt" not in {each.name for each in tmp_path.parent.rglob("*")} or before


def test_a_sheet_outside_the_package_is_no_sheet(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(GOOD)})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            new.writestr(
                name,
                text.replace('Target="worksheets/sheet1.xml"', 'Target="file:///etc/passwd" TargetMode="External"'),
            )
    with pytest.raises(Unreadable, match="holds no sheet"):
        CONNECTOR.open(tmp_path / "b.xlsx", None, mapping(tmp_path))


def test_a_locked_workbook_says_what_to_do(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(2000)
    )
    with pytest.raises(Unreadable, match="password"):
        CONNECTOR.open(tmp_path / "a.xlsx")


def test_a_package_that_is_no_workbook_is_left_to_others(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("person.csv", "person_id\n1\n")
    (tmp_path / "b.docx").write_bytes(b"PK\x03\x04")
    assert CONNECTOR.sniff(tmp_path / "a.zip") is None
    assert CONNECTOR.sniff(tmp_path / "b.docx") is None


def test_rows_repeated_by_the_million_that_say_something_are_refused(tmp_path):
    text = (ods(tmp_path / "a.ods"), zipfile.ZipFile(tmp_path / "a.ods").read("content.xml").decode())[1]
    again = text.replace(
        '<table:table-row><table:table-cell office:value-type="float"',
        '<table:table-row table:number-rows-repeated="9999999"><table:table-cell office:value-type="float"',
    )
    with zipfile.ZipFile(tmp_path / "b.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", again)
    with pytest.raises(Unreadable, match="all alike"):
        came_of(tmp_path / "b.ods", mapping(tmp_path))


@given(st.data())
def test_a_damaged_workbook_never_ends_the_program(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("fuzz")
    name = data.draw(st.sampled_from(["a.xlsx", "a.ods"]))
    path = package(folder / name, {"s": sheet(GOOD)}) if name == "a.xlsx" else ods(folder / name)
    content = bytearray(path.read_bytes())
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=6)
    ):
        content[at] = byte
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    everything(path, mapping(folder))


PIECES = ["<row r='1'>", '<row r="2">', "</row>", '<c r="A1">', '<c r="ZZZ9" t="s">', '<c r="B2" t="inlineStr">', "<is>", "</is>", "<t>", "</t>",
          "<v>", "</v>", "</c>", "7", "-1", "1E400", "甲", "&lt;", "&#1;", "&bogus;", "<", ">", "<!--", "-->", "<c/>", '<row r="99999999">', "\x00", "<v>1</v><v>2</v>"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_no_sheet_of_scraps_ends_the_program(tmp_path_factory, scraps):
    folder = tmp_path_factory.mktemp("fuzz")
    everything(package(folder / "a.xlsx", {"s": sheet(GOOD + "".join(scraps))}), mapping(folder))


def test_an_old_workbook_with_flipped_bytes_never_ends_the_program(tmp_path):
    import xlwt

    book = xlwt.Workbook()
    page = book.add_sheet("s")
    for line, cells in enumerate([HEADER, FIRST, SECOND]):
        for place, cell in enumerate(cells):
            page.write(line, place, cell)
    book.save(tmp_path / "a.xls")
    whole, chance = (tmp_path / "a.xls").read_bytes(), random.Random(7)
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        (tmp_path / "b.xls").write_bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
        everything(tmp_path / "b.xls", mapping(tmp_path))


@pytest.mark.parametrize("at", [0x30, 0x3C, 0x44])  # where directory, small streams and the table itself begin
def test_an_old_workbook_whose_sectors_run_in_a_circle_is_refused_before_it_is_followed(tmp_path, at):
    import xlwt

    path = tmp_path / "v.xls"
    book = xlwt.Workbook()
    book.add_sheet("Sheet1").write(0, 0, "a")
    book.save(str(path))
    raw = bytearray(path.read_bytes())
    table, size = 512 * (1 + int.from_bytes(raw[0x4C:0x50], "little")), 512
    loop = 0 if at != 0x44 else len(raw) // size - 2
    raw[at : at + 4] = loop.to_bytes(4, "little")
    if at == 0x44:  # the last sector names itself as the next one
        raw[-4:] = loop.to_bytes(4, "little")
    else:
        raw[table : table + 4] = loop.to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(Unreadable, match="damaged"):
        forms.parts(path)


def test_a_directory_whose_names_are_no_text_is_damaged(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(GOOD)})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 9] |= 0x08  # says that its name is UTF-8
    raw[at + 46 : at + 48] = b"\xf7\xf7"
    path.write_bytes(raw)
    assert CONNECTOR.sniff(path) is not None
    with pytest.raises(Unreadable, match="damaged"):
        CONNECTOR.open(path)


def test_a_binary_workbook_is_named_and_what_to_do_is_said(tmp_path):
    path = tmp_path / "a.xlsb"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")
    assert "XLSB" in CONNECTOR.sniff(path).why
    for act in (CONNECTOR.look, CONNECTOR.open):
        with pytest.raises(Unreadable, match="save it as XLSX"):
            act(path)
