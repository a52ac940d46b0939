"""What one message says about itself in its MSH segment, and FHS and BHS about a file and a batch.

It reads bytes of any encoding and never fails: what is no header is None, what is not said is empty.
"""

from dataclasses import dataclass

from connectors.hl7v2.separators import Separators, named

KINDS = (b"MSH", b"FHS", b"BHS")
_PLACES = {
    "sending_application": 3,
    "sending_facility": 4,
    "receiving_application": 5,
    "receiving_facility": 6,
    "at": 7,
}
_OF_MESSAGES = {"control_id": 10, "accept_ack": 15, "application_ack": 16}
_FIRST_PARTS = {"processing": 11, "version": 12}
LONGEST = 1 << 16  # bytes of the first segment looked at; a header has a few hundred


@dataclass(frozen=True)
class Header:
    """Fields of MSH (HL7 v2.8, 2.14.9) as text, escapes resolved nowhere; of FHS and BHS those that they have."""

    separators: Separators
    sending_application: str = ""  # MSH-3
    sending_facility: str = ""  # MSH-4
    receiving_application: str = ""  # MSH-5
    receiving_facility: str = ""  # MSH-6
    at: str = ""  # MSH-7
    type: str = ""  # MSH-9.1, e.g. ADT
    event: str = ""  # MSH-9.2, e.g. A01
    structure: str = ""  # MSH-9.3, e.g. ADT_A01
    control_id: str = ""  # MSH-10
    processing: str = ""  # MSH-11
    version: str = ""  # MSH-12.1
    accept_ack: str = ""  # MSH-15: AL, NE, ER, SU; empty means original mode
    application_ack: str = ""  # MSH-16
    charset: str = ""  # MSH-18, its first repetition
    fields: tuple[str, ...] = ()  # all fields as written, MSH-1 at 1; 0 is the segment's name

    @property
    def sender(self) -> str:
        """Who numbers the control ids: application and facility as written."""
        return f"{self.sending_application}|{self.sending_facility}"


def header(message: bytes) -> Header | None:
    """The header of a message that begins at the first byte; a mark of UTF-8 or blank lines may stand before it."""
    segment = first_segment(message)
    if segment[:3] not in KINDS:
        return None
    return of_segment(decoded(segment))


def of_segment(segment: str) -> Header | None:
    """The header in a decoded segment; None where its separators contradict each other."""
    signs = named(segment)
    if signs is None:
        return None
    cells = segment.split(signs.field)
    fields = (cells[0], signs.field, *cells[1:])
    said = {name: _at(fields, place) for name, place in _PLACES.items()}
    if cells[0] != "MSH":
        return Header(signs, **{**said, "control_id": _at(fields, 11)}, fields=fields)
    kind = [*_parts(_at(fields, 9), signs.component), "", ""]
    firsts = {name: _parts(_at(fields, place), signs.component)[0] for name, place in _FIRST_PARTS.items()}
    more = {name: _at(fields, place) for name, place in _OF_MESSAGES.items()}
    charset = _parts(_at(fields, 18), signs.repetition)[0]
    kinds = {"type": kind[0], "event": kind[1], "structure": kind[2]}
    return Header(signs, **said, **kinds, **firsts, **more, charset=charset, fields=fields)


def first_segment(message: bytes) -> bytes:
    """The bytes up to the first end of a segment, which CR, LF or both make."""
    head = message[:LONGEST].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\x0b \t")
    return head.split(b"\r", 1)[0].split(b"\n", 1)[0]


def decoded(segment: bytes) -> str:
    """Strict UTF-8, else GB18030, else byte for byte: enough to find signs, which a hanzi's second byte can look like.

    `張` ends in the byte of `|` in GBK: a segment is decoded first and split afterwards.
    """
    for name in ("utf-8", "gb18030"):
        try:
            return segment.decode(name)
        except UnicodeDecodeError:
            continue
    return segment.decode("latin-1")


def _at(fields: tuple[str, ...], place: int) -> str:
    return fields[place].strip() if place < len(fields) else ""


def _parts(field: str, sign: str) -> list[str]:
    return [part.strip() for part in field.split(sign)] if sign else [field]
