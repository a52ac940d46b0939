"""Sheets as people make them: titles, deep headers, sums, hidden sheets; every row of them is accounted for."""

import zipfile

import polars as pl
import pytest
import xlsxwriter
import xlwt

from connectors.errors import DoesNotFit, UnknownFormat, Unreadable
from connectors.kinds.workbook import CONNECTOR
from connectors.profiles import profiles
from connectors.workbook.header import likeliest
from tests.connectors.drawn_workbook import HEADER, came_of, mapping, package, row, sheet

FIRST = ("v1", "p1", "11010519491231002X", "2024-03-01")
SECOND = ("v2", "p2", "440524188001010014", "2024-03-02")


def told(rejects):
    return [(r["position"], r["line"], r["column"], r["reason"], r["whole"]) for r in rejects.to_dicts()]


def test_a_sheet_with_its_header_in_the_first_row_is_read(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(row(1, *HEADER) + row(2, *FIRST) + row(4, *SECOND))})
    read, made, rejects = came_of(path, mapping(tmp_path))
    assert (read, rejects.height) == (2, 0)
    assert made["record_id"].to_list() == ["CLINIC|v1", "CLINIC|v2"]
    assert made["id_value"].to_list() == [FIRST[2], SECOND[2]]
    assert made["check_ok"].to_list() == [True, True]


def test_titles_notes_sums_and_the_header_again_are_told_from_records(tmp_path):
    rows = [
        row(1, "某社区卫生服务中心门诊日志"),
        row(3, "填报日期", "2024年3月"),
        row(4, *HEADER),
        row(5, *FIRST),
        row(6, *HEADER),
        row(7, *SECOND),
        row(8, "合 计", "2"),
    ]
    read, made, rejects = came_of(package(tmp_path / "a.xlsx", {"s": sheet("".join(rows))}), mapping(tmp_path))
    assert (read, made.height) == (4, 2)
    assert told(rejects) == [(2, 6, "", "header-again", True), (4, 8, "", "totals-row", True)]
    assert rejects["raw"][1] == "合 计,2,,".encode()


def test_a_header_of_two_rows_joins_merged_names(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page, plain = book.add_worksheet(), book.add_format()
        page.merge_range("A1:F1", "高血压患者随访表", plain)
        page.merge_range("A2:A3", "就诊号", plain)
        page.merge_range("B2:B3", "病历号", plain)
        page.merge_range("C2:D2", "证件", plain)
        page.write_row("C3", ["身份证号", "类型"])
        page.merge_range("E2:E3", "就诊\n日期", plain)
        page.write_row("A4", ["v1", "p1", FIRST[2], "1", "2024/3/1"])
    text = "证件/身份证号"
    given = mapping(tmp_path, mapping(tmp_path).read_text("utf-8").replace('"身份证号"', f'"{text}"'))
    read, made, rejects = came_of(tmp_path / "a.xlsx", given)
    assert (read, made["id_value"].to_list(), rejects.height) == (1, [FIRST[2]], 0)
    assert made["first_seen"].dt.date().cast(pl.String).to_list() == ["2024-03-01"]


def test_the_likeliest_header_is_no_title_and_no_record():
    rows = [
        ("血压随访", None, None, None),
        ("姓名", "收缩压", None, "备注"),
        (None, "第一次", "第二次", None),
        ("甲", "120", "118", None),
    ]
    assert likeliest(rows).names == ("姓名", "收缩压/第一次", "收缩压/第二次", "备注")
    assert likeliest([("姓名", "性别"), ("甲", "男"), ("乙", "女")]).names == ("姓名", "性别")


def test_each_sheet_is_read_or_named(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("一月", "说明", "二月", "空", "旧"):
            book.add_worksheet(name)
        for name, rows in {
            "一月": [HEADER, FIRST],
            "说明": [["本表由医务科填报"]],
            "二月": [HEADER, SECOND],
            "旧": [HEADER, FIRST],
        }.items():
            for line, cells in enumerate(rows):
                book.get_worksheet_by_name(name).write_row(line, 0, cells)
        book.get_worksheet_by_name("旧").hide()
    read, made, rejects = came_of(tmp_path / "a.xlsx", mapping(tmp_path))
    assert (read, made["source_pk"].to_list()) == (4, ["v1", "v2"])
    assert told(rejects) == [(1, 0, "说明", "no-mapping", True), (2, 0, "旧", "hidden-sheet", True)]
    looked = CONNECTOR.look(tmp_path / "a.xlsx", None, mapping(tmp_path))
    assert [(part.name, part.kind, part.profile) for part in looked.parts] == [
        ("一月", "workbook", "clinic"), ("说明", "", ""), ("二月", "workbook", "clinic"), ("空", "", ""), ("旧", "", ""),
    ]  # fmt: skip


def test_an_identifier_that_lost_digits_is_never_a_wrong_one(tmp_path):
    number = '<c r="C2"><v>1.10101199001011E+17</v></c>'
    rows = row(1, *HEADER) + row(2, "v1", "p1", number, "2024-03-01") + row(3, "v2", "p2", "1.10101E+17", "2024-03-01")
    read, made, rejects = came_of(package(tmp_path / "a.xlsx", {"s": sheet(rows)}), mapping(tmp_path))
    assert (read, made["id_value"].to_list(), made["check_ok"].to_list()) == (2, [None, None], [None, None])
    assert told(rejects) == [(1, 2, "身份证号", "lost-digits", False), (2, 3, "身份证号", "lost-digits", False)]


def test_a_record_whose_key_lost_digits_is_rejected_whole(tmp_path):
    rows = row(1, *HEADER) + row(2, '<c r="A2"><v>2.02403010000123E+17</v></c>', "p1", FIRST[2], "2024-03-01")
    read, made, rejects = came_of(package(tmp_path / "a.xlsx", {"s": sheet(rows)}), mapping(tmp_path))
    assert (read, made.height) == (1, 0)
    assert sorted(rejects["reason"]) == ["lost-digits", "no-key"]


def test_a_cell_outside_the_header_is_told_and_the_record_stays(tmp_path):
    rows = row(1, *HEADER) + row(2, *FIRST, "见附页")
    read, made, rejects = came_of(package(tmp_path / "a.xlsx", {"s": sheet(rows)}), mapping(tmp_path))
    assert (read, made.height, told(rejects)) == (1, 1, [(1, 2, "column 5", "no-header", False)])


def test_a_front_page_saved_as_a_workbook_fits_its_profile(tmp_path):
    names = profiles()["hqms_v2"].sources
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_row(0, 0, names)
    assert CONNECTOR.sniff(tmp_path / "a.xlsx").profile == "hqms_v2"
    assert CONNECTOR.open(tmp_path / "a.xlsx").profile == "hqms_v2"


def test_an_old_workbook_is_read(tmp_path):
    book = xlwt.Workbook()
    page, day = book.add_sheet("门诊"), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for place, name in enumerate(HEADER):
        page.write(2, place, name)
    import datetime as dt

    for place, value in enumerate((20240001, "p1", 110101199001011237, dt.date(2024, 3, 1))):
        page.write(3, place, value, *([day] if place == 3 else []))
    book.save(tmp_path / "a.xls")
    read, made, rejects = came_of(tmp_path / "a.xls", mapping(tmp_path))
    assert (read, made["source_pk"].to_list(), made["id_value"].to_list()) == (1, ["20240001"], [None])
    assert told(rejects) == [(1, 4, "身份证号", "lost-digits", False)]
    assert CONNECTOR.raw(tmp_path / "a.xls", 4, 1, 0) == b"20240001,p1,1.1010119900101123e+17,2024-03-01"


HTML = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="gb2312"><style>td {mso-number-format:"\\@"}</style></head>
<body><table border=1><tr><td colspan=4>门诊日志</td></tr><tr><th>就诊号<th>病历号<th>身份证号<th>就诊日期</tr>
<tr><td rowspan=2>v1</td><td>p1</td><td>11010519491231002X</td><td>2024-03-01&nbsp;08:30</td></tr>
<tr><td>p9</td><td>x</td><td>2024-03-01</td></tr></table><script>alert(1)</script></body></html>"""
XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="门诊"><Table><Row ss:Index="2"><Cell><Data ss:Type="String">就诊号</Data></Cell><Cell><Data ss:Type="String">病历号</Data></Cell>
<Cell ss:Index="3"><Data ss:Type="String">身份证号</Data></Cell><Cell><Data ss:Type="String">就诊日期</Data></Cell></Row>
<Row><Cell><Data ss:Type="Number">7</Data></Cell><Cell><Data ss:Type="String">p1</Data></Cell><Cell ss:Index="4"><Data ss:Type="DateTime">2024-03-01T08:30:00.000</Data></Cell></Row>
</Table></Worksheet></Workbook>"""


def test_html_and_xml_that_are_called_xls_are_read(tmp_path):
    (tmp_path / "h.xls").write_bytes(HTML.encode("gb18030"))
    read, made, _ = came_of(tmp_path / "h.xls", mapping(tmp_path))
    assert (read, made["source_pk"].to_list(), made["id_value"].to_list()) == (2, ["v1"], [FIRST[2]])
    assert str(made["first_seen"][0]) == "2024-03-01 08:30:00"
    (tmp_path / "x.xls").write_text(XML, "utf-8")
    read, made, rejects = came_of(tmp_path / "x.xls", mapping(tmp_path))
    assert (read, made["source_pk"].to_list(), made["id_value"].to_list(), rejects.height) == (1, ["7"], [None], 0)
    assert CONNECTOR.sniff(tmp_path / "h.xls").why.startswith("HTML table")


def test_text_that_is_called_xls_is_left_to_the_reader_of_text(tmp_path):
    (tmp_path / "t.xls").write_text("\t".join(HEADER) + "\n" + "\t".join(FIRST), "gb18030")
    assert CONNECTOR.sniff(tmp_path / "t.xls") is None


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet><table:table table:name="门诊">
<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row>{names}</table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="301"><text:p>0301</text:p></table:table-cell>
<table:table-cell office:value-type="string"><office:annotation><text:p>批注</text:p></office:annotation><text:p>p1</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1.10101199001011E+017"/>
<table:table-cell office:value-type="date" office:date-value="2024-03-01T08:30:00"><text:p>01/03/24</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="{times}"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(path, times="1048570", text=ODS):
    names = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in HEADER
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text.format(names=names, times=times))
    return path


def test_an_open_document_is_read_and_its_empty_million_rows_cost_nothing(tmp_path):
    read, made, rejects = came_of(ods(tmp_path / "a.ods"), mapping(tmp_path))
    assert (read, made["source_pk"].to_list(), str(made["first_seen"][0])) == (1, ["0301"], "2024-03-01 08:30:00")
    assert told(rejects) == [(1, 5, "身份证号", "lost-digits", False)]


def test_where_no_sheet_fits_the_nearest_is_named_and_no_value(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(row(1, "就诊号", "病历号") + row(2, "v1", "p1"))})
    with pytest.raises(DoesNotFit, match="身份证号"):
        CONNECTOR.open(path, None, mapping(tmp_path))
    with pytest.raises(UnknownFormat, match="no known profile"):
        CONNECTOR.open(path)
    assert CONNECTOR.sniff(path).profile == ""


def test_the_same_workbook_gives_the_same_rows(tmp_path):
    path = package(tmp_path / "a.xlsx", {"s": sheet(row(1, *HEADER) + row(2, *FIRST) + row(3, *SECOND))})
    assert came_of(path, mapping(tmp_path))[1].equals(came_of(path, mapping(tmp_path))[1])


def test_an_empty_workbook_says_so(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet()
    with pytest.raises(Unreadable, match="empty"):
        CONNECTOR.open(tmp_path / "a.xlsx")
