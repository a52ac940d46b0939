"""MLLP: messages acknowledged a second, by senders that wait for each answer: ours beside python-hl7's own server.

Run as `python -m tests.bench.mllp [--seconds 4] [--rounds 3] [--senders 64]`. The server has one core, the senders the
other. Ours answers after the message is flushed to the disk and has hashed, chained and indexed it; python-hl7's parses
it and keeps nothing. Before a time is printed every answer must name its message, and ours must hold each one once.

An acknowledgement cannot be faster than the disk: between the runs the disk is measured alone (2 KB appended and flushed
again and again), and how late a process wakes up that only sleeps. Under `chrt -f 5` other work of the machine takes no
processor from what is measured; the disk is shared all the same. `nice` does little: it counts within a session only.
"""

import argparse
import json
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path

from tests.bench.measure import ROOT, call

OFFERED = 2000  # messages a second in the second part
LISTEN = "import sys; from federation.cli import main; sys.exit(main(sys.argv[1:]))"
RESULT = (
    "MSH|^~\\&|LIS|H1|GT|CITY|20261127101500||ORU^R01^ORU_R01|{id}|P|2.5.1||||||UNICODE UTF-8\r"
    "PID|1||PID{id}^^^H1||甲^乙||19800101|F\rPV1|1|O|||||||||||||||||V{id}\rOBR|1|{id}|{id}|CBC^血常规^L|||20261127093000\r"
) + "".join(f"OBX|{n}|NM|I{n:02}^项目{n}^L||{n}.5|10*9/L|1-9||||F|||20261127094500\r" for n in range(1, 11))


def message(number: str) -> bytes:
    """A made-up result of ten items, about 900 bytes, framed."""
    return b"\x0b" + RESULT.format(id=number).encode() + b"\x1c\r"


def peer(port: str) -> None:
    """python-hl7's server as its documentation shows it: read a message, write its acknowledgement."""
    import asyncio

    import hl7.mllp

    async def answered(reader: "hl7.mllp.HL7StreamReader", writer: "hl7.mllp.HL7StreamWriter") -> None:
        try:
            while not writer.is_closing():
                writer.writemessage((await reader.readmessage()).create_ack())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def served() -> None:
        server = await hl7.mllp.start_hl7_server(answered, "127.0.0.1", int(port), encoding="utf-8")
        async with server:
            await server.serve_forever()

    asyncio.run(served())


class Sender:
    """One connection that waits for the answer to its message before it sends the next."""

    def __init__(self, port: int, name: str) -> None:
        self.wire = socket.create_connection(("127.0.0.1", port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire.setblocking(False)
        self.name, self.count, self.since, self.got = name, 0, 0.0, b""
        self.id = b""
        self.before, self.after = message("@@").split(b"@@")[0], message("@@").split(b"@@")[1:]

    def send(self, since: float) -> None:
        """The next message; `since` is when it was due."""
        self.count, self.since, self.got = self.count + 1, since, b""
        self.id = f"{self.name}-{self.count}".encode()
        self.wire.send(self.id.join([self.before, *self.after]))

    def answered(self) -> bool:
        """Whether the whole answer is there; it must be a positive one and name the message."""
        self.got += self.wire.recv(65536)
        if not self.got.endswith(b"\x1c\r"):
            return False
        if b"\rMSA|AA|%b" % self.id not in self.got:
            raise SystemExit("an answer does not name its message")
        return True


def send(port: str, senders: str, seconds: str, rate: str) -> dict[str, object]:
    """Messages a second, latencies in ms and how many were answered; `rate` messages a second are due, 0 for no end."""
    all_of, offered = [Sender(int(port), f"S{n}") for n in range(int(senders))], float(rate)
    by_file = {one.wire.fileno(): one for one in all_of}
    ready = select.epoll()
    for file in by_file:
        ready.register(file, select.EPOLLIN)
    took: list[float] = []
    free = list(all_of)
    start, due = time.perf_counter(), 0
    end = start + float(seconds)
    while (now := time.perf_counter()) < end or len(free) < len(all_of):
        while free and now < end and (not offered or start + due / offered <= now):
            free.pop().send(start + due / offered if offered else now)
            due += 1
        for file, _ in ready.poll(0.0002 if offered else 1):
            one = by_file[file]
            if one.answered():
                took.append(time.perf_counter() - one.since)
                free.append(one)
    return {"rate": len(took) / (time.perf_counter() - start), "answered": len(took), "ms": shares(took)}


SHARES = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def ours(home: Path) -> tuple["subprocess.Popen[str]", int]:
    """Our listener on one core, and its port."""
    command = ["listen", "--site", "A", "--port", "0", "--home", str(home)]
    pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0))), sys.executable, "-c", LISTEN, *command]
    server = subprocess.Popen(pinned, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said = server.stderr.readline()
    found = re.search(r":(\d+) for site", said)
    assert found, said
    return server, int(found[1])


def theirs() -> tuple["subprocess.Popen[str]", int]:
    """python-hl7's server on the same core, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *call("tests.bench.mllp", "peer", port)]
    server = subprocess.Popen(pinned, cwd=ROOT, text=True)
    for _ in range(100):
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return server, port
        time.sleep(0.1)
    raise SystemExit("python-hl7's server did not start")


def sent(port: int, senders: int, seconds: float, rate: int = 0) -> dict[str, object]:
    """What the senders saw, from the other core."""
    command = call("tests.bench.mllp", "send", port, senders, seconds, rate)
    pinned = ["taskset", "-c", str(min(os.sched_getaffinity(0))), *command]
    done = subprocess.run(pinned, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def ended(server: "subprocess.Popen[str]", sign: int = signal.SIGTERM) -> float:
    """Stops a server; the processor seconds it took."""
    server.send_signal(sign)
    _, _, used = os.wait4(server.pid, 0)
    server.returncode = 0
    if server.stderr is not None:
        server.stderr.close()
    return used.ru_utime + used.ru_stime


def kept(home: Path) -> Counter[bytes]:
    """How often each control id stands in the journal."""
    from connectors.mllp.envelope import envelope
    from connectors.mllp.splitter import Splitter

    found: Counter[bytes] = Counter()
    for path in sorted((home / "journal" / "A" / "messages").iterdir()):
        for body in Splitter(1 << 30).feed(path.read_bytes()):
            head = envelope(body) if isinstance(body, bytes) else None
            found[head.control_id if head else b""] += 1
    return found


def run_ours(seconds: float, senders: int, rate: int = 0) -> dict[str, object]:
    """One run; each message that was answered must stand in the journal once, and nothing else."""
    with tempfile.TemporaryDirectory(prefix="bench-mllp-") as scratch:
        server, port = ours(Path(scratch))
        saw = sent(port, senders, seconds, rate)
        cpu = ended(server)
        found = kept(Path(scratch))
        if len(found) != saw["answered"] or set(found.values()) != {1}:
            raise SystemExit(f"{saw['answered']} answered, {len(found)} in the journal")
    return saw | {"cpu": cpu}


def run_theirs(seconds: float, senders: int) -> dict[str, object]:
    """One run of the peer."""
    server, port = theirs()
    saw = sent(port, senders, seconds)
    return saw | {"cpu": ended(server, signal.SIGKILL)}


def shares(times: list[float]) -> dict[str, float]:
    """p50, p99 and the longest, in ms."""
    times.sort()
    return {name: round(times[int(share * (len(times) - 1))] * 1000, 2) for name, share in SHARES.items()}


def disk_alone(seconds: float) -> list[float]:
    """Seconds that fdatasync takes where nothing else of ours runs: 2 KB appended, every other millisecond."""
    took: list[float] = []
    with tempfile.TemporaryFile(prefix="bench-mllp-") as file:
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            os.write(file.fileno(), bytes(2048))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - start)
            time.sleep(0.002)
    return took


def woken_late(seconds: float) -> list[float]:
    """Seconds by which a process that sleeps a millisecond wakes up too late."""
    late: list[float] = []
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        time.sleep(0.001)
        late.append(time.perf_counter() - start - 0.001)
    return late


def line(name: str, runs: list[dict[str, object]]) -> str:
    """Medians over the runs."""
    rate = statistics.median(float(str(run["rate"])) for run in runs)
    ms = {share: statistics.median(run["ms"][share] for run in runs) for share in SHARES}  # type: ignore[index]
    cpu = statistics.median(float(str(run["cpu"])) / int(str(run["answered"])) for run in runs) * 1e6
    return f"| {name} | {rate:,.0f} | {ms['p50']:.2f} | {ms['p99']:.2f} | {ms['max']:.1f} | {cpu:.0f} |"


def main() -> None:
    """In turns, then the offered load."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=4)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--senders", type=int, default=64)
    options = asked.parse_args()
    runs: dict[str, list[dict[str, object]]] = {"python-hl7, keeps nothing": [], "ours, on disk": []}
    for _ in range(options.rounds):
        runs["python-hl7, keeps nothing"].append(run_theirs(options.seconds, options.senders))
        runs["ours, on disk"].append(run_ours(options.seconds, options.senders))
    offered, flushes, late = [], disk_alone(1), woken_late(1)
    for _ in range(options.rounds):
        offered.append(run_ours(options.seconds, options.senders, OFFERED))
        flushes += disk_alone(1)
        late += woken_late(1)
    one = [run_ours(options.seconds / 2, 1)]
    print(f"python-hl7 is hl7 {version('hl7')}.\n")
    print(f"{options.senders} blocking senders; every answer named its message, ours stood in the journal once each")
    print("| server | messages/s | p50 ms | p99 ms | max ms | server CPU us each |\n|---|---|---|---|---|---|")
    for name, each in runs.items():
        print(line(name, each))
    print(line(f"ours at {OFFERED:,} offered a second", offered))
    print(line("ours, one sender", one))
    peer_rate, our_rate = (statistics.median(float(str(run["rate"])) for run in each) for each in runs.values())
    peer_cpu, our_cpu = (
        statistics.median(float(str(run["cpu"])) / int(str(run["answered"])) for run in each) for each in runs.values()
    )
    print(f"\nours answers {our_rate / peer_rate:.1f} times as many messages a second, after the disk has them")
    print(f"by the server's processor time, its start included: {peer_cpu / our_cpu:.1f} times")
    print("\n| between those runs | p50 ms | p99 ms | max ms |\n|---|---|---|---|")
    for name, times in {"fdatasync alone": shares(flushes), "woken too late by": shares(late)}.items():
        print(f"| {name} | {times['p50']:.2f} | {times['p99']:.2f} | {times['max']:.1f} |")
    policy = "first come first served (chrt -f)" if os.sched_getscheduler(0) == os.SCHED_FIFO else "the usual"
    print(
        f"\nload average of the machine meanwhile: {os.getloadavg()[0]:.1f}; scheduling: {policy}, niceness {os.nice(0)}"
    )


if __name__ == "__main__":
    main()
