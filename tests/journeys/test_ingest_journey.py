"""From files to a pool that balances and can be traced, by the commands that people type."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from federation.centre.pool import Pool

ROOT = Path(__file__).parents[2]


def guantong(*words: object) -> subprocess.CompletedProcess:
    code = "import sys; from federation.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def told(*words: object, code: int = 0) -> dict:
    ran = guantong(*words, "--json")
    assert ran.returncode == code, ran.stderr
    assert "Traceback" not in ran.stderr
    return json.loads(ran.stdout)


PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1949-12-31"}
VISIT = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p1"},
    "period": {"start": "2025-01-02T08:00:00+08:00"},
}
CONTRACT = """
id = "C-1"
site = "A"
tables = ["patient", "encounter"]
purposes = ["TREAT"]
recipients = ["*"]
from = 2020-01-01
until = 2099-12-31
signed_by = "the director"
"""


@pytest.fixture
def export(tmp_path):
    """What a hospital exported: two good resources, one broken line."""
    folder = tmp_path / "export"
    folder.mkdir()
    lines = [json.dumps(PATIENT), '{"resourceType": "Patient", "id": ', json.dumps(VISIT)]
    (folder / "all.ndjson").write_text("\n".join(lines) + "\n")
    return folder


def test_files_are_read_withheld_contracted_pooled_reconciled_and_traced(export, tmp_path):
    home = ("--home", tmp_path / "home")
    first = told("ingest", export, "--site", "A", *home)
    assert (first["read"], first["accepted"], first["rejected"], first["duplicate"]) == (3, 2, 1, 0)
    assert first["pooled"] == {}
    assert {each["table"] for each in first["withheld"]} >= {"patient", "encounter"}

    (tmp_path / "c.toml").write_text(CONTRACT)
    assert guantong("contract", "sign", tmp_path / "c.toml", *home).returncode == 0
    again = told("ingest", export, "--site", "A", *home)
    assert (again["read"], again["duplicate"], again["batch"]) == (3, 3, first["batch"])
    assert again["pooled"]["encounter"] == 1
    assert "nothing added" in again["notes"][0]

    books = told("reconcile", *home)
    assert (books["balanced"], books["differences"]) == (True, [])

    [found] = told("trace", "Encounter|e1", *home)["records"]
    assert (found["position"], found["line"]) == (3, 3)
    assert json.loads(found["raw"]) == VISIT

    [reject] = told("rejects", *home)["rejects"]
    assert (reject["reason"], reject["position"], reject["count"]) == ("not-json", 2, 1)
    assert "raw" not in reject
    assert told("rejects", "--raw", *home)["rejects"][0]["raw"].startswith('{"resourceType": "Patient"')


def test_columns_that_a_later_contract_adds_come_to_rows_that_are_in_the_pool(export, tmp_path):
    home = ("--home", tmp_path / "home")
    some, every = tmp_path / "some.toml", tmp_path / "every.toml"
    tables = CONTRACT.replace('tables = ["patient", "encounter"]\n', "")
    some.write_text(f'{tables}\n[tables]\nencounter = ["start_time"]\n')
    every.write_text(f'{tables.replace("C-1", "C-12")}\n[tables]\nencounter = ["*"]\n')
    told("site", "add", "A", "--tier", "tertiary", "--name", "A", *home)
    told("contract", "sign", some, *home)
    told("ingest", export, "--site", "A", *home)
    pool = Pool(tmp_path / "home" / "pool")
    seen = []
    for contract in (some, every, None):
        if contract is every:
            told("contract", "sign", every, *home)
        told("ingest", export, "--site", "A", *home)
        version = pool.versions()["encounter"]
        seen.append((version, pool.scan("encounter", version).collect()["class_code"].to_list()))
    assert seen == [(1, [None]), (2, ["IP"]), (2, ["IP"])]
    assert told("reconcile", *home)["balanced"]


def test_a_folder_with_nothing_to_read_ends_with_3(tmp_path):
    (tmp_path / "empty").mkdir()
    assert told("ingest", tmp_path / "empty", "--site", "A", "--home", tmp_path / "home", code=3)["files"] == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03" * 100, b"{" * 20_000, b"PK\x03\x04nothing"])
def test_a_file_that_cannot_be_read_is_told_without_a_traceback(tmp_path, content):
    path = tmp_path / "export.ndjson"
    path.write_bytes(content)
    ran = guantong("ingest", path, "--site", "A", "--home", tmp_path / "home", "--json")
    document = json.loads(ran.stdout)
    assert "Traceback" not in ran.stderr
    assert document["accepted"] == 0
    assert document["unreadable"] or document["rejected"]
    assert ran.returncode == (3 if document["unreadable"] else 0)


@pytest.mark.parametrize(
    "words",
    [
        ("--site", "../A"),
        ("--site", "A", "--engine", "spark"),
        ("--site", "A", "--kind", "telepathy"),
        ("--site", "A", "--mapping", "nowhere.toml"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2(export, tmp_path, words):
    ran = guantong("ingest", export, *words, "--home", tmp_path / "home")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("verb", [("reconcile",), ("rejects",), ("trace", "x")])
def test_a_home_that_is_not_there_is_said(tmp_path, verb):
    ran = guantong(*verb, "--home", tmp_path / "nowhere")
    assert ran.returncode == 2
    assert "is not a home" in ran.stderr


@pytest.mark.samples
@pytest.mark.parametrize("name", ["smart-bulk-10", "google-synthea-hiv-small", "ms-fhir-server-r4"])
def test_real_samples_conserve_records_and_explain_every_reject(samples, tmp_path, name):
    home = ("--home", tmp_path / "home")
    ran = guantong("ingest", samples / "fhir" / name, "--site", "A", *home, "--json")
    document = json.loads(ran.stdout)
    assert document["read"] == document["accepted"] + document["rejected"] + document["duplicate"] > 0
    assert told("reconcile", *home)["balanced"]
    listed = told("rejects", *home)
    assert sum(each["count"] for each in listed["rejects"]) == listed["total"] == sum(document["reasons"].values())
    assert all(each["todo"] for each in listed["rejects"])
