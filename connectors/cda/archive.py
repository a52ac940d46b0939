"""The XML files of a ZIP, one after the other, each in bounded memory; nothing is ever written to a folder.

Names of members are never used as paths. A member may claim any size: it is unpacked as far as a document may be long.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

from connectors.errors import Unreadable
from connectors.xml import LONGEST

ZIP = b"PK\x03\x04"
MOST_MEMBERS = 200_000
_ENDINGS = {".xml", ".cda", ".ccda"}
_ENCRYPTED = 1


@dataclass(frozen=True)
class Member:
    """`offset` is where the packed member begins in the file; `reason` says why it could not be unpacked."""

    offset: int
    content: bytes
    reason: str = ""


def is_archive(start: bytes) -> bool:
    """Whether a file that begins so is a ZIP."""
    return start.startswith(ZIP)


def members(path: Path) -> Iterator[Member]:
    """The XML members in the order in which they stand in the file. Raises Unreadable for what is no sound ZIP."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in _listed(archive, path):
                yield _member(archive, info)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError):
        raise Unreadable(f"{path}: The ZIP is cut off or damaged. Copy it again.", "truncated") from None


def holds_documents(path: Path) -> bool:
    """Whether a ZIP has a member that may be a document, by its name alone; a workbook has a list of contents."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist()[:MOST_MEMBERS]]
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError):
        return False
    return "[Content_Types].xml" not in names and "META-INF/manifest.xml" not in names and any(map(_is_xml, names))


def _listed(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    listed = sorted(
        (each for each in archive.infolist() if _is_xml(each.filename)), key=lambda each: each.header_offset
    )
    if len(listed) > MOST_MEMBERS:
        raise Unreadable(f"{path}: More than {MOST_MEMBERS:,} files in one ZIP. Pack fewer at a time.", "too-long")
    for one, after in pairwise(listed):
        # Members that share bytes are how a small file becomes a petabyte.
        if one.header_offset + one.compress_size > after.header_offset:
            raise Unreadable(f"{path}: Files in the ZIP overlap. Ask for the export again.")
    return listed


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    if info.flag_bits & _ENCRYPTED:
        return Member(info.header_offset, b"", "encrypted-member")
    try:
        with archive.open(info) as packed:
            content = packed.read(LONGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
        return Member(info.header_offset, b"", "truncated")
    return Member(info.header_offset, content[:LONGEST], "too-long" if len(content) > LONGEST else "")


def _is_xml(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _ENDINGS and "__MACOSX" not in path.parts and not path.name.startswith(".")
