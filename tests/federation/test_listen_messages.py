"""What a listener answers, to good and to bad bytes, and what it keeps of them."""

import contextlib
import os
import random
import signal
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from federation.node.listen.verify import verify
from tests.federation.listening import (
    Driver,
    Listening,
    answers,
    ask,
    coded,
    framed,
    hl7,
    kept,
    listening,
    refused,
    silent,
)


@pytest.fixture(scope="module")
def driver():
    """The process that forks listeners."""
    made = Driver()
    yield made
    made.close()


@pytest.fixture
def listener(driver, tmp_path):
    """A running listener in a home of its own."""
    with listening(driver, tmp_path, limits={"quiet": 1.0, "stall": 2.0, "largest": 100_000}) as running:
        yield running


def test_a_message_is_answered_with_its_own_id_and_addressed_back(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(7, more="||||||UNICODE UTF-8")))
        [answer] = answers(wire)
    cells = answer.split(b"\r")[0].split(b"|")
    assert cells[2:6] == [b"GT", b"CITY", b"LIS", b"H1"]
    assert (cells[8], cells[11], cells[17]) == (b"ACK^A01^ACK", b"2.5.1", b"UNICODE UTF-8")
    assert coded(answer) == "AA 7"
    assert listener.stop() == 0
    assert kept(listener.home) == {"7": 1}


def test_every_byte_may_be_a_packet_of_its_own(listener):
    with listener.connect() as wire:
        for byte in framed(hl7(1)):
            wire.sendall(bytes([byte]))
        assert coded(answers(wire)[0]) == "AA 1"


def test_many_messages_in_one_write_are_answered_in_their_order(listener):
    with listener.connect() as wire:
        wire.sendall(b"".join(framed(hl7(n)) for n in range(500)))
        assert [coded(answer) for answer in answers(wire, 500)] == [f"AA {n}" for n in range(500)]
    assert listener.stop() == 0
    assert kept(listener.home) == {str(n): 1 for n in range(500)}


def test_answers_may_be_read_late_and_byte_by_byte(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(1)) + framed(hl7(2)))
        time.sleep(0.3)
        got = b""
        while got.count(b"\x1c\r") < 2:
            got += wire.recv(1)
    assert got.index(b"|AA|1|") < got.index(b"|AA|2|")


def test_the_same_again_is_answered_again_and_kept_once(listener):
    with listener.connect() as wire:
        assert [ask(wire, framed(hl7(1, "a"))) for _ in range(3)] == ["AA 1"] * 3
        wire.sendall(framed(hl7(2)) * 2)  # the repeat comes while the first is on its way to the disk
        assert [coded(answer) for answer in answers(wire, 2)] == ["AA 2", "AA 2"]
    assert listener.status()["duplicates"] == 3
    listener.stop()
    assert kept(listener.home) == {"1": 1, "2": 1}


def test_an_id_used_again_with_other_content_is_a_new_message(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1, "a"))) == "AA 1"
        assert ask(wire, framed(hl7(1, "b"))) == "AA 1"
    assert listener.status()["reused_control_ids"] == 1
    listener.stop()
    assert kept(listener.home) == {"1": 2}


@pytest.mark.parametrize("restart", [None, signal.SIGTERM, signal.SIGKILL])
def test_what_came_is_known_by_its_content_whatever_came_under_its_id_since(driver, tmp_path, restart):
    sent, got, duplicates, reused = "abaabcab", [], 0, 0
    listener = Listening(driver, tmp_path)
    for text in sent:
        with listener.connect() as wire:
            got.append(ask(wire, framed(hl7(1, text))))
        if restart is not None:
            counted = listener.status()
            duplicates, reused = duplicates + counted["duplicates"], reused + counted["reused_control_ids"]
            listener.stop(restart)
            listener = Listening(driver, tmp_path)
    if restart is None:
        counted = listener.status()
        duplicates, reused = counted["duplicates"], counted["reused_control_ids"]
    listener.stop()
    assert got == ["AA 1"] * len(sent)
    assert kept(tmp_path) == {"1": 3}
    assert (duplicates, reused) == (5, 2)


def test_the_same_id_of_two_senders_is_two_messages(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1))) == ask(wire, framed(hl7(1).replace(b"|LIS|", b"|RIS|"))) == "AA 1"
    listener.stop()
    assert kept(listener.home) == {"1": 2}


@pytest.mark.parametrize(
    ("asks", "code"),
    [("|||AL|NE", "CA 1"), ("|||SU|NE", "CA 1"), ("|||ER|NE", ""), ("|||NE|NE", ""), ("||||AL", "AA 1"), ("", "AA 1")],
)
def test_the_enhanced_mode_is_answered_as_it_asks(listener, asks, code):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(1, more=asks)))
        assert silent(wire) if not code else coded(answers(wire)[0]) == code
    listener.stop()
    assert kept(listener.home) == {"1": 1}


def test_an_error_is_told_in_the_enhanced_mode_to_who_asks_for_errors_only(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1, "x" * 200_000, more="|||ER|NE"))) == "CR 1"


def test_an_acknowledgement_is_kept_and_never_acknowledged(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(1, head="ACK^A01")))
        assert silent(wire)
    listener.stop()
    assert kept(listener.home) == {"1": 1}


BAD = {
    "no-header": (framed(b"PID|1||x\r"), "AR"),
    "no-control-id": (framed(hl7("")), "AR"),
    "batch": (framed(b"BHS|^~\\&|LIS\rMSH|^~\\&|LIS\r"), "AR"),
    "wrong-encoding": (framed(hl7(1).decode().encode("utf-16")), "AR"),
    "too-large": (framed(hl7(1, "x" * 200_000)), "AR 1"),
    "outside-a-frame": (hl7(1) + b"\x1c\r", "AR 1"),
}


@pytest.mark.parametrize("reason", BAD)
def test_what_cannot_be_accepted_is_refused_by_name_and_its_bytes_are_kept(listener, reason):
    data, answer = BAD[reason]
    with listener.connect() as wire:
        assert ask(wire, data) == answer
        assert ask(wire, framed(hl7("next"))) == "AA next"
    assert listener.status()["refused"] == {reason: 1}
    listener.stop()
    [(said, bytes_of)] = refused(listener.home)
    assert (said["reason"], data.strip(b"\x0b\x1c\r").startswith(bytes_of[:60].strip(b"\x0b\x1c\r"))) == (reason, True)
    assert kept(listener.home) == {"next": 1}


HEADERLESS = [
    b"MSH||||||",
    b"MSH|",
    b"MSH",
    b"MSH|^~\\&|||||||\rPID|1\rMSA|AA|99\r",
    b"MSH|^~\\&|LIS|H1|||2026||ADT^A01| |P|2.3\r",
]


@pytest.mark.parametrize("body", HEADERLESS)
def test_what_names_no_id_is_rejected_with_none_and_told_why(listener, body):
    with listener.connect() as wire:
        wire.sendall(framed(body))
        [answer] = answers(wire)
    msa, err = answer.rstrip(b"\r").split(b"\r")[1:]
    assert msa.split(b"|")[:3] == [b"MSA", b"AR", b""]
    assert err.startswith(
        (b"ERR|MSH^1^10^101&Required field missing&HL70357", b"ERR|MSH^1^^100&Segment sequence error")
    )
    assert sum(listener.status()["refused"].values()) == 1
    listener.stop()
    assert [kept_of for _, kept_of in refused(listener.home)] == [body]
    assert kept(listener.home) == {}


def test_since_2_5_the_place_has_a_field_of_its_own(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7("")))
        [answer] = answers(wire)
    assert answer.split(b"\r")[2].startswith(b"ERR||MSH^1^10|101^Required field missing^HL70357|E||||MSH-10 is empty")


def test_an_id_is_echoed_as_it_was_sent_and_found_without_its_blanks(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(" 7 ")))
        [answer] = answers(wire)
    assert b"\rMSA|AA| 7 |stored" in answer
    [found] = proofs(places(listener.home, "A"), b"7")
    assert found.code == "AA"


def test_an_id_that_was_cut_off_is_not_echoed(driver, tmp_path):
    begun = framed(hl7("123456")).split(b"3456")[0]
    with listening(driver, tmp_path, limits={"stall": 1.0, "largest": 60}) as listener:
        with listener.connect() as wire:
            assert ask(wire, begun) == "AR", "it stood still in the middle of MSH-10"
        with listener.connect() as wire:
            assert ask(wire, framed(hl7("123456"))) == "AR", "what is kept of it ends before MSH-10"


def test_a_refused_message_that_comes_again_and_again_is_counted_and_kept_once(listener):
    with listener.connect() as wire:
        assert [ask(wire, framed(hl7("", "x" * 5000))) for _ in range(20)] == ["AR"] * 20
    assert listener.status()["refused"] == {"no-control-id": 20}
    listener.stop()
    assert len(refused(listener.home)) == 1


def test_who_gives_up_every_frame_is_let_go_and_delays_nobody(listener):
    with listener.connect() as wire, listener.connect() as steady:
        with contextlib.suppress(ConnectionError):
            wire.sendall(b"\x0bMSH" * 200_000)
            while wire.recv(65536):
                pass
        assert ask(steady, framed(hl7(1))) == "AA 1"


def test_between_and_before_frames_there_may_be_anything(listener):
    with listener.connect() as wire:
        noise = [b"GET / HTTP/1.1\r\n\r\n", b"\x00\xff\x1c", b"\r\n\r\n", b"\x1c\x1c"]
        got = [ask(wire, noise[n % 4] + framed(hl7(n))) for n in range(8)]
    assert got == [f"AA {n}" for n in range(8)]
    assert listener.status()["refused"] == {"outside-a-frame": 6}  # blank lines are nobody's


def test_a_frame_that_its_sender_gave_up_costs_its_neighbours_nothing(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1))[:-30] + framed(hl7(2))) == "AA 2"
        assert ask(wire, framed(hl7(3, "a vertical tab \x0b as word processors write it"))) == "AA 3"
    listener.stop()
    assert kept(listener.home) == {"2": 1, "3": 1}
    assert [said["reason"] for said, _ in refused(listener.home)] == ["not-ended"]


def test_two_messages_in_one_frame_are_both_kept_and_the_first_is_answered(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1) + hl7(2))) == "AA 1"
        assert silent(wire)
    listener.stop()
    assert kept(listener.home) == {"1": 1, "2": 1}


def test_a_line_of_text_that_begins_like_a_header_is_no_message(listener):
    text = hl7(1, "one\rMSHAPE of things\rMSH 12\rtwo").replace(b"|LIS|", b"|MSHLIS|")
    with listener.connect() as wire:
        assert ask(wire, framed(text)) == "AA 1"
        assert ask(wire, framed(text.replace(b"|1|P|", b"|2|P|") + hl7(3))) == "AA 2"
    listener.stop()
    assert kept(listener.home) == {"1": 1, "2": 1, "3": 1}
    [segment] = places(listener.home, "A").messages.iterdir()
    assert segment.read_bytes().startswith(framed(text))


def test_a_missing_last_cr_is_forgiven_after_a_while(listener):
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1))[:-1]) == "AA 1"
        assert ask(wire, framed(hl7(2))) == "AA 2"


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


def test_any_separators_and_any_character_set_come_back_as_they_came(listener):
    strange = b"MSH*$%?@*LIS*H1*GT*CITY*20261127**ADT$A01*7*P*2.4\rPID*1\r"
    hanzi = "MSH|^~\\&|張東|H1|GT|CITY|20261127||ADT^A01|8|P|2.4||||||GB18030\rPID|1\r".encode("gb18030")
    with listener.connect() as wire:
        wire.sendall(framed(strange) + framed(hanzi))
        first, second = answers(wire, 2)
    assert first.startswith(b"MSH*$%?@*GT*CITY*LIS*H1*")
    assert b"\rMSA*AA*7*stored" in first
    assert b"*ACK$A01*" in first
    assert second.decode("gb18030").split("|")[4:6] == ["張東", "H1"]
    assert coded(second) == "AA 8"


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


def test_only_senders_on_the_list_are_accepted(driver, tmp_path):
    with listening(driver, tmp_path, allow=["LIS@H1"]) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7(1))) == "AA 1"
        assert ask(wire, framed(hl7(2).replace(b"|H1|", b"|H2|", 1))) == "AR 2"
        listener.stop()
    assert kept(tmp_path) == {"1": 1}
    assert [said["reason"] for said, _ in refused(tmp_path)] == ["sender-not-allowed"]


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
