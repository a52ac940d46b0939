"""Leagues and losses: places are ranges, tiers stay apart, and a point lost is a point that mending gives back."""

from dataclasses import replace

import pytest

from federation.quality.finding import Finding
from federation.quality.kind import Nhc
from federation.quality.league import league
from federation.quality.library import all_checks
from federation.quality.loss import losses
from federation.quality.score import total
from federation.quality.scorecard import Scorecard, dimension_of
from federation.quality.standard import standard

BY = standard()
COUNTING = [each for each in all_checks() if each.counts]


def cards(site: str, failed: dict[int, tuple[int, int]]) -> list[Scorecard]:
    """A site's cards; `failed` is place of a check in the library -> (asked, failed)."""
    found = [Finding(each, *failed.get(place, (0, 0))) for place, each in enumerate(COUNTING)]
    return [
        Scorecard(site, dimension, tuple(one for one in found if dimension_of(one.check, "nhc") is dimension))
        for dimension in Nhc
    ]


def city(**sites: int) -> list[Scorecard]:
    """Sites asked the same hundred checks of a thousand rows; the number is how many failed of each."""
    return [card for site, wrong in sites.items() for card in cards(site, dict.fromkeys(range(100), (1000, wrong)))]


TIERS = {"a": "tertiary", "b": "tertiary", "c": "tertiary", "d": "tertiary", "x": "primary"}


def test_the_best_of_a_tier_comes_first_and_tiers_stay_apart():
    placed = league(city(a=50, b=1, c=20, d=30, x=900), [], TIERS, "nhc", BY)
    assert [(one.org_code, one.best, one.worst) for one in placed] == [
        ("b", 1, 1), ("c", 2, 2), ("d", 3, 3), ("a", 4, 4), ("x", 1, 1),
    ]  # fmt: skip
    assert placed[-1].adjusted is None


def test_sites_whose_intervals_overlap_share_their_places():
    placed = league(city(a=10, b=10, c=10, d=11), [], TIERS, "nhc", BY)
    assert {(one.best, one.worst) for one in placed} == {(1, 4)}


def test_a_site_that_sent_nothing_has_no_place_and_no_score():
    placed = league(city(a=10, b=1, c=3, d=2) + cards("e", {}), [], TIERS | {"e": "tertiary"}, "nhc", BY)
    assert (placed[-1].org_code, placed[-1].points, placed[-1].best, placed[-1].change) == ("e", None, None, None)


def test_a_change_is_told_on_checks_asked_in_both_months_only():
    now = cards("a", {0: (1000, 10), 1: (1000, 500)})
    before = cards("a", {0: (1000, 10)})
    [one] = league(now, before, {"a": "tertiary"}, "nhc", BY)
    assert (one.change, one.sure) == (0.0, False)
    [one] = league(cards("a", {0: (1000, 500)}), before, {"a": "tertiary"}, "nhc", BY)
    assert one.change is not None
    assert one.change < -0.4
    assert one.sure


def test_what_a_check_costs_is_what_mending_it_gives_back():
    failed = {0: (100, 50), 3: (40, 1), 20: (10, 10), 60: (1000, 3), 90: (7, 0)}
    own = cards("a", failed)
    before = total(own, "nhc", BY)
    assert before is not None
    for place, (asked, _) in failed.items():
        mended = total(cards("a", failed | {place: (asked, 0)}), "nhc", BY)
        assert mended is not None
        cost = sum(one.cost for one in losses(own, "nhc", BY) if one.finding.check is COUNTING[place])
        tolerated = COUNTING[place].tolerates > 0 and not cost
        assert tolerated or mended.value - before.value == pytest.approx(cost, abs=1e-12)


def test_the_dearest_comes_first_and_what_weighs_nothing_costs_nothing():
    own = cards("a", {0: (100, 50), 1: (100, 1)})
    found = losses(own, "nhc", BY)
    assert [one.cost for one in found] == sorted((one.cost for one in found), reverse=True)
    free = BY.model_copy(update={"checks": {COUNTING[0].id: 0.0}})
    assert {one.cost for one in losses(own, "nhc", free) if one.finding.check is COUNTING[0]} == {0.0}
    assert losses([replace(card, findings=()) for card in own], "nhc", BY) == []
