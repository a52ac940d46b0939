"""The heart of the listener: what all connections brought goes to the disk in groups, and is answered when it is there.

It never answers before, and holds no more than its limits say, whatever peers do.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.mllp.splitter import Refused
from federation.node.listen.connection import Connection
from federation.node.listen.reception import Pending, Reception
from federation.node.listen.settings import Limits
from federation.node.listen.writer import Landed, Writer


@dataclass
class Listener:
    """Connections on one side, the writer on the other. Lives in the loop's thread."""

    loop: asyncio.AbstractEventLoop
    reception: Reception
    writer: Writer
    limits: Limits
    tell: Callable[[str], None]
    connections: set[Connection] = field(default_factory=set)
    broken: str = ""
    full: bool = False
    on_broken: Callable[[], None] = lambda: None
    _waiting: list[Pending] = field(default_factory=list)
    _flying: list[Pending] = field(default_factory=list)
    _bytes: int = 0
    _held: int = 0
    _stopped: set[Connection] = field(default_factory=set)

    @property
    def idle(self) -> bool:
        """Whether nothing waits for the disk."""
        return not self._waiting and not self._flying

    def came(self, connection: Connection) -> None:
        """A peer connected; beyond the limit it is turned away."""
        counts = self.reception.counts
        if len(self.connections) >= self.limits.connections:
            counts.turned_away += 1
            assert connection.transport is not None
            connection.transport.abort()
            return
        self.connections.add(connection)
        counts.connections += 1
        counts.connected = len(self.connections)

    def went(self, connection: Connection) -> None:
        """A peer is gone."""
        self.connections.discard(connection)
        self._stopped.discard(connection)
        self.reception.counts.connected = len(self.connections)

    def holds(self, connection: Connection, more: int) -> None:
        """An unfinished frame grew or ended."""
        self._held += more
        if more > 0 and self._held > self.limits.held:
            connection.too_much()

    def take(self, connection: Connection, pieces: "list[bytes | Refused]") -> None:
        """What a connection brought."""
        for piece in pieces:
            self._offer(connection, self.reception.take(piece, connection, connection.peer, connection.names))

    def refuse(self, connection: Connection, piece: Refused) -> None:
        """What a connection brought and will not end; it waits for an answer."""
        self._offer(connection, [self.reception.refuse(piece, connection, connection.peer)])

    def look(self) -> None:
        """Once a second."""
        now = self.loop.time()
        for connection in list(self.connections):
            connection.look(now)

    def _offer(self, connection: Connection, made: list[Pending]) -> None:
        if self.broken:
            return  # no answer at all: the sender keeps the message and sends it to the next listener
        connection.waiting += len(made)
        if not self._waiting and not self._flying:
            self.loop.call_soon(self._fly)  # after every connection that is ready now was read
        self._waiting += made
        self._bytes += sum(pending.size for pending in made)
        if self._bytes > self.limits.waiting and connection not in self._stopped:
            self._stopped.add(connection)
            connection.stop_reading()

    def _fly(self) -> None:
        if self._flying or not self._waiting:
            return
        self._flying, self._waiting = self._waiting, []
        records = [pending.record for pending in self._flying if pending.record is not None]
        refusals = [pending.refusal for pending in self._flying if pending.refusal is not None]
        if records or refusals:
            self.writer.append(records, refusals, self._landed)
        else:
            self._landed(Landed())  # repeats of what is on the disk

    def _landed(self, landed: Landed) -> None:
        done, self._flying = self._flying, []
        if landed.failed:
            done += self._waiting  # a repeat among them may be of a message that was not kept
            self._waiting = []
            self._failed(done, landed)
        else:
            if self.full:
                self.full = False
                self.tell("There is space on the disk again; messages are kept.")
            if landed.seconds:
                self.reception.counts.commits.append(landed.seconds)
            self._answer(done, landed)
        self._bytes -= sum(pending.size for pending in done)
        if self._bytes <= self.limits.waiting // 2:
            stopped, self._stopped = self._stopped, set()
            for connection in stopped:
                connection.go_on_reading()
        if self._waiting:
            self._fly()

    def _answer(self, done: list[Pending], landed: Landed) -> None:
        entries = iter(landed.entries)
        counts = self.reception.counts
        out: dict[object, list[bytes]] = {}
        for pending in done:
            entry = next(entries) if pending.record is not None else None
            counts.stored += entry is not None
            said = self.reception.stored(pending, entry)
            out.setdefault(pending.to, []).append(said or b"")
        self._send(out)

    def _failed(self, done: list[Pending], landed: Landed) -> None:
        out: dict[object, list[bytes]] = {}
        for pending in done:
            said = self.reception.not_stored(pending, landed.failed)
            out.setdefault(pending.to, []).append(said or b"")
        self._send(out)
        if landed.failed == "full":
            if not self.full:
                self.tell("The disk is full: senders are told to send again later. Free some space.")
            self.full = True
        else:
            self.broken = landed.words or "unknown"
            self.on_broken()

    def _send(self, out: dict[object, list[bytes]]) -> None:
        counts = self.reception.counts
        for connection, answers in out.items():
            assert isinstance(connection, Connection)
            said = b"".join(answers)
            if said and connection.send(said):
                counts.answered += sum(map(bool, answers))
            connection.answered(len(answers))
