"""A JSON file as its values, one after the other, each with its place: lines, an array, documents behind each other.

It finds where values begin and end, in bounded memory; whether one is sound is judged by whoever reads it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connectors.delimited.bytes_of import pieces
from connectors.encoding import ASCII, detect
from connectors.errors import Unreadable

LONGEST = 64 << 20  # as the reason `too-long` says
RAW_KEPT = 1 << 16
HEAD = 1 << 16
STEP = 1 << 20
_BOM = b"\xef\xbb\xbf"
# A sign of two bytes in GBK, or half of a four-byte one in GB18030: its second byte may be `{`, `[` or a backslash.
_WIDE = re.compile(rb"[\x81-\xfe][\x30-\x39\x40-\x7e\x80-\xfe]")
_BETWEEN = re.compile(r"[\s,\0]*")
_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]', re.DOTALL)
# Places only: numbers stay text (Python refuses very long ones), constants pass and are judged later.
PLACES = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
_NEAR = 16  # an error this close to the end may be no more than a value that goes on


@dataclass(frozen=True)
class Value:
    """One JSON value: its bytes, its line from 1, its byte offset in the unpacked file.

    `reason` says why it is refused already; `raw` holds then at most what a reject keeps.
    """

    raw: bytes
    line: int
    offset: int
    reason: str = ""


def values(path: Path) -> tuple[str, Iterator[Value]]:
    """The encoding of the file and its values in order. Raises Unreadable where it is no JSON at all."""
    stream = Stream(path)
    stream.fill(HEAD)
    head = bytes(stream.buffer)
    name = detect(_BOM[: 3 * (stream.offset == 3)] + head).name
    if name.startswith("utf-16"):
        raise Unreadable(f"{path.name} is UTF-16; JSON is UTF-8 (RFC 8259, 8.1). Export it as UTF-8.", "undecodable")
    start = head.lstrip()
    if start[:1] not in (b"{", b"["):
        what = "is empty" if not start else "starts with neither { nor ["
        raise Unreadable(f"{path.name} is not JSON: it {what}. Run `guantong sniff` on it.")
    return name, lines(stream) if _is_lines(start) else documents(stream, name)


def _is_lines(start: bytes) -> bool:
    """Whether the text is a value a line: the first line is one, or is broken while the second starts another."""
    first, _, rest = start.partition(b"\n")
    if start[:1] != b"{":
        return False
    try:
        PLACES.decode(mask(first).decode("latin-1"))
    except (ValueError, RecursionError):
        return rest[:1] == b"{"
    return True


def mask(raw: bytes) -> bytes:
    """The same number of bytes, in which no half of a Chinese sign looks like a bracket or a backslash."""
    return raw if raw.isascii() else _WIDE.sub(b"xx", raw)


@dataclass
class Stream:
    """Bytes not yet cut, and where they stand. `cut` says that gzip packing ended early."""

    path: Path
    buffer: bytearray = field(default_factory=bytearray)
    offset: int = 0
    line: int = 1
    ended: bool = False
    cut: bool = False

    def __post_init__(self) -> None:
        self._pieces = pieces(self.path, 1 << 20)
        self.fill(3)
        if self.buffer.startswith(_BOM):
            del self.buffer[:3]
            self.offset = 3

    def fill(self, size: int) -> None:
        """Reads on until the buffer holds `size` bytes, or the file ends."""
        while len(self.buffer) < size and not self.ended:
            try:
                piece = next(self._pieces, b"")
            except Unreadable as error:
                if error.reason != "truncated":
                    raise
                piece, self.cut = b"", True
            self.buffer += piece
            self.ended = not piece

    def drop(self, size: int) -> None:
        """The first bytes of the buffer are done with."""
        self.line += self.buffer.count(b"\n", 0, size)
        self.offset += size
        del self.buffer[:size]

    def pass_over(self) -> None:
        """What is left of the file is not looked at: nobody knows where the next value begins."""
        while not self.ended:
            self.drop(len(self.buffer))
            self.fill(STEP)

    def refused(self, reason: str, size: int) -> Value:
        """The first bytes of the buffer as a value that is refused."""
        made = Value(bytes(self.buffer[: min(size, RAW_KEPT)]), self.line, self.offset, reason)
        self.drop(size)
        return made


def lines(stream: Stream) -> Iterator[Value]:
    """A value a line; blank lines are none. A line that is too long is passed over to its end."""
    step = 1 << 22
    while True:
        stream.fill(step)
        stop = len(stream.buffer) if stream.ended and not stream.cut else stream.buffer.rfind(b"\n") + 1
        if stop:
            yield from _split(stream, stop)
            step = 1 << 22
        elif stream.ended:
            if stream.buffer:
                yield stream.refused("truncated", len(stream.buffer))
            return
        elif len(stream.buffer) > LONGEST:
            yield from _too_long(stream)
        else:
            step = min(4 * step, LONGEST + 1)


def _split(stream: Stream, stop: int) -> Iterator[Value]:
    block, at, line = bytes(memoryview(stream.buffer)[:stop]), stream.offset, stream.line
    stream.drop(stop)
    for number, each in enumerate(block.split(b"\n")):
        if raw := each.strip():
            yield Value(raw, line + number, at + len(each) - len(each.lstrip()))
        at += len(each) + 1


def _too_long(stream: Stream) -> Iterator[Value]:
    yield stream.refused("too-long", len(stream.buffer))
    while not stream.ended:
        stream.fill(1 << 20)
        stop = stream.buffer.find(b"\n")
        stream.drop(stop + 1 if stop >= 0 else len(stream.buffer))
        if stop >= 0:
            return


def documents(stream: Stream, encoding: str) -> Iterator[Value]:
    """Values behind each other, or the entries of arrays; a broken one is passed over by its brackets."""
    inside, reach = False, STEP
    while True:
        stream.fill(reach)
        text = _text(stream, encoding == "utf-8")
        at, line, counted = 0, stream.line, 0
        while (at := _after(text, at)) < len(text):
            if text[at] in "[]" and inside == (text[at] == "]"):
                inside, at = not inside, at + 1
                continue
            end, reason = _end(text, at, stream.ended)
            if not end:
                break
            line, counted = line + text.count("\n", counted, at), at
            yield _value(stream, at, end, line, reason)
            at = end
        stream.drop(at)
        left = len(stream.buffer)
        if not stream.ended and left <= LONGEST:
            reach = max(STEP, min(2 * left, LONGEST + 1))
        elif left or stream.cut or inside:
            yield stream.refused("too-long" if left > LONGEST else "truncated", left)
            stream.pass_over()
            return
        else:
            return


def _after(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _value(stream: Stream, at: int, end: int, line: int, reason: str) -> Value:
    reason = "too-long" if end - at > LONGEST else reason
    kept = bytes(memoryview(stream.buffer)[at : min(end, at + RAW_KEPT) if reason else end])
    return Value(kept, line, stream.offset + at, reason)


def _text(stream: Stream, plain: bool) -> str:
    """The buffer as text of one sign a byte, so that places in it are byte offsets."""
    raw = bytes(stream.buffer)
    if not plain and not raw.isascii():
        plain = detect(raw).name in {"utf-8", ASCII}
    return (raw if plain else mask(raw)).decode("latin-1")


def _end(text: str, at: int, ended: bool) -> tuple[int, str]:
    """Where the value at `at` ends; 0 where it goes on behind the text. And why it is refused, where it is."""
    try:
        _, end = PLACES.raw_decode(text, at)
    except json.JSONDecodeError as problem:
        if not ended and (problem.pos >= len(text) - _NEAR or problem.msg.startswith("Unterminated")):
            return 0, ""
        return _balanced(text, at, "not-json")
    except (ValueError, RecursionError):
        return _balanced(text, at, "too-deep")
    return (end, "") if text[at] in "{[" or ended or end < len(text) else (0, "")


def _balanced(text: str, at: int, reason: str) -> tuple[int, str]:
    """The end by brackets alone, for a value that is no sound JSON; 0 where it is never closed."""
    depth = 0
    for mark in _MARK.finditer(text, at):
        sign = text[mark.start()]
        depth += (sign in "{[") - (sign in "}]")
        if depth <= 0 and sign in "}]":
            return mark.end(), reason
    return 0, ""
