"""What is published about the made-up city's errors, in small: a few sites that write in all formats, one rate."""

import pytest

from tests.evidence.city import cities, macro, table

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
    assert rows.height >= 30
    assert precision >= 0.95, rows.sort("precision").head(5)
    assert recall >= 0.95, rows.sort("recall").head(5)


def test_a_city_without_errors_is_hardly_doubted(small):
    clean, doubts, _ = small
    rows = sum(each.height for each in clean.tables.values())
    assert doubts.height <= rows * 0.0001, doubts["by"].value_counts()
