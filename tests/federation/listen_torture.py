"""Senders that never give up, and a listener that is killed again and again: what was acknowledged must be there, once.

Some starts find the disk full for a while; beside the senders stand peers that trickle bytes, never read an answer, or
reset. After each start the listener must prove messages that it acknowledged before.
Run as `python -m tests.federation.listen_torture [--seconds 600] [--senders 32] [--seed N] [--tls]`; prints counts as JSON.
"""

import argparse
import contextlib
import json
import os
import random
import select
import signal
import socket
import ssl
import struct
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import trustme

from connectors.mllp.splitter import Splitter
from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from federation.node.listen.verify import verify
from tests.federation.listening import Driver, coded, framed, hl7, kept

SENDERS = 32
PIPELINED = 8  # messages on the wire at once, of every second sender


class Sender:
    """Sends numbered messages for ever; whatever was not acknowledged when the connection broke is sent again."""

    def __init__(self, name: str, width: int, chance: random.Random, secure: ssl.SSLContext | None = None) -> None:
        self.name, self.width, self.chance = name, width, chance
        self.wire: socket.socket | None = None
        self.out: deque[tuple[str, bytes]] = deque()  # sent and not acknowledged, in their order
        self.acknowledged: list[str] = []
        self.count = self.sent_again = self.failures = self.later = 0
        self.secure = secure
        self._splitter = Splitter(1 << 20)

    def connect(self, port: int) -> bool:
        """Connects and sends again what was not acknowledged; whether there was anybody."""
        self._splitter = Splitter(1 << 20)
        try:
            self.wire = socket.create_connection(("127.0.0.1", port), timeout=1)
            self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.secure is not None:
                self.wire = self.secure.wrap_socket(self.wire, server_hostname="127.0.0.1")
            self.sent_again += len(self.out)
            self.wire.sendall(b"".join(frame for _, frame in self.out))
        except OSError:
            self.close()
            return False
        return True

    def more(self, going: bool) -> None:
        """Fills the wire with new messages, cut into pieces at random places."""
        data = b""
        while going and len(self.out) < self.width:
            self.count += 1
            number = f"{self.name}-{self.count}"
            frame = framed(hl7(number, "x" * self.chance.randrange(1500)))
            self.out.append((number, frame))
            data += frame
        cut = self.chance.randrange(len(data)) if data and self.chance.random() < 0.3 else 0
        try:
            for piece in (data[:cut], data[cut:]):
                if piece and self.wire is not None:
                    self.wire.sendall(piece)
        except OSError:
            self.close()

    def read(self) -> None:
        """Takes answers; each must be for a message on the wire."""
        assert self.wire is not None
        try:
            data = self.wire.recv(65536)
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        for answer in self._splitter.feed(data):
            code, number = coded(answer).split()
            waiting = [sent for sent, _ in self.out]
            assert number in waiting, "an answer to nothing that was asked"
            at = waiting.index(number)
            if code == "AA":
                self.acknowledged.append(number)
                del self.out[at]
            else:
                assert code == "AE", "nothing here is refused for good"
                self.later += 1
                self._again(at)

    def _again(self, at: int) -> None:
        """The disk was full: the same once more, a little later, as interface engines do it."""
        time.sleep(0.002)
        try:
            if self.wire is not None:
                self.wire.sendall(self.out[at][1])
        except OSError:
            self.close()

    def close(self) -> None:
        """The connection is gone."""
        if self.wire is not None:
            self.failures += 1
            self.wire.close()
        self.wire = None


class Pests(threading.Thread):
    """Peers as nobody wants them: one trickles a message without end, one never reads, one resets in the middle."""

    def __init__(self, port: int, secure: ssl.SSLContext | None) -> None:
        super().__init__(name="pests", daemon=True)
        self.port, self.secure = port, secure
        self.enough = threading.Event()
        self.tried = 0

    def run(self) -> None:
        """All three, again and again, as long as somebody listens."""
        while not self.enough.is_set():
            with contextlib.suppress(OSError):
                self._once()
            self.enough.wait(0.05)

    def _once(self) -> None:
        with self._wire() as slow, self._wire() as deaf:
            deaf.setblocking(False)
            slow.sendall(b"\x0bMSH|^~\\&|SLOW|")
            for n in range(20):
                self.tried += 1
                with self._wire() as resets:
                    resets.sendall(framed(hl7(f"R-{self.tried}-{n}")) + b"\x0bMSH|^~")
                    resets.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError):
                    deaf.send(b"".join(framed(hl7(f"D-{self.tried}-{n}-{m}")) for m in range(5)))
                slow.sendall(b"x")
                if self.enough.wait(0.1):
                    return

    def _wire(self) -> socket.socket:
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=1)
        return wire if self.secure is None else self.secure.wrap_socket(wire, server_hostname="127.0.0.1")


class Crowd(threading.Thread):
    """All senders on one thread, until told that it is enough; then until everything is acknowledged."""

    def __init__(self, port: int, senders: int, chance: random.Random, secure: ssl.SSLContext | None = None) -> None:
        super().__init__(name="senders")
        self.port = port
        self.senders = [Sender(f"S{n}", PIPELINED if n % 2 else 1, chance, secure) for n in range(senders)]
        self.enough = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Sends and reads."""
        try:
            while not self.enough.is_set() or any(sender.out for sender in self.senders):
                self._round()
        except BaseException as error:  # noqa: BLE001 - told in the main thread
            self.failed = error
        for sender in self.senders:
            sender.close()

    def _round(self) -> None:
        for sender in self.senders:
            if sender.wire is None and not sender.connect(self.port):
                time.sleep(0.002)
                return
            sender.more(not self.enough.is_set())
        wires = {sender.wire: sender for sender in self.senders if sender.wire is not None}
        for wire in select.select(list(wires), [], [], 0.05)[0]:
            wires[wire].read()


def prove(home: Path, crowd: Crowd, chance: random.Random) -> tuple[int, list[str]]:
    """Looks up some messages that were acknowledged: how many, and which cannot be proved as received, once."""
    asked = [
        chance.choice(list(sender.acknowledged)) for sender in chance.sample(crowd.senders, 4) if sender.acknowledged
    ]
    wrong = []
    for number in asked:
        found = proofs(places(home, "A"), number.encode())
        if [(each.stands, each.linked) for each in found] != [("as received", True)]:
            wrong.append(number)
    return len(asked), wrong


def torture(
    driver: Driver,
    home: Path,
    seconds: float,
    chance: random.Random,
    senders: int = SENDERS,
    secure: ssl.SSLContext | None = None,
    **more: object,
) -> dict[str, object]:
    """Counts of what was sent, acknowledged, lost (acknowledged and not kept) and doubled (kept more than once)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked: dict[str, object] = {"segment_bytes": 300_000, "segment_seconds": 2, **more}
    crowd = Crowd(port, senders, random.Random(chance.random()), secure)
    crowd.start()
    pests = Pests(port, secure)
    pests.start()
    kills, fulls, proved, unproved, until = 0, 0, 0, [], time.monotonic() + seconds
    while time.monotonic() < until and crowd.failed is None:
        full = chance.random() < 0.2  # files of this start cannot grow beyond a few messages
        pid = driver.start(home, port, **asked, **({"bytes": -20_000} if full else {}))
        if full or chance.random() < 0.8:
            driver.ready()
            known, wrong = prove(home, crowd, chance)
            proved, unproved = proved + known, unproved + wrong
        if full:
            os.kill(pid, signal.SIGUSR2)
        time.sleep(chance.random() ** 2 * 1.2)  # some while it starts, most in the middle of messages
        if full:
            fulls += 1
            os.kill(pid, signal.SIGUSR1)  # there is space again
            time.sleep(chance.random() * 0.5)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        kills += 1
        assert driver.end() == -signal.SIGKILL
    pid = driver.start(home, port, **asked)
    driver.ready()
    crowd.enough.set()
    crowd.join(60)
    pests.enough.set()
    pests.join(60)
    os.kill(pid, signal.SIGTERM)
    assert driver.end() == 0
    if crowd.failed is not None:
        raise crowd.failed
    acknowledged = {number for sender in crowd.senders for number in sender.acknowledged}
    stands = kept(home)
    return {
        "seconds": round(seconds),
        "kills": kills,
        "full_disks": fulls,
        "sent": sum(sender.count for sender in crowd.senders),
        "sent_again": sum(sender.sent_again for sender in crowd.senders),
        "told_to_come_later": sum(sender.later for sender in crowd.senders),
        "pests": pests.tried,
        "broken_connections": sum(sender.failures for sender in crowd.senders),
        "acknowledged": len(acknowledged),
        "proved": proved,
        "not_proved": unproved[:5],
        "kept": len(stands),
        "lost": len(acknowledged - set(stands)),
        "doubled": sum(count > 1 for count in stands.values()),
        "problems": list(verify(places(home, "A")).problems[:5]),
    }


def certified(folder: Path) -> tuple[ssl.SSLContext, dict[str, str]]:
    """What senders show, and the files that the listener is given."""
    authority = trustme.CA()
    server, own = authority.issue_cert("127.0.0.1"), authority.issue_cert("lis.hospital")
    server.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    server.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "key.pem").chmod(0o600)
    secure = ssl.create_default_context()
    authority.configure_trust(secure)
    own.configure_cert(secure)
    return secure, {name: str(folder / f"{name}.pem") for name in ("cert", "key", "ca")}


def main() -> None:
    """The long run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    asked.add_argument("--senders", type=int, default=SENDERS)
    asked.add_argument("--seed", type=int, default=20261127)
    asked.add_argument("--tls", action="store_true")
    options = asked.parse_args()
    driver = Driver()
    with tempfile.TemporaryDirectory(prefix="listen-torture-") as home:
        secure, files = certified(Path(home)) if options.tls else (None, {})
        told = torture(
            driver, Path(home), options.seconds, random.Random(options.seed), options.senders, secure, **files
        )
    driver.close()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
