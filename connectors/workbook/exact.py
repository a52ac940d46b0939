"""A sheet's XML, cell by cell, with a real parser: for sheets that are not of the plain shape `cells` knows.

Slow and right; entities are not resolved, nothing is fetched, and what was read is let go row by row.
"""

from collections.abc import Iterator
from typing import IO

import polars as pl
from lxml import etree

from connectors.errors import Unreadable
from connectors.workbook.cells import Book, told
from connectors.workbook.events import elements, let_go
from connectors.workbook.grid import MOST_COLUMNS, Grid, Told, gathered
from connectors.workbook.shown import PLAIN
from connectors.workbook.tags import unescaped


def rows(content: IO[bytes], book: Book, after: int = 0) -> Iterator[Grid]:
    """Rows whose number is above `after`, in grids of some thousand. Raises Unreadable where it is not whole XML."""
    yield from gathered(_rows(content, book, after))


def _rows(content: IO[bytes], book: Book, after: int) -> Iterator[tuple[int, dict[int, Told]]]:
    line = 0
    try:
        for _, row in elements(content, "{*}row"):
            said = row.get("r", "")
            line = int(said) if said.isdecimal() and len(said) < 9 else line + 1
            if line > after:
                yield line, _row(row, book)
            let_go(row)
    except etree.XMLSyntaxError as error:
        raise Unreadable("A sheet of the workbook is not whole XML. What came before was read.", "truncated") from error


def _row(row: etree._Element, book: Book) -> dict[int, Told]:
    cells: dict[int, Told] = {}
    place = -1
    for cell in row.iterchildren("{*}c"):
        place = _place(cell.get("r") or "", place + 1)
        kind = cell.get("t") or "n"
        text = words(cell.find("{*}is")) if kind == "inlineStr" else cell.findtext("{*}v")
        if text and place < MOST_COLUMNS:
            cells[place] = (*_one(kind, text, cell.get("s") or "0", book), text)
    return cells


def words(item: etree._Element | None) -> str:
    """The text of a string item: its own or that of its runs, never the phonetic one beside it."""
    if item is None:
        return ""
    return "".join(each.text or "" for each in item.iter("{*}t") if not _phonetic(each.getparent()))


def _phonetic(parent: etree._Element | None) -> bool:
    return parent is not None and etree.QName(parent).localname == "rPh"


def _place(name: str, next_one: int) -> int:
    letters = name.rstrip("0123456789").upper()
    if not letters or not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return next_one
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _one(kind: str, given: str, style: str, book: Book) -> tuple[str | None, str | None]:
    if kind in ("str", "inlineStr"):
        return (unescaped(pl.Series([given]))[0] if "_x" in given else given), None
    look = book.looks[int(style)] if style.isdecimal() and int(style) < len(book.looks) else PLAIN
    text, why = told(pl.Series([given], dtype=pl.String()), kind, look, book)
    return text[0], None if why is None else why[0]
