"""What becomes of each piece that a connection brings: to be kept, a repeat, or refused; and which answer it gets.

It opens no socket and no file: it says what must be on disk before the answer goes out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import localtime, strftime
from typing import NamedTuple

from connectors.mllp.answer import Outcome, Why, answer, code_of
from connectors.mllp.envelope import Envelope, begins_with, envelope, whole_header
from connectors.mllp.splitter import KEPT, NOT_ENDED, OUTSIDE, TOO_LARGE, Refused
from federation.node.listen.counts import Counts, OfSender
from federation.node.listen.entry import Entry, key_of, sender_of
from federation.node.listen.journal import Record, Refusal
from federation.node.listen.senders import Sender, allowed
from federation.node.listen.window import Known, Window

NO_ID, NOT_ALLOWED, BUSY = "no-control-id", "sender-not-allowed", "busy"
_AGAIN = re.compile(rb"[\r\n](?=MSH[^A-Za-z0-9\s])")  # where a further message begins in a frame
_CUT = (NOT_ENDED, TOO_LARGE)
_SENDERS = 1000  # names remembered with their hash and whether they may send; refused bytes remembered likewise

WHYS = {
    OUTSIDE: Why(b"100", b"Segment sequence error", b"Bytes before the start block 0x0B. Begin each message with it."),
    NOT_ENDED: Why(b"100", b"Segment sequence error", b"The frame did not end in 0x1C 0x0D. Send the message again."),
    TOO_LARGE: Why(b"207", b"Application internal error", b"The message is larger than this receiver takes."),
    NO_ID: Why(b"101", b"Required field missing", b"MSH-10 is empty. An answer could not say what it is about.", b"10"),
    NOT_ALLOWED: Why(b"207", b"Application internal error", b"This sender is not on the list of this receiver.", b"3"),
    BUSY: Why(b"207", b"Application internal error", b"Too much is being received at once. Send it again later."),
    "batch": Why(b"200", b"Unsupported message type", b"A batch. Send its messages one by one, or give it as a file."),
    "no-header": Why(
        b"100", b"Segment sequence error", b"No MSH segment at the beginning, or one that cannot be read."
    ),
    "wrong-encoding": Why(b"207", b"Application internal error", b"Two bytes a sign. Send one of the sets of MSH-18."),
    "full": Why(b"207", b"Application internal error", b"The disk is full, nothing was kept. Send it again later."),
    "broken": Why(b"207", b"Application internal error", b"The disk failed, nothing is sure. Send it again later."),
}


def told_of(reason: str) -> str:
    """What a sender is told for a reason, for those who look at counts."""
    return WHYS[reason].text.decode() if reason in WHYS else ""


@dataclass(slots=True)
class Pending:
    """A piece that waits for the disk: what is to be kept of it, and what its sender is told then."""

    to: object
    head: Envelope | None
    outcome: Outcome
    code: bytes | None
    record: Record | None = None
    refusal: Refusal | None = None
    why: Why | None = None
    reason: str = ""
    size: int = 0


class Now(NamedTuple):
    """Microseconds since 1970, and the same second as HL7 writes it."""

    at: int
    written: bytes


@dataclass
class Reception:
    """The desk of one listener."""

    window: Window
    rules: Sequence[Sender]
    clock: Callable[[], float]
    counts: Counts = field(default_factory=Counts)
    _known: dict[tuple[bytes, bytes, frozenset[str]], tuple[str, bool, OfSender]] = field(default_factory=dict)
    _refusals: set[bytes] = field(default_factory=set)
    _answers: int = 0
    _second: int = 0
    _written: bytes = b""

    def take(self, piece: "bytes | Refused", to: object, peer: str, names: frozenset[str]) -> list[Pending]:
        """What is to be kept of a piece; of a frame with several messages the first one's sender is answered."""
        if isinstance(piece, Refused):
            return [self._refused(piece, to, peer)]
        if piece.find(b"\rMSH", 3) > 0 or piece.find(b"\nMSH", 3) > 0:
            bodies = [body for body in _AGAIN.split(piece) if body.strip()]
            if len(bodies) > 1 and begins_with(piece) == "message":
                return self._several(bodies, to, peer, names)
        return [self._message(piece, to, peer, names)]

    def refuse(self, piece: Refused, to: object, peer: str) -> Pending:
        """A piece whose sender still waits for an answer: the frame stands still, or too much is being received."""
        return self._refused(piece, to, peer, waits=True)

    def stored(self, pending: Pending, entry: Entry | None) -> bytes | None:
        """The answer for what is on disk now; None where none is due. The receipt in it names the journal's line."""
        text = b""
        if pending.outcome is Outcome.STORED:
            text = b"stored before" if entry is None else f"stored {entry.seq} {entry.chain[:16]}".encode()
        elif pending.why is not None:
            text = pending.why.text
        return self._told(pending, pending.code, text, pending.why)

    def not_stored(self, pending: Pending, reason: str) -> bytes | None:
        """The answer for what could not be kept; it is as if it had not come."""
        if pending.record is not None:
            self.window.forget(pending.record.key, pending.record.sender, pending.record.content)
        elif pending.reason:
            self.counts.refused[pending.reason] -= 1
            self._refusals.clear()
        else:
            self.counts.duplicates -= 1
        self.counts.later += 1
        why = WHYS[reason]
        return self._told(pending, code_of(pending.head, Outcome.LATER), why.text, why)

    def now(self) -> Now:
        """The time, written once a second."""
        clock = self.clock()
        if int(clock) != self._second:
            self._second = int(clock)
            self._written = strftime("%Y%m%d%H%M%S%z", localtime(clock)).encode()
        return Now(int(clock * 1e6), self._written)

    def _told(self, pending: Pending, code: bytes | None, text: bytes, why: Why | None) -> bytes | None:
        if code is None:
            self.counts.unanswered += 1
            return None
        self._answers += 1
        own_id = b"GT%x-%x" % (self._second, self._answers)
        return answer(pending.head, code, own_id, self.now().written, text, why)

    def _message(self, body: bytes, to: object, peer: str, names: frozenset[str]) -> Pending:
        head = envelope(body)
        if head is None:
            return self._refused(Refused(begins_with(body), len(body), body), to, peer)
        sender, may, of = self._sender(head, names)
        if not may:
            return self._refused(Refused(NOT_ALLOWED, len(body), body), to, peer, head)
        code = code_of(head, Outcome.STORED)
        if not head.control_id and code is not None:
            return self._refused(Refused(NO_ID, len(body), body), to, peer, head)
        counts = self.counts
        counts.received += 1
        counts.volume += len(body)
        of.last = self.clock()
        content, key = sha256(body).hexdigest(), key_of(head.control_id)
        known = self.window.known(key, sender, content)
        if known is Known.SAME:
            of.duplicates += 1
            counts.duplicates += 1
            return Pending(to, head, Outcome.STORED, code)
        of.messages += 1
        counts.reused += known is Known.OTHER
        record = Record(body, content, key, sender, self.now().at, (code or b"-").decode(), peer)
        return Pending(to, head, Outcome.STORED, code, record, size=len(body))

    def _several(self, bodies: list[bytes], to: object, peer: str, names: frozenset[str]) -> list[Pending]:
        """A frame with further messages behind the first: each is kept, the first is answered, as one frame asks."""
        made = [self._message(each, to, peer, names) for each in bodies]
        for later in made[1:]:
            later.code = None
            later.record = later.record and later.record._replace(code="-")
        return made

    def _sender(self, head: Envelope, names: frozenset[str]) -> tuple[str, bool, OfSender]:
        who = (head.application, head.facility, names)
        found = self._known.get(who)
        if found is None:
            if len(self._known) >= _SENDERS:
                self._known.clear()
            found = sender_of(*who[:2]), allowed(self.rules, *who), self.counts.sender(*who[:2])
            self._known[who] = found
        return found

    def _refused(
        self, piece: Refused, to: object, peer: str, head: Envelope | None = None, waits: bool = False
    ) -> Pending:
        self.counts.received += 1
        self.counts.volume += piece.size
        self.counts.refused[piece.reason] += 1
        body = piece.kept.removeprefix(b"\x0b")
        cut = piece.reason in _CUT or len(body) < piece.size - 1
        head = head or (whole_header(body) if cut else envelope(body))
        outcome = Outcome.LATER if piece.reason == BUSY else Outcome.NEVER
        why = WHYS[piece.reason]
        # Nobody waits for an answer to noise, nor to a frame that its sender gave up: an answer to either would be
        # taken for the answer to the next message. Bytes that end like a message have only lost their beginning.
        noise = piece.reason == OUTSIDE and not (head is not None and piece.kept.endswith(b"\x1c\r"))
        silent = noise or (piece.reason == NOT_ENDED and not waits)
        code = None if silent else code_of(head, outcome)
        kept = piece.kept[:KEPT]
        refusal = None if self._refused_before(kept) else Refusal(piece._replace(kept=kept), self.now().at, peer)
        return Pending(to, head, outcome, code, None, refusal, why, piece.reason, len(kept))

    def _refused_before(self, kept: bytes) -> bool:
        """Whether the same bytes are kept already: who sends a refused message again and again fills no disk."""
        mark = sha256(kept).digest()
        if mark in self._refusals:
            return True
        if len(self._refusals) >= _SENDERS:
            self._refusals.clear()
        self._refusals.add(mark)
        return False
