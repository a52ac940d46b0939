"""One peer: bytes in, answers out. It keeps at most one unfinished frame, and reads no further than the disk follows.

A plain protocol on shared memory instead of streams: a blocking sender's message costs one call, not four.
"""

import asyncio
import socket
from typing import TYPE_CHECKING

from connectors.mllp.splitter import NOT_ENDED, OUTSIDE, Refused, Splitter
from federation.node.listen.senders import certificate_names

if TYPE_CHECKING:
    from federation.node.listen.listener import Listener

_READ = memoryview(bytearray(1 << 16))  # filled and emptied within one call, so one is enough for all connections
_UNREAD = 1 << 16  # bytes of answers that a peer may leave unread before we stop reading from it
NOISE = 1 << 20  # bytes outside of frames after which a peer does not speak MLLP
_NOISE, _LEAST = (OUTSIDE, NOT_ENDED), 1 << 10  # so much at least for each piece, and for a frame that was given up
KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 120_000}


class Connection(asyncio.BufferedProtocol):
    """The listener's end of one connection. Times are the loop's."""

    def __init__(self, listener: "Listener") -> None:
        self.listener = listener
        self.splitter = Splitter(listener.limits.largest)
        self.transport: asyncio.Transport | None = None
        self.peer = "-"
        self.names: frozenset[str] = frozenset()
        self.at = self.began = 0.0  # of the last byte, and of the frame that has begun
        self.waiting = 0  # answers to come
        self.noise = 0
        self.leaving = False
        self._secure = False
        self._stops = 0  # reasons not to read

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer is there; with TLS its certificate has been checked by now."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.at = self.began = self.listener.loop.time()
        address = transport.get_extra_info("peername")
        self.peer = f"{address[0]}:{address[1]}" if address else "-"
        certificate = transport.get_extra_info("peercert")
        self._secure = transport.get_extra_info("sslcontext") is not None
        self.names = certificate_names(certificate)
        transport.set_write_buffer_limits(high=_UNREAD)
        _keep_alive(transport.get_extra_info("socket"))
        self.listener.came(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's name
        """Where to read to."""
        return _READ

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes came."""
        splitter, before = self.splitter, self.splitter.held
        self.at = self.listener.loop.time()
        if not before:
            self.began = self.at
        found = splitter.feed(bytes(_READ[:nbytes]))
        if found:
            if splitter.held:
                self.began = self.at
            self.listener.take(self, found)
            for piece in found:
                if isinstance(piece, Refused) and piece.reason in _NOISE:
                    self.noise += max(piece.size if piece.reason == OUTSIDE else 0, _LEAST)
            if self.noise > NOISE:
                self.leave()
        self.listener.holds(self, splitter.held - before)

    def eof_received(self) -> bool:
        """The peer writes no more, but may still read: answers that are due are given first, where TLS allows it."""
        self._finish(answer=False)
        if self.waiting and not self._secure:
            self.leaving = True
            return True
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        """The peer is gone; a frame that it did not end is kept among the refused."""
        self._finish(answer=False)
        self.transport = None
        self.listener.went(self)

    def pause_writing(self) -> None:
        """The peer does not read its answers: nothing more is read from it until it does."""
        self.stop_reading()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.go_on_reading()

    def stop_reading(self) -> None:
        """One more reason not to read."""
        self._stops += 1
        if self._stops == 1 and self.transport is not None and not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on_reading(self) -> None:
        """One reason less."""
        self._stops -= 1
        if self._stops == 0 and self.transport is not None and not self.transport.is_closing():
            self.transport.resume_reading()

    def send(self, answers: bytes) -> bool:
        """Answers to the peer; False where it has gone."""
        if self.transport is None or self.transport.is_closing():
            return False
        self.transport.write(answers)
        return True

    def answered(self, count: int) -> None:
        """So many pieces have been dealt with."""
        self.waiting -= count
        if self.leaving and self.waiting == 0 and self.transport is not None:
            self.transport.close()

    def leave(self) -> None:
        """Closes the connection once what is due has been answered."""
        self.leaving = True
        if self.waiting == 0 and self.transport is not None:
            self.transport.close()
        else:
            self.stop_reading()

    def look(self, now: float) -> None:
        """Once a second: ends what stands still. A frame of which only the CR is missing is taken as whole."""
        limits = self.listener.limits
        if self.leaving:
            if now - self.at >= limits.stall and self.transport is not None:
                self.transport.abort()  # it does not even read what it is owed
        elif self.splitter.ended and now - self.at >= limits.quiet:
            self._finish(answer=True)
        elif self.splitter.held and (now - self.at >= limits.stall or now - self.began >= limits.frame):
            self._finish(answer=True)
            self.leave()
        elif now - self.at >= limits.idle and not self.waiting:
            self.leave()

    def too_much(self) -> None:
        """All connections together hold too much: this one has to come again later."""
        held = self.splitter.held
        self.splitter.forget()
        self.listener.holds(self, -held)
        self.listener.refuse(self, Refused("busy", held, b""))
        self.leave()

    def _finish(self, answer: bool) -> None:
        before = self.splitter.held
        found = self.splitter.finish()
        self.listener.holds(self, -before)
        for piece in found:
            if answer and isinstance(piece, Refused) and piece.reason == NOT_ENDED:
                self.listener.refuse(self, piece)
            else:
                self.listener.take(self, [piece])


def _keep_alive(wire: socket.socket) -> None:
    """A peer that vanished without a word is noticed after two minutes, with or without anything to send to it."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
