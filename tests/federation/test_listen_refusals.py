"""What a listener cannot accept: refused by name, its bytes kept, its neighbours unharmed."""

import pytest

from tests.federation.listening import (
    answers,
    ask,
    framed,
    hl7,
    kept,
    listening,
    refused,
)

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


def test_an_id_that_was_cut_off_is_not_echoed(driver, tmp_path):
    begun = framed(hl7("123456")).split(b"3456")[0]
    with listening(driver, tmp_path, limits={"stall": 1.0, "largest": 60}) as listener:
        with listener.connect() as wire:
            assert ask(wire, begun) == "AR", "it stood still in the middle of MSH-10"
        with listener.connect() as wire:
            assert ask(wire, framed(hl7("123456"))) == "AR", "what is kept of it ends before MSH-10"


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


def test_only_senders_on_the_list_are_accepted(driver, tmp_path):
    with listening(driver, tmp_path, allow=["LIS@H1"]) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7(1))) == "AA 1"
        assert ask(wire, framed(hl7(2).replace(b"|H1|", b"|H2|", 1))) == "AR 2"
        listener.stop()
    assert kept(tmp_path) == {"1": 1}
    assert [said["reason"] for said, _ in refused(tmp_path)] == ["sender-not-allowed"]
