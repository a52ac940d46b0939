"""Sites beside their like: only on what both were asked, each peer once, and nobody stands out by chance."""

from random import Random

import polars as pl
import pytest

from federation.quality.check import Check
from federation.quality.count import STATES
from federation.quality.frame import frame_of
from federation.quality.kind import Kind
from federation.quality.peers import Standing, compared
from federation.quality.scorecard import scorecard
from federation.quality.standard import standard
from schemas.tables.encounter import Encounter

BY = standard()
EASY, HARD = (
    Check(
        id=f"made.{name}", frame=frame_of(Encounter), right=pl.col("trauma_flag"), kind=Kind.TEMPORAL,
        means="Made up.", zh="测试", source="test",
    )
    for name in ("easy", "hard")
)  # fmt: skip
CHECKS = [EASY, HARD]


def beside(answers, tiers=None):
    """Timeliness of each site; `answers` is site -> check -> (asked, failed)."""
    rows = [
        (site, None, "encounter", check.id, *counts) for site, told in answers.items() for check, counts in told.items()
    ]
    states = pl.DataFrame(rows, schema=STATES, orient="row")
    cards = scorecard(states, "nhc", sites=answers, checks=CHECKS)
    found = compared(cards, tiers or dict.fromkeys(answers, "tertiary"), BY)
    return {each.org_code: each for each in found if each.dimension == "timeliness"}


def test_whoever_is_asked_the_hard_question_is_not_worse_for_it():
    """D alone has operations to get wrong: its raw score is the lowest, and on the same questions it is the best."""
    common = {EASY: (10_000, 500)}
    found = beside({"A": common, "B": common, "C": common, "D": {EASY: (10_000, 100), HARD: (10_000, 3_000)}})
    assert found["D"].raw.value < found["A"].raw.value
    assert found["D"].difference == pytest.approx(0.04)
    assert (found["D"].checks, found["D"].peers) == (1, 3)
    assert found["D"].standing is Standing.ABOVE
    assert found["D"].adjusted > found["A"].adjusted


def test_each_peer_counts_once_however_many_rows_it_has():
    answers = {site: {EASY: (1000, 100)} for site in "ABCD"}
    grown = answers | {"B": {EASY: (1_000_000, 100_000)}}
    assert beside(answers)["A"].expected == pytest.approx(beside(grown)["A"].expected)


def test_fewer_peers_than_needed_are_no_peers():
    found = beside({site: {EASY: (1000, 100 if site == "A" else 0)} for site in "ABC"})
    assert {each.standing for each in found.values()} == {Standing.ALONE}
    assert {each.adjusted for each in found.values()} == {None}


def test_another_tier_is_nobodys_like():
    answers = {site: {EASY: (1000, 10)} for site in "ABCDE"}
    found = beside(answers, dict.fromkeys("ABCD", "tertiary") | {"E": "primary"})
    assert found["E"].standing is Standing.ALONE
    assert found["A"].peers == 3


def test_an_empty_hospital_stands_nowhere():
    found = beside({site: {EASY: (1000, 10)} for site in "ABCD"} | {"E": {}})
    assert (found["E"].raw, found["E"].own, found["E"].standing) == (None, None, Standing.ALONE)
    assert found["A"].peers == 3


def test_one_bad_site_stands_out_and_excuses_nobody():
    answers = {site: {EASY: (10_000, 100 + 5 * place)} for place, site in enumerate("ABCDEF")}
    found = beside(answers | {"X": {EASY: (10_000, 4000)}})
    assert found["X"].standing is Standing.BELOW
    assert {found[site].standing for site in "ABCDEF"} == {Standing.AMONG}


def test_few_rows_are_no_proof():
    found = beside({site: {EASY: (10_000, 100)} for site in "ABCD"} | {"X": {EASY: (10, 1)}})
    assert found["X"].difference < -0.08
    assert found["X"].standing is Standing.AMONG


def test_sites_of_one_quality_seldom_stand_out():
    """200 cities of ten equal hospitals: fewer than one in fifty is said to differ."""
    draw = Random(20261128)
    named = 0
    for _ in range(200):
        answers = {site: {EASY: (2000, sum(draw.random() < 0.02 for _ in range(2000)))} for site in "ABCDEFGHIJ"}
        named += sum(each.standing is not Standing.AMONG for each in beside(answers).values())
    assert named < 40


def test_order_of_the_sites_does_not_matter():
    answers = {site: {EASY: (1000, 7 * place), HARD: (500, 3 * place)} for place, site in enumerate("ABCDE")}
    turned = dict(reversed(answers.items()))
    assert beside(answers) == beside(turned)
