"""From edges to persons: what is joined, what never is, and that no order of anything changes it."""

from itertools import pairwise

import polars as pl
import pytest

from federation.errors import BadInput, Refused, Usage
from federation.linkage.grow import grown
from federation.linkage.roll import empty_roll
from federation.linkage.rules import Rules
from tests.linkage.rolls import called, change, groups

RULES = Rules(threshold=0.5, single=frozenset("AB"))


def persons(*args, rules=RULES, **kwargs):
    return groups(grown(empty_roll(rules), change(*args, **kwargs)).roll)


def test_records_without_an_edge_are_a_person_each():
    assert persons("A1 B1 C1") == {"A1", "B1", "C1"}


def test_edges_below_the_threshold_join_nobody():
    assert persons("A1 B1 C1", "A1-B1 0.49, B1-C1 0.5") == {"A1", "B1 C1"}


def test_a_site_without_doubles_has_one_record_in_a_person_that_of_the_surest_edge():
    assert persons("A1 B1 B2", "A1-B1 0.9, A1-B2 0.95") == {"A1 B2", "B1"}
    assert persons("A1 A2 C1", "A1-C1 0.9, A2-C1 0.8") == {"A1 C1", "A2"}
    assert persons("A1 A2", "A1-A2 0.99") == {"A1", "A2"}


def test_a_site_that_claims_nothing_may_hold_a_person_twice():
    assert persons("A1 C1 C2", "A1-C1 0.9, A1-C2 0.8") == {"A1 C1 C2"}


def test_equal_scores_are_taken_in_the_order_of_names():
    assert persons("A1 B2 B1", "A1-B2 0.9, A1-B1 0.9") == {"A1 B1", "B2"}


def test_records_with_different_resident_ids_are_not_joined_through_a_third():
    told = "A1-C1 0.9, C1-B1 0.8"
    assert persons("A1 B1 C1", told, numbers={"A1": "x", "B1": "y"}) == {"A1 C1", "B1"}
    assert persons("A1 B1 C1", told, apart="B1-A1") == {"A1 C1", "B1"}
    assert persons("A1 B1 C1", told, numbers={"A1": "x", "B1": "x"}) == {"A1 B1 C1"}


def test_an_edge_of_their_own_joins_records_whose_ids_differ():
    told = "A1-B1 0.9, A1-C1 0.8"
    assert persons("A1 B1 C1", told, numbers={"A1": "x", "B1": "y"}) == {"A1 B1 C1"}
    assert persons("A1 B1", "A1-B1 0.9", numbers={"A1": "x", "B1": "y"}) == {"A1 B1"}


def test_what_was_decided_to_differ_is_never_joined():
    assert persons("A1 B1", "A1-B1 1.0", decided="d B1-A1 different") == {"A1", "B1"}
    assert persons("A1 C1 D1", "A1-C1 0.9, C1-D1 0.8", decided="d A1-D1 different") == {"A1 C1", "D1"}


def test_what_was_decided_to_be_the_same_is_joined_whatever_a_rule_says():
    assert persons("A1 A2", decided="d A1-A2 same") == {"A1 A2"}
    assert persons("A1 A2 B1", "A1-B1 0.9", decided="d A1-A2 same") == {"A1 A2 B1"}
    assert persons("A1 C1", decided="d A1-C1 same", numbers={"A1": "x", "C1": "y"}) == {"A1 C1"}


def test_ids_that_a_decision_overruled_keep_nobody_apart():
    told, numbers = "A1-D1 0.9", {"A1": "x", "C1": "y", "D1": "x"}
    assert persons("A1 C1 D1", told, decided="d A1-C1 same", numbers=numbers) == {"A1 C1 D1"}


def test_decisions_that_contradict_each_other_are_named_and_change_nothing():
    roll = grown(empty_roll(RULES), change("A1 B1 C1", decided="d1 A1-B1 same")).roll
    with pytest.raises(Refused, match=r"d2.*d1"):
        grown(roll, change(decided="d2 B1-A1 different"))
    with pytest.raises(Refused, match=r"d4 says.*decisions d1, d3 together"):
        grown(roll, change(decided="d3 B1-C1 same, d4 A1-C1 different"))
    assert groups(roll) == {"A1 B1", "C1"}


def test_a_shared_placeholder_makes_no_giant_and_loses_nobody():
    rules = Rules(threshold=0.5, largest=10)
    crowd = [f"C{n}" for n in range(50)]
    told = ", ".join(f"C0-{name} 1.0" for name in crowd[1:]) + ", A1-C7 1.0"
    answer = grown(empty_roll(rules), change(" ".join(["A1", *crowd]), told))
    assert groups(answer.roll) == {"A1", *crowd}
    [cut] = answer.crowds
    assert (cut.records, cut.step, cut.pieces, cut.edges) == (51, float("inf"), 51, 50)


def test_a_crowd_falls_apart_where_its_edges_are_weakest():
    rules = Rules(threshold=0.5, largest=3)
    told = "A1-B1 0.99, B1-C1 0.99, C1-D1 0.6, D1-E1 0.99, E1-F1 0.97"
    answer = grown(empty_roll(rules), change("A1 B1 C1 D1 E1 F1", told))
    assert groups(answer.roll) == {"A1 B1 C1", "D1 E1 F1"}
    assert [(cut.records, cut.step, cut.pieces, cut.edges) for cut in answer.crowds] == [(6, 0.75, 2, 1)]


def test_a_decision_holds_in_a_crowd():
    rules = Rules(threshold=0.5, largest=2)
    told = "A1-B1 1.0, B1-C1 1.0, C1-D1 1.0"
    assert persons("A1 B1 C1 D1", told, rules=rules, decided="d C1-A1 same") == {"A1 C1", "B1", "D1"}


def test_ten_thousand_records_of_one_person_are_told_and_not_joined():
    names = [f"C{n}" for n in range(10_000)]
    told = ", ".join(f"{a}-{b} 1.0" for a, b in pairwise(names))
    answer = grown(empty_roll(RULES), change(" ".join(names), told))
    assert answer.roll.persons["person"].n_unique() == 10_000
    assert answer.crowds[0].records == 10_000


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"score": 1.5}, "1 have a score outside"),
        ({"score": float("nan")}, "1 have a score outside"),
        ({"score": None}, "1 have a score outside"),
        ({"left": None}, "1 have an end without a name"),
        ({"right": "A1", "right_site": "A"}, "1 lead from a record to itself"),
        ({"right": "B9"}, "1 of 1 edges lead to a record that is not there"),
    ],
)
def test_edges_that_cannot_be_are_refused_as_a_whole(wrong, said):
    asked = change("A1 B1", "A1-B1 0.9")
    bad = asked.edges.with_columns(pl.lit(value, asked.edges.schema[name]).alias(name) for name, value in wrong.items())
    with pytest.raises(BadInput, match=said) as told:
        grown(empty_roll(RULES), type(asked)(asked.arrived, edges=bad))
    assert "B9" not in str(told.value)


def test_records_told_twice_or_nameless_are_refused():
    with pytest.raises(BadInput, match="1 are told twice"):
        change("A1 A1")


def test_who_leaves_must_be_there_and_what_is_lifted_must_have_been_decided():
    with pytest.raises(Usage, match="1 of 1 records that leave are not there"):
        grown(empty_roll(RULES), change(left="A1"))
    with pytest.raises(Usage, match="1 of 1 decisions"):
        grown(empty_roll(RULES), change(lifted=["d1"]))


def test_a_token_of_another_length_is_refused():
    asked = change("A1")
    with pytest.raises(BadInput, match="1 have not 16 bytes"):
        grown(empty_roll(RULES), type(asked)(asked.arrived.with_columns(number=pl.lit(b"short"))))


def test_rules_that_cannot_be_are_refused():
    for wrong in (
        {"threshold": 1.1},
        {"threshold": 0.1},
        {"threshold": 0.5, "ceiling": 0.4},
        {"threshold": 0.5, "largest": 1},
    ):
        with pytest.raises(Usage):
            Rules(**wrong)


def test_names_are_by_record_and_site():
    assert called(grown(empty_roll(RULES), change("B1 A1", "A1-B1 0.9")).roll) == {"B1": 0, "A1": 0}
