"""A header that damage has joined to a record: names are told, and no word of the record is."""

from pathlib import Path

import pytest

from connectors.kinds import kinds
from connectors.looked import Looked
from connectors.torn import sayable
from tests.fuzz.good import CANARY, CLINIC

HEADER = ("nr", "mrn", "id", "day", "ward", "诊断")
ROWS = [
    (f"n{n}", f"m{n}", f"{CANARY}{n}", "2026-01-02", f"{CANARY}-w{n}", f"{CANARY}{'感冒咳嗽'[n:]}") for n in range(4)
]


def looked(folder: Path, content: str, kind: str = "workbook") -> Looked:
    """What `sniff` shows of a table of the drawn clinic."""
    path, mapping = folder / ("v.xls" if kind == "workbook" else "v.csv"), folder / "m.toml"
    path.write_text(content, "utf-8")
    mapping.write_text(CLINIC, "utf-8")
    return kinds()[kind].look(path, mapping=mapping)


def html(rows) -> str:
    """Rows as hospital systems save them under the name `.xls`."""
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in rows)
    return f"<html><table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table></html>"


def text(rows) -> str:
    """The same rows as CSV."""
    return "".join(",".join(row) + "\n" for row in rows)


@pytest.mark.parametrize(("kind", "written"), [("workbook", html), ("delimited", text)])
def test_of_a_whole_header_every_name_is_said(tmp_path, kind, written):
    seen = looked(tmp_path, written([HEADER, *ROWS]), kind)
    assert (set(seen.unmapped), seen.unnamed) == ({"ward", "诊断"}, 0)


@pytest.mark.parametrize("lost", ["</tr><tr>", "</td></tr><tr><td>"])
def test_of_a_header_that_runs_on_into_a_record_only_known_names_are_said(tmp_path, lost):
    seen = looked(tmp_path, html([HEADER, *ROWS]).replace(lost, "<br>" if "td" in lost else "", 1))
    assert CANARY not in " ".join([*seen.unmapped, *seen.mapped])
    assert {"nr", "mrn", "id", "day"} <= set(seen.mapped)
    assert seen.unnamed > 0


@pytest.mark.parametrize(("kind", "written"), [("workbook", html), ("delimited", text)])
def test_wherever_a_stretch_is_lost_no_value_is_shown(tmp_path, kind, written):
    content = written([HEADER, *ROWS])
    first = content.index("ward")
    for begin in range(first, content.index(ROWS[0][0]) + 1, 3):
        for end in range(begin, content.index(ROWS[1][0]), 7):
            seen = looked(tmp_path, content[:begin] + content[end:], kind)
            assert CANARY not in " ".join([*seen.unmapped, *seen.mapped]), (begin, end)


def test_a_word_that_is_written_like_the_values_under_it_is_not_said_and_a_known_name_is():
    records = [["v1", "王小明", "x"], ["v2", "李小红", "yy"]]
    assert sayable(["V_NO", "BZ", "姓名"], records) == [True, True, True]
    assert sayable(["V_NO", "姓名", "BZ"], records) == [True, True, False]
    assert sayable(["V_NO", "张大", "姓名"], records) == [False, False, True], "the cell before may be half a name"


def test_where_no_record_stands_beneath_only_known_names_are_said():
    assert sayable(["姓名", "张大山"], []) == [True, False]
