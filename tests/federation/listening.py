"""Listeners for tests, each in a process of its own; messages to send to them, and what they kept."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from connectors.mllp.envelope import envelope
from connectors.mllp.splitter import Splitter
from federation.node.listen.places import places

DRIVER = Path(__file__).with_name("listen_driver.py")
ROOT = Path(__file__).parents[2]
WAIT = 20.0  # seconds; a loaded machine must not fail a test


class Driver:
    """A process that forks listeners, one at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.said: list[str] = []

    def start(self, home: Path, port: int = 0, **asked: object) -> int:
        """Forks a listener; its pid."""
        self.said = []
        self.process.stdin.write(json.dumps({"home": str(home), "port": port, **asked}) + "\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith("pid "):
            self.said.append(line)
            assert line, "the driver itself died"
        return int(line.removeprefix("pid "))

    def ready(self) -> int:
        """The port it listens on, once it does."""
        while True:
            for line in self.said:
                if found := re.search(r"Listening on \S*:(\d+) ", line):
                    return int(found[1])
            line = self.process.stdout.readline()
            assert not line.startswith("ended "), [*self.said, line]
            self.said.append(line)

    def end(self) -> int:
        """Its exit code, once it has ended."""
        while not (line := self.process.stdout.readline()).startswith("ended "):
            assert line, "the driver itself died"
            self.said.append(line)
        return int(line.removeprefix("ended "))

    def close(self) -> None:
        """No more listeners."""
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Listening:
    """A running listener of site A in `home`."""

    def __init__(self, driver: Driver, home: Path, port: int = 0, **asked: object) -> None:
        self.driver, self.home = driver, home
        self.pid = driver.start(home, port, **asked)
        self.port = driver.ready()

    def connect(self) -> socket.socket:
        """A connection to it."""
        wire = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return wire

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Its exit code after a signal."""
        os.kill(self.pid, sign)
        return self.driver.end()

    def status(self) -> dict[str, object]:
        """What it counts, at most a second and a half old."""
        asked = time.time()
        while True:
            with contextlib.suppress(FileNotFoundError, ValueError):
                found = json.loads(places(self.home, "A").status.read_text())
                if found["at"] > asked:
                    return found
            assert time.time() < asked + WAIT
            time.sleep(0.05)


@contextlib.contextmanager
def listening(driver: Driver, home: Path, port: int = 0, **asked: object) -> Iterator[Listening]:
    """A listener that is stopped at the end, where it still runs."""
    running = Listening(driver, home, port, **asked)
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            if Path(f"/proc/{running.pid}").exists():
                running.stop()


def hl7(number: object, text: str = "", head: str = "ADT^A01^ADT_A01", version: str = "2.5.1", more: str = "") -> bytes:
    """An unframed made-up message; `more` is MSH-13 and so on, with its separators."""
    return (
        f"MSH|^~\\&|LIS|H1|GT|CITY|20261127101500||{head}|{number}|P|{version}{more}\r"
        f"PID|1||PID{number}^^^H1||甲^乙\rNTE|1||{text}\r"
    ).encode()


def framed(body: bytes) -> bytes:
    """As it goes over the wire."""
    return b"\x0b" + body + b"\x1c\r"


def answers(wire: socket.socket, count: int = 1) -> list[bytes]:
    """So many answers, however the wire splits them."""
    splitter, found = Splitter(1 << 20), []
    while len(found) < count:
        data = wire.recv(65536)
        assert data, f"closed after {len(found)} answers"
        found += splitter.feed(data)
    assert len(found) == count
    return found


def ask(wire: socket.socket, data: bytes) -> str:
    """The code and the control id that answer what is sent, as in `AA 17`."""
    wire.sendall(data)
    return coded(answers(wire)[0])


def coded(answer: bytes) -> str:
    """MSA-1 and MSA-2 of an answer."""
    cells = next(line for line in answer.split(b"\r") if line.startswith(b"MSA")).split(b"|")
    return b" ".join(cells[1:3]).decode().strip()


def silent(wire: socket.socket, seconds: float = 0.3) -> bool:
    """Whether nothing comes for a while."""
    wire.settimeout(seconds)
    try:
        return not wire.recv(1)
    except TimeoutError:
        return True
    finally:
        wire.settimeout(WAIT)


def kept(home: Path, site: str = "A") -> Counter[str]:
    """How often each control id stands in the finished segments."""
    found: Counter[str] = Counter()
    for path in sorted(places(home, site).messages.iterdir()):
        splitter = Splitter(1 << 30)
        for body in [*splitter.feed(path.read_bytes()), *splitter.finish()]:
            assert isinstance(body, bytes), "something in a finished segment is no message"
            found[envelope(body).control_id.decode()] += 1
    return found


def refused(home: Path, site: str = "A") -> list[tuple[dict[str, object], bytes]]:
    """Every refused piece: what is said of it, and its bytes."""
    found = []
    for path in sorted(places(home, site).refused.glob("*.refused")):
        data = path.read_bytes()
        while data:
            head, data = data.split(b"\n", 1)
            said = json.loads(head)
            found.append((said, data[: said["kept"]]))
            data = data[said["kept"] + 1 :]
    return found
