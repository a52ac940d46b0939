"""Tables that hospital systems write as HTML or as XML Spreadsheet 2003 and name `.xls`.

Only tables are read: scripts, styles, links and pictures are passed over, and nothing is fetched.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from connectors.encoding import ASCII, detect
from connectors.errors import Unreadable
from connectors.workbook.events import elements, let_go
from connectors.workbook.grid import MOST_COLUMNS, Grid, Told, gathered
from connectors.workbook.package import Part

LARGEST = 1 << 29
HEAD = 1 << 16
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_SPACES = re.compile(r"[ \t\r\n\xa0\u3000]+")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?1\d")
Rows = Iterator[tuple[int, int, dict[int, Told]]]  # table, row, cells


def parts(path: Path, form: str) -> tuple[Part, ...]:
    """The tables in their order, by name where they have one; the member is the table's ordinal. Raises Unreadable."""
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"{path.name} is too large for a table in HTML or XML. Save it as XLSX or CSV.")
    found: dict[int, str] = {}
    for table, _, _ in _rows(path, form, found):
        found.setdefault(table, f"table {table + 1}")
    return tuple(Part(name, str(table), "visible") for table, name in sorted(found.items()))


def grids(path: Path, form: str, part: Part) -> Iterator[Grid]:
    """The rows of one table. Raises Unreadable where the file is cut off; what came before was given."""
    wanted = int(part.member)
    yield from gathered((line, cells) for table, line, cells in _rows(path, form, {}) if table == wanted and cells)


def _rows(path: Path, form: str, names: dict[int, str]) -> Rows:
    try:
        yield from _html(path) if form == "html" else _xml(path, names)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{path.name} is not whole. What came before was read.", "truncated") from error


def _html(path: Path) -> Rows:
    """Tables that hold rows of their own; a cell that spans columns is the first of them, the others are empty."""
    with path.open("rb") as content:
        found = detect(content.read(HEAD))
    encoding = "gb18030" if found.name in ("gb18030", "gbk") else "utf-8" if found.name == ASCII else found.name
    table, line = -1, 0
    below: dict[int, int] = {}
    with path.open("rb") as content:
        events: Any = etree.iterparse(
            content, events=("start", "end"), tag=("table", "tr"), html=True, encoding=encoding, no_network=True,
            huge_tree=False,
        )  # fmt: skip
        for event, each in events:
            if each.tag == "table":
                if event == "start":
                    table, line, below = table + 1, 0, {}
            elif event == "end":
                line += 1
                yield table, line, _html_row(each, below)
                each.clear()


def _html_row(row: etree._Element, below: dict[int, int]) -> dict[int, Told]:
    """`below` counts, column by column, the rows that a cell above reaches down to."""
    cells: dict[int, Told] = {}
    place = 0
    for cell in row.iterchildren("td", "th"):
        while below.get(place, 0):
            below[place] -= 1
            place += 1
        text = _SPACES.sub(" ", "".join(str(part) for part in cell.itertext())).strip()
        if text and place < MOST_COLUMNS:
            cells[place] = (None, "lost-digits", text) if _ROUNDED.fullmatch(text) else (text, None, text)
        wide, deep = _span(cell.get("colspan")), _span(cell.get("rowspan"))
        if deep > 1:
            below.update(dict.fromkeys(range(place, place + wide), deep - 1))
        place += wide
    return cells


def _span(said: str | None) -> int:
    return min(max(1, int(said)), 1000) if said and said.isdecimal() and len(said) < 6 else 1


def _xml(path: Path, names: dict[int, str]) -> Rows:
    """XML Spreadsheet 2003: cells and rows may skip ahead with `ss:Index`."""
    table, line = -1, 0
    for event, each in elements(str(path), (f"{_SS}Worksheet", f"{_SS}Row"), starts=True):
        if each.tag == f"{_SS}Worksheet":
            if event == "start":
                table, line = table + 1, 0
                names[table] = each.get(f"{_SS}Name", "")
        elif event == "end":
            line = _index(each, line + 1)
            yield table, line, _xml_row(each)
            let_go(each)


def _index(each: etree._Element, otherwise: int) -> int:
    said = each.get(f"{_SS}Index", "")
    return int(said) if said.isdecimal() and len(said) < 9 else otherwise


def _xml_row(row: etree._Element) -> dict[int, Told]:
    cells: dict[int, Told] = {}
    place = 0
    for cell in row.iterchildren(f"{_SS}Cell"):
        place = _index(cell, place + 1)
        data = cell.find(f"{_SS}Data")
        text = "" if data is None else "".join(str(part) for part in data.itertext()).strip()
        if text and data is not None and place <= MOST_COLUMNS:
            cells[place - 1] = _xml_cell(data.get(f"{_SS}Type", "String"), text)
        place += int(across) if (across := cell.get(f"{_SS}MergeAcross", "0")).isdecimal() and len(across) < 6 else 0
    return cells


def _xml_cell(kind: str, text: str) -> Told:
    import polars as pl

    from connectors.workbook.numbers import texts
    from connectors.workbook.shown import PLAIN

    if kind == "Number":
        made, why = texts(pl.Series([text], dtype=pl.String()), PLAIN)
        return made[0], None if why is None else why[0], text
    if kind == "DateTime":
        return re.sub(r"\.\d+$", "", text.replace("T", " ")).removesuffix(" 00:00:00"), None, text
    if kind == "Boolean":
        return {"1": "TRUE", "0": "FALSE"}.get(text, text), None, text
    return (None, "cell-error", text) if kind == "Error" else (text, None, text)
