"""What is learned without labels: how alike strangers are, who is one person, and from which probability on."""

import numpy as np
import polars as pl
import pytest

from federation.linkage.bloom import encode
from federation.linkage.gap import Gap
from federation.linkage.model import PROBABILITY, Model, one_to_one
from federation.linkage.side import CROWD, Side
from tests.linkage.made import derive, everybody, slipped, spec

COUNT, BOTH = 1_500, 900
EVERYBODY = everybody(2 * COUNT - BOTH)
LEFT = EVERYBODY.head(COUNT)
RIGHT = slipped(EVERYBODY.tail(COUNT), 0.15)  # row r of the right is row r + COUNT - BOTH of everybody


def side(people: pl.DataFrame, fold: int = 3) -> Side:
    return Side.of(encode(people, spec(fold), derive), len(people), spec(fold))


def true(pairs: pl.DataFrame) -> pl.Series:
    return pairs.select(pl.col("left") == pl.col("right") + (COUNT - BOTH)).to_series()


def f1(pairs: pl.DataFrame) -> float:
    return 2 * int(true(pairs).sum()) / (len(pairs) + BOTH)


def linked(left: Side, right: Side, model: Model) -> pl.DataFrame:
    return one_to_one(model.edges(left, right, spec(), model.threshold))


@pytest.mark.parametrize("matched", [0.05, 0.3, 0.6, 1.0])
def test_the_share_of_matches_and_the_best_stranger_follow_from_the_two_best(matched):
    drawn = np.random.default_rng(5)
    strangers = np.sort(np.tanh(drawn.normal(0, 0.1, (20_000, 30))), axis=1)[:, ::-1]
    match = np.clip(drawn.normal(0.7, 0.1, 20_000), -1, 0.999)
    is_there = drawn.random(20_000) < matched
    best = np.where(is_there, np.maximum(match, strangers[:, 0]), strangers[:, 0])
    second = np.where(is_there, np.minimum(match, strangers[:, 0]), strangers[:, 1])
    gap = Gap.seen(best, second)
    assert abs(gap.matched - matched) < 0.03
    known = np.searchsorted(np.sort(strangers[:, 0]), gap.scale, side="right") / 20_000
    assert np.abs(gap.wrong - known).max() < 0.03


@pytest.mark.parametrize("fold", [1, 3])
def test_without_a_label_the_threshold_is_near_the_best_there_is(fold):
    left, right = side(LEFT, fold), side(RIGHT, fold)
    model = Model.fitted(left, right, spec(fold))
    best = one_to_one(model.edges(left, right, spec(fold), 0.0)).sort(PROBABILITY, descending=True)
    every = 2 * true(best).cum_sum() / (pl.int_range(1, len(best) + 1, eager=True) + BOTH)
    chosen = f1(best.filter(pl.col(PROBABILITY) >= model.threshold))
    assert chosen > every.max() - 0.003
    assert chosen > 0.98
    assert abs(model.matched - BOTH / COUNT) < 0.05


def test_two_sites_that_share_nobody_are_not_linked():
    left, right = side(everybody(800, 11)), side(everybody(800, 12).with_columns(id="x" + pl.col("id")))
    model = Model.fitted(left, right, spec())
    assert len(linked(left, right, model)) <= 8


def test_an_identifier_weighs_what_the_records_show_that_it_is_worth():
    weight = Model.fitted(side(LEFT), side(RIGHT), spec()).weights["id"]
    assert weight.agree > 4
    assert weight.differ < 0


def test_a_later_batch_is_given_what_the_whole_would_have_given_it():
    left, right = side(LEFT), side(RIGHT)
    model = Model.model_validate_json(Model.fitted(left, right, spec()).model_dump_json())
    whole = model.edges(left, right, spec(), 0.1)
    parts = [
        model.edges(left, side(RIGHT[start : start + 500]), spec(), 0.1).with_columns(pl.col("right") + start)
        for start in range(0, COUNT, 500)
    ]
    assert pl.concat(parts).cast(whole.schema).sort("left", "right").equals(whole)


def test_an_identifier_shared_by_a_crowd_belongs_to_nobody():
    same = LEFT.with_columns(id=pl.when(pl.int_range(pl.len()) <= CROWD).then(pl.lit("1")).otherwise("id"))
    crowd = side(same)
    assert crowd.crowded == {"id": 1}
    assert not crowd.tokens["id"][: CROWD + 1].any()


def test_people_who_are_all_called_the_same_are_not_one_person():
    same = everybody(600).with_columns(name=pl.lit("甲乙"), street=pl.lit("一街"), id=pl.lit(None, pl.String))
    left, right = side(same.head(300)), side(same.tail(300))
    found = linked(left, right, Model.fitted(left, right, spec()))
    born = same["born"].gather(found["left"]) == same["born"].gather(found["right"] + 300)
    assert len(found) <= 6
    assert born.sum() >= len(found) - 2  # who also shares the day of birth cannot be told apart by anybody


@pytest.mark.parametrize(
    "left", [LEFT.clear(), LEFT.head(1), LEFT.head(5).select(pl.lit(None, pl.String).alias(n) for n in LEFT.columns)]
)
def test_sides_that_hold_nothing_to_go_by_link_nothing_and_break_nothing(left):
    one, other = side(left), side(RIGHT.head(20))
    for a, b in ((one, other), (other, one)):
        assert len(linked(a, b, Model.fitted(a, b, spec()))) <= 1
