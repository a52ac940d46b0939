"""What docs/linkage-evidence.md promises of linkage in clear text, and that it is measured rightly."""

from pathlib import Path

import polars as pl
import pytest

from federation.city.doubles import doubles
from tests.evidence import linkage_city, linkage_febrl, linkage_private
from tests.evidence.linkage_scoring import Measured, at, best, curve, exact, one_to_one, row

TRUTH = pl.DataFrame({"left": ["a", "b", "c"], "right": ["x", "y", "z"]})


def pairs(*rows: tuple[str, str, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"left": pl.String, "right": pl.String, "score": pl.Float64}, orient="row")


def test_precision_and_recall_are_counted_at_each_score():
    points = curve(pairs(("a", "x", 0.9), ("b", "z", 0.8), ("b", "y", 0.7)), TRUTH)
    assert points == [Measured(0.9, 1, 1 / 3), Measured(0.8, 1 / 2, 1 / 3), Measured(0.7, 2 / 3, 2 / 3)]
    assert best(points).threshold == 0.7
    assert at(points, 0.75) == points[1]
    assert at(points, 0.95).f1 == 0


def test_nothing_found_is_no_error():
    assert curve(pairs(), TRUTH) == []
    assert best([]).f1 == at([], 0.5).f1 == 0
    assert "**0.0000**" in row("none", lambda: (pairs(), 0.5), TRUTH)[0]


def test_one_to_one_takes_the_most_probable_first_and_each_record_once():
    said = pairs(("a", "x", 0.9), ("a", "y", 0.95), ("b", "y", 0.9), ("b", "x", 0.2), ("c", "x", 0.9), ("d", "x", 0.1))
    assert one_to_one(said).select("left", "right").rows() == [("a", "y"), ("c", "x")]
    assert one_to_one(pairs()).is_empty()


def test_exact_linkage_joins_by_any_of_its_rules_and_never_on_nothing():
    left = pl.DataFrame({"record": ["a", "b", "c"], "id": ["1", None, "3"], "name": ["甲", "乙", None]})
    right = pl.DataFrame({"record": ["x", "y", "z"], "id": ["1", None, "4"], "name": ["甲", "乙", None]})
    found, _ = exact(left, right, ("id",), ("name",))()
    assert found.select("left", "right").sort("left").rows() == [("a", "x"), ("b", "y")]


@pytest.mark.samples
def test_febrl_is_read_with_its_blanks_and_its_truth(samples: Path):
    left, right, truth = linkage_febrl.registers(samples / "linkage" / "febrl")
    assert (left.height, right.height, truth.height) == (5_000, 5_000, 5_000)
    assert left["given"].str.contains("^ | $").sum() == 0
    assert left["surname"].null_count() == 48
    found = row("", exact(left, right, ("id",)), truth)[1]
    assert (round(found.precision, 3), round(found.recall, 3)) == (1.0, 0.912)


@pytest.mark.slow
@pytest.mark.samples
def test_febrl_is_linked_in_clear_text_as_the_page_says(samples: Path):
    left, right, truth = linkage_febrl.registers(samples / "linkage" / "febrl")
    assert row("", linkage_febrl.clear(left, right), truth)[1].f1 >= 0.9996
    assert row("", linkage_febrl.clear(left, right, "id"), truth)[1].f1 >= 0.993


@pytest.mark.samples
def test_febrl_is_linked_by_encodings_as_the_page_says(samples: Path):
    left, right, truth = linkage_febrl.registers(samples / "linkage" / "febrl")
    found = {name: row("", link, truth)[1].f1 for name, link in linkage_private.febrl(left, right)}
    assert found[linkage_private.SOFT] >= 0.992
    assert found[linkage_private.WITHOUT] >= 0.990


@pytest.mark.slow
def test_a_small_city_is_linked_in_clear_text_as_the_page_says(capsys: pytest.CaptureFixture[str]):
    two = doubles(linkage_city.SEED, 4_000)
    ours = (linkage_city.CLEAR, linkage_city.CLEAR_WITHOUT, *linkage_private.TWICE)
    found = linkage_city.measured(two, ours)
    figures = [float(line.split("**")[1]) for line in capsys.readouterr().out.splitlines() if "**" in line]
    assert tuple(found) == ours
    assert min(figures[:2]) >= 0.99
    assert figures[2] >= 0.97
    assert figures[3] >= 0.95
    assert "| none at all |" in linkage_city.by_slip(two, found)
