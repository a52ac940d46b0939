"""The checks of a home: those its owner wrote are asked at ingest, at a recount, and bound into certificates."""

from importlib.metadata import EntryPoint

import polars as pl
import pytest

from federation.cli.main import main
from federation.errors import Tampered
from federation.node import library
from federation.node.certify import issue, verify
from federation.node.library import library_of
from federation.quality.library import all_checks
from tests.federation.node_city import NOW, city, drawn, take

CHECK = """
[[check]]
id = "{name}"
of = "observation"
right = "value_text <> '5.1'"
kind = "plausibility: atemporal"
means = "Nobody measures 5.1."
zh = "没有 5.1"
source = "made up"
"""
LINES = """
k1 | p1 | 11010519491231002X | 5.1
k2 | p2 |                    | 5.2
"""


def written(home, name, text=None):
    (home.path / "checks" / f"{name}.toml").write_text(text or CHECK.format(name=name), "utf-8")


def counted(home, check):
    states = pl.concat([pl.read_parquet(path) for path in (home.site("A") / "scores").glob("*.parquet")])
    return states.filter(pl.col("check") == check).select(pl.col("asked", "failed").sum()).row(0)


def test_a_check_of_the_owner_is_asked_of_the_next_batch(tmp_path):
    home = city(tmp_path, "A")
    written(home, "mine")
    take(home, drawn(tmp_path / "in", "one", LINES))
    assert counted(home, "custom.mine") == (2, 1)


def test_a_recount_asks_the_rows_that_are_there_already(tmp_path, capsys):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "one", LINES))
    before = pl.read_parquet(home.site("A") / "scores" / "*.parquet")
    written(home, "mine")
    assert main(["score", "recount", "--home", str(home.path), "--json"]) == 0
    after = pl.read_parquet(home.site("A") / "scores" / "*.parquet")
    assert counted(home, "custom.mine") == (2, 1)
    assert after.filter(pl.col("check") != "custom.mine").equals(before)
    capsys.readouterr()
    assert main(["score", "--home", str(home.path), "--check", "custom.mine", "--json"]) == 0
    assert '"failed": 1' in capsys.readouterr().out


def test_a_check_that_cannot_be_asked_is_said_and_stops_nothing(tmp_path, capsys):
    home = city(tmp_path, "A")
    written(home, "bad", CHECK.format(name="bad").replace("value_text", "value_words"))
    told = take(home, drawn(tmp_path / "in", "one", LINES))
    assert [note for note in told.notes if "value_words" in note] != []
    assert told.accepted == 2
    assert main(["score", "--home", str(home.path)]) == 0
    assert "no column `value_words`" in capsys.readouterr().err


def test_a_certificate_of_other_checks_says_so_and_does_not_compare_answers(tmp_path):
    home = city(tmp_path, "A")
    take(home, drawn(tmp_path / "in", "one", LINES))
    signed = issue(home, "A", NOW, "std", lambda _done, _whole: None)
    written(home, "mine")
    told = verify(signed, home, True, lambda _done, _whole: None)
    assert (told.other_library, told.rescored) == (True, False)
    [rows] = home.site("A").glob("batches/*/p*/observation.parquet")
    rows.write_bytes(rows.read_bytes()[:-1] + b"x")
    with pytest.raises(Tampered):
        verify(signed, home, True, lambda _done, _whole: None)


@pytest.mark.parametrize(("value", "says"), [
    ("federation.quality.checks.results:is_dated", ""),
    ("federation.quality.checks.results:POSSIBLE", ""),
    ("federation.quality.checks.results:PANELS", "no Check"),
    ("federation.nowhere:thing", "cannot be loaded"),
])  # fmt: skip
def test_checks_of_installed_packages_are_asked_and_a_broken_package_stops_nothing(tmp_path, monkeypatch, value, says):
    point = EntryPoint("extra", value, library.GROUP)
    monkeypatch.setattr(library, "entry_points", lambda group: [point] if group == library.GROUP else [])
    told = library_of(city(tmp_path, "A"))
    assert len(told.checks) >= len(all_checks())
    assert ([says in each for each in told.problems] if says else told.problems) == ([True] if says else ())
