"""ODS (ISO/IEC 26300), row by row: values as they are stored, repeated empty cells never written out.

A claim of a million repeated rows costs nothing: only rows that say something are given, each at most a few times.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from connectors.errors import Unreadable
from connectors.workbook.events import elements, let_go
from connectors.workbook.grid import MOST_COLUMNS, Grid, Told, gathered
from connectors.workbook.package import Part, opened, pieces

CONTENT = "content.xml"
MOST_ROWS = 1 << 20
MOST_REPEATED = 1 << 16  # rows alike that say something; more is no table
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_NOTE = f"{_OFFICE}annotation"
_LASTS = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")
_ERROR = re.compile(r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!)|Err:\d+")
Row = dict[int, Told]  # column -> cell


def parts(path: Path) -> tuple[Part, ...]:
    """The sheets in their order; the member is the sheet's ordinal. Raises Unreadable."""
    with opened(path) as archive:
        for _ in pieces(archive, CONTENT):  # a bomb is found before a parser is given it
            pass
        with archive.open(CONTENT) as content:
            try:
                return tuple(_parts(elements(content, starts=True)))
            except etree.XMLSyntaxError as error:
                raise Unreadable(f"{path.name}: its sheets are not XML. Save it again.") from error


def _parts(events: Iterator[tuple[str, etree._Element]]) -> Iterator[Part]:
    hidden: set[str] = set()
    count = 0
    for event, each in events:
        if event == "end":
            if each.tag == "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}style":
                shown = [inner.get(f"{_TABLE}display") for inner in each]
                if "false" in shown:
                    hidden.add(each.get("{urn:oasis:names:tc:opendocument:xmlns:style:1.0}name", ""))
            elif each.tag == f"{_TABLE}table-row":
                let_go(each)
        elif each.tag == f"{_TABLE}table":
            state = "hidden" if each.get(f"{_TABLE}style-name") in hidden else "visible"
            yield Part(each.get(f"{_TABLE}name", ""), str(count), state)
            count += 1


def grids(path: Path, part: Part) -> Iterator[Grid]:
    """The rows of one sheet. Raises Unreadable where the XML is not whole; what came before was given."""
    with opened(path) as archive, archive.open(CONTENT) as content:
        yield from gathered(_rows(content, int(part.member), path.name))


def _rows(content: IO[bytes], wanted: int, name: str) -> Iterator[tuple[int, Row]]:
    table, line = -1, 0
    try:
        for event, each in elements(content, starts=True):
            if event == "start":
                if each.tag == f"{_TABLE}table":
                    table, line = table + 1, 0
                continue
            if each.tag != f"{_TABLE}table-row":
                continue
            times = _times(each, "rows")
            row = _row(each) if table == wanted else {}
            if row and times > MOST_REPEATED:
                raise Unreadable(f"{name} claims {times} rows that are all alike. Save the sheet without them.")
            yield from ((line + k + 1, row) for k in range(times if row else 0))
            line = min(line + times, MOST_ROWS)
            let_go(each)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"{name} is cut off inside a sheet. What came before was read.", "truncated") from error


def _times(each: etree._Element, what: str) -> int:
    said = each.get(f"{_TABLE}number-{what}-repeated", "1")
    return max(1, int(said)) if said.isdecimal() and len(said) < 10 else 1


def _row(row: etree._Element) -> Row:
    cells: Row = {}
    place = 0
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        times = _times(cell, "columns")
        told = _cell(cell)
        if told[0] is not None or told[1]:
            cells.update(dict.fromkeys(range(place, min(place + times, MOST_COLUMNS)), told))
        place += times
    return cells


def _cell(cell: etree._Element) -> Told:
    kind, value = cell.get(f"{_OFFICE}value-type", ""), cell.get(f"{_OFFICE}value", "")
    words = "\n".join(
        "".join(str(text) for text in each.itertext()) for each in cell.iter(f"{_TEXT}p") if not _in_note(each)
    )
    if kind in ("date", "time", "boolean"):
        return _stored(cell, kind) or words or None, None, words
    # A padded code (`000123`) is a number shown with zeros in front: what is shown counts.
    if kind in ("float", "currency") and value and not re.fullmatch(r"0\d+", words):
        return (*_number(value), value)
    return (None, "cell-error", words) if _ERROR.fullmatch(words) else (words or None, None, words)


def _stored(cell: etree._Element, kind: str) -> str:
    """The value beside the words, which are written after the taste of whoever saved the sheet."""
    said = cell.get(f"{_OFFICE}{kind}-value", "")
    if kind == "date":
        return re.sub(r"\.\d+$", "", said.replace("T", " ")).removesuffix(" 00:00:00")
    if kind == "time":
        lasts = _LASTS.fullmatch(said)
        return ":".join(f"{int(part or 0):02}" for part in lasts.groups()) if lasts else ""
    return said.upper()


def _in_note(each: etree._Element) -> bool:
    return any(parent.tag == _NOTE for parent in each.iterancestors())


def _number(value: str) -> tuple[str | None, str | None]:
    import polars as pl

    from connectors.workbook.numbers import texts
    from connectors.workbook.shown import PLAIN

    if len(value) <= 15 and "e" not in value.lower():
        return value.removesuffix(".0"), None
    text, why = texts(pl.Series([value], dtype=pl.String()), PLAIN)
    return text[0], None if why is None else why[0]
