"""A file as blocks of whole messages, in bounded memory: gzip, a byte order mark, messages too long, a cut end.

It knows where messages begin and nothing of what stands in them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import Unreadable
from connectors.fhir.blocks import Stream

BLOCK = 3 << 19  # a MiB more in a block is 40 MB more at the peak, and less costs more Python a message
LONGEST = 64 << 20  # as the reason `too-long` says
BOM = b"\xef\xbb\xbf"
HEAD = 1 << 16
BEGINS = re.compile(rb"(?:^|[\r\n\x0b\x1c]|\xef\xbb\xbf)MSH[^A-Za-z0-9\s]")


@dataclass(frozen=True)
class Block:
    """Bytes from the start of one message to the start of another one; `offset` is that of the first byte.

    `refused` is a reason for a piece that is no block of messages: one too long, or a cut end. `passed` counts its
    bytes, of which `raw` holds the beginning. `framed` says that a frame's 0x0B stands before the first byte.
    """

    raw: bytes
    offset: int
    refused: str = ""
    passed: int = 0
    framed: bool = False


def blocks(path: Path, size: int = BLOCK) -> Iterator[Block]:
    """The file's blocks in order. Raises Unreadable when it holds nothing."""
    try:
        with Stream(path) as stream:
            yield from _blocks(stream, size)
    except OSError as problem:
        raise Unreadable(f"The file cannot be read: {problem.strerror or 'I/O error'}. Check its rights.") from None


def _blocks(stream: Stream, size: int) -> Iterator[Block]:
    held, offset, room, end, framed = b"", 0, size, False, False
    while not end:
        fresh, end = _fill(stream, room - len(held))
        held += fresh
        if not offset and held.startswith(BOM):
            held, offset = held[len(BOM) :], len(BOM)
        if end:
            break
        cut = last_start(held)
        if cut <= 0 and len(held) <= LONGEST:
            room = min(room * 4, LONGEST + 1) if room <= LONGEST else room
            continue
        if cut <= 0:
            passed, kept, end = _skip(stream, held)
            yield Block(held[:HEAD], offset, "too-long", passed)
            held, offset, room, framed = kept, offset + passed, size, False
            continue
        yield Block(held[:cut], offset, framed=framed)
        framed = held[cut - 1 : cut] == b"\x0b"
        held, offset, room = held[cut:], offset + cut, max(size, 2 * (len(held) - cut))
    yield from _end(stream, held, offset, framed)


def _end(stream: Stream, held: bytes, offset: int, framed: bool) -> Iterator[Block]:
    """The rest of the file; what a cut gzip leaves of its last message is refused as such."""
    if not held and not stream.cut:
        if offset <= len(BOM):
            raise Unreadable("The file is empty. Export it again.")
        return
    if len(held) > LONGEST and last_start(held) <= 0:
        yield Block(held[:HEAD], offset, "too-long", len(held))
        return
    if not stream.cut:
        yield Block(held, offset, framed=framed)
        return
    cut = max(last_start(held), 0)
    if cut:
        yield Block(held[:cut], offset, framed=framed)
    yield Block(held[cut:][:HEAD], offset + cut, "truncated", len(held) - cut)


def last_start(held: bytes) -> int:
    """Where the last message begins, -1 where none does."""
    at = len(held)
    while (at := held.rfind(b"MSH", 0, at)) >= 0:
        found = BEGINS.search(held, max(at - 3, 0), at + 4)
        if found and found.end() == at + 4:
            return at
    return -1


def _fill(stream: Stream, room: int) -> tuple[bytes, bool]:
    """Up to `room` more bytes, and whether the stream ended."""
    buffer = bytearray(max(room, 1))
    view, filled = memoryview(buffer), 0
    while filled < len(buffer):
        got = stream.into(view[filled:])
        if not got:
            break
        filled += got
    view.release()
    return bytes(buffer[:filled]), filled < len(buffer)


def _skip(stream: Stream, held: bytes) -> tuple[int, bytes, bool]:
    """Reads past a message that is too long: bytes passed, what came after them, and whether the stream ended."""
    tail, passed = held[-8:], len(held) - 8
    while True:
        fresh, end = _fill(stream, 1 << 20)
        tail += fresh
        found = BEGINS.search(tail, 1)
        if found:
            at = tail.index(b"MSH", found.start())
            return passed + at, tail[at:], end
        if end:
            return passed + len(tail), b"", True
        passed, tail = passed + len(tail) - 8, tail[-8:]
