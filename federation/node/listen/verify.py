"""Recomputes the journal: every line against the one before it, every message against its line. It changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from federation.node.listen.entry import ORIGIN, Entry, parsed
from federation.node.listen.places import Places
from federation.node.listen.proof import segment_of

SHOWN = 1000  # problems after which there is no more to learn


@dataclass
class Verified:
    """Messages by the index, those compared with their bytes, the chain's head, and what does not agree, in words."""

    messages: int = 0
    compared: int = 0
    head: str = ORIGIN
    problems: list[str] = field(default_factory=list)


def verify(places: Places) -> Verified:
    """Recomputes every hash, in bounded memory."""
    found = Verified()
    for index in places.indexes():
        if len(found.problems) >= SHOWN:
            break
        segment = segment_of(places, index)
        if segment is None:
            if index.stat().st_size and not (places.ingested / f"{index.stem}.json").exists():
                found.problems.append(f"segment {index.stem} is gone and was not ingested")
            _follow(found, index, None)
        else:
            with segment.open("rb") as data:
                _follow(found, index, data)
            # A listener may be in the middle of a line of the segment that it is writing.
            if segment.parent == places.messages and not _ends_whole(index):
                found.problems.append(f"{index.name}: a line behind message {found.messages} cannot be read")
    return found


def _follow(found: Verified, index: Path, data: BinaryIO | None) -> None:
    for entry in _entries(index):
        if len(found.problems) >= SHOWN:
            return
        if entry.seq != found.messages + 1 or not entry.follows(found.head):
            found.problems.append(f"message {entry.seq} in {index.name} does not follow the one before it")
        if data is not None:
            data.seek(entry.offset)
            found.compared += 1
            if sha256(data.read(entry.length)[1:-2]).hexdigest() != entry.content:
                found.problems.append(f"message {entry.seq} in {index.stem} is not what was received")
        found.messages, found.head = entry.seq, entry.chain


def _entries(index: Path) -> Iterator[Entry]:
    with index.open("rb") as lines:
        for line in lines:
            if (entry := parsed(line)) is None:
                return
            yield entry


def _ends_whole(index: Path) -> bool:
    with index.open("rb") as lines:
        return all(parsed(line) is not None for line in lines)
