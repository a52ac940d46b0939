"""`guantong ingest server.toml`, killed at several moments and run again: the same rows as from the files, once."""

import json
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from tests.connectors.fhir_server_running import ERROR, observations, offering, patients, put, running, withdrawn

ROOT = Path(__file__).parents[2]
CODE = "import sys; from federation.cli import main; sys.exit(main())"


def begun(*words: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CODE, *map(str, words), "--json"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(*words: object, codes: tuple[int, ...] = (0,)) -> dict:
    ran = begun(*words)
    out, error = ran.communicate(timeout=300)
    assert ran.returncode in codes, error
    assert "Traceback" not in error
    assert "CANARY" not in out + error
    return json.loads(out)


def rows(home: Path, table: str) -> list[tuple]:
    """What stands at the site, without what says when it was read."""
    found = [pl.read_parquet(path) for path in home.rglob(f"{table}.parquet")]
    frame = pl.concat(found).drop("batch_id", "source_file", "source_position")
    return sorted(frame.rows(), key=str)


def until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """One server process for this module."""
    with running(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture
def server(process, tmp_path):
    """Three files, withdrawn records, errors."""
    made = offering(process, tmp_path)
    put(made.folder, "Patient", patients(9))
    put(made.folder, "Observation.1", observations(300))
    put(made.folder, "Observation.2", [each | {"id": f"q{n}"} for n, each in enumerate(observations(300))])
    put(made.folder, "deleted/Bundle", [withdrawn("p8")])
    put(made.folder, "error/OperationOutcome", [ERROR])
    return made


def test_a_client_killed_at_any_moment_goes_on_and_nothing_is_doubled(server, tmp_path):
    description = server.describe()
    files = sorted(server.folder.rglob("*.ndjson"))
    told("ingest", *files, "--site", "A", "--home", tmp_path / "direct")
    home = tmp_path / "asked"
    moments = [
        lambda: server.told()["polls"] >= 1,
        lambda: len(server.told()["files"]) >= 1,
        lambda: any(home.rglob("00000001-*.ndjson")),
        lambda: any(home.rglob("00000003-*.ndjson")),
    ]
    for moment in moments:
        server.faults(polls=2, slow=0.2)
        run = begun("ingest", description, "--site", "A", "--home", home)
        until(lambda moment=moment, run=run: moment() or run.poll() is not None)
        assert run.poll() is None, "it had ended before it could be killed"
        run.kill()
        run.communicate()
    server.faults()
    report = told("ingest", description, "--site", "A", "--home", home)
    assert report["read"] == report["accepted"] + report["rejected"] + report["duplicate"]
    for table in ("patient", "observation"):
        assert rows(home, table) == rows(tmp_path / "direct", table)
    # The last kill may come when all has landed: then the next run asks for what is new since, and that is no second one.
    assert len([each for each in server.told()["kickoffs"] if "_since" not in each]) == 1
    assert told("reconcile", "--home", home)
    again = told("ingest", description, "--site", "A", "--home", home)
    assert again["read"] == 0
    assert server.told()["kickoffs"][-1]["_since"].startswith("2026-01-02")


def test_a_dry_run_shows_what_would_come_and_starts_nothing(server, tmp_path):
    report = told("ingest", server.describe(), "--site", "A", "--home", tmp_path / "home", "--dry-run")
    assert report["tables"]["patient"] == 9
    assert server.told()["kickoffs"] == []


def test_sniff_says_what_would_be_asked(server):
    [found] = told("sniff", server.describe())["files"]
    assert found["kind"] == "fhir_server"
