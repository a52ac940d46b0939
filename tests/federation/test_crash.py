"""Killed at any moment and run again, an ingest gives the pool of an undisturbed run: nothing lost, nothing doubled."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from federation.errors import Interrupted
from federation.node import plan
from federation.node.home import open_home
from federation.node.reconcile import reconcile
from tests.federation.node_city import allow, city, content, drawn, take
from tests.federation.node_events import told
from tests.federation.node_lines import LineFile

DRIVER = Path(__file__).with_name("crash_driver.py")
ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("GUANTONG_KILLS", "15"))
FILES = 3


class Driver:
    """A process that forks an ingest for each request."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(DRIVER)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, home: Path, folder: Path, die_at: int = 0) -> int:
        self.process.stdin.write(json.dumps([str(home), str(folder), die_at]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline().removeprefix("pid "))

    def end(self) -> tuple[list[str], int]:
        points = []
        while not (line := self.process.stdout.readline()).startswith("ended "):
            assert line, "the driver itself died"
            points.append(line.strip())
        return points, int(line.removeprefix("ended "))

    def run(self, home: Path, folder: Path, die_at: int = 0) -> tuple[list[str], int]:
        self.start(home, folder, die_at)
        return self.end()


@pytest.fixture(scope="module")
def driver():
    """The process that forks ingests."""
    made = Driver()
    yield made
    made.process.stdin.close()
    made.process.wait(30)
    made.process.stdout.close()


@pytest.fixture(scope="module")
def before(tmp_path_factory, driver):
    """A home with one batch in it, the folder of the next one, and what the pool holds when nothing goes wrong."""
    base = tmp_path_factory.mktemp("crash")
    home = city(base, "A")
    allow(home, "A", "encounter", "condition")
    first = drawn(base / "first", "0", "\n".join(f"k{n} | p{n % 7} | | old" for n in range(40)))
    visits = "\n".join(f"a{n} | 1 | v{n} | r1 | IP | D1\na{n} | 1 | v{n} | d1 | A" for n in range(20))
    take(home, first, told(base / "first", "z", visits))
    folder = base / "next"
    # Parts of visits said anew: what a message leaves empty is filled from the batch before and from its own.
    moved = "\n".join(f"b{n} | 2 | v{n} | r1 | | D{n % 3}" for n in range(0, 20, 2))
    left = "\n".join(
        f"c{n} | {n % 5} | v{n} | r1 | | | 9 | 4 | {'' if n % 2 else 'admit_dept_code'}" for n in range(0, 20, 3)
    )
    told(folder, "z", f"{moved}\n{left}")
    for file in range(FILES):  # some again, some in a later version, some new, some bad
        lines = [f"k{n} | p{n % 7} | | {'old' if n % 3 else 'new'}" for n in range(file * 10, file * 10 + 30)]
        lines += [" | p1 | | bad", *(f"n{file}-{n} | p{n} | | x" for n in range(60))]
        drawn(folder, str(file), "\n".join(lines))
    calm = base / "calm"
    shutil.copytree(home.path, calm)
    points, code = driver.run(calm, folder)
    assert code == 0
    return home.path, folder, content(open_home(calm)), points


def check(home: Path, folder: Path, wanted: dict[str, str]) -> None:
    opened = open_home(home)
    take(opened, *sorted(folder.iterdir()))
    assert content(opened) == wanted
    assert [line for line in reconcile(opened) if not line.agrees] == []
    assert list(opened.staging.iterdir()) == []


def test_every_named_point_may_be_the_last(before, driver, tmp_path):
    home, folder, wanted, points = before
    old = content(open_home(home))
    for die_at in range(1, len(points) + 1):
        again = tmp_path / f"at{die_at}"
        shutil.copytree(home, again)
        assert driver.run(again, folder, die_at) == (points[:die_at], -signal.SIGKILL)
        shown = content(open_home(again))
        assert shown in (old, wanted), f"half a batch was shown after {points[die_at - 1]}"
        check(again, folder, wanted)
        shutil.rmtree(again)


def test_kills_at_random_moments_lose_and_double_nothing(before, driver, tmp_path):
    home, folder, wanted, _ = before
    chance = random.Random(20260301)
    shutil.copytree(home, tmp_path / "timed")
    began = time.monotonic()
    driver.run(tmp_path / "timed", folder)
    whole = time.monotonic() - began
    again = tmp_path / "again"
    for kill in range(KILLS):
        if kill % 5 == 0:  # killed up to five times in a row, then checked
            shutil.rmtree(again, ignore_errors=True)
            shutil.copytree(home, again)
        child = os.pidfd_open(driver.start(again, folder))
        time.sleep(chance.random() * whole)
        with contextlib.suppress(ProcessLookupError):  # it may have ended before its moment came
            signal.pidfd_send_signal(child, signal.SIGKILL)
        os.close(child)
        driver.end()
        if kill % 5 == 4 or kill == KILLS - 1:
            check(again, folder, wanted)


def test_finished_parts_are_not_read_again(before, tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "PART_FILES", 1)
    home, folder, wanted, _ = before
    again = tmp_path / "again"
    shutil.copytree(home, again)

    class Stop(Exception):
        pass

    def at(point: str) -> None:
        if point == "part p00002":
            raise Stop

    with pytest.raises(Stop):
        take(open_home(again), *sorted(folder.iterdir()), at=at)
    read = []
    chunks = LineFile.chunks
    monkeypatch.setattr(LineFile, "chunks", lambda self, context: read.append(self.path) or chunks(self, context))
    take(open_home(again), *sorted(folder.iterdir()))
    assert [path.name for path in read] == ["2.lines"]
    assert content(open_home(again)) == wanted


def test_stopped_by_the_user_it_says_how_to_go_on(before, tmp_path):
    home, folder, wanted, _ = before
    again = tmp_path / "again"
    shutil.copytree(home, again)

    def at(point: str) -> None:
        if point == "before the commit":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="same command"):
        take(open_home(again), *sorted(folder.iterdir()), at=at)
    check(again, folder, wanted)
