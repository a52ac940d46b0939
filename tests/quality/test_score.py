"""Scores, levels and totals: what weighs how much, and what errors can never do."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.cli.score.cards import points as shown
from federation.errors import BadInput
from federation.quality.check import Check
from federation.quality.count import STATES
from federation.quality.finding import Interval, wilson
from federation.quality.frame import frame_of
from federation.quality.kind import Kind, Severity
from federation.quality.score import Part, level_text, mean, points, score, total
from federation.quality.scorecard import scorecard
from federation.quality.standard import standard
from federation.quality.trend import trend
from schemas.tables.encounter import Encounter

BY = standard()
KINDS = [Kind.TEMPORAL, Kind.TEMPORAL, Kind.FILLED, Kind.CODE]


def declared(place, severity=Severity.ERROR):
    return Check(
        id=f"made.{place}", frame=frame_of(Encounter), right=pl.col("trauma_flag"), kind=KINDS[place],
        means="Made up.", zh="测试", source="test", severity=severity,
    )  # fmt: skip


CHECKS = [declared(place) for place in range(len(KINDS))]
ANSWERS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=len(KINDS), max_size=len(KINDS))


def states(answers, site="A", month=date(2026, 1, 1)):
    rows = [
        (site, month, "encounter", each.id, right + wrong, wrong)
        for each, (right, wrong) in zip(CHECKS, answers, strict=True)
        if right + wrong
    ]
    return pl.DataFrame(rows, schema=STATES, orient="row")


def scores(answers, checks=CHECKS, by=BY):
    cards = scorecard(states(answers), "nhc", sites=["A"], checks=checks)
    return [score(card, by) for card in cards], total(cards, "nhc", by)


def value(one):
    return None if one is None else one.value


def test_a_check_with_few_rows_weighs_as_much_as_one_with_many():
    [*_, timely], _ = scores([(99_900, 100), (5, 5), (0, 0), (0, 0)])
    assert timely.value == pytest.approx((0.999 + 0.5) / 2)
    assert (timely.evidence, timely.parts) == (2, 2)


def test_an_empty_hospital_has_no_score_and_no_level():
    assert scores([(0, 0)] * len(KINDS)) == ([None] * 4, None)


@given(ANSWERS, st.integers(0, len(KINDS) - 1))
def test_a_right_answer_that_becomes_wrong_never_raises_a_score_or_the_total(answers, place):
    right, wrong = answers[place]
    worse = [*answers]
    worse[place] = (max(right - 1, 0), wrong + min(right, 1))
    before, whole = scores(answers)
    after, less = scores(worse)
    assert all(
        value(late) is None or late.value <= early.value + 1e-12 for early, late in zip(before, after, strict=True)
    )
    assert whole is None or less.value <= whole.value + 1e-12


@given(ANSWERS, st.integers(0, len(KINDS) - 1))
def test_a_right_answer_that_is_taken_away_never_raises_a_score_or_the_total(answers, place):
    right, wrong = answers[place]
    fewer = [*answers]
    fewer[place] = (max(right - 1, 0), wrong)
    (before, whole), (after, less) = scores(answers), scores(fewer)
    for early, late in zip(before, after, strict=True):
        assert late is None or late.value <= early.value + 1e-12
    assert less is None or less.value <= whole.value + 1e-12


@given(ANSWERS)
def test_the_interval_holds_the_score_and_stays_within_all_and_nothing(answers):
    found, whole = scores(answers)
    for each in (one for one in (*found, whole) if one is not None):
        assert 0 <= each.interval.low <= each.value + 1e-12
        assert each.value <= each.interval.high + 1e-12 <= 1 + 1e-9


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(2, 9))
def test_parts_that_are_alike_have_a_narrower_interval_together_than_alone(right, wrong, times):
    alone = wilson(right, right + wrong)
    part = Part(1.0, right / (right + wrong), alone)
    together = mean([part] * times, times)
    assert together.value == pytest.approx(part.value)
    assert together.interval.high - together.interval.low < alone.high - alone.low


def test_an_info_weighs_nothing_and_a_warning_half_an_error():
    checks = [declared(0), declared(1, Severity.WARN), declared(2, Severity.INFO), declared(3)]
    found, _ = scores([(10, 0), (0, 10), (0, 10), (0, 0)], checks)
    assert value(found[3]) == pytest.approx(1 / 1.5)
    assert value(found[1]) is None


def test_a_deployer_decides_what_weighs_how_much(tmp_path):
    own = tmp_path / "scoring.toml"
    own.write_text('version = "city-7"\n[checks]\n"made.0" = 3.0\n[dimensions.nhc]\ntimeliness = 0.0\n', "utf-8-sig")
    by = standard(own)
    found, whole = scores([(10, 0), (0, 10), (9, 1), (0, 0)], by=by)
    assert value(found[3]) == pytest.approx(3 / 4)
    assert (whole.value, whole.evidence, by.version) == (pytest.approx(0.9), 1, "city-7")
    assert by.levels == BY.levels


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[severity]\nerror = -1.0", "severity.error"),
        ("[severity]\nerror = nan", "severity.error"),
        ("[dimensions.nhc]\nbeauty = 1.0", "has no dimension `beauty`"),
        ("[dimensions.iso]\nx = 1.0", "there is no scheme `iso`"),
        ("[peers]\nfewest = 1", "peers.fewest"),
        ("weights = 3", "weights"),
        ('levels = [{ id = "A", zh = "优", en = "x", from = 0.5 }]', "levels"),
        ("levels = 3", "levels"),
        ("severity = 3", "severity"),
        ("not toml", "not TOML"),
    ],
)
def test_a_standard_that_cannot_be_used_says_what_is_wrong_with_it(tmp_path, text, said):
    own = tmp_path / "scoring.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(BadInput, match="scoring") as told:
        standard(own)
    assert said in str(told.value)


def test_levels_must_fall(tmp_path):
    own = tmp_path / "scoring.toml"
    rows = [
        f'[[levels]]\nid = "{name}"\nzh = "级"\nen = "l"\nfrom = {begins}'
        for name, begins in zip("ABCDE", [0.9, 0.95, 0.5, 0.2, 0.0], strict=True)
    ]
    own.write_text("\n".join(rows), "utf-8")
    with pytest.raises(BadInput, match="from the best to the worst"):
        standard(own)


def test_a_level_says_when_the_interval_reaches_into_another():
    sure = mean([Part(1.0, 0.995, Interval(0.994, 0.996))], 1)
    unsure = mean([Part(1.0, 0.98, Interval(0.92, 0.991))], 1)
    assert level_text(sure, BY) == ("A excellent", "A 优")
    assert level_text(unsure, BY) == ("B good (A-D)", "B 良 (A-D)")


def test_a_trend_ends_today_and_has_no_row_for_a_month_without_evidence():
    months = [date(2025, 12, 1), date(2026, 2, 1), date(2066, 2, 1)]
    together = pl.concat(states([(9, 1), (0, 0), (1, 1), (0, 0)], month=each) for each in months)
    found = trend(together, "nhc", BY, CHECKS, 12, date(2026, 2, 20))
    assert found.select("dimension", "month", "score").rows() == [
        ("completeness", "2025-12", 0.5), ("completeness", "2026-02", 0.5),
        ("timeliness", "2025-12", 0.9), ("timeliness", "2026-02", 0.9),
    ]  # fmt: skip
    assert trend(together, "nhc", BY, CHECKS, 1, date(2026, 2, 20))["month"].unique().to_list() == ["2026-02"]


@given(st.floats(0, 1))
def test_points_are_cut_and_only_all_of_it_is_a_hundred(share):
    assert 100 * share - 0.01 <= points(share) <= 100 * share + 1e-3
    assert (points(share) == 100) == (share == 1)
    assert shown(share) == f"{points(share):.2f}", "a terminal says what a page says"
