"""Killed at any moment, with a failing or a full disk: what was acknowledged is there, once."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.node.listen.entry import ORIGIN, Entry
from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from federation.node.listen.recover import opened
from federation.node.listen.verify import verify
from federation.node.listen.window import Known, Window, remembered
from tests.federation.listen_torture import torture
from tests.federation.listening import Driver, Listening, answers, ask, coded, framed, hl7, kept, listening, refused

SECONDS = float(os.environ.get("GUANTONG_LISTEN_SECONDS", "8"))


def killed(driver: Driver, home: Path, count: int) -> Path:
    """The open segment of a listener that was killed after so many messages."""
    listener = Listening(driver, home)
    with listener.connect() as wire:
        for n in range(count):
            assert ask(wire, framed(hl7(n))) == f"AA {n}"
    assert listener.stop(signal.SIGKILL) == -signal.SIGKILL
    [segment] = places(home, "A").open.iterdir()
    return segment


def again(driver: Driver, home: Path) -> list[str]:
    """Starts a listener and stops it; what it told."""
    assert Listening(driver, home).stop() == 0
    return driver.said


def test_kills_at_random_moments_lose_and_double_nothing(driver, tmp_path):
    told = torture(driver, tmp_path, SECONDS, random.Random(20261127))
    assert told["kills"] >= 3
    assert told["acknowledged"] > 100
    assert (told["lost"], told["doubled"], told["problems"]) == (0, 0, [])


def test_what_was_acknowledged_before_a_kill_is_there_and_known(driver, tmp_path):
    killed(driver, tmp_path, 50)
    with listening(driver, tmp_path) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7(49))) == "AA 49"
        assert ask(wire, framed(hl7(50))) == "AA 50"
        assert listener.status()["duplicates"] == 1
    assert kept(tmp_path) == {str(n): 1 for n in range(51)}
    assert verify(places(tmp_path, "A")).problems == []


@pytest.mark.parametrize("cut", [1, 2, 3, 20, 90])
def test_a_torn_tail_is_cut_and_kept_among_the_refused(driver, tmp_path, cut):
    segment = killed(driver, tmp_path, 5)
    whole = segment.read_bytes()
    torn = framed(hl7("torn"))[:-cut]
    segment.write_bytes(whole + torn)
    assert any(f"{len(torn)} torn bytes" in line for line in again(driver, tmp_path))
    assert kept(tmp_path) == {str(n): 1 for n in range(5)}
    [(said, bytes_of)] = refused(tmp_path)
    assert (said["reason"], bytes_of.strip(b"\x0b")) == ("torn-tail", torn.strip(b"\x0b\x1c"))


def test_a_whole_message_behind_the_index_is_kept_and_known_when_it_comes_again(driver, tmp_path):
    segment = killed(driver, tmp_path, 3)
    segment.write_bytes(segment.read_bytes() + framed(hl7("late")))
    with listening(driver, tmp_path) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7("late"))) == "AA late"
    assert kept(tmp_path) == {"0": 1, "1": 1, "2": 1, "late": 1}
    assert verify(places(tmp_path, "A")).problems == []
    [proof] = proofs(places(tmp_path, "A"), b"late")
    assert (proof.code, proof.stands, proof.linked) == ("-", "as received", True)


def test_lines_of_the_index_without_their_bytes_were_never_acknowledged_and_go(driver, tmp_path):
    segment = killed(driver, tmp_path, 5)
    os.truncate(segment, segment.stat().st_size - 10)
    again(driver, tmp_path)
    assert kept(tmp_path) == {str(n): 1 for n in range(4)}
    assert verify(places(tmp_path, "A")).messages == 4


def test_a_lost_index_is_made_again_from_the_messages(driver, tmp_path):
    segment = killed(driver, tmp_path, 5)
    (places(tmp_path, "A").index / f"{segment.stem}.index").unlink()
    assert any("5 whole messages" in line for line in again(driver, tmp_path))
    assert kept(tmp_path) == {str(n): 1 for n in range(5)}


def test_killed_while_it_makes_good_it_makes_good_the_next_time(driver, tmp_path):
    segment = killed(driver, tmp_path / "one", 5)
    segment.write_bytes(segment.read_bytes() + framed(hl7("late")) + b"\x0bMSH|torn")
    for step in range(4):
        home = tmp_path / f"step{step}"
        shutil.copytree(tmp_path / "one", home)
        at = places(home, "A")
        if step >= 1:
            (at.index / f"{segment.stem}.index.tmp").write_bytes(b"half")
        if step >= 2:
            (at.open / f"{segment.name}.tmp").write_bytes(b"half")
        if step >= 3:
            opened(at)  # all of it, and then the old segment comes back
            shutil.copyfile(segment, at.open / segment.name)
        again(driver, home)
        assert kept(home) == {str(n): 1 for n in range(5)} | {"late": 1}
        assert verify(at).problems == []


def test_a_changed_byte_is_found_and_named(driver, tmp_path):
    killed(driver, tmp_path, 5)
    again(driver, tmp_path)
    [segment] = places(tmp_path, "A").messages.iterdir()
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    [problem] = verify(places(tmp_path, "A")).problems
    assert "message 3" in problem
    assert {proof.stands for n in range(5) for proof in proofs(places(tmp_path, "A"), str(n).encode())} == {
        "as received",
        "changed",
    }


def test_a_line_taken_out_of_the_index_is_found(driver, tmp_path):
    killed(driver, tmp_path, 5)
    again(driver, tmp_path)
    [index] = places(tmp_path, "A").indexes()
    lines = index.read_bytes().splitlines(keepends=True)
    index.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert any("does not follow" in problem for problem in verify(places(tmp_path, "A")).problems)


def test_a_damaged_open_segment_is_copied_and_told_before_anything_is_made_of_it(driver, tmp_path):
    segment = killed(driver, tmp_path, 5)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    assert any("DAMAGED" in line for line in again(driver, tmp_path))
    assert (places(tmp_path, "A").refused / f"damaged-{segment.name}").read_bytes() == data
    assert len(kept(tmp_path)) == 5


@pytest.mark.parametrize("flushes", [0, 1, 2, 5])
def test_a_failed_flush_is_never_acknowledged_never_tried_again_and_ends_the_listener(driver, tmp_path, flushes):
    listener = Listening(driver, tmp_path, flushes=flushes)
    got = []
    with listener.connect() as wire:
        for n in range(10):
            got.append(ask(wire, framed(hl7(n))))
            if not got[-1].startswith("AA"):
                break
    assert driver.end() == 4
    assert got[-1] == f"AE {len(got) - 1}"
    assert len(got) == flushes // 2 + 1, "two flushes a group, the segment's and the index's"
    assert any("failed" in line and "nothing unsure was acknowledged" in line for line in driver.said)
    again(driver, tmp_path)
    assert {str(n) for n in range(len(got) - 1)} <= set(kept(tmp_path))
    assert set(kept(tmp_path).values()) == {1}


def test_a_full_disk_is_told_as_such_and_it_goes_on_when_there_is_space(driver, tmp_path):
    listener = Listening(driver, tmp_path, bytes=20_000)
    with listener.connect() as wire:
        got = [ask(wire, framed(hl7(n, "x" * 900))) for n in range(30)]
        good = [said for said in got if said.startswith("AA")]
        assert 10 < len(good) < 30
        assert {said.split()[0] for said in got} == {"AA", "AE"}
        assert listener.status()["full"] is True
        failed = got[-1].split()[1]
        os.kill(listener.pid, signal.SIGUSR1)
        assert ask(wire, framed(hl7(failed, "x" * 900))) == f"AA {failed}"
        assert listener.status()["full"] is False
    assert listener.stop() == 0
    assert sum("The disk is full" in line for line in driver.said) == 1
    assert kept(tmp_path) == {said.split()[1]: 1 for said in [*good, f"AA {failed}"]}
    assert verify(places(tmp_path, "A")).problems == []


def test_a_full_disk_refuses_a_whole_group_and_its_repeats_too(driver, tmp_path):
    with listening(driver, tmp_path, bytes=4000) as listener, listener.connect() as wire:
        frame = framed(hl7("big", "x" * 5000))
        wire.sendall(frame * 3)
        assert [coded(answer) for answer in answers(wire, 3)] == ["AE big"] * 3
        assert ask(wire, framed(hl7("small"))) == "AA small"
    assert kept(tmp_path) == {"small": 1}


def test_one_journal_has_one_listener(driver, tmp_path):
    other = Driver()
    with listening(driver, tmp_path) as listener:
        other.start(tmp_path)
        assert other.end() == 4
        assert any(f"pid {listener.pid}" in line for line in other.said)
    other.close()


def test_segments_are_finished_by_size_and_the_chain_goes_through_them(driver, tmp_path):
    with listening(driver, tmp_path, segment_bytes=2000) as listener, listener.connect() as wire:
        for n in range(4):
            assert ask(wire, framed(hl7(n, "x" * 2000))) == f"AA {n}"
            listener.status()
            listener.status()
    assert len(list(places(tmp_path, "A").messages.iterdir())) >= 2
    found = verify(places(tmp_path, "A"))
    assert (found.messages, found.compared, found.problems) == (4, 4, [])


def test_files_are_for_their_owner_only(driver, tmp_path):
    killed(driver, tmp_path, 2)
    again(driver, tmp_path)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "journal").rglob("*")}
    assert modes == {0o700, 0o600}


MESSAGES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), max_size=60)


@given(MESSAGES, st.integers(1, 6))
def test_the_window_knows_the_last_messages_by_id_and_content(messages, most):
    window, last = Window(most), []
    for key, content, lands in messages:
        words = f"{key:016x}", "0011aabb", f"{content:032x}" * 2
        said = window.known(*words)
        if (key, content) in last:
            assert said is Known.SAME
            continue
        last = last[max(0, len(last) - most + 1) :]
        assert said is (Known.OTHER if any(one == key for one, _ in last) else Known.NEW)
        if lands:
            last.append((key, content))
        else:
            window.forget(*words)
        assert len(window) == len(last)


def test_the_window_is_made_again_from_the_index(driver, tmp_path):
    killed(driver, tmp_path, 20)
    assert len(remembered(places(tmp_path, "A"))) == 20
    assert len(remembered(places(tmp_path, "A"), 7)) == 7


def test_an_entry_follows_only_the_chain_it_was_made_with():
    entry = Entry(1, 2, 0, 9, "c" * 64, "k" * 16, "s" * 8, "AA", "-", "x")
    assert not entry.follows(ORIGIN)


STRACE = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync")


@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_flush_that_the_kernel_fails_ends_the_listener_too(tmp_path, when):
    inject = ["-e", f"inject=fdatasync:error=EIO:when={when}+"]
    listen = ["-c", "import sys; from federation.cli import main; sys.exit(main(sys.argv[1:]))", "listen"]
    command = [*STRACE, *inject, sys.executable, *listen, "--site", "A", "--port", "0", "--home", str(tmp_path)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    port = int(server.stderr.readline().split(":")[1].split()[0])
    import socket

    got = []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        for n in range(5):
            got.append(ask(wire, framed(hl7(n))))
            if not got[-1].startswith("AA"):
                break
    assert server.wait(20) == 4
    assert "Traceback" not in server.stderr.read()
    server.stderr.close()
    assert got[-1].startswith("AE")
    assert len(got) == when, "strace counts in each thread by itself; each flushes once a group"
    assert json.loads(places(tmp_path, "A").status.read_text())["state"] == "broken"
