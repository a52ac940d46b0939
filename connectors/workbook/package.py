"""An XLSX as the ZIP it is, opened warily: nothing is unpacked to disk, and no claim of the file is believed.

Sizes are counted as bytes come out, never taken from the directory. Macros, links and pictures are not opened.
"""

import errno
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from connectors.errors import Unreadable
from connectors.workbook.shown import PLAIN, Shown, shown
from connectors.xml import part_parser

PIECE = 1 << 23
MOST_MEMBERS = 20_000
MOST_RATIO = 1_100  # deflate cannot pack tighter than 1,032 to 1
SMALL_PART = 1 << 26  # of styles and of the list of sheets
MOST_SHEET = 1 << 35  # a million rows of sixteen thousand cells stay below
SAFE = part_parser()
# What the system answers to an offset that no file has, and what packings answer without a number.
_DAMAGE = (errno.EINVAL, None)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass(frozen=True)
class Part:
    """A sheet and the member of the ZIP that holds it; `state` is visible, hidden or veryHidden."""

    name: str
    member: str
    state: str


@dataclass(frozen=True)
class Package:
    """What stands in the workbook beside its cells."""

    parts: tuple[Part, ...]
    looks: tuple[Shown, ...]
    since_1904: bool
    strings: str  # member that holds the shared strings; empty where there is none


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP. Raises Unreadable where it is none, is cut off, or has more members than any workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise Unreadable(f"{path.name} has more than {MOST_MEMBERS} parts, which no workbook has.")
            yield archive
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, UnicodeError,
            OSError) as error:  # fmt: skip
        if isinstance(error, OSError) and error.errno not in _DAMAGE:
            raise
        raise Unreadable(f"{path.name} is cut off or damaged. Copy it again.", "truncated") from error


def pieces(archive: zipfile.ZipFile, member: str, most: int | None = None, size: int = 0) -> Iterator[bytes]:
    """What a member unpacks to, a piece at a time; Unreadable at `most` (MOST_SHEET) bytes or at a bomb."""
    try:
        packed = archive.getinfo(member).compress_size
        content = archive.open(member)
    except KeyError:
        raise Unreadable(f"The workbook lacks its part {posixpath.basename(member)}. Save it again.") from None
    told = 0
    with content:
        while piece := content.read(size or PIECE):
            told += len(piece)
            if told > (most or MOST_SHEET) or (told > SMALL_PART and told > packed * MOST_RATIO):
                raise Unreadable("The workbook unpacks to more than any sheet holds. It was not read to the end.")
            yield piece


def read_package(archive: zipfile.ZipFile, name: str) -> Package:
    """Sheets, number formats and calendar. Raises Unreadable where the ZIP is not a workbook."""
    members = {each.lower(): each for each in archive.namelist()}
    book = _target(archive, members, "_rels/.rels", "", "/officeDocument") or members.get("xl/workbook.xml", "")
    if not book or not book.endswith((".xml", ".XML")):
        raise Unreadable(f"{name} is a ZIP, but no workbook. Unpack it, and ingest what is inside.")
    root = _tree(archive, book, name)
    folder = posixpath.dirname(book)
    links = _links(archive, members, f"{folder}/_rels/{posixpath.basename(book)}.rels", folder)
    parts = tuple(
        Part(each.get("name", ""), links.get(each.get(_RELATION) or each.get(_STRICT) or "", ("", ""))[0],
             each.get("state", "visible"))
        for each in _all(root, "sheet")
    )  # fmt: skip
    kinds = {kind: member for member, kind in links.values()}
    since_1904 = any(each.get("date1904") in ("1", "true") for each in _all(root, "workbookPr"))
    styles = next((member for kind, member in kinds.items() if kind.endswith("/styles")), "")
    strings = next((member for kind, member in kinds.items() if kind.endswith("/sharedStrings")), "")
    looks = _looks(_tree(archive, styles, name)) if styles in archive.namelist() else ()
    return Package(tuple(part for part in parts if "/worksheets/" in f"/{part.member}"), looks, since_1904, strings)


def _tree(archive: zipfile.ZipFile, member: str, name: str) -> etree._Element:
    try:
        return etree.fromstring(b"".join(pieces(archive, member, SMALL_PART)), SAFE)
    except etree.XMLSyntaxError as error:
        raise Unreadable(
            f"{name}: the part {posixpath.basename(member)} is not XML. Save the workbook again."
        ) from error


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in root.iter() if isinstance(each.tag, str) and etree.QName(each).localname == name)


def _links(archive: zipfile.ZipFile, members: dict[str, str], rels: str, folder: str) -> dict[str, tuple[str, str]]:
    """Id of a relation -> member and kind; a target outside the package is none."""
    if rels.lower() not in members:
        return {}
    found = {}
    for each in _all(_tree(archive, members[rels.lower()], "The workbook"), "Relationship"):
        target = each.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if each.get("TargetMode") != "External" and whole.lower() in members:
            found[each.get("Id", "")] = (members[whole.lower()], each.get("Type", ""))
    return found


def _target(archive: zipfile.ZipFile, members: dict[str, str], rels: str, folder: str, kind: str) -> str:
    links = _links(archive, members, rels, folder).values()
    return next((member for member, type_ in links if type_.endswith(kind)), "")


def _looks(root: etree._Element) -> tuple[Shown, ...]:
    """What each cell style shows, by its number."""
    codes = {each.get("numFmtId", ""): each.get("formatCode", "") for each in _all(root, "numFmt")}
    styles = next(_all(root, "cellXfs"), None)
    if styles is None:
        return ()
    numbers = [each.get("numFmtId", "0") for each in styles if isinstance(each.tag, str)]
    return tuple(shown(int(n), codes.get(n)) if n.isdecimal() else PLAIN for n in numbers)
