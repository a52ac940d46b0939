"""Heights and weights: scores as WHO tabulates them, and errors named for what they are."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.quality.growth.judge import GIVEN, judge
from federation.quality.growth.standard import HEIGHT, WEIGHT, z_scores
from tests.evidence import growth as evidence

FIVE = 1826.0
HEIGHTS, WEIGHTS = (110.0, 113.0, 116.0, 119.0, 122.0), (18.5, 19.5, 21.0, 22.0, 23.5)


def child(heights=HEIGHTS, weights=WEIGHTS, days=(0, 180, 360, 540, 720)):
    rows = [
        (row, "P", measure, FIVE + day, 1, value)
        for row, (day, *values) in enumerate(zip(days, heights, weights, strict=True))
        for measure, value in zip((HEIGHT, WEIGHT), values, strict=True)
        if value is not None
    ]
    return pl.DataFrame(rows, schema=GIVEN, orient="row")


def wrong(rows):
    found = judge(rows).filter("wrong").sort("row", "measure")
    return [(row, measure, cause) for row, measure, _, cause, _ in found.iter_rows()]


# Median and 3 SD below it, boys of five years and newborn girls, as WHO's tables have them.
@pytest.mark.parametrize(
    ("measure", "sex", "days", "value", "z"),
    [
        (HEIGHT, 1, 1826, 110.0, 0), (HEIGHT, 1, 1826, 96.1, -3), (WEIGHT, 1, 1826, 18.3, 0),
        (WEIGHT, 1, 1826, 12.4, -3), (HEIGHT, 2, 0, 49.1, 0), (WEIGHT, 2, 0, 3.2, 0), (WEIGHT, 2, 0, 4.8, 3),
    ],
)  # fmt: skip
def test_scores_are_those_of_the_published_tables(measure, sex, days, value, z):
    got = z_scores(measure, np.array([value]), np.array([sex], np.int8), np.array([float(days)]))
    assert got[0] == pytest.approx(z, abs=0.08)


def test_a_child_that_grows_is_left_alone():
    assert wrong(child()) == []


@pytest.mark.parametrize(
    ("slip", "cause"),
    [
        (lambda value: value / 2.54, "inches"), (lambda value: value / 100, "metres"),
        (lambda value: value / 10, "factor 10"), (lambda value: value * 10, "factor 1/10"),
        (lambda value: value - 100, "hundreds left out"),
    ],
)  # fmt: skip
def test_a_wrong_height_is_named_by_its_cause(slip, cause):
    heights = [*HEIGHTS[:2], slip(HEIGHTS[2]), *HEIGHTS[3:]]
    assert wrong(child(heights)) == [(2, HEIGHT, cause)]


@pytest.mark.parametrize(
    ("factor", "cause"), [(2, "jin"), (2.2046, "pounds"), (0.1, "factor 10"), (1000, "grams"), (0.5, "halved")]
)
def test_a_wrong_weight_is_named_by_its_cause(factor, cause):
    weights = [*WEIGHTS[:2], WEIGHTS[2] * factor, *WEIGHTS[3:]]
    assert wrong(child(weights=weights)) == [(2, WEIGHT, cause)]


def test_swapped_columns_are_both_named_and_mended():
    rows = child([*HEIGHTS[:2], WEIGHTS[2], *HEIGHTS[3:]], [*WEIGHTS[:2], HEIGHTS[2], *WEIGHTS[3:]])
    assert wrong(rows) == [(2, HEIGHT, "swapped"), (2, WEIGHT, "swapped")]
    assert set(judge(rows).filter("wrong")["meant"]) == {HEIGHTS[2], WEIGHTS[2]}


def test_a_figure_copied_for_half_a_year_is_carried_forward_and_an_adult_s_is_not():
    assert wrong(child([110.0, 110.0, 116.0, 119.0, 122.0])) == [(1, HEIGHT, "carried forward")]
    adult = child([170.0] * 5, [70.0] * 5).with_columns(pl.col("days") + 20 * 365)
    assert wrong(adult) == []


def test_one_measurement_alone_is_judged_by_age_only():
    assert wrong(child([110.0], [18.0], [0])) == []
    assert wrong(child([43.3], [18.0], [0])) == [(0, HEIGHT, "inches")]
    assert wrong(child([0.0], [-3.0], [0])) == [(0, HEIGHT, "unknown"), (0, WEIGHT, "unknown")]


def test_nothing_known_is_nothing_asked():
    assert judge(pl.DataFrame(schema=GIVEN)).is_empty()
    assert judge(child().with_columns(pl.lit(None, pl.Float64).alias("days"))).is_empty()


@given(
    st.lists(st.tuples(st.integers(0, 30_000), st.floats(0, 1e6), st.sampled_from([0, 1, 2])), max_size=15), st.data()
)
def test_order_never_shows_and_nothing_breaks_it(series, data):
    rows = pl.DataFrame(
        [
            (row, "P", HEIGHT if row % 2 else WEIGHT, float(day), sex, value)
            for row, (day, value, sex) in enumerate(series)
        ],
        schema=GIVEN,
        orient="row",
    )
    shuffled = rows[data.draw(st.permutations(range(rows.height)))] if rows.height else rows
    assert judge(rows).sort("row", "measure").equals(judge(shuffled).sort("row", "measure"))


def test_simulated_errors_are_found_and_right_ones_left_alone():
    chance = np.random.default_rng(7)
    right = pl.concat(
        [evidence._person(chance, number, child=number % 2 == 0) for number in range(400)]
    ).with_row_index("row")
    rows = pl.concat([evidence.answers(name, right, chance) for name in evidence.CLASSES])
    assert rows.filter("changed", "plain")["wrong"].mean() >= 0.97
    assert 1 - rows.filter(~pl.col("changed"))["wrong"].mean() >= 0.95
