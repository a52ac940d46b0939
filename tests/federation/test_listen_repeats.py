"""A message that comes again: answered again and kept once, known by its content whatever its id."""

import signal

import pytest

from tests.federation.listening import (
    Listening,
    answers,
    ask,
    coded,
    framed,
    hl7,
    kept,
    refused,
)


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


def test_a_refused_message_that_comes_again_and_again_is_counted_and_kept_once(listener):
    with listener.connect() as wire:
        assert [ask(wire, framed(hl7("", "x" * 5000))) for _ in range(20)] == ["AR"] * 20
    assert listener.status()["refused"] == {"no-control-id": 20}
    listener.stop()
    assert len(refused(listener.home)) == 1
