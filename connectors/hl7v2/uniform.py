r"""A block of messages in one form: UTF-8, the usual `|^~\&`, segments ended by CR. Most blocks are almost so.

One strange message costs its block a walk over all of them; it never costs its neighbours anything else.
"""

from dataclasses import dataclass, field

import numpy as np

from connectors.hl7v2 import walk
from connectors.hl7v2.blocks import BOM, Block
from connectors.hl7v2.cells import PAD, Flags, Ints, Words, code
from connectors.hl7v2.charset import UTF8, claimed
from connectors.hl7v2.marks import FILE_ENDS, TEXT_ENDS, Marks, marks
from connectors.hl7v2.spellings import spellings

MSH, USUAL = np.uint64(code("MSH")), np.uint64(int.from_bytes(b"MSH|^~\\&", "little"))
_TAIL = b"\r" + bytes(PAD)
_UPPER = np.isin(np.arange(256), list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
_NAME = _UPPER | np.isin(np.arange(256), list(b"0123456789"))
_AFTER_SIGNS = list(b"|#\r")
_ORDINARY = bytes(sign for sign in range(32, 256) if sign not in b'"\\&') + b"\r"
_FRAMED = b"\x1c\r\x0bMSH"


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
    special: bytes  # control signs other than CR, quotes, backslashes and ampersands of the block
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
        made.raw, made.start, made.end, numbers, made.reason, made.marks, made.of, made.special,
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
    special = raw.translate(None, _ORDINARY)
    if not (ascii_only or _is_utf8(raw)) or not _framed_well(block, special):
        return None
    text = raw.replace(BOM, b"\r\r\r") if BOM in raw else raw
    found = marks(text + _TAIL, FILE_ENDS)
    begins = found.codes == MSH
    if not len(begins) or not begins[0] or not _segments(found).all():
        return None
    eight = found.bytes.words(found.start[begins])
    ninth = found.bytes.signs[found.start[begins] + 8]
    if not ((eight == USUAL) & np.isin(ninth, _AFTER_SIGNS)).all() or not _claims_fit(found, begins, ascii_only):
        return None
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(begins)) - 1
    return Uniform(
        raw, found.start[first], found.end[last], first, [""] * len(first), found, np.cumsum(begins) - 1,
        special,
    )  # fmt: skip


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _framed_well(block: Block, special: bytes) -> bool:
    """Whether no message is framed, or all are and each frame follows the one before."""
    raw = block.raw
    ends, starts = special.count(b"\x1c"), special.count(b"\x0b")
    if not ends:
        return not block.framed and not starts
    followed = raw.count(_FRAMED)
    tail = raw[-8:].rstrip(b"\r\n\x0b").endswith(b"\x1c")
    return tail and ends == followed + 1 and starts - followed == (not raw.startswith(b"MSH")) + raw.endswith(b"\x0b")


def _segments(found: Marks) -> Flags:
    """Which lines begin like a segment that belongs to a message: three letters or digits, then a bar or nothing."""
    signs, start = found.bytes.signs, found.start
    after = signs[start + 3]
    named: Flags = (
        _UPPER[signs[start]] & _NAME[signs[start + 1]] & _NAME[signs[start + 2]] & ((after == 124) | (after == 13))
    )
    codes: Words = found.codes
    for envelope in walk.ENVELOPES:
        named &= codes != np.uint64(code(envelope.decode()))
    return named


def _claims_fit(found: Marks, begins: Flags, ascii_only: bool) -> bool:
    """Whether nothing that MSH-18 says speaks against UTF-8."""
    lines = np.flatnonzero(begins)
    names = found.rows(lines, lines, shift=1).part(18)
    known = [claimed(name) for name in spellings(names)]
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
        text[: -len(_TAIL)].translate(None, _ORDINARY),
        [(at, each.finding) for at, each in enumerate(records) if each.finding and not each.reason],
        walked=True,
    )
