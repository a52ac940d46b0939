"""How one dBase table is laid out: its fields and their widths, from the header; nothing in it is believed unchecked.

The number of records is a claim: programs that crashed left it behind the file, and others in front of it.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

from connectors.encoding import detect
from connectors.errors import Unreadable
from connectors.fitting import distinct

PLAIN = frozenset({0x02, 0x03, 0x04, 0x05, 0x43, 0x63, 0x7B, 0x83, 0x8B, 0x8E, 0xCB, 0xE5, 0xEB, 0xF5, 0xFB})
VISUAL = frozenset({0x30, 0x31, 0x32})
TYPES = frozenset("CNFDLMGPIBYTVQ0@+O")
HIDDEN = "0"  # Visual FoxPro's own flags
MOST_HEADER = 1 << 16
HEAD = 1 << 16
DRIVERS = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "cp950", 0x78: "cp950"}
NAMES = {"gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030", "936": "gb18030", "big5": "cp950", "950": "cp950",
         "utf-8-sig": "utf-8", "utf8": "utf-8", "65001": "utf-8"}  # fmt: skip
KNOWN = ("gb18030", "utf-8", "cp950")


@dataclass(frozen=True)
class Field:
    """One column: where its bytes stand in a record. `type` is the letter of the header."""

    name: str
    type: str
    start: int
    width: int


@dataclass(frozen=True)
class Layout:
    """`claimed` is the header's number of records, `size` the file's bytes; records begin at `body`."""

    version: int
    fields: tuple[Field, ...]
    body: int
    record: int
    claimed: int
    size: int
    encoding: str
    encoding_from: str

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    @property
    def doubled(self) -> frozenset[str]:
        """Names that stand twice were made distinct: none that a mapping knows is doubled."""
        return frozenset()

    @property
    def whole(self) -> int:
        """Records of which every byte is there."""
        return max(0, self.size - self.body) // self.record


def look(path: Path, encoding: str = "") -> Layout:
    """The layout. Raises Unreadable: not dBase, cut off in its header, or a header that contradicts itself."""
    with path.open("rb") as content:
        head = content.read(HEAD)
    if not is_dbf(head):
        raise Unreadable(f"{path.name} is no dBase table. Run `guantong sniff` on it.")
    claimed, body, record = struct.unpack_from("<IHH", head, 4)
    size = path.stat().st_size
    if size < body:
        raise Unreadable(f"{path.name} ends inside its header. Copy it again.", "truncated")
    name, why = _encoding(path, head, encoding)
    fields = _fields(path, head[:body], name)
    used = 1 + sum(each.width for each in fields)
    if used > record or not fields:
        raise Unreadable(f"{path.name}: its fields take {used} bytes, and a record has {record}. Copy it again.")
    shown = tuple(each for each in fields if each.type != HIDDEN)
    names = distinct([each.name for each in shown])
    placed = tuple(Field(own, each.type, each.start, each.width) for own, each in zip(names, shown, strict=True))
    return Layout(head[0], placed, body, record, claimed, size, name, why)


def is_dbf(head: bytes) -> bool:
    """Whether the first bytes can only be those of a dBase header: version, date, lengths and the first field."""
    if len(head) < 65 or head[0] not in PLAIN | VISUAL or head[2] > 12 or head[3] > 31:
        return False
    body, record = struct.unpack_from("<HH", head, 8)
    return body >= 65 and record >= 2 and chr(head[43]) in TYPES and 0 < len(head[32:43].split(b"\0")[0]) <= 11


def _fields(path: Path, head: bytes, encoding: str) -> list[Field]:
    fields: list[Field] = []
    start, at = 1, 32
    while at + 32 <= len(head) and head[at] != 0x0D:
        name = head[at : at + 11].split(b"\0")[0].decode(encoding, "replace").strip()
        kind, width = chr(head[at + 11]), head[at + 16]
        if kind == "C":
            width += head[at + 17] << 8  # Clipper and FoxPro keep the high byte of long texts there
        if kind not in TYPES or not width:
            raise Unreadable(f"{path.name}: field {len(fields) + 1} has no known type or no width. Copy it again.")
        fields.append(Field(name, kind, start, width))
        start, at = start + width, at + 32
    return fields


def _encoding(path: Path, head: bytes, declared: str) -> tuple[str, str]:
    """Name of the encoding and where it was learnt: from the mapping, the driver byte, a .cpg, or the text."""
    if declared:
        plain = declared.lower().replace("_", "-")
        name = NAMES.get(plain, plain)
        if name not in KNOWN:
            raise Unreadable(f"{path.name}: the encoding `{declared}` is not one of {', '.join(KNOWN)}.")
        return name, "mapping"
    beside = next((each for each in (path.with_suffix(".cpg"), path.with_suffix(".CPG")) if each.is_file()), None)
    if beside is not None:
        said = beside.read_bytes()[:32].decode("ascii", "replace").strip().lower()
        if NAMES.get(said, said) in KNOWN:
            return NAMES.get(said, said), ".cpg"
    if head[29] in DRIVERS:
        return DRIVERS[head[29]], "language driver"
    found = detect(head[32:])
    return ("utf-8" if found.name == "utf-8" and not head[32:].isascii() else "gb18030"), "text"
