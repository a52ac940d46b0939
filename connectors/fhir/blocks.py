"""A file of lines as blocks of whole lines, in bounded memory: gzip, a byte order mark, lines too long, a cut end.

It knows line ends and nothing of what stands between them.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from connectors.errors import Unreadable
from connectors.fhir.lines import PAD, RAW_KEPT, Bytes, Flags, Ints

BLOCK = 30 << 20  # below 32 MiB, beyond which the C library gives every block fresh memory
Bounds = tuple[Ints, Ints, Ints]
LONGEST = 64 << 20  # as the reason `too-long` says
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Block:
    """Whole lines in `buffer[PAD:end]`; `line` and `offset` are those of the first byte.

    `refused` is a reason for a piece that is no block of lines: one line too long, or a cut end.
    """

    buffer: bytearray
    end: int
    line: int
    offset: int
    refused: str = ""
    last: bool = False


class Stream:
    """Bytes of a file, unzipped; `cut` says that gzip data ended early or went wrong."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb", buffering=0)
        head = self._file.read(2)
        self._file.seek(0)
        self._unzip = zlib.decompressobj(31) if head == b"\x1f\x8b" else None
        self.cut = False

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def into(self, buffer: memoryview) -> int:
        """Fills the buffer as far as bytes come; 0 at the end."""
        if self._unzip is None:
            return self._file.readinto(buffer) or 0  # type: ignore[attr-defined]
        piece = self._more(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _more(self, most: int) -> bytes:
        assert self._unzip is not None
        while not self.cut:
            if self._unzip.eof:
                rest = self._unzip.unused_data.lstrip(b"\0") or self._file.read(1 << 16).lstrip(b"\0")
                if not rest:
                    return b""
                self._unzip, fed = zlib.decompressobj(31), rest
            else:
                fed = self._unzip.unconsumed_tail or self._file.read(1 << 20)
            try:
                piece = self._unzip.decompress(fed, most)
            except zlib.error:
                self.cut = True
                return b""
            if piece:
                return piece
            self.cut = not fed and not self._unzip.eof
        return b""


def blocks(path: Path, size: int = BLOCK) -> Iterator[Block]:
    """The file's blocks in order. Raises Unreadable when it holds nothing."""
    try:
        with Stream(path) as stream:
            yield from _blocks(stream, size)
    except OSError as problem:
        raise Unreadable(f"The file cannot be read: {problem.strerror or 'I/O error'}. Check its rights.") from None


def _blocks(stream: Stream, size: int) -> Iterator[Block]:
    kept, line, offset, first = b"", 1, 0, True
    room = size
    while True:
        buffer = bytearray(PAD + room + PAD)
        buffer[PAD : PAD + len(kept)] = kept
        filled = _fill(stream, buffer, len(kept), room)
        if first:
            bom = bytes(buffer[PAD : PAD + 3]) == _BOM
            if bom:
                del buffer[PAD : PAD + 3]
                buffer += bytes(3)
                filled, offset = filled - 3, 3
            if filled <= 0 and not stream.cut:
                raise Unreadable("The file is empty. Export it again.")
            first = False
        at_end = filled < room - (3 if offset == 3 else 0)
        end = PAD + filled if at_end else buffer.rfind(b"\n", PAD, PAD + filled) + 1
        if at_end:
            yield from _last(stream, buffer, filled, line, offset)
            return
        if end <= PAD:
            if room >= LONGEST:
                yield Block(_head(buffer), 0, line, offset, "too-long")
                skipped, kept = _skip(stream)
                offset, line, room = offset + filled + skipped, line + 1, size
                continue
            kept, room = bytes(buffer[PAD : PAD + filled]), min(room * 4, LONGEST + 1)
            continue
        kept = bytes(buffer[end : PAD + filled])
        yield Block(buffer, end, line, offset)
        line += _feeds(buffer, end)
        offset, room = offset + end - PAD, size


def _feeds(buffer: bytearray, end: int) -> int:
    return int(np.count_nonzero(np.frombuffer(buffer, np.uint8, end - PAD, PAD) == 10))


def _fill(stream: Stream, buffer: bytearray, filled: int, room: int) -> int:
    view = memoryview(buffer)
    while filled < room:
        got = stream.into(view[PAD + filled : PAD + room])
        if not got:
            break
        filled += got
    view.release()
    return filled


def _last(stream: Stream, buffer: bytearray, filled: int, line: int, offset: int) -> Iterator[Block]:
    """The rest of the file; what a cut gzip leaves of its last line is refused as such."""
    end = PAD + filled
    whole = buffer.rfind(b"\n", PAD, end) + 1 if stream.cut else end
    if whole > PAD:
        yield Block(buffer, whole, line, offset, last=not stream.cut)
        line += _feeds(buffer, whole)
    if stream.cut:
        begin = max(whole, PAD)
        tail = bytearray(PAD) + buffer[begin:end]
        yield Block(_head(tail), 0, line, offset + begin - PAD, "truncated", last=True)


def _head(buffer: bytearray) -> bytearray:
    return bytearray(buffer[PAD : PAD + RAW_KEPT])


def _skip(stream: Stream) -> tuple[int, bytes]:
    """Reads past the end of the line: bytes passed, and what came after it."""
    piece, passed = bytearray(1 << 20), 0
    while got := stream.into(memoryview(piece)):
        end = piece.find(b"\n", 0, got)
        if end >= 0:
            return passed + end + 1, bytes(piece[end + 1 : got])
        passed += got
    return passed, b""


def bounds(buffer: bytearray, end: int) -> Bounds:
    """Starts and ends of the lines that are not blank, without line ends, and each one's number within the block."""
    view = np.frombuffer(buffer, np.uint8, end)
    stops = np.flatnonzero(view[PAD:] == 10) + PAD
    if end > PAD and (not len(stops) or stops[-1] != end - 1):
        stops = np.append(stops, end)
    starts = np.concatenate([[PAD], stops[:-1] + 1]) if len(stops) else stops
    numbers = np.arange(len(stops))
    carriage = (stops > starts) & (view[np.maximum(stops - 1, PAD)] == 13)
    stops = stops - carriage
    blank = _blank(view, starts, stops)
    return starts[~blank], stops[~blank], numbers[~blank]


def _blank(view: Bytes, starts: Ints, stops: Ints) -> Flags:
    empty = starts >= stops
    for at in np.flatnonzero(~empty & (view[np.minimum(starts, len(view) - 1)] <= 32)).tolist():
        empty[at] = not view[starts[at] : stops[at]].tobytes().strip()
    return empty
