"""Messages cut out of a stream of bytes framed after MLLP: 0x0B, the message, 0x1C, 0x0D (HL7 v2 MLLP release 1).

It reads no socket and no file, and never gives a message of which the end has not come. Whatever cuts the stream into
pieces, the frames are the same.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

START, END = 0x0B, 0x1C
LARGEST = 64 << 20
_AFTER = b"\r\n\x0b"  # what may follow 0x1C for it to end a frame; alone it is a byte of the message
_HEADERS = (b"MSH", b"FHS", b"BHS")


class Frame(NamedTuple):
    """`offset` of its 0x0B in the stream, `length` with both ends, and the message between them."""

    offset: int
    length: int
    body: bytes


@dataclass
class Frames:
    """Splits one stream, fed piece by piece; holds at most one unfinished frame of `largest` bytes.

    `skipped` counts bytes that belong to no frame (other than CR and LF between frames), `broken` frames that were
    never finished: cut off by the start of the next one, or longer than `largest`.
    """

    largest: int = LARGEST
    skipped: int = 0
    broken: int = 0
    _held: bytearray = field(default_factory=bytearray)
    _passed: int = 0  # bytes of the stream before `_held`
    _seen: int = 0  # bytes of `_held` without an end of frame in them

    @property
    def waiting(self) -> int:
        """Bytes of a frame that has begun and not ended."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in their order."""
        self._held += data
        found, start = [], self._begin(0)
        while start < len(self._held):
            end = self._end(start)
            if end < 0:
                break
            found += self._cut(start, end)
            start = self._begin(end + 1)
        self._drop(start)
        if len(self._held) > self.largest:
            self._give_up()
        return found

    def finish(self) -> list[Frame]:
        """The frame at the end of the stream whose 0x1C came without its CR; else nothing, and what is held is skipped.

        A listener calls it when its peer went quiet after 0x1C, or closed.
        """
        done = []
        if len(self._held) > 1 and self._held[-1] == END:
            done = self._cut(0, len(self._held) - 1)
        elif self._held:
            self.broken += 1
            self.skipped += len(self._held)
        self._drop(len(self._held))
        return done

    def ended(self) -> bool:
        """Whether what is held ends in 0x1C: all there but the CR."""
        return len(self._held) > 1 and self._held[-1] == END

    def _begin(self, at: int) -> int:
        """Where the next frame begins; bytes before it are skipped."""
        start = self._held.find(START, at)
        start = len(self._held) if start < 0 else start
        between = self._held[at:start]
        self.skipped += len(between) - between.count(b"\r") - between.count(b"\n")
        return start

    def _end(self, start: int) -> int:
        """Where the 0x1C of the frame stands, or -1 while it has not come."""
        at = max(start + 1, self._seen)
        while True:
            at = self._held.find(END, at)
            if at < 0:
                self._seen = len(self._held)
                return -1
            if at + 1 == len(self._held):
                self._seen = at
                return -1
            if self._held[at + 1] in _AFTER:
                self._seen = 0
                return at
            at += 1

    def _cut(self, start: int, end: int) -> list[Frame]:
        """The frame, from its last start: a header after another 0x0B says that the frame before was never finished."""
        body = bytes(self._held[start + 1 : end])
        starts = [body.rfind(b"\x0b" + header) for header in _HEADERS] if START in body else []
        inner = max(starts, default=-1)
        if inner >= 0:
            self.broken += 1
            self.skipped += inner + 1
            start, body = start + inner + 1, body[inner + 1 :]
        if len(body) > self.largest:
            self.broken += 1
            self.skipped += len(body) + 2
            return []
        closed = end + 1 < len(self._held) and self._held[end + 1] in b"\r\n"
        return [Frame(self._passed + start, end - start + 1 + closed, body)]

    def _drop(self, count: int) -> None:
        del self._held[:count]
        self._passed += count
        self._seen = max(0, self._seen - count)

    def _give_up(self) -> None:
        """Skips a frame that grew too long; what follows up to the next start is skipped with it."""
        again = max((self._held.rfind(b"\x0b" + header, 1) for header in _HEADERS), default=-1)
        again = len(self._held) if again < 0 else again
        self.broken += 1
        self.skipped += again
        self._drop(again)
        self._seen = 0
