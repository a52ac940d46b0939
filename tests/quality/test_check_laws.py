"""What holds of every count and score: errors never help, order and parts never show, and nothing is no evidence."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from federation.quality.check import Check, check
from federation.quality.count import STATES, count, merge
from federation.quality.finding import Finding, Verdict, percent, wilson
from federation.quality.frame import frame_of
from federation.quality.kind import SCHEMES, Kind, Severity
from federation.quality.library import all_checks
from federation.quality.scorecard import scorecard
from schemas.errors import BadDeclaration
from schemas.tables import TABLES
from schemas.tables.encounter import Encounter

AS_OF = date(2026, 1, 1)
NOVEMBER, FEBRUARY = datetime.fromisoformat("2024-11-01"), datetime.fromisoformat("2025-02-28")
ANSWER = Check(
    id="answer",
    frame=frame_of(Encounter),
    right=pl.col("trauma_flag"),
    kind=Kind.TEMPORAL,
    means="A made-up answer.",
    zh="答案",
    source="test",
)
BY_ROW = [each for each in all_checks() if each.frame.name == "encounter" and not each.needs]
TIMES = st.one_of(st.none(), st.datetimes(NOVEMBER, FEBRUARY))
VISITS = st.lists(
    st.fixed_dictionaries(
        {
            "org_code": st.sampled_from(["A", "B"]),
            "class_code": st.sampled_from(["IP", "OP", "?", "", None]),
            "start_time": TIMES,
            "end_time": TIMES,
            "discharge_way_code": st.sampled_from(["1", "6", "-", None]),
            "trauma_flag": st.sampled_from([True, False, None]),
            "deleted": st.sampled_from([True, False, None]),
        }
    ),
    max_size=12,
)


def visits(rows):
    schema = TABLES["encounter"].schema()
    return pl.DataFrame([dict.fromkeys(schema) | row for row in rows], schema=schema).lazy()


def counted(rows, checks):
    return count({"encounter": visits(rows)}, AS_OF, checks)


def rates(states, checks):
    return {
        (card.org_code, card.dimension, card.month): card.rate or 0.0
        for scheme in SCHEMES
        for card in scorecard(states, scheme, monthly=True, checks=checks)
    }


@given(VISITS, st.data())
def test_more_errors_never_raise_a_score(rows, data):
    worse = [row | {"trauma_flag": row["trauma_flag"] and data.draw(st.booleans())} for row in rows]
    before, after = rates(counted(rows, [ANSWER]), [ANSWER]), rates(counted(worse, [ANSWER]), [ANSWER])
    assert before.keys() == after.keys()
    assert all(after[scope] <= before[scope] for scope in before)


@given(VISITS, st.data())
def test_order_and_parts_do_not_change_the_counts(rows, data):
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    whole = counted(rows, BY_ROW)
    assert whole.equals(counted(shuffled, BY_ROW))
    assert whole.equals(merge([counted(shuffled[cut:], BY_ROW), counted(shuffled[:cut], BY_ROW)]))


@given(VISITS)
def test_counts_are_those_of_plain_python(rows):
    expected = {}
    for row in rows:
        if row["trauma_flag"] is None or row["deleted"]:
            continue
        month = row["start_time"] and row["start_time"].date().replace(day=1)
        asked, failed = expected.get((row["org_code"], month), (0, 0))
        expected[row["org_code"], month] = (asked + 1, failed + (not row["trauma_flag"]))
    states = counted(rows, [ANSWER])
    assert {(row["org_code"], row["month"]): (row["asked"], row["failed"]) for row in states.to_dicts()} == expected


@given(VISITS)
def test_months_add_up_to_the_whole(rows):
    states = counted(rows, BY_ROW)
    total = sum(card.denominator for card in scorecard(states))
    assert total == sum(card.denominator for card in scorecard(states, monthly=True))


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(2, 50))
def test_the_interval_holds_the_rate_and_narrows_with_more_rows(right, asked, times):
    assume(right <= asked)
    small, large = wilson(right, asked), wilson(right * times, asked * times)
    assert 0 <= small.low <= right / asked <= small.high <= 1
    assert large.high - large.low < small.high - small.low


def test_an_empty_hospital_is_no_evidence():
    for scheme, dimensions in SCHEMES.items():
        cards = scorecard(pl.DataFrame(schema=STATES), scheme, sites=["empty"])
        assert [card.dimension for card in cards] == list(dimensions)
        for card in cards:
            assert (card.numerator, card.denominator, card.rate, card.interval) == (0, 0, None, None)
            assert card.having(Verdict.NO_EVIDENCE) == len(card.findings)


def test_an_empty_hospital_stands_beside_the_others_and_changes_nothing_of_theirs():
    states = counted([{"org_code": "A", "start_time": NOVEMBER, "trauma_flag": True}], [ANSWER])
    cards = scorecard(states, "nhc", sites=["B", "A"], checks=[ANSWER])
    assert {(card.org_code, card.rate) for card in cards if card.dimension == "timeliness"} == {("A", 1.0), ("B", None)}


def test_an_empty_table_has_no_states_and_withdrawn_records_are_not_asked():
    withdrawn = {"org_code": "A", "trauma_flag": False, "deleted": True}
    assert counted([], None).is_empty()
    assert counted([withdrawn], [ANSWER]).is_empty()


def test_an_info_is_listed_and_never_counts():
    info = Check(
        id="info",
        frame=frame_of(Encounter),
        right=pl.col("trauma_flag"),
        kind=Kind.TEMPORAL,
        means="x.",
        zh="提示",
        source="test",
        severity=Severity.INFO,
    )
    states = counted([{"org_code": "A", "trauma_flag": False}], [ANSWER, info])
    [card] = [card for card in scorecard(states, checks=[ANSWER, info]) if card.dimension == "timeliness"]
    assert (card.numerator, card.denominator, card.having(Verdict.FAILED)) == (0, 1, 2)


def test_what_a_check_tolerates_is_the_share_of_wrong_rows():
    tolerant = Check(
        id="t",
        frame=frame_of(Encounter),
        right=pl.col("trauma_flag"),
        kind=Kind.TEMPORAL,
        means="x.",
        zh="容忍",
        source="test",
        tolerates=0.1,
        because="A reason.",
    )
    assert Finding(tolerant, 10, 1).verdict is Verdict.PASSED
    assert Finding(tolerant, 10, 2).verdict is Verdict.FAILED
    assert Finding(tolerant, 0, 0).verdict is Verdict.NO_EVIDENCE


def test_a_rare_error_is_never_shown_as_none():
    assert percent(1, 1_000_000) == "<0.01%"
    assert percent(999_999, 1_000_000) == ">99.99%"
    assert (percent(0, 5), percent(5, 5), percent(0, 0)) == ("0.00%", "100.00%", "no evidence")


def test_a_check_of_a_column_that_is_not_there_is_refused_when_declared():
    with pytest.raises(BadDeclaration, match="encounter has no column weather"):

        @check(Encounter, Kind.ATEMPORAL, zh="天气", source="test")
        def fine_weather():
            """The weather was fine."""
            return pl.col("weather") == "fine"


def test_a_tolerance_without_a_reason_is_refused_when_declared():
    with pytest.raises(BadDeclaration, match="because"):
        check(Encounter, Kind.ATEMPORAL, zh="x", source="test", tolerates=0.1)(ANSWER_FUNCTION)


def ANSWER_FUNCTION():  # noqa: N802
    """A made-up answer."""
    return pl.col("trauma_flag")


def test_a_pool_without_clear_names_is_not_asked_about_them():
    known = {"org_code": "A", "class_code": "IP", "start_time": NOVEMBER}
    leaving = visits([known]).drop("chief_physician")
    states = count({"encounter": leaving}, AS_OF)
    assert "encounter.chief_physician.readable" not in set(states["check"])
    assert "encounter.class_code.in_list" in set(states["check"])


def test_a_reference_is_not_asked_where_its_table_was_not_given(rows):
    alone, together = rows("condition encounter_id=E1"), rows("condition encounter_id=E1 + encounter")
    name = "condition.encounter_id.refers"
    assert name not in set(count(alone, AS_OF)["check"])
    assert count(together, AS_OF).filter(pl.col("check") == name)["failed"].sum() == 0
