"""XLSX and XLSM, a bounded piece of a sheet at a time; only the shared strings are held whole.

`<dimension>` is never looked at: it is a claim, and other readers have lost rows by believing it.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from lxml import etree

from connectors.errors import Unreadable
from connectors.workbook import exact
from connectors.workbook.cells import Book, read_block
from connectors.workbook.events import elements, let_go
from connectors.workbook.grid import Grid
from connectors.workbook.package import Package, Part, opened, pieces, read_package
from connectors.workbook.tags import NotPlain, Tags, unescaped

MOST_STRINGS = 1 << 30  # bytes of shared strings, which must be held whole
LONGEST_ROW = 1 << 26
_DATA = re.compile(rb"<sheetData\s*>")
_END = b"</row>"
_SELF_CLOSED = re.compile(rb"<row\b[^>]*/>")


def parts(path: Path) -> tuple[Part, ...]:
    """The sheets in the workbook's order, hidden ones too. Raises Unreadable."""
    with opened(path) as archive:
        return read_package(archive, path.name).parts


def book(archive: zipfile.ZipFile, package: Package) -> Book:
    """What cells refer to, shared strings included. Raises Unreadable."""
    return Book(_strings(archive, package.strings), package.looks, package.since_1904)


def grids(path: Path, part: Part, size: int = 0) -> Iterator[Grid]:
    """The rows of one sheet in their order, from `size` bytes of its XML at a time (PIECE where 0).

    Raises Unreadable where it is damaged; what came before was given.
    """
    with opened(path) as archive:
        package = read_package(archive, path.name)
        yield from _sheet(archive, part, book(archive, package), size)


def _sheet(archive: zipfile.ZipFile, part: Part, cited: Book, size: int) -> Iterator[Grid]:
    last = 0
    try:
        for block in _blocks(archive, part, size):
            grid = read_block(block, cited)
            if grid.lines[0] <= last:
                raise NotPlain  # rows do not ascend
            last = int(grid.lines[-1])
            yield grid
    except NotPlain:
        for _ in pieces(archive, part.member):  # a bomb is found before a parser is given it
            pass
        with archive.open(part.member) as content:
            yield from exact.rows(content, cited, last)


def _blocks(archive: zipfile.ZipFile, part: Part, size: int) -> Iterator[bytes]:
    """Whole rows, cut out of the unpacked sheet; rows that close themselves are empty and go."""
    tail, inside = b"", False
    for piece in pieces(archive, part.member, size=size):
        tail += piece
        if not inside:
            found = _DATA.search(tail)
            if not found:
                if len(tail) > LONGEST_ROW or b"<sheetData/>" in tail:
                    break
                continue
            tail, inside = tail[found.end() :], True
        stop = tail.rfind(_END) + len(_END)
        if stop >= len(_END):
            start = tail.find(b"<row")
            yield _filled(tail[start:stop])
            tail = tail[stop:]
        if b"</sheetData>" in tail:
            return
        if len(tail) > LONGEST_ROW:
            raise NotPlain
    if b"<sheetData/>" not in tail and b"</sheetData>" not in tail:
        raise NotPlain  # another prefix, or cut off: the parser says which


def _filled(block: bytes) -> bytes:
    return _SELF_CLOSED.sub(b"", block) if b"/><row" in block else block


def _strings(archive: zipfile.ZipFile, member: str) -> pl.Series:
    if not member:
        return pl.Series([], dtype=pl.String())
    whole = b"".join(pieces(archive, member, MOST_STRINGS))
    try:
        return _plain_strings(whole)
    except NotPlain:
        return _parsed_strings(archive, member)


def _plain_strings(whole: bytes) -> pl.Series:
    """`<si><t>...</t></si>` one after the other. Raises NotPlain."""
    start = whole.find(b"<si>")
    if start < 0:
        raise NotPlain
    tags = Tags.of(whole[start : whole.rfind(b"</si>") + 5])
    items, texts = tags.named(b"si"), tags.named(b"t")
    if ((tags.first != ord("/")) & ~items & ~texts).any() or tags.empty.any():
        raise NotPlain
    which = texts.nonzero()[0]
    if items.sum() != len(which):
        raise NotPlain
    return tags.texts(which)


def _parsed_strings(archive: zipfile.ZipFile, member: str) -> pl.Series:
    found: list[str] = []
    try:
        with archive.open(member) as content:
            for _, item in elements(content, "{*}si"):
                found.append(exact.words(item))
                let_go(item)
    except etree.XMLSyntaxError as error:
        raise Unreadable("The workbook's strings are not XML. Save it again.") from error
    return unescaped(pl.Series(found, dtype=pl.String()))
