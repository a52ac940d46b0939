"""An answer says what its numbers must not be taken for, and nothing about how many cells it hides."""

import json

import pytest

from federation.broker.contracts import sign
from federation.broker.home import registry
from federation.broker.recording import recording
from federation.centre.caveats import caveats
from federation.centre.query import Asked, ask
from federation.cli.main import main
from federation.consent.contract import parse
from federation.privacy.gate import gate
from tests.federation.pooled_city import NOW, contract_text, make

VISITS, PATIENTS, PERSONS = "row of `encounter`", "row of `patient`", "until linkage has run"


@pytest.mark.parametrize(
    ("sql", "inside", "said"),
    [
        ("select count(*) from patient", ["A"], [PATIENTS, PERSONS]),
        ("select count(*) from encounter", ["A"], [VISITS]),
        ("select count(*) from encounter", ["A", "B"], [VISITS, PERSONS]),
        ("select count(DISTINCT person_id) from encounter", ["A"], [PERSONS]),
        ("select count(DISTINCT person_id) from patient", ["A"], [PERSONS]),
        ("select code, count(*) from condition group by 1", ["A"], []),
        ("select count(*) from encounter e join patient p on p.person_id = e.person_id", ["A"],
         [PATIENTS, VISITS, PERSONS]),
    ],
)  # fmt: skip
def test_rows_that_are_no_persons_are_said_to_be_none(sql, inside, said):
    found = caveats(gate(sql), "city-centre", inside, [])
    assert len(found) == len(said)
    assert all(words in caveat for words, caveat in zip(said, found, strict=True))
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in caveat) for caveat in found)


def test_an_asker_whose_own_rows_are_not_in_it_is_told_why(tmp_path):
    home = make(tmp_path)
    text = contract_text("A", '["encounter"]', "C-A-for-B").replace('["city-centre"]', '["B"]')
    with recording(registry(home), home) as ledger:
        sign(ledger, parse(text, "test"), text, NOW)
    told = ask(home, Asked("select count(*) from encounter", "PUBHLTH", "B", NOW))
    assert told.coverage.inside == ("A",)
    assert "The rows of B itself are not in it" in told.caveats[-1]


def test_what_the_answer_says_beside_its_cells_does_not_depend_on_hidden_ones(tmp_path):
    sql = "select class_code, count(*) from encounter group by 1"
    small, none = (
        ask(make(tmp_path / name, sizes), Asked(sql, "PUBHLTH", "city-centre", NOW)).document()
        for name, sizes in (("a", {"A": 100, "B": 90}), ("b", {"A": 100, "B": 0}))
    )
    same = ("note", "caveats", "k")
    assert [small[name] for name in same] == [none[name] for name in same]


def test_the_command_says_it_in_both_forms(tmp_path, capsys):
    home = make(tmp_path)
    words = ["query", "select count(*) from encounter", "--purpose", "PUBHLTH", "--home", str(home)]
    assert main(words) == 0
    assert "counts twice" in capsys.readouterr().out.replace("\n", " ")
    assert main([*words, "--json"]) == 0
    assert "counts twice" in json.loads(capsys.readouterr().out)["caveats"][0]
