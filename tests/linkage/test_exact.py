"""Equal tokens: who is joined, what is crowded, what is refused."""

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import BadInput
from federation.linkage.exact import exact
from federation.linkage.token import TOKENS

SCORES = {"id": 0.99, "phone": 0.6}


def tokens(text):
    """`A1 id x, B1 phone y` as TOKENS; a letter is the token."""
    told = [line.split() for line in text.split(",") if line.strip()]
    return pl.DataFrame(
        [(name[0], name, kind, letter.encode() * 16) for name, kind, letter in told], TOKENS, orient="row"
    )


def found(left, right=None, **options):
    one = tokens(left)
    answer = exact(one, one if right is None else tokens(right), SCORES, **options)
    return {(f"{row['left']}-{row['right']}", row["score"]) for row in answer.edges.iter_rows(named=True)}, answer


def test_equal_tokens_of_one_kind_are_an_edge_with_the_score_of_the_kind():
    edges, answer = found("A1 id x, A2 id y, A3 phone z", "B1 id x, B2 id z, B3 phone z, B4 card x")
    assert edges == {("A1-B1", 0.99), ("A3-B3", 0.6)}
    assert set(answer.edges["how"]) == {"exact"}


def test_two_records_with_several_equal_tokens_are_one_edge_of_the_best_score():
    assert found("A1 phone z, A1 id x", "B1 id x, B1 phone z")[0] == {("A1-B1", 0.99)}


def test_within_one_frame_every_two_records_are_one_edge_and_none_leads_to_itself():
    assert found("C1 id x, C2 id x, A1 id x, A1 id x")[0] == {("A1-C1", 0.99), ("A1-C2", 0.99), ("C1-C2", 0.99)}


def test_the_lesser_site_stands_left():
    assert found("C1 id x", "B1 id x")[0] == {("B1-C1", 0.99)}


def test_a_token_of_too_many_records_of_a_site_gives_no_edge_and_is_told_without_it():
    crowd = ", ".join(f"A{n} id x" for n in range(4))
    edges, answer = found(f"{crowd}, A9 id y", "B1 id x, B2 id y")
    assert edges == {("A9-B2", 0.99)}
    assert answer.crowded.rows() == [("id", "A", 1, 4)]
    assert len(found(f"{crowd}, A9 id y", "B1 id x, B2 id y", most=4)[0]) == 5


def test_one_record_that_says_its_token_often_is_no_crowd():
    assert found("A1 id x, " * 9, "B1 id x")[0] == {("A1-B1", 0.99)}


def test_the_same_token_at_many_sites_is_no_crowd():
    assert len(found(", ".join(f"{site}1 id x" for site in "ABCDEF"))[0]) == 15


def test_nothing_asked_of_nobody_gives_nothing():
    assert found("", "B1 id x")[0] == set()
    assert found("A1 card x", "B1 card x")[0] == set()


@pytest.mark.parametrize("wrong", [b"short", b"much longer than sixteen", None])
def test_a_token_that_is_none_is_refused_and_not_shown(wrong):
    bad = tokens("A1 id x, A2 id y").with_columns(token=pl.Series([wrong, b"y" * 16]))
    with pytest.raises(BadInput, match="Of 2 tokens 1 have not 16 bytes") as told:
        exact(bad, tokens("B1 id x"), SCORES)
    assert "short" not in str(told.value)


SAID = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["id", "phone"]), st.sampled_from("vwxyz")), max_size=20)


@settings(max_examples=60, deadline=None)
@given(SAID, SAID)
def test_the_edges_are_those_of_a_plain_join(left, right):
    one, other = (
        ", ".join(f"{site}{n} {kind} {t}" for n, kind, t in said) for site, said in (("A", left), ("B", right))
    )
    frames = {"l": tokens(one), "r": tokens(other)}
    asked = duckdb.sql(
        "select l.record, r.record, max(case kind when 'id' then 0.99 else 0.6 end)::double from l join r using (kind, token)"
        "group by 1, 2",
        connection=_with(frames),
    ).fetchall()
    assert found(one, other, most=20)[0] == {(f"{a}-{b}", score) for a, b, score in asked}


def _with(frames):
    connection = duckdb.connect()
    for name, frame in frames.items():
        connection.register(name, frame)
    return connection
