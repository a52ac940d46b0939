"""What a killed listener left is made good: whole messages stay, the torn end is cut, and both are written anew.

Why anew: after a failed flush a page may hold bytes that the disk has not. Copied to a new file and flushed, they have
reached it. Nothing that was acknowledged is ever cut, and what is cut is kept among the refused.
"""

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from connectors.mllp.envelope import envelope
from connectors.mllp.splitter import Refused, Splitter
from federation.node.listen.disk import Disk
from federation.node.listen.entry import ORIGIN, Entry, entries, key_of, linked, sender_of
from federation.node.listen.journal import Journal, Refusal
from federation.node.listen.places import INDEX, SEGMENT, Places, flush_folder

TORN = "torn-tail"
NOT_ANSWERED = "-"


@dataclass
class Recovered:
    """What was found: messages that were whole but not in the index, bytes cut from the end, what did not agree."""

    messages: int = 0
    cut: int = 0
    problems: list[str] = field(default_factory=list)


def opened(places: Places, disk: Disk | None = None, largest: int = 1 << 30) -> tuple[Journal, Recovered]:
    """The journal, ready to go on where it ended, and what had to be made good. Its lock must be held."""
    told = Recovered()
    torn: list[Refusal] = []
    for segment in sorted(places.open.glob(f"*{SEGMENT}")):
        torn += _mended(places, segment, told, largest)
    for left in (*places.open.glob("*.tmp"), *places.index.glob("*.tmp")):
        left.unlink()
    seq, chain = head(places)
    journal = Journal(places, seq, chain, disk or Disk())
    if torn:
        journal.append([], torn)
    return journal, told


def head(places: Places, before: str | None = None) -> tuple[int, str]:
    """Number and chain of the last message, or of the last one before the index of that name."""
    for path in reversed(places.indexes()):
        if (before is None or path.name < before) and (last := last_entry(path)) is not None:
            return last.seq, last.chain
    return 0, ORIGIN


def last_entry(path: Path) -> Entry | None:
    """The last whole line of an index."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4096))
        lines = file.read().splitlines(keepends=True)
    for line in reversed(lines):
        for entry in entries([line]):
            return entry
    return None


def _mended(places: Places, segment: Path, told: Recovered, largest: int) -> Iterator[Refusal]:
    """Publishes the segment with what is whole in it; gives the torn bytes of its end."""
    index = places.index / f"{segment.stem}{INDEX}"
    data = segment.read_bytes()
    seq, chain = head(places, index.name)
    kept = _agreeing(data, index, chain, told)
    if told.problems:
        for path in (segment, index):
            shutil.copyfile(path, places.refused / f"damaged-{path.name}")
    upto = kept[-1].offset + kept[-1].length if kept else 0
    made = [f"{entry.line}\n" for entry in kept]
    frames = [data[:upto]]
    if kept:
        seq, chain = kept[-1].seq, kept[-1].chain
    torn = []
    splitter = Splitter(largest)
    for piece in [*splitter.feed(data[upto:]), *_rest(splitter)]:
        if isinstance(piece, Refused):
            told.cut += piece.size
            torn.append(Refusal(piece._replace(reason=TORN), _now(), NOT_ANSWERED))
            continue
        seq += 1
        words, frame = _words(seq, sum(map(len, frames)), piece)
        chain = linked(chain, words)
        made.append(f"{words} {chain}\n")
        frames.append(frame)
        told.messages += 1
    _publish(places, segment, index, frames, made)
    return iter(torn)


def _agreeing(data: bytes, index: Path, chain: str, told: Recovered) -> list[Entry]:
    """The index's lines whose messages stand in the segment. The lines behind the segment's end were never answered."""
    kept: list[Entry] = []
    lines = index.read_bytes().splitlines(keepends=True) if index.exists() else []
    for entry in entries(lines):
        end = entry.offset + entry.length
        if end > len(data) or not entry.follows(chain):
            break
        if sha256(data[entry.offset + 1 : end - 2]).hexdigest() != entry.content:
            told.problems.append(f"message {entry.seq} in {index.stem} is not what the index says")
            break
        kept.append(entry)
        chain = entry.chain
    return kept


def _rest(splitter: Splitter) -> Iterator["bytes | Refused"]:
    """What is held at the end is torn, also where only its last byte is missing: nobody was told of it."""
    for piece in splitter.finish():
        yield Refused(TORN, len(piece) + 2, piece) if isinstance(piece, bytes) else piece


def _words(seq: int, offset: int, body: bytes) -> tuple[str, bytes]:
    found = envelope(body)
    key = key_of(found.control_id if found else b"")
    sender = sender_of(found.application, found.facility) if found else sender_of(b"", b"")
    content = sha256(body).hexdigest()
    return (
        f"{seq} {_now()} {offset} {len(body) + 3} {content} {key} {sender} {NOT_ANSWERED} {NOT_ANSWERED}",
        b"\x0b%b\x1c\r" % body,
    )


def _publish(places: Places, segment: Path, index: Path, frames: list[bytes], lines: list[str]) -> None:
    """Writes both anew under their names; a crash in between leaves the old ones, and the same is done again."""
    if lines:
        _write(index, "".join(lines).encode("ascii"))
        flush_folder(places.index)
        final = places.messages / segment.name
        _write(segment, b"".join(frames))
        segment.rename(final)
        flush_folder(places.messages)
    else:
        segment.unlink()
        index.unlink(missing_ok=True)
    flush_folder(places.open)


def _write(final: Path, content: bytes) -> None:
    fresh = final.with_name(f"{final.name}.tmp")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(final)


def _now() -> int:
    return time.time_ns() // 1000
