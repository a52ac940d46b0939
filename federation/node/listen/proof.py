"""Settles "we sent it, you lost it": where a message stands, when it came, what was answered, what its hash is.

Reads the journal and shows hashes, times and places; never a word of a message.
"""

import mmap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from connectors.mllp.envelope import envelope
from federation.node.listen.counts import shown
from federation.node.listen.entry import Entry, entries, key_of, parsed
from federation.node.listen.places import INDEX, SEGMENT, Places


@dataclass(frozen=True)
class Proof:
    """One message under a control id. `stands`: as received, changed, or removed after it was ingested."""

    seq: int
    received_at: float
    sender: str
    peer: str
    code: str
    segment: str
    offset: int
    length: int
    sha256: str
    chain: str
    receipt: str
    stands: str
    linked: bool
    ingested: bool

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def proofs(places: Places, control_id: bytes) -> list[Proof]:
    """Every message that came under the control id, oldest first."""
    wanted = f" {key_of(control_id)} ".encode()
    return [
        _proof(places, index, entry, before)
        for index in places.indexes()
        if index.stat().st_size
        for entry, before in _found(index, wanted)
    ]


def _found(index: Path, wanted: bytes) -> Iterator[tuple[Entry, str | None]]:
    """The lines with the key, each with the chain of the line before it; None at the beginning of the file."""
    with index.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        at = text.find(wanted)
        while at >= 0:
            start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at) + 1
            before = parsed(text[text.rfind(b"\n", 0, start - 1) + 1 : start]) if start else None
            for entry in entries([text[start:end]]):
                yield entry, before.chain if before else None
            at = text.find(wanted, end) if end else -1


def _proof(places: Places, index: Path, entry: Entry, before: str | None) -> Proof:
    segment = segment_of(places, index)
    body = _body(segment, entry)
    head = envelope(body) if body is not None else None
    stands = "removed" if body is None else "as received"
    if body is not None and sha256(body).hexdigest() != entry.content:
        stands = "changed"
    chain = _chain_before(places, index) if before is None else before
    return Proof(
        entry.seq,
        entry.at / 1e6,
        shown(head.application, head.facility) if head and stands == "as received" else "",
        entry.peer,
        entry.code,
        segment.name if segment else f"{index.stem}{SEGMENT}",
        entry.offset,
        entry.length,
        entry.content,
        entry.chain,
        f"stored {entry.seq} {entry.chain[:16]}",
        stands,
        entry.follows(chain),
        (places.ingested / f"{index.stem}.json").exists(),
    )


def _chain_before(places: Places, index: Path) -> str:
    from federation.node.listen.recover import head

    return head(places, index.name)[1]


def segment_of(places: Places, index: Path) -> Path | None:
    """The segment of an index, finished or being written; None where it was removed."""
    name = index.name.removesuffix(INDEX) + SEGMENT
    return next((folder / name for folder in (places.messages, places.open) if (folder / name).exists()), None)


def _body(segment: Path | None, entry: Entry) -> bytes | None:
    if segment is None:
        return None
    with segment.open("rb") as file:
        file.seek(entry.offset)
        return file.read(entry.length)[1:-2]
