"""Senders that never give up, and a listener that is killed again and again: what was acknowledged must be there, once.

Run as `python -m tests.federation.listen_torture [--seconds 600] [--senders 32] [--seed N]`; prints its counts as JSON.
"""

import argparse
import contextlib
import json
import os
import random
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

from connectors.mllp.splitter import Splitter
from federation.node.listen.places import places
from federation.node.listen.verify import verify
from tests.federation.listening import Driver, coded, framed, hl7, kept

SENDERS = 32
PIPELINED = 8  # messages on the wire at once, of every second sender


class Sender:
    """Sends numbered messages for ever; whatever was not acknowledged when the connection broke is sent again."""

    def __init__(self, name: str, width: int, chance: random.Random) -> None:
        self.name, self.width, self.chance = name, width, chance
        self.wire: socket.socket | None = None
        self.out: deque[tuple[str, bytes]] = deque()  # sent and not acknowledged, in their order
        self.acknowledged: set[str] = set()
        self.count = self.sent_again = self.failures = 0
        self._splitter = Splitter(1 << 20)

    def connect(self, port: int) -> bool:
        """Connects and sends again what was not acknowledged; whether there was anybody."""
        self._splitter = Splitter(1 << 20)
        try:
            self.wire = socket.create_connection(("127.0.0.1", port), timeout=1)
            self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
            assert code == "AA", "nothing here is refused"
            waiting = [sent for sent, _ in self.out]
            assert number in waiting, "an answer to nothing that was asked"
            del self.out[waiting.index(number)]
            self.acknowledged.add(number)

    def close(self) -> None:
        """The connection is gone."""
        if self.wire is not None:
            self.failures += 1
            self.wire.close()
        self.wire = None


class Crowd(threading.Thread):
    """All senders on one thread, until told that it is enough; then until everything is acknowledged."""

    def __init__(self, port: int, senders: int, chance: random.Random) -> None:
        super().__init__(name="senders")
        self.port = port
        self.senders = [Sender(f"S{n}", PIPELINED if n % 2 else 1, chance) for n in range(senders)]
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


def torture(
    driver: Driver, home: Path, seconds: float, chance: random.Random, senders: int = SENDERS
) -> dict[str, object]:
    """Counts of what was sent, acknowledged, lost (acknowledged and not kept) and doubled (kept more than once)."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked: dict[str, object] = {"segment_bytes": 300_000, "segment_seconds": 2}
    crowd = Crowd(port, senders, random.Random(chance.random()))
    crowd.start()
    kills, until = 0, time.monotonic() + seconds
    while time.monotonic() < until and crowd.failed is None:
        pid = driver.start(home, port, **asked)
        if chance.random() < 0.8:
            driver.ready()
        time.sleep(chance.random() ** 2 * 1.2)  # some while it starts, most in the middle of messages
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        kills += 1
        assert driver.end() == -signal.SIGKILL
    pid = driver.start(home, port, **asked)
    driver.ready()
    crowd.enough.set()
    crowd.join(60)
    os.kill(pid, signal.SIGTERM)
    assert driver.end() == 0
    if crowd.failed is not None:
        raise crowd.failed
    acknowledged = set().union(*(sender.acknowledged for sender in crowd.senders))
    stands = kept(home)
    return {
        "seconds": round(seconds),
        "kills": kills,
        "sent": sum(sender.count for sender in crowd.senders),
        "sent_again": sum(sender.sent_again for sender in crowd.senders),
        "broken_connections": sum(sender.failures for sender in crowd.senders),
        "acknowledged": len(acknowledged),
        "kept": len(stands),
        "lost": len(acknowledged - set(stands)),
        "doubled": sum(count > 1 for count in stands.values()),
        "problems": list(verify(places(home, "A")).problems[:5]),
    }


def main() -> None:
    """The long run."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=600)
    asked.add_argument("--senders", type=int, default=SENDERS)
    asked.add_argument("--seed", type=int, default=20261127)
    options = asked.parse_args()
    driver = Driver()
    with tempfile.TemporaryDirectory(prefix="listen-torture-") as home:
        told = torture(driver, Path(home), options.seconds, random.Random(options.seed), options.senders)
    driver.close()
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
