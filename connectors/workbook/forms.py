"""Which form of workbook a file is, by its first bytes and never by its name, and its sheets by that form."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from connectors.errors import Unreadable
from connectors.workbook import markup, ods, old, xlsx
from connectors.workbook.grid import Grid
from connectors.workbook.package import Part

HEAD = 1 << 16
_BINARY = (
    "is a binary workbook (XLSB), which is not read. Open it in Excel or WPS, save it as XLSX, and send that. "
    "二进制工作簿，请另存为 XLSX"
)
SPOKEN = {
    "xlsx": "XLSX",
    "xlsb": "XLSB",
    "xls": "XLS",
    "ods": "ODS",
    "html": "HTML table",
    "xml": "XML Spreadsheet 2003",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def form(path: Path) -> str:
    """One of SPOKEN; empty for what is no workbook. An XLSX whose directory is cut off is still one."""
    with path.open("rb") as content:
        head = content.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, head)
    if head.startswith(_OLE):
        return "" if "WordDocument".encode("utf-16-le") in head else "xls"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:HEAD]
    if text.startswith(b"<"):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in text and b"<?xml" in text[:10]:
            return "xml"
        small = text.lower()
        return (
            "html"
            if b"<table" in small
            and small.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style", b"<div"))
            else ""
        )
    return ""


def _zipped(path: Path, head: bytes) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OSError, RuntimeError):
        return "xlsx" if b"[Content_Types].xml" in head or b"xl/" in head else "ods" if b"opendocument" in head else ""
    if "content.xml" in names:
        return "ods" if b"opendocument.spreadsheet" in head[:200] else ""
    if "xl/workbook.bin" in names:
        return "xlsb"
    return "xlsx" if any(name.startswith("xl/") for name in names) else ""


def parts(path: Path) -> tuple[Part, ...]:
    """The sheets of a workbook. Raises Unreadable."""
    found = form(path)
    if found == "xlsx":
        made = xlsx.parts(path)
    elif found == "ods":
        made = ods.parts(path)
    elif found == "xlsb":
        raise Unreadable(f"{path.name} {_BINARY}")
    elif found == "xls":
        made = old.parts(path)
    elif found:
        made = markup.parts(path, found)
    else:
        raise Unreadable(f"{path.name} is no workbook. Run `guantong sniff` on it.")
    if not made:
        raise Unreadable(f"{path.name} holds no sheet. Save it as XLSX, or as CSV.")
    return made


def grids(path: Path, part: Part, size: int = 0) -> Iterator[Grid]:
    """The rows of one sheet, piece by piece; `size` makes small pieces where only the head is wanted.

    Raises Unreadable; what came before a break was given.
    """
    found = form(path)
    if found == "xlsx":
        return xlsx.grids(path, part, size)
    if found == "ods":
        return ods.grids(path, part)
    if found == "xls":
        return old.grids(path, part)
    return markup.grids(path, found, part)
