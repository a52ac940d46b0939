r"""The exact reading of a block, message by message: encodings, separators, line ends, frames, what lies between.

Slow beside the columns, and only for blocks in which something is strange. It drops nothing: what is no message is a
record that is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from connectors.hl7v2.blocks import BEGINS, BOM
from connectors.hl7v2.charset import decode
from connectors.hl7v2.header import decoded, first_segment
from connectors.hl7v2.separators import RECOMMENDED, Separators, named

ENVELOPES = (b"FHS", b"BHS", b"BTS", b"FTS")
_ENVELOPE_LINE = re.compile(rb"[\r\n](?:FHS|BHS|BTS|FTS)(?:[^A-Za-z0-9 ]|$)")
_ENVELOPE = re.compile(rb"(?:FHS|BHS|BTS|FTS)(?:[^A-Za-z0-9\s]|$)")
_LINES = re.compile(rb"[^\r\n]+")
_FRAME_END = re.compile(rb"\x1c(?=[\r\n\x0b]|$)")
_BREAK = re.compile(r"\r\n|\r|\n")
_BLANKS = b" \t\r\n\x0b\x1c\x00"
_USUAL = {"|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "\\": "\\E\\", "&": "\\T\\"}


@dataclass(frozen=True)
class Record:
    """A stretch of the block: a message with its uniform `text`, or something refused for its `reason`."""

    start: int
    end: int
    text: bytes = b""
    reason: str = ""
    finding: str = ""


def records(raw: bytes, *, framed: bool) -> Iterator[Record]:
    """Everything in the block that is not blank and no envelope of a batch, in its order.

    `framed` says that a frame was opened right before the block.
    """
    starts = [found.end() - 4 for found in BEGINS.finditer(raw)]
    yield from _between(raw, 0, starts[0] if starts else len(raw))
    for start, stop in pairwise([*starts, len(raw)]):
        end, closed = _end(raw, start, stop)
        opened = raw[start - 1 : start] == b"\x0b" if start else framed
        yield _record(raw, start, end, cut_off=opened and not closed)
        yield from _between(raw, end, stop)


def _end(raw: bytes, start: int, stop: int) -> tuple[int, bool]:
    """Where a message ends, and whether a frame closed it: at 0x1C, at a batch's envelope, or where the next begins."""
    found = _FRAME_END.search(raw, start, stop)
    end, closed = (found.start(), True) if found else (stop, False)
    envelope = _ENVELOPE_LINE.search(raw, start, end)
    end = envelope.start() if envelope else end
    return start + len(raw[start:end].rstrip(b"\r\n\x0b").removesuffix(BOM).rstrip(b"\r\n\x0b")), closed


def _between(raw: bytes, start: int, stop: int) -> Iterator[Record]:
    """What lies outside of messages, other than blanks and envelopes, a run of lines as one record."""
    run: tuple[int, int] | None = None
    for line in _LINES.finditer(raw, start, stop):
        text = line.group().strip(_BLANKS).removeprefix(BOM)
        if text and not _ENVELOPE.match(text):
            run = (run[0] if run else line.start(), line.end())
        elif text and run:
            yield Record(*run, reason="outside-a-message")
            run = None
    if run:
        yield Record(*run, reason="outside-a-message")


def _record(raw: bytes, start: int, end: int, *, cut_off: bool) -> Record:
    body = raw[start:end]
    if cut_off:
        return Record(start, end, reason="truncated")
    head = first_segment(body)
    name = decoded(head)
    signs = named(name)
    if signs is None:
        return Record(start, end, reason="bad-separators")
    text, finding = decode(body, _claim(name, signs))
    if text is None:
        return Record(start, end, reason="undecodable")
    return Record(start, end, _uniform(text, signs).encode("utf-8", "surrogatepass"), finding=finding)


def _claim(segment: str, signs: Separators) -> str:
    fields = segment.split(signs.field)
    first = fields[17].split(signs.repetition)[0] if len(fields) > 17 and signs.repetition else ""
    return first.strip()


def _uniform(text: str, signs: Separators) -> str:
    """Segments ended by CR and parted by the usual signs; a line that begins no segment continues the one before."""
    begins = re.compile(rf"(?!MSH)[A-Z][A-Z0-9]{{2}}(?:{re.escape(signs.field)}|$)")
    lines: list[str] = []
    pending = ""
    for line in _BREAK.split(text):
        if not line.strip(" \t"):
            pending += "\n"
        elif not lines or begins.match(line):
            lines.append(line)
            pending = ""
        else:
            lines[-1] += pending + "\n" + line
            pending = ""
    if not signs.usual:
        lines = _translated(lines, signs)
    return "\r".join(lines).replace("\x0b", "\n").replace("\x1c", "\n") + "\r"


def _translated(lines: list[str], signs: Separators) -> list[str]:
    """The same content with the usual signs: a separator becomes the usual one, what looks like one escapes."""
    own = {sign: usual for sign, usual in zip(signs.written, RECOMMENDED + "#", strict=False) if sign}
    own[signs.field] = "|"
    table = str.maketrans({**{sign: escape for sign, escape in _USUAL.items() if sign not in own}, **own})
    meant = {"F": signs.field, "S": signs.component, "R": signs.repetition, "T": signs.subcomponent, "E": signs.escape}
    spelled = {name: _USUAL.get(sign, sign) for name, sign in meant.items()}
    sequence = re.compile(f"{re.escape(signs.escape)}([FSRTE]){re.escape(signs.escape)}") if signs.escape else None

    def usual(text: str) -> str:
        parts = sequence.split(text) if sequence else [text]
        return "".join(spelled[part] if at % 2 else part.translate(table) for at, part in enumerate(parts))

    rest = lines[0][4:].removeprefix(signs.written)
    return [f"MSH|{RECOMMENDED}" + usual(rest), *map(usual, lines[1:])]
