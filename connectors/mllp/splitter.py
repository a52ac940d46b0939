"""A stream of bytes cut into messages framed after MLLP, with every byte that belongs to none kept for the record.

It reads no socket and guesses nothing: wherever the stream is cut into pieces, the same comes out. A frame is 0x0B, the
message, 0x1C and CR (HL7 v2 MLLP release 1, 2.3); LF, or the 0x0B of the next frame, may stand in the place of CR, as
some senders do it. 0x0B inside a message is text, as word processors write it, unless a header follows it: then the
frame before was never finished, and the next one has begun.
"""

from typing import NamedTuple

START, CLOSE = b"\x0b", b"\x1c\r"
KEPT = 1 << 20  # bytes kept of what is refused: enough to see what it is, not enough to fill a disk
_AFTER = b"\r\n\x0b"  # what may follow 0x1C for it to end a frame; alone it is a byte of the message
_HEADERS = (b"\x0bMSH", b"\x0bFHS", b"\x0bBHS")
_LOOK_BACK = 3  # a mark of four bytes may have begun so long before the bytes that complete it
_CLOSING = b"\r\n"

OUTSIDE, NOT_ENDED, TOO_LARGE = "outside-a-frame", "not-ended", "too-large"


class Refused(NamedTuple):
    """Bytes that are no message: why, how many there were, and the first of them."""

    reason: str
    size: int
    kept: bytes


class Splitter:
    """Splits one stream, fed piece by piece; holds at most one unfinished frame of `largest` bytes."""

    __slots__ = ("_held", "_inside", "_more", "_seen", "largest")

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self._held = bytearray()  # begins with 0x0B where `_inside`, else with bytes outside of any frame
        self._inside = False
        self._seen = 0  # bytes of `_held` in which no mark begins
        self._more = 0  # bytes of a frame that is too large which were dropped behind `_held`

    @property
    def held(self) -> int:
        """Bytes held of what has not ended."""
        return len(self._held)

    @property
    def begun(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    @property
    def ended(self) -> bool:
        """Whether what is held ends in 0x1C: all there but the CR."""
        return self._inside and len(self._held) > 1 and self._held[-1] == 0x1C and not self._more

    def feed(self, data: bytes) -> "list[bytes | Refused]":
        """The messages that `data` completes, and what is refused, in the order of the stream."""
        last = len(data) - 2
        if (
            not self._held
            and data.startswith(START)
            and data.find(CLOSE, 1) == last > 0
            and data.find(START, 1) < 0
            and data.find(b"\x1c\n", 1) < 0
            and last - 1 <= self.largest
        ):
            return [data[1:-2]]  # one whole frame, as a sender who waits for its answer sends it
        self._held += data
        found: list[bytes | Refused] = []
        while self._step(found):
            pass
        return found

    def finish(self) -> "list[bytes | Refused]":
        """What is held at the end of the stream: a message of which only the CR is missing, else refused bytes."""
        found: list[bytes | Refused] = []
        if self.ended and len(self._held) - 2 <= self.largest:
            found.append(bytes(self._held[1:-1]))
        elif self._inside:
            self._refuse(found, NOT_ENDED, len(self._held))
        elif self._held:
            found.append(Refused(OUTSIDE, len(self._held), bytes(self._held[:KEPT])))
        self.forget()
        return found

    def forget(self) -> None:
        """Drops what is held; what comes next is outside of a frame."""
        self._held.clear()
        self._inside, self._seen, self._more = False, 0, 0

    def _step(self, found: "list[bytes | Refused]") -> bool:
        return self._within(found) if self._inside else self._between(found)

    def _between(self, found: "list[bytes | Refused]") -> bool:
        """Goes on to the start of the next frame. A frame without its start is refused by itself, to be answered."""
        if self._held[:1].strip(_CLOSING) == b"":
            self._held = self._held.lstrip(_CLOSING)  # blank lines between frames are nobody's
            self._seen = 0
        start = self._held.find(START, self._seen)
        end = self._held.find(CLOSE, max(0, self._seen - 1), len(self._held) if start < 0 else start)
        cut = end + 2 if end >= 0 else start if start >= 0 else KEPT if len(self._held) >= KEPT else -1
        if cut < 0:
            self._seen = len(self._held)
            return False
        self._seen = 0
        piece = bytes(self._held[:cut])
        del self._held[:cut]
        self._inside = cut == start
        if piece:
            found.append(Refused(OUTSIDE, cut, piece))
        return True

    def _within(self, found: "list[bytes | Refused]") -> bool:
        """Goes on to the end of the frame, or to the start of the next where the end never came."""
        at = self._mark(max(1, self._seen))
        if at < 0:
            self._seen = max(1, len(self._held) - _LOOK_BACK)
            if len(self._held) > self.largest + 2:
                self._shrink()
            return False
        if self._held[at] == 0x0B:
            self._refuse(found, NOT_ENDED, at)
            del self._held[:at]
        else:
            if at - 1 + self._more > self.largest:
                self._refuse(found, TOO_LARGE, at + 1)
            else:
                found.append(bytes(self._held[1:at]))
            closed = self._held[at + 1] in _CLOSING
            del self._held[: at + 1 + closed]
            self._inside = not closed  # the 0x0B that ended it begins the next
        self._seen = 0
        self._more = 0
        return True

    def _mark(self, start: int) -> int:
        """Where the frame ends, or the next one begins without that; -1 where neither has come."""
        end = self._held.find(b"\x1c", start)
        while 0 <= end < len(self._held) - 1 and self._held[end + 1] not in _AFTER:
            end = self._held.find(b"\x1c", end + 1)
        end = -1 if end == len(self._held) - 1 else end
        upto = len(self._held) if end < 0 else end
        if self._held.find(START, start, upto) < 0:
            return end
        again = [at for header in _HEADERS if (at := self._held.find(header, start, upto)) >= 0]
        return min(again, default=end)

    def _shrink(self) -> None:
        """Keeps the beginning of a frame that is too large, and its last bytes, in which its end may have begun."""
        keep = min(KEPT, self.largest)
        cut = len(self._held) - _LOOK_BACK - keep
        del self._held[keep:-_LOOK_BACK]
        self._more += cut
        self._seen = keep

    def _refuse(self, found: "list[bytes | Refused]", reason: str, size: int) -> None:
        whole = size + self._more
        reason = TOO_LARGE if whole - 1 > self.largest else reason
        found.append(Refused(reason, whole, bytes(self._held[: min(size, KEPT, self.largest)])))
