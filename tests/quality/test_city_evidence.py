"""What is published about the made-up city's errors, in small: a few sites that write in all formats, one rate."""

import polars as pl
import pytest

from tests.evidence.city import cities, macro, table
from tests.evidence.city_matching import hits
from tests.evidence.city_reading import REFUSED, Reading
from tests.evidence.city_touched import touched

SITES = ("community-a", "community-e", "secondary-b", "tertiary-b")
SEED, PERSONS, RATE = 5, 1_500, 0.12


@pytest.fixture(scope="module")
def small():
    """The clean city, what is doubted in it, and what was measured of the spoilt one."""
    return cities(SEED, PERSONS, [RATE], SITES)


def test_nearly_all_errors_that_can_be_seen_are_found_and_nearly_all_doubts_are_right(small):
    _, _, [measured] = small
    rows = table([measured])
    precision, recall = macro(rows)
    assert rows.height >= 60
    assert precision >= 0.95, rows.sort("precision").head(5)
    assert recall >= 0.95, rows.sort("recall").head(5)


def test_the_city_has_errors_that_nobody_can_see_and_oddities_that_are_none(small):
    _, _, [measured] = small
    errors = measured.errors
    assert errors.filter(~pl.col("plain")).height >= 10
    assert errors.filter(~pl.col("plain"))["found"].mean() < 0.5
    assert errors["kind"].unique().to_list().count("tolerated") == 0


def test_a_city_without_errors_is_hardly_doubted(small):
    clean, doubts, _ = small
    rows = sum(each.height for each in clean.tables.values())
    assert doubts.height <= rows * 0.0001, doubts["by"].value_counts()


TRUTH = {"error": pl.UInt32, "class": pl.String, "kind": pl.String, "file": pl.String, "record": pl.Int64}
STAY = "encounter start_time=2025-03-01T10:00 end_time=2025-03-02T10:00 admit_dept_code={} + patient birth_date={}"


@pytest.fixture
def right_about(rows):
    """The checks, of those named, that are right about an error that made one picture of another."""

    def reading(picture: str, errors: list[tuple[int, str, str, str, int]]) -> Reading:
        tables = {name: each.collect() for name, each in rows(picture).items()}
        return Reading(pl.DataFrame(errors, TRUTH, orient="row"), tables, pl.DataFrame(schema=REFUSED))

    def judged(before: str, after: str, *checks: str) -> list[str]:
        clean, spoilt = reading(before, []), reading(after, [(0, "any", "finding", "f", 1)])
        doubts = pl.DataFrame({"table": "encounter", "record_id": "E1", "by": list(checks)}).with_row_index("doubt")
        found = hits(doubts, touched(clean, spoilt), clean, spoilt)
        return sorted(doubts.join(found, on="doubt")["by"])

    return judged


def test_a_doubt_is_right_at_the_row_and_column_of_an_error_and_false_at_another_column(right_about):
    told = right_about(
        STAY.format("03", "1980-01-01"), STAY.format("99X", "1980-01-01"),
        "encounter.admit_dept_code.in_list", "encounter.ends_after_it_starts", "visit.after_birth",
    )  # fmt: skip
    assert told == ["encounter.admit_dept_code.in_list"]


def test_a_doubt_at_the_row_that_an_error_is_compared_with_is_right(right_about):
    told = right_about(
        STAY.format("03", "1980-01-01"), STAY.format("03", "2080-01-01"),
        "encounter.admit_dept_code.in_list", "encounter.ends_after_it_starts", "visit.after_birth",
    )  # fmt: skip
    assert told == ["visit.after_birth"]


def test_what_is_not_touched_makes_every_doubt_a_false_alarm(right_about):
    same = STAY.format("03", "1980-01-01")
    assert right_about(same, same, "encounter.admit_dept_code.in_list", "visit.after_birth") == []
