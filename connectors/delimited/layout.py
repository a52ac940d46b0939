"""How one delimited file is laid out: encoding, line end, separator and the names of its columns.

Found from the head of the file; a mapping may declare encoding and separator instead.
"""

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.delimited import exact
from connectors.delimited.bytes_of import pieces
from connectors.encoding import ASCII, Encoding, detect, named
from connectors.errors import Unreadable
from connectors.fitting import distinct

HEAD = 1 << 16
LONGEST_HEADER = 1 << 20
SEPARATORS = (",\t", ",", "\t", "|", ";")
SPOKEN = {",\t": "comma+TAB", ",": "comma", "\t": "TAB", "|": "|", ";": ";"}
DECLARED = {spoken.lower(): separator for separator, spoken in SPOKEN.items()} | {s: s for s in SEPARATORS}


@dataclass(frozen=True)
class Layout:
    """`header` holds the columns' names, made distinct; `written` as they stand; `body` is where records begin."""

    encoding: Encoding
    separator: str
    eol: str
    header: tuple[str, ...]
    written: tuple[str, ...]
    body: int
    first_line: int

    @property
    def doubled(self) -> frozenset[str]:
        """Names that stand more than once in the header."""
        return frozenset(name for name, times in Counter(self.written).items() if times > 1 and name)


def look(path: Path, encoding: str | None = None, separator: str | None = None) -> tuple[Layout, bytes]:
    """Layout and head of a file. Raises Unreadable when it is empty or its first record is not a header."""
    head = _head(path, HEAD)
    if not head:
        raise Unreadable(f"{path.name} is empty. Ask for the export again, with its header.", "not-the-format")
    found = _named(path, encoding, head) if encoding else detect(head)
    if found.name == ASCII:
        found = _later_encoding(path)
    if len(head) == HEAD and not _line_end_in(head, found):
        head = _head(path, LONGEST_HEADER)
    return _layout(path, head, found, separator), head


def _named(path: Path, encoding: str, head: bytes) -> Encoding:
    try:
        return named(encoding, head)
    except Unreadable as error:
        raise Unreadable(f"{path.name}: {error}", error.reason) from error


def _layout(path: Path, head: bytes, encoding: Encoding, separator: str | None) -> Layout:
    text = head[encoding.bom :].decode(encoding.name, errors="replace")
    eol = exact.line_end(text)
    chosen = _declared(separator) if separator else _separator(text, eol)
    start = exact.blank_lines(text, eol)
    cells, stop = exact.first_record(text[start:], chosen, eol)
    if not cells or not any(cell.strip() for cell in cells) or "\0" in text[: start + stop]:
        raise Unreadable(f"{path.name} does not begin with a header of column names. Run `guantong sniff` on it.")
    try:
        encoding.decode(head[encoding.bom : encoding.bom + _bytes(text[: start + stop], encoding)])
    except UnicodeError as error:
        raise Unreadable(f"The header of {path.name} is not written in {encoding.name}.", "undecodable") from error
    written = tuple(_name(cell) for cell in cells)
    before = text[: start + stop]
    body = encoding.bom + _bytes(before, encoding)
    return Layout(encoding, chosen, eol, distinct(written), written, body, 1 + before.count(eol))


def _bytes(text: str, encoding: Encoding) -> int:
    return len(text.encode(encoding.name, errors="replace"))


def _head(path: Path, size: int) -> bytes:
    found = b""
    try:
        for piece in pieces(path, size):
            found += piece
            if len(found) >= size:
                break
    except Unreadable:
        if not found:
            raise
    return found[:size]


def _later_encoding(path: Path) -> Encoding:
    """The head was ASCII: the first piece that is not ASCII decides; UTF-8 where there is none."""
    try:
        for piece in pieces(path):
            if not piece.isascii():
                start = next(i for i in range(0, len(piece), 4096) if not piece[i : i + 4096].isascii())
                start = piece.rfind(b"\n", 0, start) + 1
                return replace(detect(piece[start : start + HEAD]), bom=0)
    except Unreadable:
        pass  # the end is cut off; reading says so
    return Encoding("utf-8")


def _line_end_in(head: bytes, encoding: Encoding) -> bool:
    return any(end.encode(encoding.name) in head for end in "\r\n")


def _separator(text: str, eol: str) -> str:
    """The candidate that cuts the header into most cells; a comma always followed by TAB counts as one sign."""
    start = exact.blank_lines(text, eol)
    counts = {sign: len(exact.first_record(text[start:], sign, eol)[0]) for sign in SEPARATORS}
    if counts[",\t"] == counts[","] > 1:
        return ",\t"
    return max((sign for sign in SEPARATORS if sign != ",\t"), key=lambda sign: counts[sign])


def _declared(separator: str) -> str:
    if separator.lower() not in DECLARED:
        raise Unreadable(f"The separator `{separator}` is not one of {', '.join(SPOKEN.values())}.")
    return DECLARED[separator.lower()]


def _name(cell: str) -> str:
    return cell.strip().strip("\ufeff")
