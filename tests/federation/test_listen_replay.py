"""From the journal into the tables: each segment once, whatever is killed, run twice or run at the same time."""

import json
import os
import random
import signal
import socket
import time
from datetime import datetime
from pathlib import Path

import pytest

from federation.cli.clock import CITY
from federation.node.home import make_home
from federation.node.listen.places import places
from federation.node.listen.proof import proofs
from federation.node.listen.pruning import prunable, prune
from federation.node.listen.replay import replay
from federation.node.listen.status import backlog, read_status
from federation.node.listen.turned_down import turned_down
from federation.node.listen.verify import verify
from federation.node.reconcile import reconcile
from federation.node.report import Report
from tests.federation.listen_torture import torture
from tests.federation.listening import WAIT, Driver, Listening, answers, ask, framed, hl7, kept, listening
from tests.federation.node_city import KEY
from tests.federation.test_listen_door import Command, run

NOW = datetime(2026, 11, 27, 12, tzinfo=CITY)
ADMITTED = "PV1|1|I|W1||||||||||||||||V{n}\r"


def filled(driver: Driver, home: Path, numbers: range) -> None:
    """A journal with these messages, its segment finished."""
    with listening(driver, home) as listener, listener.connect() as wire:
        for n in numbers:
            assert ask(wire, framed(hl7(n) + ADMITTED.format(n=n).encode())) == f"AA {n}"


def replayed(home: Path, dry_run: bool = False) -> list[Report]:
    return replay(make_home(home, KEY), places(home, "A"), "A", now=lambda: NOW, dry_run=dry_run)


def test_a_journal_goes_into_the_tables_once_and_the_second_time_adds_nothing(driver, tmp_path):
    filled(driver, tmp_path, range(20))
    assert backlog(places(tmp_path, "A"))["messages"] == 20
    [report] = replayed(tmp_path)
    assert (report.kind, report.read, report.accepted, report.unreadable) == ("hl7v2", 20, 20, ())
    assert report.tables["encounter"] == 20
    assert backlog(places(tmp_path, "A"))["messages"] == 0
    assert replayed(tmp_path) == []
    filled(driver, tmp_path, range(20, 25))
    [more] = replayed(tmp_path)
    assert (more.read, more.accepted) == (5, 5)
    assert [line for line in reconcile(make_home(tmp_path, KEY)) if not line.agrees] == []


def test_a_preview_counts_and_changes_nothing(driver, tmp_path):
    filled(driver, tmp_path, range(3))
    [report] = replayed(tmp_path, dry_run=True)
    assert (report.read, report.dry_run) == (3, True)
    assert backlog(places(tmp_path, "A"))["messages"] == 3


def test_ingested_and_killed_before_the_mark_adds_nothing_and_is_marked_then(driver, tmp_path):
    filled(driver, tmp_path, range(10))
    replayed(tmp_path)
    for mark in places(tmp_path, "A").ingested.iterdir():
        mark.unlink()
    [report] = replayed(tmp_path)
    assert (report.read, report.accepted, report.duplicate) == (10, 0, 10)
    assert backlog(places(tmp_path, "A"))["segments"] == 0


def test_what_a_killed_listener_left_open_is_finished_first(driver, tmp_path):
    listener = Listening(driver, tmp_path)
    with listener.connect() as wire:
        assert ask(wire, framed(hl7(1))) == "AA 1"
        assert replayed(tmp_path) == [], "the listener has it"
    listener.stop(signal.SIGKILL)
    [report] = replayed(tmp_path)
    assert report.read == 1


def test_after_many_kills_every_acknowledged_message_is_in_the_tables_once(driver, tmp_path):
    told = torture(driver, tmp_path, float(os.environ.get("GUANTONG_LISTEN_SECONDS", "8")) / 2, random.Random(7))
    assert (told["lost"], told["doubled"]) == (0, 0)
    reports = replayed(tmp_path)
    assert sum(report.read for report in reports) == len(kept(tmp_path)) == told["kept"]
    assert sum(report.accepted for report in reports) == told["kept"]
    assert [line for line in reconcile(make_home(tmp_path, KEY)) if not line.agrees] == []


def test_a_listener_brings_its_messages_into_the_tables_by_itself(tmp_path):
    make_home(tmp_path, KEY)
    command = Command(tmp_path, "--port", "0", "--ingest-every", "1")
    try:
        with socket.create_connection(("127.0.0.1", command.port), timeout=WAIT) as wire:
            for n in range(5):
                assert ask(wire, framed(hl7(n))) == f"AA {n}"
        until = time.monotonic() + 6 * WAIT
        while not (marks := list(places(tmp_path, "A").ingested.glob("*.json"))):
            assert time.monotonic() < until, read_status(places(tmp_path, "A"))
            time.sleep(0.2)
        with socket.create_connection(("127.0.0.1", command.port), timeout=WAIT) as wire:
            wire.sendall(framed(hl7("meanwhile")))
            assert answers(wire)
    finally:
        code, _, _ = command.stop()
    assert code == 0
    assert json.loads(marks[0].read_text())["unreadable"] is None
    [report] = replayed(tmp_path)
    assert report.read == 1


def test_only_segments_in_the_tables_go_and_their_index_stays(driver, tmp_path):
    filled(driver, tmp_path, range(3))
    at, later = places(tmp_path, "A"), time.time() + 86_400
    assert prunable(at, 0, later).waiting == 1
    replayed(tmp_path)
    filled(driver, tmp_path, range(3, 5))
    found = prunable(at, 2, later)
    assert (found.segments, found.recent, found.waiting) == ((), 1, 1)
    found = prunable(at, 0.5, later)
    assert (len(found.segments), found.messages, found.recent, found.waiting) == (1, 3, 0, 1)
    prune(at, found)
    assert len(list(at.messages.iterdir())) == 1
    assert (verify(at).messages, verify(at).problems) == (5, [])
    assert proofs(at, b"1")[0].stands == "removed"
    [report] = replayed(tmp_path)
    assert (report.read, report.accepted) == (2, 2)


@pytest.mark.parametrize("mark", ['{"batch": "1", "unreadable": "truncated"}', '{"batch": ""}', "", "{"])
def test_a_segment_that_an_ingest_could_not_read_never_goes(driver, tmp_path, mark):
    filled(driver, tmp_path, range(3))
    at = places(tmp_path, "A")
    [segment] = at.messages.iterdir()
    (at.ingested / f"{segment.stem}.json").write_text(mark)
    assert prunable(at, 0, time.time() + 10).segments == ()


def test_refused_bytes_are_shown_and_go_after_their_days_but_never_the_file_that_may_be_open(driver, tmp_path):
    at = places(tmp_path, "A")
    for n in range(2):
        with listening(driver, tmp_path) as listener, listener.connect() as wire:
            assert ask(wire, framed(hl7("", f"{n} 甲"))) == "AR"
        for path in at.refused.glob("*Z.refused"):  # as if it were of another second
            path.rename(path.with_name(f"{n:08}-made.refused"))
    shown = list(turned_down(at, "no-control-id"))
    assert [each.kept for each in shown] == [hl7("", f"{n} 甲") for n in range(2)]
    assert list(turned_down(at, "batch")) == []
    for path in at.refused.iterdir():
        os.utime(path, (0, 0))
    found = prunable(at, 1, time.time())
    assert [path.name for path in found.refused] == [shown[0].file]
    prune(at, found)
    assert len(list(turned_down(at))) == 1


def test_what_was_refused_and_what_may_go_is_told_on_the_command_line(driver, tmp_path):
    with listening(driver, tmp_path) as listener, listener.connect() as wire:
        assert ask(wire, framed(hl7("", "\x1b[31m甲"))) == "AR"
        assert ask(wire, framed(hl7(1))) == "AA 1"
    replayed(tmp_path)
    at = ("--site", "A", "--home", str(tmp_path))
    quiet, raw = run("refused", *at), run("refused", "--raw", *at)
    assert "MSH-10 is empty" in quiet.stdout
    assert "PID" not in quiet.stdout
    assert "<1B>[31m甲" in raw.stdout
    preview = json.loads(run("prune", "--keep-days", "0", "--dry-run", "--json", *at).stdout)
    assert (preview["dry_run"], preview["messages"], len(preview["segments"])) == (True, 1, 1)
    assert "removed 已清理 1 segments of 1 messages" in run("prune", "--keep-days", "0", *at).stdout
    assert list(places(tmp_path, "A").messages.iterdir()) == []
