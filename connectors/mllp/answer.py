"""The acknowledgement of a message (HL7 v2.8, 2.9): whether one is due, with which code, and its bytes.

It makes bytes and sends nothing: whoever sends a positive one has the message on disk before.
"""

from enum import Enum
from typing import NamedTuple

from connectors.mllp.envelope import Envelope

_CODES = {False: (b"AA", b"AE", b"AR"), True: (b"CA", b"CE", b"CR")}
_USUAL = (b"|", b"^~\\&")
_TEXT_LEFT = (b"2.7", b"2.8", b"2.9")  # MSA-3 was withdrawn in 2.7: what it said goes into ERR-8
_ERR_SINCE = (b"2.5", b"2.6", *_TEXT_LEFT)  # ERR with place, code and severity in fields of their own


class Outcome(Enum):
    """What became of a message: on disk, could not be stored now (send it again), cannot be accepted as it is."""

    STORED = 0
    LATER = 1
    NEVER = 2


class Why(NamedTuple):
    """A reason for the sender: a code of HL7 table 0357 with its meaning, and a sentence; no word of the message.

    `field` is the number of the field of MSH that is meant, empty where it is the segment, or all of the message.
    """

    code: bytes
    means: bytes
    text: bytes
    field: bytes = b""


def code_of(head: Envelope | None, outcome: Outcome) -> bytes | None:
    """AA, AE, AR in original mode, CA, CE, CR as accept acknowledgement in enhanced mode; None where none is due.

    Original mode always answers. In enhanced mode MSH-15 says when an accept acknowledgement is wanted; where only
    MSH-16 wants an answer, the application's is given, which here says the same: stored. Acknowledgements and those
    who want none (NE) are not answered: two engines that answer each other's answers never end.
    """
    if head is None:
        return _CODES[False][outcome.value]
    if head.kind.startswith((b"ACK", b"MCF")):
        return None
    if not head.enhanced:
        return _CODES[False][outcome.value]
    if _due(head.accept, outcome):
        return _CODES[True][outcome.value]
    asks_application = head.accept in (b"", b"NE") and _due(head.answer, outcome)
    return _CODES[False][outcome.value] if asks_application else None


def _due(asked: bytes, outcome: Outcome) -> bool:
    """HL7 table 0155: AL always, NE never, ER on error, SU on success. What is none of them asks for an answer."""
    if asked in (b"", b"NE"):
        return False
    if asked == b"ER":
        return outcome is not Outcome.STORED
    return outcome is Outcome.STORED if asked == b"SU" else True


def answer(head: Envelope | None, code: bytes, own_id: bytes, at: bytes, text: bytes, why: Why | None = None) -> bytes:
    """The framed acknowledgement: in the sender's separators and charset, addressed back to it, MSA-2 echoing MSH-10.

    `at` is MSH-7. `text` (ASCII) goes into MSA-3 up to version 2.6. `why` becomes an ERR segment. Where there is no
    header to be read MSA-2 is empty: an answer never carries an id that was not sent.
    """
    if head is None:
        said = _error(why, b"2.3", b"|", b"^", b"&", text) if why is not None else b""
        return b"\x0bMSH|^~\\&|||||%s||ACK|%s|P|2.3\rMSA|%s||%s\r%s\x1c\r" % (at, own_id, code, text, said)
    bar = head.separator
    signs = head.signs or (_USUAL[1] if bar not in _USUAL[1] else b"")
    if (bar, signs) != _USUAL:
        text = text.translate(None, bar + signs)
    part = signs[:1] or b"^"
    cells = [
        b"\x0bMSH", signs, head.to_application, head.to_facility, head.application, head.facility, at, b"",
        _kind(head.kind, part), own_id, head.processing or b"P", head.version or b"2.3",
    ]  # fmt: skip
    if head.charset:
        cells += [b""] * 5 + [head.charset]
    old = not head.version.startswith(_TEXT_LEFT)
    told = bar.join(cells) + b"\rMSA" + bar + code + bar + head.control_id + ((bar + text) if old else b"") + b"\r"
    if why is not None:
        told += _error(why, head.version, bar, part, signs[3:4], text)
    return told + b"\x1c\r"


def _error(why: Why, version: bytes, bar: bytes, part: bytes, subpart: bytes, text: bytes) -> bytes:
    """ERR: since 2.5 place, code, severity and words (ERR-2, 3, 4, 8), before that place and code in ERR-1."""
    coded, place = (why.code, why.means, b"HL70357"), (b"MSH", b"1", why.field)
    if version.startswith(_ERR_SINCE):
        where = part.join(place).rstrip(part)
        return bar.join((b"ERR", b"", where, part.join(coded), b"E", b"", b"", b"", text)) + b"\r"
    return b"ERR" + bar + part.join((*place, subpart.join(coded) if subpart else why.code)) + b"\r"


def _kind(asked: bytes, part: bytes) -> bytes:
    """MSH-9 of the answer: ACK, the event, and the structure where the sender names structures."""
    parts = asked.split(part)
    if len(parts) < 2:
        return b"ACK"
    return part.join((b"ACK", parts[1], b"ACK") if len(parts) > 2 else (b"ACK", parts[1]))
