"""A workbook (XLSX) that may be opened without fear: every text is a text, whatever it begins with.

No formula, link, macro or address is ever written, and equal tables give equal bytes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from math import isfinite
from typing import Any

Cell = str | int | float | None

# A cell that begins so would be a formula once its owner edits it or saves the sheet as CSV (ASVS 1.2.10): it gets
# Excel's own mark for "this is text", which no reader sees as part of the value.
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
ROWS, LETTERS, EXACT = 1_048_576, 32_767, 2**53  # of a sheet, of a cell; whole numbers that a cell holds exactly
NAME = 31  # letters of a sheet's name
WIDEST = 60
_HALVES = re.compile("[\ud800-\udfff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True)
class Sheet:
    """One table: a note above it, heads, and rows as wide as the heads. None is an empty cell."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    right: int = 0  # columns, from the right, that hold numbers


def workbook(sheets: Sequence[Sheet], title: str, made: datetime | None = None) -> bytes:
    """The workbook. A table of more rows than a sheet holds goes on in the next one.

    `made` stands in its properties; without it a fixed day does, so that the same tables are the same bytes.
    """
    from xlsxwriter import Workbook

    out = BytesIO()
    with Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": said(title), "created": (made or datetime(2000, 1, 1)).replace(tzinfo=None)})  # noqa: DTZ001
        looks = _looks(book)
        for sheet in _named([part for each in sheets for part in _parts(each)]):
            _fill(book.add_worksheet(sheet.name), sheet, looks)
    return out.getvalue()


def said(text: str) -> str:
    """A text as a cell can hold it: no halves of letters, not longer than a cell."""
    return _HALVES.sub("\ufffd", text)[:LETTERS]


def is_live(text: str) -> bool:
    """Whether a spreadsheet could take the text for a formula."""
    return text.lstrip(" \u3000\ufeff").startswith(LIVE)


def _looks(book: Any) -> dict[str, Any]:
    wrapped = {"text_wrap": True, "valign": "top"}
    return {
        "head": book.add_format({**wrapped, "bold": True, "bg_color": "#DCE6F2", "bottom": 1}),
        "text": book.add_format(wrapped),
        "live": book.add_format({**wrapped, "quote_prefix": True}),
        "number": book.add_format({"valign": "top", "num_format": "#,##0"}),
        "share": book.add_format({"valign": "top", "num_format": "#,##0.00"}),
        "note": book.add_format({"italic": True, "font_color": "#586174"}),
    }


def _fill(page: Any, sheet: Sheet, looks: dict[str, Any]) -> None:
    top = 1 if sheet.note else 0
    if sheet.note:
        _text(page, 0, 0, sheet.note, looks["note"], looks["note"])
    for column, head in enumerate(sheet.heads):
        _text(page, top, column, head, looks["head"], looks["head"])
        page.set_column(column, column, _width(sheet, column))
    for row, cells in enumerate(sheet.rows, top + 1):
        for column, cell in enumerate(cells):
            _cell(page, row, column, cell, looks)
    page.freeze_panes(top + 1, 0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    if sheet.rows and sheet.heads:
        page.autofilter(top, 0, top + len(sheet.rows), len(sheet.heads) - 1)


def _cell(page: Any, row: int, column: int, cell: Cell, looks: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, (str, bool)) or not isfinite(cell) or abs(cell) > EXACT:
        _text(page, row, column, str(cell), looks["text"], looks["live"])
    else:
        page.write_number(row, column, cell, looks["number" if isinstance(cell, int) else "share"])


def _text(page: Any, row: int, column: int, text: str, look: Any, live: Any) -> None:
    page.write_string(row, column, said(text), live if is_live(text) else look)


def _width(sheet: Sheet, column: int) -> float:
    """Wide enough for the first rows; a Chinese letter takes two places."""
    texts = [sheet.heads[column], *(str(row[column]) for row in sheet.rows[:200] if row[column] is not None)]
    return min(WIDEST, max(8, 2 + max(sum(2 if ord(one) > 0x2E80 else 1 for one in text) for text in texts)))


def _parts(sheet: Sheet) -> Iterator[Sheet]:
    room = ROWS - 2
    for start in range(0, max(len(sheet.rows), 1), room):
        yield replace(sheet, rows=sheet.rows[start : start + room])


def _named(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets with names that Excel allows, no two alike."""
    taken: set[str] = set()
    named = []
    for each in sheets:
        clean = _NOT_IN_NAMES.sub(" ", said(each.name)).strip() or "sheet"
        name, number = clean[:NAME], 1
        while name.casefold() in taken:
            number += 1
            name = f"{clean[: NAME - len(str(number)) - 1]} {number}"
        taken.add(name.casefold())
        named.append(replace(each, name=name))
    return named
