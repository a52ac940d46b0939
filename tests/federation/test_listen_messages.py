"""What a listener answers to messages, however they are framed, and what it keeps of them."""

import time

import pytest

from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from tests.federation.listening import (
    answers,
    ask,
    coded,
    framed,
    hl7,
    kept,
    silent,
)


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


def test_an_id_is_echoed_as_it_was_sent_and_found_without_its_blanks(listener):
    with listener.connect() as wire:
        wire.sendall(framed(hl7(" 7 ")))
        [answer] = answers(wire)
    assert b"\rMSA|AA| 7 |stored" in answer
    [found] = proofs(places(listener.home, "A"), b"7")
    assert found.code == "AA"


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
