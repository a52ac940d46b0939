"""What a receiver must know of a message to answer it: its MSH segment, as bytes, read in microseconds.

It looks at no other segment and never fails: what is no header is None, what is not said is empty. Bytes are echoed as
they came, so an answer is in the sender's own character set whatever that is.
"""

import re
from typing import NamedTuple

LONGEST = 1 << 13  # bytes of a header; real ones have a few hundred
_BLANK = b"\r\n \t"
_MARK = b"\xef\xbb\xbf"  # UTF-8's, as editors leave it
_WIDE = (b"M\x00S\x00", b"\x00M\x00S", b"\xff\xfe", b"\xfe\xff")
_FIELDS = 20
_TYPE = re.compile(rb"[A-Z][A-Z0-9]{2}(?![A-Za-z0-9])")
_VERSION = re.compile(rb"\s*2(\.[0-9]+)*(?![0-9.])")


class Envelope(NamedTuple):
    """Fields of MSH (HL7 v2.8, 2.14.9). `signs` is MSH-2."""

    separator: bytes
    signs: bytes
    application: bytes  # MSH-3
    facility: bytes  # MSH-4
    to_application: bytes  # MSH-5
    to_facility: bytes  # MSH-6
    kind: bytes  # MSH-9
    control_id: bytes  # MSH-10 as sent, blanks around it too: an answer echoes it; only blanks are none
    processing: bytes  # MSH-11
    version: bytes  # MSH-12
    accept: bytes  # MSH-15
    answer: bytes  # MSH-16
    charset: bytes  # MSH-18

    @property
    def enhanced(self) -> bool:
        """Whether the sender asks for the enhanced mode (2.9.2): MSH-15 or MSH-16 say when it wants an answer."""
        return bool(self.accept or self.answer)


def envelope(message: bytes) -> Envelope | None:
    """The header of a message; a mark of UTF-8 or blank lines may stand before it. None where there is none."""
    if not message.startswith(b"MSH"):
        message = message[:LONGEST].removeprefix(_MARK).lstrip(_BLANK)
        if not message.startswith(b"MSH"):
            return None
    end = message.find(b"\r", 0, LONGEST)
    line = message.find(b"\n", 0, end if end >= 0 else LONGEST)
    end = line if line >= 0 else end if end >= 0 else len(message)
    segment = message[:end]
    separator = segment[3:4]
    if end > LONGEST or not separator.isascii() or not separator.strip() or separator.isalnum():
        return None
    if b"\x1c" in segment or b"\x0b" in segment:
        return None  # echoed in an answer it would end the answer's frame
    cells = segment.split(separator, _FIELDS) if segment.isascii() else _decoded(segment, separator)
    if len(cells) < 18:
        cells += [b""] * (18 - len(cells))
    return Envelope(
        separator, cells[1], cells[2], cells[3], cells[4], cells[5], cells[8],
        cells[9] if cells[9].strip() else b"", cells[10], cells[11].strip(), cells[14].strip(), cells[15].strip(),
        cells[17],
    )  # fmt: skip


def whole_header(message: bytes) -> Envelope | None:
    """The header of a message of which the end did not come; None where the header itself may be cut.

    A cut control id would be echoed as one that nobody sent.
    """
    start = message[:LONGEST].removeprefix(_MARK).lstrip(_BLANK)
    return envelope(start) if b"\r" in start or b"\n" in start else None


def begins_with(message: bytes) -> str:
    """What bytes look like: `message`, `batch`, `wrong-encoding` (two bytes a sign), or `no-header`."""
    head = message[:64].removeprefix(_MARK).lstrip(_BLANK)
    if head.startswith(_WIDE) or message.startswith(_WIDE):
        return "wrong-encoding"
    if envelope(message) is not None:
        return "message"
    return "batch" if head.startswith((b"FHS", b"BHS")) else "no-header"


def _decoded(segment: bytes, separator: bytes) -> list[bytes]:
    """The cells of a header that is not ASCII: the second byte of a hanzi in GB18030 can be a separator's.

    UTF-8 and the 8859 family have no such byte, so they are split as they are. Where nothing says which it is, type and
    version tell: a header that is split in a wrong place has them in wrong places.
    """
    cells = segment.split(separator, _FIELDS)
    if len(cells) > 17 and cells[17].upper().startswith((b"8859", b"ASCII")):
        return cells
    try:
        segment.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = segment.decode("gb18030")
        except UnicodeDecodeError:
            return cells
        hanzi = [cell.encode("gb18030") for cell in text.split(separator.decode(), _FIELDS)]
        return cells if _in_place(cells) > _in_place(hanzi) else hanzi
    return cells


def _in_place(cells: list[bytes]) -> int:
    """How many of type and version stand where they belong."""
    return sum(len(cells) > at and bool(like.match(cells[at])) for at, like in ((8, _TYPE), (11, _VERSION)))
