"""Peers that are many, slow, deaf, greedy or gone: each is held within its bounds and delays nobody."""

import contextlib
import os
import random
import signal
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

from federation.node.listen.places import places
from federation.node.listen.verify import verify
from tests.federation.listening import (
    answers,
    ask,
    coded,
    framed,
    hl7,
    kept,
    listening,
    refused,
)


def test_who_gives_up_every_frame_is_let_go_and_delays_nobody(listener):
    with listener.connect() as wire, listener.connect() as steady:
        with contextlib.suppress(ConnectionError):
            wire.sendall(b"\x0bMSH" * 200_000)
            while wire.recv(65536):
                pass
        assert ask(steady, framed(hl7(1))) == "AA 1"


def test_a_sender_who_closes_its_half_still_gets_its_answer(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(1)))
        wire.shutdown(socket.SHUT_WR)
        assert coded(answers(wire)[0]) == "AA 1"
        assert wire.recv(1) == b""


def test_a_frame_that_stands_still_is_refused_kept_and_the_peer_let_go(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1))[:-2]) == "AR 1"
        assert wire.recv(1) == b""
    listener.stop()
    assert [said["reason"] for said, _ in refused(listener.home)] == ["not-ended"]


def test_a_peer_that_resets_in_the_middle_leaves_the_others_alone(listener):
    with listener.connect() as steady:
        for n in range(20):
            wire = listener.connect()
            wire.sendall(framed(hl7(f"r{n}")) + b"\x0bMSH|^~")
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            wire.close()
            assert ask(steady, framed(hl7(n))) == f"AA {n}"
    assert listener.stop() == 0
    assert set(kept(listener.home).values()) == {1}


def test_pipelining_senders_and_hundreds_of_connections_lose_nothing(driver, tmp_path):
    chance = random.Random(20261127)
    with listening(driver, tmp_path, limits={"connections": 520}) as listener:
        wires = [listener.connect() for _ in range(500)]
        for n, wire in enumerate(wires):
            wire.sendall(b"".join(framed(hl7(f"{n}-{m}")) for m in range(4)))
        order = list(enumerate(wires))
        chance.shuffle(order)
        for n, wire in order:
            assert [coded(each) for each in answers(wire, 4)] == [f"AA {n}-{m}" for m in range(4)]
            wire.close()
        assert listener.stop() == 0
    assert len(kept(tmp_path)) == 2000
    assert verify(places(tmp_path, "A")).problems == []


def test_beyond_the_limit_of_connections_peers_are_turned_away(driver, tmp_path):
    with listening(driver, tmp_path, limits={"connections": 2}) as listener:
        with listener.connect() as first, listener.connect() as second, listener.connect() as third:
            assert ask(first, framed(hl7(1))) == "AA 1"
            assert ask(second, framed(hl7(2))) == "AA 2"
            assert third.recv(1) == b""
        assert listener.status()["turned_away"] == 1


def test_a_peer_that_reads_no_answers_is_not_read_either(listener):
    with listener.connect() as deaf, listener.connect() as steady:
        deaf.setblocking(False)
        frame, sent = framed(hl7("d")), 0
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                sent += deaf.send(frame * 50)
                until = min(until, time.monotonic() + 1.5)
            except BlockingIOError:
                time.sleep(0.05)
        assert ask(steady, framed(hl7(1))) == "AA 1"
        assert sent < 60 << 20, "what the kernel holds for both ends, not without end"


def test_unfinished_messages_of_many_peers_stay_within_the_memory_given(driver, tmp_path):
    limits = {"largest": 8 << 20, "held": 16 << 20}
    with listening(driver, tmp_path, limits=limits) as listener:
        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(lambda n: _begun(listener, n, 4 << 20), range(8)))
        assert sum(said == "AE" for said in told) >= 4
        assert _peak_mb(listener.pid) < 200


def _begun(listener, number: int, size: int) -> str:
    """A message that is begun and not ended: what came back within two seconds."""
    with listener.connect() as wire:
        try:
            wire.sendall(b"\x0b" + hl7(number, "x" * size))
            wire.settimeout(2)
            return "AE" if b"|AE|" in wire.recv(4096) else "?"
        except TimeoutError:
            return "held"
        except OSError:
            return "AE"


def test_a_message_of_64_megabytes_is_refused_in_bounded_memory(driver, tmp_path):
    with listening(driver, tmp_path, limits={"largest": 4 << 20}) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7(1, "x" * (64 << 20)))) == "AR 1"
        assert ask(wire, framed(hl7(2))) == "AA 2"
        assert _peak_mb(listener.pid) < 120
        listener.stop()
    [(said, bytes_of)] = refused(tmp_path)
    assert (said["bytes"] > 64 << 20, len(bytes_of)) == (True, 1 << 20)


def _peak_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123 - a line of /proc
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def test_who_trickles_bytes_is_let_go_and_delays_nobody(driver, tmp_path):
    limits = {"stall": 30, "frame": 2}
    with listening(driver, tmp_path, limits=limits) as listener:
        slow = listener.connect()
        with slow, listener.connect() as steady:
            slow.sendall(b"\x0bMSH|^~\\&|")
            gone = False
            for n in range(60):
                try:
                    slow.sendall(b"x")
                    gone = slow.recv(1, socket.MSG_DONTWAIT) == b"" or gone
                except BlockingIOError:
                    pass
                except OSError:
                    gone = True
                if gone:
                    break
                assert ask(steady, framed(hl7(n))) == f"AA {n}"
                time.sleep(0.1)
            assert gone


def test_an_idle_peer_is_let_go(driver, tmp_path):
    with listening(driver, tmp_path, limits={"idle": 1}) as listener, listener.connect() as wire:
        assert wire.recv(1) == b""


def test_told_to_stop_it_answers_what_it_took_in_and_ends_well(listener):
    with listener.connect() as wire:
        wire.sendall(b"".join(framed(hl7(n)) for n in range(2000)) + b"\x0bMSH|cut")
        first = answers_until_closed(wire, listener.pid)
    began = time.monotonic()
    assert listener.driver.end() == 0
    assert time.monotonic() - began < 6
    stands = kept(listener.home)
    assert all(stands[number] == 1 for number in first)


def answers_until_closed(wire: socket.socket, pid: int) -> list[str]:
    """Tells the listener to stop after the first bytes; the ids of all answers."""
    got = wire.recv(100)
    os.kill(pid, signal.SIGTERM)
    try:
        while data := wire.recv(65536):
            got += data
    except ConnectionError:
        pass
    return [coded(piece).split()[1] for piece in got.split(b"\x1c\r")[:-1]]
