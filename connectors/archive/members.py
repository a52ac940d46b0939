"""The files inside an archive, from its directory alone, and which of them are not opened and why.

Unpacks nothing. Names inside are never used as paths.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.errors import Unreadable

MAGIC = b"PK\x03\x04"
EMPTY = b"PK\x05\x06"
LARGEST_DIRECTORY = 64 << 20
MOST = 20_000
ROOM = 64 << 20  # a member may unpack to this, or to so many times its packed size
TIMES = 200
_JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini"}
_PAPER = re.compile(r"(?i)(README|LICEN[CS]E|NOTICE|CHANGELOG)(\..*)?|.*\.(md|pdf|docx?|html?)")
_OFFICE = {"[Content_Types].xml", "xl/workbook.xml", "mimetype", "META-INF/MANIFEST.MF"}
_ENCRYPTED = 0x1
_SAYS_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_ACCENTED = 0xA5
_LATIN_ENDS, _THREE_BYTES = "\u0250", "\u0800"
_MOSTLY, _ALL = 0.5, 0.9
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@dataclass(frozen=True)
class Member:
    """A file inside. `number` counts entries of the directory; `refused` is a reason why it is not opened."""

    number: int
    name: str
    info: zipfile.ZipInfo
    refused: str = ""

    @property
    def base(self) -> str:
        """The name without folders."""
        return PurePosixPath(self.name.replace("\\", "/")).name

    @property
    def folder(self) -> str:
        """The folder inside the archive; only compared, never opened."""
        return str(PurePosixPath(self.name.replace("\\", "/")).parent)

    @property
    def most(self) -> int:
        """Bytes that it may unpack to."""
        return max(ROOM, TIMES * self.info.compress_size)


def opened(path: Path) -> zipfile.ZipFile:
    """The archive. Raises Unreadable where it is cut off, has a giant directory, or is none."""
    _must_have_a_sound_directory(path)
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, struct.error, RuntimeError, UnicodeError) as error:
        raise Unreadable(f"{path.name} is no whole ZIP archive. Copy it again.", "truncated") from error
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or 'damaged'}. Copy it again.") from error


def is_office(archive: zipfile.ZipFile) -> bool:
    """Whether it is a workbook, a text document or a program rather than an archive of exports."""
    return bool(_OFFICE & set(archive.NameToInfo))


def members(archive: zipfile.ZipFile) -> Iterator[Member]:
    """Every file inside in the order of the directory; folders and what operating systems leave are no files."""
    infos = archive.infolist()
    overlapping = _overlapping(infos)
    for number, info in enumerate(infos):
        name = _spoken(info)
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if name.endswith(("/", "\\")) or not parts or any(part in _JUNK or part.startswith("._") for part in parts):
            continue
        if parts[-1] == ".DS_Store" or _PAPER.fullmatch(parts[-1]):
            continue
        refused = _refused(info, name, parts, number in overlapping)
        if not _named_so(archive, info):  # what stands there may be a patient's record
            name, refused = f"file {number + 1}", refused or "truncated"
        yield Member(number, name, info, refused)


def _named_so(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether the file itself has the name that the directory gives it, as every program writes it (APPNOTE 4.3.7)."""
    file = archive.fp
    if file is None or info.header_offset < 0:
        return False
    file.seek(info.header_offset)
    head = file.read(30)
    length = struct.unpack_from("<H", head, 26)[0] if len(head) == 30 else 0
    name = info.orig_filename.encode("utf-8" if info.flag_bits & _SAYS_UTF8 else "cp437", "replace")
    return file.read(length) == name


def _refused(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...], overlaps: bool) -> str:
    if ".." in parts or name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name) or _is_link(info):
        return "unsafe-member"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted-member"
    if info.file_size > max(ROOM, TIMES * info.compress_size) or overlaps:
        return "unsafe-member"
    return "" if info.compress_type in _METHODS else "unread-member"


def _is_link(info: zipfile.ZipInfo) -> bool:
    return info.external_attr >> 28 == 0xA


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Entries whose packed bytes another one uses as well: how small archives unpack to petabytes."""
    order = sorted(range(len(infos)), key=lambda at: infos[at].header_offset)
    found: set[int] = set()
    reach = -1
    for at in order:
        if infos[at].header_offset < reach:
            found.add(at)
        reach = max(reach, infos[at].header_offset + 30 + infos[at].compress_size)
    return found


def _spoken(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: Chinese Windows writes GBK and does not say so; some then write the wreck as UTF-8."""
    beside = _beside(info)
    if beside:
        return beside
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    if raw.isascii():
        return info.filename
    said = bool(info.flag_bits & _SAYS_UTF8)
    plain, gbk = "" if said else _as(raw, "utf-8"), _as(raw, "gb18030")
    if plain and not (_LATIN_ENDS <= max(plain) < _THREE_BYTES and _hanzi(gbk) > _MOSTLY):
        return plain  # in UTF-8 by chance are at most single signs in GBK, and then of two bytes
    return gbk if _hanzi(gbk) > (_ALL if said else _MOSTLY) else info.filename


def _beside(info: zipfile.ZipInfo) -> str:
    """The name in UTF-8 that WinRAR and Info-ZIP write beside one in another encoding (APPNOTE 4.6.9)."""
    at, extra = 0, info.extra
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _UNICODE_PATH and length > 5 and extra[at + 4 : at + 5] == b"\1":
            with suppress(UnicodeError):
                name = extra[at + 9 : at + 4 + length].decode("utf-8")
                raw = info.orig_filename.encode("utf-8" if info.flag_bits & _SAYS_UTF8 else "cp437")
                if zlib.crc32(raw) == struct.unpack_from("<I", extra, at + 5)[0]:
                    return name.replace("\0", "")
        at += 4 + length
    return ""


def _as(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _hanzi(name: str) -> float:
    """Which share of the signs that are not ASCII are Chinese; 0 for one sign many times, as frames are drawn.

    Letters with accents, which old programs write in single bytes up to 0xA5, pair up to rare signs only.
    """
    signs = [sign for sign in name if not sign.isascii()]
    common = sum(len(sign.encode("gb2312", "ignore")) == 2 or sign.encode("gb18030")[0] > _ACCENTED for sign in signs)
    return 0.0 if len(signs) > 2 and len(set(signs)) == 1 else common / max(1, len(signs))


def _must_have_a_sound_directory(path: Path) -> None:
    """Reads the end of the archive only: how large its directory is, and how many entries it has."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - 66_000))
            tail = file.read()
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    at = tail.rfind(EMPTY)
    if at < 0 or len(tail) - at < 22:
        raise Unreadable(f"{path.name} is cut off: its ZIP directory is missing. Copy it again.", "truncated")
    entries, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if directory > LARGEST_DIRECTORY and directory != 0xFFFFFFFF:
        raise Unreadable(f"{path.name} claims {entries} files inside. Pack fewer into one archive.", "too-long")
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0 and len(tail) - wide >= 56:
        many, long = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
        if many > MOST or long > LARGEST_DIRECTORY:
            raise Unreadable(f"{path.name} claims {many} files inside. Pack fewer into one archive.", "too-long")
