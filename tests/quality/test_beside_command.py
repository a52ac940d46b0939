"""`guantong score pairs`, `settling` and `shift`: counts for everybody, values for the owner, words for what is not there."""

import json
import os

import pytest

from federation.cli.main import main
from tests.quality.landed import home_with, land

POTASSIUM = "observation item_system=local item_code=K item_name=钾 sampled_time=2026-03-01"
SODIUM = "observation item_system=local item_code=NA item_name=钠 sampled_time=2026-03-01"
WRONG = "observation item_system=local item_code=K item_name=钠 sampled_time=2026-03-01"


def asked(capsys, home, verb, *words):
    assert main(["score", verb, "--home", str(home.path), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def shown(capsys, home, verb, *words):
    assert main(["score", verb, "--home", str(home.path), *words]) == 0
    return capsys.readouterr().out


@pytest.fixture
def results(tmp_path, rows):
    """Site A with seven results under another item's code, site B with two; C sent nothing."""
    home = home_with(tmp_path, dict.fromkeys("ABC", "tertiary"))
    land(home, "A", "2026-04-01", rows(f"40 {POTASSIUM} + 40 {SODIUM} + 7 {WRONG}"))
    land(home, "B", "2026-04-01", rows(f"40 {POTASSIUM} + 40 {SODIUM} + 2 {WRONG}"))
    return home


def test_pairs_are_counted_for_all_and_few_are_told_to_nobody(results, capsys):
    told = asked(capsys, results, "pairs", "--table", "observation")
    assert [(row["org_code"], row["failed"], row["of_key"], row["small"]) for row in told["pairs"]] == [
        ("A", 7, 7, False),
        ("B", None, None, True),
    ]
    assert told["no_evidence"] == ["C"]
    out = shown(capsys, results, "pairs")
    assert "<5" in out
    assert "C" in out.splitlines()[-1]
    assert "钾" not in out
    assert "local" not in out


def test_the_owner_sees_which_code_and_name_and_what_was_expected(results, capsys):
    [culprit] = asked(capsys, results, "pairs", "--raw", "--site", "B")["culprits"]
    assert (culprit["value"], culprit["rows"], culprit["side"], culprit["expected"]) == ("钠", 2, "key", "local + NA")
    assert "钠" in shown(capsys, results, "pairs", "--raw")
    assert "1 more" in shown(capsys, results, "pairs", "--raw", "--limit", "1")


@pytest.mark.parametrize("verb", ["pairs", "shift"])
def test_whoever_does_not_own_the_home_gets_no_values(results, verb, capsys, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert main(["score", verb, "--home", str(results.path), "--raw"]) == 1
    assert capsys.readouterr().out == ""


def stays(way, number=30):
    cell = f" discharge_way_code={way}" if way else ""
    return f"{number} encounter start_time=2026-03-05{cell}"


def test_a_field_settles_with_the_batch_that_last_changed_it(tmp_path, rows, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    for day, way in (("2026-03-01", None), ("2026-03-06", None), ("2026-03-19", "1"), ("2026-06-01", "1")):
        land(home, "A", day, rows(stays(way) if day > "2026-03-05" else "encounter start_time=2026-02-01"))
    told = asked(capsys, home, "settling")
    found = {row["column"]: (row["records"], row["p50"], row["p90"]) for row in told["settling"]}
    assert found == {
        "class_code": (30, 1, 1),
        "discharge_way_code": (30, 14, 14),
        "person_id": (30, 1, 1),
        "whole record": (30, 14, 14),
    }
    curve = {row["day"]: row["settled"] for row in told["curves"] if row["column"] == "discharge_way_code"}
    assert (curve[7], curve[14]) == (0, 30)
    assert "whole record 整条" in shown(capsys, home, "settling")
    assert "discharge_way_code" in shown(capsys, home, "settling", "--columns")


def test_events_before_the_first_batch_and_those_of_lately_say_nothing_of_settling(tmp_path, rows, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    land(home, "A", "2026-03-20", rows(stays("1")))
    land(home, "A", "2026-06-01", rows("30 encounter start_time=2026-05-20"))
    assert asked(capsys, home, "settling") == {"watched": 30, "settling": [], "curves": [], "no_evidence": ["A"]}
    assert asked(capsys, home, "settling", "--watched", "5")["settling"][0]["records"] == 30


def test_a_column_that_moved_is_shown_with_its_codes_for_the_owner_alone(tmp_path, rows, capsys):
    home = home_with(tmp_path, dict.fromkeys("ABCD", "primary"))
    for site in "ABCD":
        old = "120 encounter class_code=OP start_time=2026-03-01"
        new = f"120 encounter class_code={'IP' if site == 'A' else 'OP'} start_time=2026-04-01"
        land(home, site, "2026-05-01", rows(f"{old} + {new}"))
    told = asked(capsys, home, "shift")
    assert sorted((row["org_code"], row["month"], row["column"], row["against"]) for row in told["shifts"]) == [
        ("A", "2026-04-01", "class_code", "own past"),
        ("A", "2026-04-01", "class_code", "peers"),
    ]
    assert "codes" not in told["shifts"][0]
    [peers, _] = asked(capsys, home, "shift", "--raw", "--site", "A", "--month", "2026-04")["shifts"]
    assert {code["bin"]: (code["rows"], code["share_then"]) for code in peers["codes"]} == {
        "IP": (120, 0),
        "OP": (0, 1),
    }
    out = shown(capsys, home, "shift", "--raw")
    assert "OP: 100% → 0%" in out
    assert "IP" not in shown(capsys, home, "shift")
    assert asked(capsys, home, "shift", "--site", "B")["shifts"] == []
    assert asked(capsys, home, "shift", "--all", "--limit", "1")["left_out"] > 0


def test_two_other_sites_are_too_few_to_be_nameless_peers(tmp_path, rows, capsys):
    home = home_with(tmp_path, dict.fromkeys("ABC", "primary"))
    for site in "ABC":
        land(home, site, "2026-05-01", rows("120 encounter start_time=2026-04-01"))
    assert asked(capsys, home, "shift", "--all")["compared"] == 0


@pytest.mark.parametrize("verb", ["pairs", "settling", "shift"])
@pytest.mark.parametrize("picture", [None, "encounter", "encounter start_time=2026-03-01", POTASSIUM])
def test_nothing_one_row_and_one_month_are_no_evidence_and_no_error(tmp_path, rows, verb, picture, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    if picture:
        land(home, "A", "2026-04-01", rows(picture))
    told = asked(capsys, home, verb)
    assert not any(told.get(name) for name in ("settling", "curves", "shifts"))
    assert "vidence" in shown(capsys, home, verb) or told.get("pairs")


@pytest.mark.parametrize("verb", ["pairs", "settling", "shift"])
@pytest.mark.parametrize(("words", "says"), [
    (("--site", "nowhere"), "nowhere"),
    (("--table", "visits"), "no shared table `visits`"),
])  # fmt: skip
def test_an_unknown_site_or_table_is_named(tmp_path, verb, words, says, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    assert main(["score", verb, "--home", str(home.path), *words]) == 2
    assert says in capsys.readouterr().err
