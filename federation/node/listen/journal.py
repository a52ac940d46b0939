"""The journal of one site: messages appended to a segment, a line each to its index, both flushed together.

One process has it at a time. It never changes what it has written, and never flushes again after a flush that failed.
"""

import fcntl
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from connectors.mllp.splitter import Refused
from federation.errors import Unavailable
from federation.node.listen.disk import FULL, Broken, Disk, Full, Tail
from federation.node.listen.entry import Entry, linked
from federation.node.listen.places import INDEX, REFUSED, SEGMENT, Places, flush_folder


class Record(NamedTuple):
    """A message to be kept. `at` in microseconds since 1970; `content`, `key` and `sender` as in Entry."""

    body: bytes
    content: str
    key: str
    sender: str
    at: int
    code: str
    peer: str


class Refusal(NamedTuple):
    """Bytes to be kept that were not accepted."""

    refused: Refused
    at: int
    peer: str


@dataclass
class Journal:
    """Open for appending after `seq` messages with the chain `chain`."""

    places: Places
    seq: int
    chain: str
    disk: Disk = field(default_factory=Disk)
    _segment: Tail | None = None
    _index: Tail | None = None
    _refused: Tail | None = None
    _beside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "flush"))

    @property
    def size(self) -> int:
        """Bytes in the segment being written."""
        return self._segment.size if self._segment else 0

    def append(self, records: Sequence[Record], refusals: Sequence[Refusal]) -> list[Entry]:
        """All of it, flushed to the disk together; the entries of the records.

        Raises Full where there is no space (nothing of it was kept), Broken where the disk failed: stop then.
        """
        made: list[Entry] = []
        try:
            if records:
                made = self._put(records)
            if refusals:
                self._put_refusals(refusals)
        except OSError as error:
            self._undo()
            raise (Full if error.errno in FULL else Broken)(os.strerror(error.errno or 0)) from error
        try:
            self._flush()
        except OSError as error:
            raise Broken(os.strerror(error.errno or 0)) from error
        for tail in self._tails():
            tail.keep()
        if made:
            self.seq, self.chain = made[-1].seq, made[-1].chain
        return made

    def rotate(self) -> Path | None:
        """Finishes the segment, so that it can be read and ingested; None where there is nothing in it."""
        if self._refused is not None:
            self._refused.close()
            self._refused = None
        if self._segment is None or self._index is None:
            return None
        segment, index = self._segment, self._index
        done = self.places.messages / segment.path.name
        if segment.size:
            segment.path.rename(done)  # first: where it fails, as on a full disk, writing goes on as before
        else:
            segment.path.unlink()
            index.path.unlink()
        self._segment = self._index = None
        segment.close()
        index.close()
        flush_folder(self.places.messages)
        flush_folder(self.places.open)
        return done if segment.size else None

    def _flush(self) -> None:
        """Flushes all at the same time: the file system makes one commit of it; in turns it would make several."""
        tails = self._tails()
        waiting = [self._beside.submit(tail.flush) for tail in tails[1:]]
        try:
            for tail in tails[:1]:
                tail.flush()
        finally:
            wait(waiting)
        for done in waiting:
            done.result()

    def _tails(self) -> list[Tail]:
        return [tail for tail in (self._segment, self._index, self._refused) if tail is not None and tail.changed]

    def _put(self, records: Sequence[Record]) -> list[Entry]:
        if self._segment is None or self._index is None:
            self._begin()
        assert self._segment is not None
        assert self._index is not None
        made: list[Entry] = []
        frames: list[bytes] = []
        lines: list[str] = []
        seq, chain, offset = self.seq, self.chain, self._segment.size
        for record in records:
            frames.append(b"\x0b%b\x1c\r" % record.body)
            seq, length = seq + 1, len(record.body) + 3
            words = (
                f"{seq} {record.at} {offset} {length} {record.content} {record.key} {record.sender} "
                f"{record.code} {record.peer}"
            )
            chain = linked(chain, words)
            lines.append(f"{words} {chain}\n")
            made.append(Entry(seq, record.at, offset, length, *record[1:4], record.code, record.peer, chain))
            offset += length
        self._segment.put(frames)
        self._index.put(["".join(lines).encode("ascii")])
        return made

    def _put_refusals(self, refusals: Sequence[Refusal]) -> None:
        if self._refused is None:
            self._refused = Tail(self.places.refused / f"{self._stem()}{REFUSED}", self.disk)
            flush_folder(self.places.refused)
        for each in refusals:
            why, size, kept = each.refused
            head = {"at": each.at, "reason": why, "peer": each.peer, "bytes": size, "kept": len(kept)}
            self._refused.put([json.dumps(head).encode(), b"\n", kept, b"\n"])

    def _begin(self) -> None:
        if self._index is not None:  # a full disk stopped the one before it
            self._index.close()
            self._index.path.unlink()
        stem = self._stem()
        self._index = Tail(self.places.index / f"{stem}{INDEX}", self.disk)
        self._segment = Tail(self.places.open / f"{stem}{SEGMENT}", self.disk)
        flush_folder(self.places.index)
        flush_folder(self.places.open)

    def _stem(self) -> str:
        return f"{self.places.next_number():08}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"

    def _undo(self) -> None:
        try:
            for tail in self._tails():
                tail.undo()
        except OSError as error:
            raise Broken(os.strerror(error.errno or 0)) from error


class Held(NamedTuple):
    """The lock of a journal, held while the file is open."""

    handle: int

    def release(self) -> None:
        """Lets the next one have it."""
        os.close(self.handle)


def take(places: Places) -> Held:
    """The journal for this process alone; the kernel drops the lock when its holder dies.

    Raises Unavailable where another listener has it.
    """
    handle = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.read(handle, 32).decode("ascii", "replace").strip() or "not known yet"
        os.close(handle)
        raise Unavailable(
            f"Another listener (pid {pid}) writes the journal {places.root}. One journal has one listener: "
            "let the senders connect to that one, or stop it first."
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    return Held(handle)


def taken(places: Places) -> bool:
    """Whether a listener has the journal at this moment."""
    try:
        handle = os.open(places.lock, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
