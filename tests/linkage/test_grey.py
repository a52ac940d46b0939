"""What a human is asked, and in which order."""

from federation.linkage.grey import queue
from federation.linkage.grow import grown
from federation.linkage.roll import empty_roll
from federation.linkage.rules import Rules
from tests.linkage.rolls import change


def asked(*args, rules=None, most=None, **kwargs):
    rules = rules or Rules(threshold=0.5, floor=0.2, single=frozenset("AB"))
    frame = queue(grown(empty_roll(rules), change(*args, **kwargs)).roll, most)
    return [
        (f"{row['left']}-{row['right']}", row["why"], round(row["changes"], 2)) for row in frame.iter_rows(named=True)
    ]


def test_pairs_between_floor_and_threshold_are_asked_others_are_not():
    assert asked("A1 B1 C1 D1", "A1-B1 0.19, B1-C1 0.2, C1-D1 0.5") == [("B1-C1", "grey", 0.4)]


def test_what_would_change_more_is_asked_first():
    told = "C1-C2 0.9, C2-C3 0.9, D1-D2 0.9, C1-D1 0.3, A1-B1 0.45"
    assert asked("A1 B1 C1 C2 C3 D1 D2", told) == [("C1-D1", "grey", 1.8), ("A1-B1", "grey", 0.45)]


def test_two_persons_are_asked_about_once_by_their_surest_pair():
    assert asked("C1 C2 D1", "C1-C2 0.9, C1-D1 0.3, C2-D1 0.4") == [("C2-D1", "grey", 0.8)]


def test_a_sure_pair_that_a_rule_keeps_apart_is_asked_with_the_rule():
    assert asked("A1 B1 B2", "A1-B1 0.9, A1-B2 0.8") == [("A1-B2", "one-to-one", 1.6)]
    told = "A1-C1 0.9, C1-B1 0.8"
    assert asked("A1 B1 C1", told, numbers={"A1": "x", "B1": "y"}) == [("B1-C1", "number", 1.6)]


def test_what_was_decided_is_not_asked_again_nor_what_follows_from_it():
    assert asked("A1 B1", "A1-B1 0.3", decided="d A1-B1 different") == []
    assert asked("C1 C2 D1", "C1-C2 0.9, C1-D1 0.3, C2-D1 0.4", decided="d C1-D1 different") == []
    assert asked("A1 B1", "A1-B1 0.3", decided="d A1-B1 same") == []


def test_a_crowd_is_not_asked_pair_by_pair():
    rules = Rules(threshold=0.5, largest=2)
    assert asked("C1 C2 C3", "C1-C2 1.0, C2-C3 1.0", rules=rules) == []


def test_joined_pairs_below_the_ceiling_are_asked_too():
    rules = Rules(threshold=0.5, ceiling=0.7)
    assert asked("A1 B1 C1 D1", "A1-B1 0.6, C1-D1 0.7", rules=rules) == [("A1-B1", "joined", 0.4)]


def test_the_lesser_name_stands_left_and_the_first_so_many_are_told():
    assert asked("D1 C1 B1", "D1-C1 0.3, D1-B1 0.4", most=1) == [("B1-D1", "grey", 0.4)]


def test_an_empty_roll_asks_nothing():
    assert asked() == []
