r"""A block of messages in one form: UTF-8, the usual `|^~\&`, segments ended by CR. Most blocks are almost so.

One strange message costs its block a walk over all of them; it never costs its neighbours anything else.
"""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from connectors.hl7v2 import walk
from connectors.hl7v2.blocks import BOM, Block
from connectors.hl7v2.cells import PAD, Flags, Ints, Words, code
from connectors.hl7v2.charset import UTF8, claimed
from connectors.hl7v2.marks import FILE_ENDS, TEXT_ENDS, Marks, Rows, marks
from connectors.hl7v2.separators import RECOMMENDED
from connectors.hl7v2.spellings import spellings

MSH = np.uint64(code("MSH"))
_TAIL = b"\r" + bytes(PAD)
_UPPER = np.isin(np.arange(256), list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
_NAME = _UPPER | np.isin(np.arange(256), list(b"0123456789"))
_USUAL = {RECOMMENDED, RECOMMENDED + "#"}
_FRAMED = b"\x1c\r\x0bMSH"


@dataclass(frozen=True)
class Signs:
    """How many signs that need care stand in a text: `controls` other than the ends of lines and frames."""

    escapes: int
    ampersands: int
    quotes: int
    controls: int

    @classmethod
    def of(cls, text: bytes) -> "Signs":
        """Those of a text."""
        signs = np.frombuffer(text, np.uint8)
        ends = sum(_count(signs, end) for end in FILE_ENDS)
        escapes, ampersands, quotes = (_count(signs, each) for each in b'\\&"')
        return cls(escapes, ampersands, quotes, int(np.count_nonzero(signs < 32)) - ends)


def _count(signs: "np.typing.NDArray[np.uint8]", sign: int) -> int:
    return int(np.count_nonzero(signs == sign))


@dataclass(frozen=True)
class Uniform:
    """Records of a block and the marks of those that can be read.

    `start` and `end` are bounds of each record in `raw`; `reason` says why one is no message (empty: it is). `of` is
    the record of each segment. `findings` are (record, reason) about MSH-18.
    """

    raw: bytes
    start: Ints
    end: Ints
    line: Ints
    reason: list[str]
    marks: Marks
    of: Ints
    signs: Signs
    findings: list[tuple[int, str]] = field(default_factory=list)
    walked: bool = False  # gone through message by message

    def __len__(self) -> int:
        return len(self.start)


def uniform(block: Block, line: int) -> tuple[Uniform, int]:
    """The block in one form; `line` is the number of its first line. Also the number of the line after it."""
    made = _plain(block) or _walked(block)
    ends = _line_ends(block.raw)
    numbers = np.searchsorted(ends, made.start) + line
    return Uniform(
        made.raw, made.start, made.end, numbers, made.reason, made.marks, made.of, made.signs,
        made.findings, made.walked
    ), line + len(ends)  # fmt: skip


def _line_ends(raw: bytes) -> Ints:
    """Where lines end: at CR, LF, or the LF of both."""
    signs = np.frombuffer(raw, np.uint8)
    if b"\n" not in raw:
        return np.flatnonzero(signs == 13)
    if b"\r" not in raw:
        return np.flatnonzero(signs == 10)
    ends = np.flatnonzero((signs == 13) | (signs == 10))
    crlf = (signs[ends] == 13) & (signs[np.minimum(ends + 1, len(signs) - 1)] == 10)
    kept: Ints = ends[~crlf]
    return kept


def _plain(block: Block) -> Uniform | None:
    """A block of usual messages, as it stands; None where one of them is not."""
    raw = block.raw
    ascii_only = raw.isascii()
    if not (ascii_only or _is_utf8(raw)) or not _framed_well(block):
        return None
    text = raw.replace(BOM, b"\r\r\r") if BOM[0] in raw and BOM in raw else raw
    found = marks(text + _TAIL, FILE_ENDS)
    begins = found.codes == MSH
    if not len(begins) or not begins[0] or not _segments(found).all():
        return None
    first = np.flatnonzero(begins)
    if not _usual(found.rows(first, first, shift=1), ascii_only):
        return None
    last = np.append(first[1:], len(begins)) - 1
    return Uniform(
        raw, found.start[first], found.end[last], first, [""] * len(first), found, np.cumsum(begins) - 1,
        Signs.of(raw),
    )  # fmt: skip


def _is_utf8(raw: bytes) -> bool:
    bounds = pa.py_buffer(np.array([0, len(raw)], np.int32))
    try:
        pa.Array.from_buffers(pa.string(), 1, [None, bounds, pa.py_buffer(raw)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _framed_well(block: Block) -> bool:
    """Whether no message is framed, or all are and each frame follows the one before."""
    raw = block.raw
    signs = np.frombuffer(raw, np.uint8)
    at, starts = np.flatnonzero(signs == 0x1C), _count(signs, 0x0B)
    ends = len(at)
    if not ends:
        return not block.framed and not starts
    followed = sum(raw[each : each + len(_FRAMED)] == _FRAMED for each in at.tolist())
    tail = raw[-8:].rstrip(b"\r\n\x0b").endswith(b"\x1c")
    return tail and ends == followed + 1 and starts - followed == (not raw.startswith(b"MSH")) + raw.endswith(b"\x0b")


def _segments(found: Marks) -> Flags:
    """Which lines begin like a segment that belongs to a message: three letters or digits, then a bar or nothing."""
    codes: Words = found.codes
    letters = [(codes >> np.uint64(shift)) & np.uint64(255) for shift in (32, 40, 48)]
    alone = found.part.take(found.name + 1) - found.part.take(found.name) == 1
    named: Flags = (codes & np.uint64(255) == 3) & _UPPER[letters[0]] & _NAME[letters[1]] & _NAME[letters[2]] & alone
    for envelope in walk.ENVELOPES:
        named &= codes != np.uint64(code(envelope.decode()))
    return named


def _usual(msh: Rows, ascii_only: bool) -> bool:
    """Whether the usual separators are named, and nothing that MSH-18 says speaks against UTF-8."""
    signs = msh.whole(2)
    if signs.null_count() or not _USUAL.issuperset(spellings(signs)):
        return False
    known = [claimed(name) for name in spellings(msh.part(18))]
    return None not in known and (ascii_only or set(known) <= {"", UTF8})


def _walked(block: Block) -> Uniform:
    """A block gone through message by message."""
    records = list(walk.records(block.raw, framed=block.framed))
    texts = [each.text for each in records if not each.reason]
    text = b"".join(texts) + _TAIL
    found = marks(text, TEXT_ENDS)
    good = np.array([at for at, each in enumerate(records) if not each.reason], np.int64)
    begins = found.codes == MSH
    of = good[np.cumsum(begins) - 1] if len(good) else np.zeros(0, np.int64)
    return Uniform(
        block.raw,
        np.array([each.start for each in records], np.int64),
        np.array([each.end for each in records], np.int64),
        np.zeros(len(records), np.int64),
        [each.reason for each in records],
        found,
        of,
        Signs.of(text[: -len(_TAIL)]),
        [(at, each.finding) for at, each in enumerate(records) if each.finding and not each.reason],
        walked=True,
    )
