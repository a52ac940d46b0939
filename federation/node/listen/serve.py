"""Runs the listener of a site until it is told to stop: sockets, signals, the clock, and what happens once a second.

It ends with everything answered that is on the disk, within five seconds, and with its segment finished.
"""

import asyncio
import contextlib
import os
import resource
import signal
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

from federation.errors import Unavailable
from federation.node.listen.connection import Connection
from federation.node.listen.counts import Counts
from federation.node.listen.disk import Broken, Disk, Full
from federation.node.listen.feeding import Feeding
from federation.node.listen.journal import take
from federation.node.listen.listener import Listener
from federation.node.listen.places import Places
from federation.node.listen.reception import Reception
from federation.node.listen.recover import opened
from federation.node.listen.settings import Settings
from federation.node.listen.status import write_status
from federation.node.listen.window import remembered
from federation.node.listen.writer import Writer

PARTING = 5.0  # seconds to end in
BACKLOG = 1024
HANDSHAKE = 10.0  # seconds for a peer to show its certificate


def serve(
    places: Places,
    settings: Settings,
    tell: Callable[[str], None],
    disk: Disk | None = None,
    look: Callable[[Counts], None] = lambda _counts: None,
) -> Counts:
    """Listens until SIGTERM or SIGINT; what was counted. `look` is shown the counts once a second.

    Raises Unavailable where the address is taken, another listener has the journal, or the disk failed.
    """
    with _in_words(places):
        places.make()
        held = take(places)
    try:
        return asyncio.run(_served(places, settings, tell, disk, look))
    finally:
        held.release()


async def _served(
    places: Places,
    settings: Settings,
    tell: Callable[[str], None],
    disk: Disk | None,
    look: Callable[[Counts], None],
) -> Counts:
    with _in_words(places):
        journal, recovered = opened(places, disk)
        window = remembered(places, settings.remember)
    if recovered.messages or recovered.cut:
        tell(
            f"The journal was not closed: {recovered.messages} whole messages found behind the index, "
            f"{recovered.cut} torn bytes cut and kept among the refused."
        )
    for problem in recovered.problems:
        tell(f"DAMAGED: {problem}. A copy is in {places.refused}. Run `guantong listen verify`.")
    loop = asyncio.get_running_loop()
    reception = Reception(window, settings.rules, time.time)
    _more_files()
    writer = Writer(journal, loop)
    listener = Listener(loop, reception, writer, settings.limits, tell)
    server = await _listening(listener, settings)
    stop = asyncio.Event()
    listener.on_broken = stop.set
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    loop.set_exception_handler(_quiet(tell))
    writer.start()
    address = server.sockets[0].getsockname()
    tell(f"Listening on {address[0]}:{address[1]} for site {settings.site}{' with TLS' if settings.tls else ''}.")
    _notify("READY=1")
    began = time.time()
    feeding = Feeding(places, writer, settings, tell)

    def status(state: str) -> None:
        about = {"site": settings.site, "state": state, "pid": os.getpid(), "since": began, "at": time.time()}
        where = {"host": address[0], "port": address[1], "tls": settings.tls is not None}
        more: dict[str, Any] = {"stored_ever": journal.seq, "full": listener.full, "fed": feeding.last}
        write_status(places, about | where | reception.counts.as_dict() | more)

    status("listening")
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
        listener.look()
        await feeding.look()
        look(reception.counts)
        status("listening")
    _notify("STOPPING=1")
    await _parted(server, listener, feeding)
    writer.stop()
    if not listener.broken:
        journal.rotate()
    status("stopped" if not listener.broken else "broken")
    if listener.broken:
        raise Unavailable(
            f"The disk of {places.root} failed ({listener.broken}): nothing unsure was acknowledged, and nothing was "
            "tried again. Look at the disk, then start the listener anew."
        )
    return reception.counts


async def _listening(listener: Listener, settings: Settings) -> asyncio.Server:
    def made() -> Connection:
        return Connection(listener)

    loop, host, port, tls = listener.loop, settings.host, settings.port, settings.tls
    try:
        if tls is None:
            return await loop.create_server(made, host, port, backlog=BACKLOG)
        return await loop.create_server(
            made, host, port, backlog=BACKLOG, ssl=tls, ssl_handshake_timeout=HANDSHAKE, ssl_shutdown_timeout=2.0
        )
    except (OSError, socket.gaierror) as error:
        raise Unavailable(
            f"{settings.host}:{settings.port} cannot be listened on: {os.strerror(error.errno or 0)}. "
            "Choose another --host or --port, or stop what listens there."
        ) from None


async def _parted(server: asyncio.Server, listener: Listener, feeding: Feeding) -> None:
    """Nothing new is read; what is on its way to the disk is answered; then everybody is let go."""
    server.close()
    until = listener.loop.time() + PARTING
    for connection in list(listener.connections):
        connection.stop_reading()
    while not listener.idle and not listener.broken and listener.loop.time() < until - 2:
        await asyncio.sleep(0.005)
    for connection in list(listener.connections):
        connection.leave()
    while listener.connections and listener.loop.time() < until - 1:
        await asyncio.sleep(0.005)
    for connection in list(listener.connections):
        if connection.transport is not None:
            connection.transport.abort()
    await asyncio.sleep(0)  # so that the lost connections are told of
    while not listener.idle and not listener.broken and listener.loop.time() < until:
        await asyncio.sleep(0.005)  # frames that the parting cut off are kept among the refused
    await feeding.stop()


@contextlib.contextmanager
def _in_words(places: Places) -> Iterator[None]:
    """A journal that cannot be opened is one sentence."""
    try:
        yield
    except (OSError, Full, Broken) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise Unavailable(
            f"The journal {places.root} cannot be opened: {why}. Nothing was changed; mend that, then start again."
        ) from None


def _quiet(tell: Callable[[str], None]) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """asyncio's own complaints may show what was received: only their kind is told."""

    def told(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not isinstance(error, (ConnectionError, TimeoutError, ssl.SSLError)):
            tell(f"A connection failed: {type(error).__name__ if error else 'unknown'}.")

    return told


def _more_files() -> None:
    """Each connection is a file to the kernel; the soft limit is often 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _notify(words: str) -> None:
    """Tells systemd, where it started us (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.sendto(words.encode(), "\0" + address[1:] if address.startswith("@") else address)
