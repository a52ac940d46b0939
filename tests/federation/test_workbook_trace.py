"""From the pool back to the row of a sheet, which has no bytes of its own."""

from connectors.kinds import kinds
from federation.node.rejects import rejects
from federation.node.trace import trace
from tests.connectors.drawn_workbook import HEADER, mapping, package, row, sheet
from tests.federation.node_city import city, pooled, take


def book(folder):
    rows = row(1, "门诊日志") + row(2, *HEADER) + row(3, "v1", "p1", "11010519491231002X", "2024-03-01")
    return package(folder / "a.xlsx", {"说明": sheet(row(1, "填报说明")), "门诊": sheet(rows + row(4, "合计", "1"))})


def test_a_pooled_row_leads_back_to_its_sheet_and_row(tmp_path):
    home, path = city(tmp_path, "A"), book(tmp_path)
    report = take(home, path, mapping=mapping(tmp_path), kinds=kinds())
    assert (report.read, report.accepted, report.rejected) == (3, 1, 2)
    [token] = pooled(home, "patient_identifier")["record_id"].to_list()
    [found] = trace(home, token, raw=True)
    assert (found.place, found.raw) == ("sheet 2, row 3", "v1,p1,11010519491231002X,2024-03-01")
    assert found.unchanged


def test_rejects_of_a_workbook_show_the_row_as_a_line_of_csv(tmp_path):
    home = city(tmp_path, "A")
    take(home, book(tmp_path), mapping=mapping(tmp_path), kinds=kinds())
    rows = rejects(home).sort("position").select("position", "line", "column", "reason", "raw").collect().rows()
    assert rows == [(1, 0, "说明", "no-mapping", "填报说明".encode()), (3, 4, "", "totals-row", "合计,1,,".encode())]
