"""An export from a real server process: started, waited for, fetched, gone on with, never doubled; with its faults."""

import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest

from connectors.connector import Context
from connectors.errors import BadMapping, Unreachable, Unreadable
from connectors.fhir.resources import RESOURCES
from connectors.kinds.fhir_r4 import CONNECTOR
from tests.connectors.fhir_server_running import (
    ERROR,
    observations,
    offering,
    patients,
    private_key,
    put,
    running,
    withdrawn,
)

HERE = Context(site="A", batch="b1", file="0" * 16)
TIME = "2026-01-02T03:04:05.678+08:00"


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    """One server process for all tests of this module."""
    with running(tmp_path_factory.mktemp("server")) as made:
        yield made


@pytest.fixture
def server(process, tmp_path):
    """It offers two files."""
    made = offering(process, tmp_path)
    put(made.folder, "Patient", patients(5))
    put(made.folder, "Observation.1", observations(400))
    return made


def lines(path: Path) -> list[dict]:
    raw = path.read_bytes()
    text = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def ids(landed) -> list[str]:
    return [each["id"] for one in landed for each in lines(one.path)]


EVERY = [each["id"] for each in [*observations(400), *patients(5)]]


def test_an_export_lands_every_file_and_is_forgotten_at_the_server(server, tmp_path):
    landed = server.pulled(tmp_path / "in")
    assert ids(landed) == EVERY
    assert {each.kind for each in landed} == {"fhir_r4"}
    told = server.told()
    assert (len(told["kickoffs"]), told["deletes"], told["tokens"]) == (1, 1, 1)
    assert told["kickoffs"][0]["_outputFormat"] == "application/fhir+ndjson"
    assert set(told["kickoffs"][0]["_type"].split(",")) == set(RESOURCES)
    assert landed[-1].state["since"] == TIME
    assert landed[0].state["done"] == "1"


def test_the_next_export_asks_for_what_changed_since_the_servers_own_time(server, tmp_path):
    state = dict(server.pulled(tmp_path / "in")[-1].state)
    assert server.pulled(tmp_path / "again", state) == []
    assert [each.get("_since") for each in server.told()["kickoffs"]] == [None, TIME]


def test_another_question_does_not_go_on_from_an_answer_to_this_one(server, tmp_path):
    state = dict(server.pulled(tmp_path / "in", more='types = ["Patient"]')[-1].state)
    assert ids(server.pulled(tmp_path / "again", state)) == EVERY
    assert "_since" not in server.told()["kickoffs"][1]


@pytest.mark.parametrize(
    ("export", "path"), [("patient", "/fhir/Patient/$export"), ("group/G1", "/fhir/Group/G1/$export")]
)
def test_patients_or_a_group_are_exported_where_it_is_said(server, tmp_path, export, path):
    server.pulled(tmp_path / "in", more=f'export = "{export}"\ntype_filter = ["Patient?gender=female"]')
    assert server.told()["kickoffs"][0]["path"] == path
    assert server.told()["kickoffs"][0]["_typeFilter"] == "Patient?gender=female"


def test_a_key_of_the_other_kind_signs_as_well(tmp_path):
    (tmp_path / "own").mkdir()
    with running(tmp_path, "ES384") as made:
        server = offering(made, tmp_path / "own")
        put(server.folder, "Patient", patients(2))
        who = f'[smart]\nclient_id = "client-1"\nalg = "ES384"\nkey_file = "{tmp_path / "key.pem"}"\n'
        assert len(ids(server.pulled(tmp_path / "in", who=who))) == 2


def test_withdrawn_records_become_tombstones_and_the_servers_errors_are_counted(server, tmp_path):
    put(server.folder, "deleted/Bundle", [withdrawn("p1", "p2"), withdrawn("p3")])
    put(server.folder, "error/OperationOutcome", [ERROR, ERROR])
    landed = server.pulled(tmp_path / "in")
    assert [each.path.name.split("-", 1)[1] for each in landed][-2:] == [
        "deleted-Bundle.ndjson", "error-OperationOutcome.ndjson",
    ]  # fmt: skip
    gone = [chunk.tables["patient"] for chunk in CONNECTOR.open(landed[-2].path).chunks(HERE)]
    assert pl.concat(gone).select("record_id", "deleted").rows() == [
        (f"Patient|{each}", True) for each in ("p1", "p2", "p3")
    ]
    [errors] = CONNECTOR.open(landed[-1].path).chunks(HERE)
    errors.check()
    assert errors.rejects["reason"].to_list() == ["no-shared-table"] * 2


def test_the_error_files_are_told_of(server, tmp_path):
    put(server.folder, "error/OperationOutcome", [ERROR])
    (tmp_path / "in").mkdir()
    feed = server.feed()
    list(feed.pull({}, tmp_path / "in", lambda *_: None))
    assert any("could not export everything" in note for note in feed.notes)


@pytest.mark.parametrize(
    "faults",
    [
        {"polls": 4}, {"busy": 2}, {"failing": 2}, {"relative": True}, {"gzip": True}, {"open_files": True},
        {"broken": {"Patient.ndjson": 2}}, {"cut": {"Observation.1.ndjson": 20_000}},
        {"cut": {"Observation.1.ndjson": 20_000}, "no_etag": True}, {"cut": {"Observation.1.ndjson": 4096}, "gzip": True},
    ],
    ids=str,
)  # fmt: skip
def test_a_fault_that_passes_costs_nothing(server, tmp_path, faults):
    server.faults(**faults)
    assert ids(server.pulled(tmp_path / "in")) == EVERY
    assert len(server.told()["kickoffs"]) == 1


def test_a_file_broken_off_goes_on_where_it_was_where_the_server_lets_it(server, tmp_path):
    server.faults(cut={"Observation.1.ndjson": 20_000})
    server.pulled(tmp_path / "in")
    begun = [begin for name, begin in server.told()["files"] if name.startswith("Observation")]
    assert begun[0] == 0
    assert begun[1] >= 16_384


def test_a_token_that_runs_out_is_fetched_again_once(server, tmp_path):
    server.faults(token_lasts=-1)
    with pytest.raises(BadMapping, match=r"401.*Check the client"):
        server.pulled(tmp_path / "in")
    assert server.told()["tokens"] == 2
    server.faults(token_lasts=0.4, polls=3, slow=0.01)
    assert ids(server.pulled(tmp_path / "later")) == EVERY


def test_an_export_that_the_server_forgets_is_started_again(server, tmp_path):
    server.faults(forget=1)
    assert ids(server.pulled(tmp_path / "in")) == EVERY
    assert len(server.told()["kickoffs"]) == 2


def test_a_pull_that_is_given_up_goes_on_with_the_same_export(server, tmp_path):
    (tmp_path / "in").mkdir()
    pulling = server.feed().pull({}, tmp_path / "in", lambda *_: None)
    first = next(pulling)
    kept = lines(first.path)
    pulling.close()
    rest = server.pulled(tmp_path / "in", dict(first.state))
    assert [each["id"] for each in kept] + ids(rest) == EVERY
    assert len(server.told()["kickoffs"]) == 1


def test_a_pull_that_breaks_before_anything_landed_goes_on_with_the_same_export(server, tmp_path):
    server.faults(broken={"Observation.1.ndjson": 99, "Patient.ndjson": 99})
    with pytest.raises(Unreachable, match="goes on there"):
        server.pulled(tmp_path / "in")
    server.faults()
    assert ids(server.pulled(tmp_path / "in")) == EVERY
    assert len(server.told()["kickoffs"]) == 1


def test_what_came_whole_before_a_break_lands(server, tmp_path):
    server.faults(broken={"Patient.ndjson": 99})
    (tmp_path / "in").mkdir()
    pulling = server.feed().pull({}, tmp_path / "in", lambda *_: None)
    first = next(pulling)
    assert (first.path.name, first.state["done"]) == ("00001-output-Observation.ndjson", "1")
    with pytest.raises(Unreachable):
        next(pulling)
    server.faults()
    assert ids(server.pulled(tmp_path / "in", dict(first.state))) == [each["id"] for each in patients(5)]


def test_an_export_of_another_question_is_not_gone_on_with(server, tmp_path):
    server.faults(broken={"Patient.ndjson": 99})
    with pytest.raises(Unreachable):
        server.pulled(tmp_path / "in", more='types = ["Patient"]')
    server.faults()
    assert ids(server.pulled(tmp_path / "in")) == EVERY


def test_a_trial_starts_no_export(server, tmp_path):
    landed = server.pulled(tmp_path / "in", at_most=3)
    assert [each.path.name for each in landed] == ["Patient.json"]
    assert server.told()["kickoffs"] == []
    chunks = [chunk for each in landed for chunk in CONNECTOR.open(each.path).chunks(HERE)]
    assert sum(chunk.read for chunk in chunks) == 3


@pytest.mark.parametrize(
    ("faults", "error", "words"),
    [
        ({"kickoff": 400}, Unreadable, "answers 400, not-supported to the start of an export"),
        ({"kickoff": 403}, BadMapping, "does not let this client do the start of an export"),
        ({"page": True}, Unreadable, "not NDJSON"),
        ({"manifest": "<html>"}, Unreadable, "no sound JSON object"),
        ({"manifest": '{"a":1,"a":2}'}, Unreadable, "duplicate-key"),
        ({"manifest": "[" * 5000}, Unreadable, "too-deep"),
        ({"files_at": "http://169.254.169.254"}, Unreadable, "plain http is for this machine only"),
        ({"files_at": "https://elsewhere.example"}, Unreadable, "a host that the description does not name"),
        ({"files_at": "file:///etc/passwd"}, Unreadable, "neither https nor http"),
        ({"files_at": "http://u:CANARY@127.0.0.1:1"}, Unreadable, "a name or a password"),
        ({"redirect": "https://elsewhere.example/x"}, Unreadable, "the redirect of a file"),
        ({"redirect": "http://127.0.0.1:1/x"}, Unreadable, "a host that the description does not name"),
        ({"token_endpoint": "https://elsewhere.example/t"}, Unreadable, "its token address is not followed"),
        ({"token_endpoint": 7}, BadMapping, "Name `token_url`"),
    ],
    ids=str,
)
def test_what_a_server_may_not_do_is_said_without_any_of_it(server, tmp_path, faults, error, words):
    server.faults(**faults)
    with pytest.raises(error, match=words) as caught:
        server.pulled(tmp_path / "in")
    assert "CANARY" not in str(caught.value)


def test_an_export_longer_than_allowed_is_broken_off(server, tmp_path):
    few = "[limits]\npoll_seconds = 0.01\nbytes = 50000\n"
    with pytest.raises(Unreadable, match=r"limits\.bytes"):
        server.pulled(tmp_path / "in", limits=few)
    few = "[limits]\npoll_seconds = 0.01\nfile_bytes = 50000\n"
    with pytest.raises(Unreadable, match="file_bytes"):
        server.pulled(tmp_path / "in2", limits=few)


def test_a_server_that_is_not_there_is_unreachable(server, tmp_path):
    server.url = "http://127.0.0.1:9"
    with pytest.raises(Unreachable, match="does not answer"):
        server.pulled(tmp_path / "in")


def test_a_bearer_token_comes_from_the_environment_or_a_file_and_goes_nowhere_else(server, tmp_path, monkeypatch):
    monkeypatch.setenv("FHIR_TOKEN", "given-CANARY")
    landed = server.pulled(tmp_path / "in", who='[bearer]\nenv = "FHIR_TOKEN"\n')
    assert ids(landed) == EVERY
    monkeypatch.setenv("FHIR_TOKEN", "wrong-CANARY")
    with pytest.raises(BadMapping) as caught:
        server.pulled(tmp_path / "in2", who='[bearer]\nenv = "FHIR_TOKEN"\n')
    assert "CANARY" not in str(caught.value)
    assert not [each for each in landed if "CANARY" in json.dumps(dict(each.state))]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()]
    assert written == []


def test_a_key_that_others_may_read_is_not_used(server, tmp_path):
    (tmp_path / "key.pem").chmod(0o644)
    with pytest.raises(BadMapping, match="chmod 600"):
        server.pulled(tmp_path / "in")
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nCANARY\n")
    os.chmod(tmp_path / "key.pem", 0o600)  # noqa: PTH101
    with pytest.raises(BadMapping, match="no private key for RS384") as caught:
        server.pulled(tmp_path / "in")
    assert "CANARY" not in str(caught.value)


def test_a_key_that_the_server_does_not_know_gets_no_token(server, tmp_path):
    private_key(tmp_path / "other.pem")
    who = f'[smart]\nclient_id = "client-1"\nkey_file = "{tmp_path / "other.pem"}"\n'
    with pytest.raises(BadMapping, match="gives no token"):
        server.pulled(tmp_path / "in", who=who)
