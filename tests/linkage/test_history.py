"""Names of persons that stay, what is told of merges and splits, and what an old name stands for."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Usage
from federation.linkage.event import MOVES
from federation.linkage.grow import grown
from federation.linkage.history import current
from federation.linkage.roll import empty_roll
from federation.linkage.rules import Rules
from tests.linkage.rolls import called, change, groups

RULES = Rules(threshold=0.5, single=frozenset("AB"))


def story(*changes, rules=RULES):
    """The last roll, events of the last step, and all moves."""
    roll, moves, events = empty_roll(rules), [MOVES.to_frame()], None
    for each in changes:
        step = grown(roll, each)
        roll, events = step.roll, step.events
        moves.append(step.moves)
    return roll, events, pl.concat(moves)


def told(events):
    return [
        (row["kind"], row["from"], row["to"], row["records"], row["because"]) for row in events.iter_rows(named=True)
    ]


def stands_for(name, roll, moves):
    return [tuple(row) for row in current([name], roll.person, moves).select("person", "records").iter_rows()]


def test_a_person_that_grows_keeps_its_name():
    roll, events, _ = story(change("B1"), change("A1", "A1-B1 0.9"), change("C1", "A1-C1 0.9"))
    assert called(roll) == {"B1": 0, "A1": 0, "C1": 0}
    assert told(events) == []


def test_a_merge_is_told_with_the_edge_that_made_it_and_the_later_name_leads_to_the_earlier():
    roll, events, moves = story(change("A1 B1"), change("C1", "A1-C1 0.9, C1-B1 0.8"))
    assert told(events) == [("merged", 1, 0, 1, "edge")]
    assert events.select("left", "right", "score").row(0) == ("B1", "C1", 0.8)
    assert stands_for(1, roll, moves) == [(0, 1)]
    assert stands_for(0, roll, moves) == [(0, 3)]


def test_a_merge_by_decision_names_the_decision():
    _, events, _ = story(change("A1 B1"), change(decided="d7 A1-B1 same"))
    assert told(events) == [("merged", 1, 0, 1, "decision")]
    assert events["decision"].to_list() == ["d7"]


def test_a_surer_record_splits_a_person_and_the_old_name_leads_to_both():
    roll, events, moves = story(change("A1 B1", "A1-B1 0.9"), change("B2", "A1-B2 0.95"))
    assert groups(roll) == {"A1 B2", "B1"}
    assert told(events) == [("split", 0, 1, 1, "one-to-one")]
    assert events.select("left", "right", "score").row(0) == ("A1", "B1", 0.9)
    assert stands_for(0, roll, moves) == [(0, 2), (1, 1)]


def test_a_split_by_decision_names_it_even_where_the_two_have_no_edge():
    _, events, _ = story(change("A1 C1 D1", "A1-C1 0.9, C1-D1 0.8"), change(decided="d8 A1-D1 different"))
    assert told(events) == [("split", 0, 2, 1, "decision")]
    assert events.select("left", "right", "decision").row(0) == ("A1", "D1", "d8")


def test_a_decision_that_is_withdrawn_brings_the_person_and_its_name_back():
    decided = change("A1 C1", "A1-C1 0.9", decided="d A1-C1 different")
    roll, events, moves = story(decided, change(lifted=["d"]))
    assert called(roll) == {"A1": 0, "C1": 0}
    assert told(events) == [("merged", 1, 0, 1, "edge")]
    assert stands_for(1, roll, moves) == [(0, 1)]


def test_where_the_earliest_record_leaves_its_heir_keeps_the_name():
    roll, events, moves = story(change("A1 B1 C1", "A1-B1 0.9, A1-C1 0.9, B1-C1 0.9"), change(left="A1"))
    assert called(roll) == {"B1": 0, "C1": 0}
    assert told(events) == []
    assert stands_for(0, roll, moves) == [(0, 2)]


def test_where_who_leaves_held_the_others_together_the_heir_keeps_the_name_and_the_rest_get_one():
    roll, events, _ = story(change("A1 B1 C1", "A1-B1 0.9, A1-C1 0.9"), change(left="A1"))
    assert called(roll) == {"B1": 0, "C1": 2}
    assert told(events) == [("split", 0, 2, 1, "unlinked")]


def test_a_person_of_whom_all_left_has_ended_and_stands_for_nobody():
    roll, events, moves = story(change("A1 B1", "A1-B1 0.9"), change(left="A1 B1"))
    assert told(events) == [("ended", 0, None, 2, "left")]
    assert stands_for(0, roll, moves) == []


def test_a_name_whose_records_left_stands_for_who_they_were_the_same_as():
    roll, _, moves = story(change("A1 C1"), change(told="A1-C1 0.9"), change(left="C1"))
    assert stands_for(1, roll, moves) == [(0, 0)]


def test_who_left_and_comes_again_is_a_new_record():
    roll, _, _ = story(change("A1 B1", "A1-B1 0.9"), change(left="A1"), change("A1"))
    assert called(roll) == {"B1": 0, "A1": 2}


def test_a_record_told_anew_keeps_its_seat_and_loses_the_edges_it_had():
    roll, events, _ = story(change("A1 B1", "A1-B1 0.9"), change("A1"))
    assert called(roll) == {"A1": 0, "B1": 1}
    assert told(events) == [("split", 0, 1, 1, "unlinked")]
    again, _, _ = story(change("A1 B1", "A1-B1 0.9"), change("A1", "A1-B1 0.8"))
    assert called(again) == {"A1": 0, "B1": 0}


def test_an_edge_scored_anew_counts_and_not_the_old_one():
    roll, _, _ = story(change("A1 B1", "A1-B1 0.9"), change(told="A1-B1 0.4"))
    assert groups(roll) == {"A1", "B1"}
    assert roll.edges["score"].to_list() == [0.4]


def test_a_name_never_given_is_said_to_be_none():
    roll, _, moves = story(change("A1 B1", "A1-B1 0.9"))
    for never in (1, 7, -1):
        with pytest.raises(Usage, match="never called so"):
            current([never], roll.person, moves)


NAMES = [f"{site}{n}" for site in "ABC" for n in range(3)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(NAMES), max_size=4, unique=True), st.booleans(), st.randoms(use_true_random=False)
        ),
        max_size=7,
    )
)
def test_every_name_ever_given_leads_to_persons_that_are_there_or_to_nobody(steps):
    roll, moves, given_names = empty_roll(RULES), MOVES.to_frame(), set()
    for some, leave, chance in steps:
        there = set(called(roll))
        if leave:
            asked = change(left=" ".join(name for name in some if name in there))
        else:
            known = sorted(there | set(some))
            pairs = [(a, b) for a in known for b in known if a < b and chance.random() < 0.3]
            asked = change(" ".join(some), ", ".join(f"{a}-{b} {chance.choice([0.4, 0.6, 0.9])}" for a, b in pairs))
        step = grown(roll, asked)
        before, after = called(roll), called(step.roll)
        roll, moves = step.roll, pl.concat([moves, step.moves])
        given_names |= set(after.values())
        ended = set(step.events.filter(pl.col("kind") != "split")["from"])
        assert not ended & set(after.values())
        assert set(before.values()) - set(after.values()) <= set(step.events["from"])
        told_now = current(sorted(given_names), roll.person, moves)
        assert set(told_now["person"]) <= set(after.values())
        for name, person in after.items():
            held = told_now.filter((pl.col("old") == before.get(name, person)) & (pl.col("person") == person))
            assert held["records"].to_list() != []
