"""What may be asked and what may not: two lists of questions, and the words of a refusal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Refused
from federation.privacy.gate import gate

HERE = Path(__file__).parent
HOSTILE = (HERE / "hostile.sql").read_text("utf-8").splitlines()
GOOD = (HERE / "good.sql").read_text("utf-8").splitlines()


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_hostile_question_is_refused(sql: str):
    with pytest.raises(Refused):
        gate(sql)


@pytest.mark.parametrize("sql", GOOD)
def test_a_plain_question_passes(sql: str):
    assert gate(sql).measures


def test_the_lists_are_long_enough_to_mean_something():
    assert len(set(HOSTILE)) >= 200
    assert len(set(GOOD)) >= 40


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM encounter WHERE person_id = 'Zhang San'",
        "SELECT count(*) FROM encounter WHERE zhangsan = 1",
        "SELECT count(*) FROM 'Zhang San.csv'",
        'SELECT "Zhang San" FROM encounter',
        "SELECT count(*) FROM encounter WHERE start_time > 'Zhang San'",
        "SELECT count(*) FROM encounter WHERE 'Zhang San",
    ],
)
def test_a_refusal_never_repeats_a_value_of_the_question(sql: str):
    with pytest.raises(Refused) as caught:
        gate(sql)
    assert "zhang" not in str(caught.value).lower()


def test_the_shape_for_the_ledger_holds_no_literal_and_no_name_the_asker_chose():
    sql = "SELECT count(*) AS \"Zhang San\" FROM encounter /* Zhang San */ WHERE class_code = 'Zhang San' -- Zhang San"
    assert gate(sql).shape == "SELECT COUNT(*) FROM encounter WHERE class_code = ?"


def test_a_question_of_endless_depth_is_refused_and_does_not_crash():
    with pytest.raises(Refused):
        gate("SELECT count(*) FROM encounter WHERE " + "NOT " * 2000 + "class_code = 'a'")
    with pytest.raises(Refused):
        gate("SELECT " + "(" * 3000 + "count(*)" + ")" * 3000 + " FROM encounter")


WORDS = """
SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT count(*) sum( avg( ) ( , * person_id class_code start_time encounter
condition JOIN ON = < > AND OR NOT IN 'a' 1 NULL CASE WHEN THEN ELSE END DISTINCT UNION WITH AS t OVER FILTER
EXISTS IS LIKE BETWEEN :: INT [1] {} -> read_text('x') ; --
"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25))
def test_whatever_is_asked_the_gate_answers_with_a_question_or_a_refusal(words: list[str]):
    try:
        question = gate(" ".join(["SELECT", *words]))
    except Refused:
        return
    assert "person_id" not in question.keys
