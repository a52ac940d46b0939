"""A database is ingested from the command line like any file: what came, where each row leads back to, and no password."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.asked import Site, rest_absent
from tests.servers.started import PASSWORD

GUANTONG = Path(sys.executable).with_name("guantong")
VISITS = '[[table]]\nname = "visits"\nview = "visits"\nmapping = "visits.toml"\nwatermark = { column = "at", overlap = "1h" }\n'
PATIENT = {"org_patient_id": '{ from = "id" }', "name": '{ from = "name" }', "birth_date": '{ from = "date_of_birth" }',
           "gender_code": '{ from = "gender", codes = { "0" = "1", "1" = "2" } }'}  # fmt: skip
ITEMS = {"drug_name": '{ from = "drug" }'}


def guantong(home, *args):
    done = subprocess.run(
        [GUANTONG, *args, *(["--home", str(home)] if home else [])],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert "canary" not in done.stdout + done.stderr
    return done


def test_a_view_is_ingested_night_by_night_and_its_rows_lead_back(postgres, tmp_path):
    postgres.run("DROP DATABASE IF EXISTS his WITH (FORCE)", "CREATE DATABASE his")
    make = (
        "CREATE TABLE visits (id int, patient text, at timestamp, found text)",
        "INSERT INTO visits VALUES (1, 'P1', '2026-01-01', 'first')",
    )
    postgres.run(*make, database="his")
    site, home = Site(tmp_path / "site", postgres.url("his")), tmp_path / "home"
    path = site.describe(VISITS)
    (path.parent / "visits.toml").write_text(
        rest_absent(
            "observation", {"value_text": '{ from = "found" }'},
            # proposed for a file that was exported once: how that was written does not concern a database
            'source = "visits"\nkey = ["id"]\nperson = ["patient"]\nencoding = "gb18030"\nseparator = "TAB"'
        )
    )  # fmt: skip
    trial = guantong(home, "ingest", str(path), "--site", "A", "--dry-run")
    assert (trial.returncode, "row_cap" in trial.stdout) == (0, False), trial.stdout + trial.stderr
    assert "A database to be asked, `his`: visits (new by at)" in guantong(None, "sniff", str(path)).stdout
    first = guantong(home, "ingest", str(path), "--site", "A")
    assert (first.returncode, "accepted 接收 1" in first.stdout) == (0, True), first.stdout + first.stderr
    postgres.run(
        "INSERT INTO visits VALUES (2, 'P2', '2026-01-01 00:30', 'second')",
        "UPDATE visits SET found = 'later', at = '2026-01-02' WHERE id = 1",
        database="his",
    )
    second = guantong(home, "ingest", str(path.parent), "--site", "A")
    assert "accepted 接收 2" in second.stdout, second.stdout
    assert "1 earlier versions were replaced" in second.stdout
    traced = guantong(home, "trace", "visits|2", "--raw").stdout
    assert "2,P2,2026-01-01 00:30:00,second" in traced
    assert guantong(home, "reconcile").returncode == 0
    kept = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert PASSWORD.encode() not in kept
    assert b"canary" not in kept
    site.url = site.url.replace(str(postgres.port), "1")
    site.describe(VISITS)
    gone = guantong(home, "ingest", str(path), "--site", "A")
    assert (gone.returncode, "unreachable" in gone.stdout) == (4, True)
    assert "Nothing new" not in gone.stdout


@pytest.mark.samples
def test_a_real_systems_tables_come_out_of_its_database(mariadb, samples, tmp_path):
    mariadb.run("DROP DATABASE IF EXISTS his", "CREATE DATABASE his", database=None)
    text = (samples / "cn" / "zainzhao-his" / "his.sql").read_text("utf-8-sig")
    load = subprocess.run(["mariadb", "--no-defaults", f"--socket={mariadb.socket}", "-uroot", "his", "--default-character-set=utf8mb4"],
                          input=text, text=True, capture_output=True, check=False)  # fmt: skip
    assert load.returncode == 0, load.stderr
    site = Site(tmp_path / "site", mariadb.url("his"))
    tables = (
        '[[table]]\nname = "patients"\nview = "pms_patient"\nmapping = "patients.toml"\n'
        '[[table]]\nname = "drugs"\nview = "dms_drug"\nkey = ["id"]\n'
    )
    path = site.describe(tables)
    (path.parent / "patients.toml").write_text(
        rest_absent("patient", PATIENT, 'source = "pms_patient"\nkey = ["id"]\nperson = ["id"]')
    )
    told = guantong(tmp_path / "home", "ingest", str(path), "--site", "A").stdout
    (patients,) = mariadb.run("SELECT count(*) FROM pms_patient")
    assert re.search(rf"patient +{patients[0]} rows", told), told
    assert patients == (18,)
    assert "no known profile has this header" in told  # nobody has mapped the drugs: said, and asked again
