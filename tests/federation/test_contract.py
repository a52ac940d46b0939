"""Contracts and sites from file to registry: refused with the place when wrong, recorded when signed."""

import json
from pathlib import Path

import pytest
import sqlalchemy

from federation.broker.contracts import digest
from federation.broker.home import registry
from federation.broker.ledger import Ledger
from federation.cli import main
from federation.consent.contract import parse
from federation.errors import BadInput
from tests.federation.pooled_city import contract_text

GOOD = contract_text("A", '["encounter"]')


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('"PUBHLTH", "HRESCH"', '"FUN"', "not a purpose"),
        ('"PUBHLTH", "HRESCH"', "", "purposes"),
        ('["encounter"]', '["encounters"]', "not a shared table"),
        ('["encounter"]', '{ encounter = ["colour"] }', "no column colour"),
        ('["encounter"]', "{ encounter = [] }", "no column"),
        ('["encounter"]', "[]", "empty"),
        ('effect = "allow"', 'effect = "perhaps"', "effect"),
        ("until = 2999-12-31", "until = 2024-12-31", "before"),
        ("until = 2999-12-31", 'until = "2999-12-31"', "until"),
        ("until = 2999-12-31", "until = 2999-12-31\ncolour = 1", "colour"),
        ('signed_by = "the director"', 'signed_by = ""', "signed_by"),
        ('id = "C-A"', 'id = "../x"', "id"),
        ("[", "[[", "TOML"),
    ],
)
def test_a_contract_that_says_something_unknown_is_refused_when_read(was: str, becomes: str, told: str):
    assert was in GOOD
    with pytest.raises(BadInput, match=r"c\.toml") as caught:
        parse(GOOD.replace(was, becomes), "c.toml")
    assert told in str(caught.value)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one registered site."""
    command = ["site", "add", "A", "--tier", "tertiary", "--name", "First", "--home", str(tmp_path / "home")]
    assert main(command) == 0
    return tmp_path / "home"


def test_signing_showing_and_ending_a_contract_stands_in_the_ledger(
    home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    file = tmp_path / "c.toml"
    file.write_text(GOOD, "utf-8")
    where = ["--home", str(home)]
    assert main(["contract", "sign", str(file), *where]) == 0
    assert main(["contract", "sign", str(file), *where]) == 2
    capfd.readouterr()
    assert main(["contract", "show", "C-A", *where]) == 0
    assert capfd.readouterr().out == GOOD
    assert main(["contract", "end", "C-A", *where]) == 0
    assert main(["contract", "end", "C-A", *where]) == 2
    capfd.readouterr()
    assert main(["contract", "list", "--json", *where]) == 0
    [listed] = json.loads(capfd.readouterr().out)["contracts"]
    assert listed["ended_at"]
    with registry(home).connect() as connection:
        assert [one.kind for one in Ledger(connection).entries()] == ["site", "contract.signed", "contract.ended"]


def test_a_contract_of_an_unregistered_site_is_not_signed_and_nothing_is_recorded(home: Path, tmp_path: Path):
    (tmp_path / "c.toml").write_text(contract_text("Z", '["encounter"]'), "utf-8")
    assert main(["contract", "sign", str(tmp_path / "c.toml"), "--home", str(home)]) == 2
    with registry(home).connect() as connection:
        assert Ledger(connection).checkpoint().size == 1


def test_a_contract_changed_in_the_registry_stops_everything(home: Path, tmp_path: Path):
    (tmp_path / "c.toml").write_text(GOOD, "utf-8")
    assert main(["contract", "sign", str(tmp_path / "c.toml"), "--home", str(home)]) == 0
    with registry(home).connect() as connection:
        connection.exec_driver_sql("UPDATE contracts SET text = replace(text, 'PUBHLTH', 'HMARKT')")
        connection.commit()
    assert main(["contract", "list", "--home", str(home)]) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE contracts SET text = :text, sha256 = :sha",
        "UPDATE contracts SET ended_at = NULL",
        "UPDATE ledger SET body = replace(body, 'C-A', 'C-B')",
        "DELETE FROM contracts",
        "INSERT INTO contracts SELECT 'X', site, text, sha256, signed_at, NULL FROM contracts",
    ],
)
def test_a_contract_that_the_ledger_does_not_know_so_allows_nothing(
    home: Path, tmp_path: Path, spoil: str, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "c.toml").write_text(GOOD, "utf-8")
    where = ["--home", str(home)]
    assert main(["contract", "sign", str(tmp_path / "c.toml"), *where]) == 0
    assert main(["contract", "end", "C-A", *where]) == 0
    assert main(["ledger", "verify", *where]) == 0
    wider = GOOD.replace("PUBHLTH", "HMARKT")
    with registry(home).connect() as connection:
        connection.execute(sqlalchemy.text(spoil), {"text": wider, "sha": digest(wider)} if ":text" in spoil else {})
        connection.commit()
    capfd.readouterr()
    assert main(["query", "SELECT count(*) FROM encounter", "--purpose", "PUBHLTH", *where]) == 1
    assert "is not what the ledger recorded" in capfd.readouterr().err
    assert main(["ledger", "verify", *where]) == 1


def test_sites_come_from_a_file_and_an_unchanged_site_is_not_recorded_twice(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    file, where = tmp_path / "sites.toml", ["--home", str(tmp_path / "home"), "--json"]
    file.write_text(
        '[[site]]\nid="A"\nname="First"\ntier="tertiary"\n[[site]]\nid="B"\nname="Second"\nname_zh="二院"\n'
    )
    told = []
    for _ in range(2):
        assert main(["site", "import", str(file), *where]) == 0
        told.append(json.loads(capfd.readouterr().out))
    assert told == [{"registered": ["A", "B"], "unchanged": 0}, {"registered": [], "unchanged": 2}]
    assert main(["site", "list", *where]) == 0
    assert [site["tier"] for site in json.loads(capfd.readouterr().out)["sites"]] == ["tertiary", "unknown"]


@pytest.mark.parametrize(
    "text", ['[[site]]\nid="../x"\nname="n"', "[[site]]\nid=1", "site=1", "[[", "[[site]]\nid='A'"]
)
def test_a_wrong_list_of_sites_registers_none_and_says_where(
    tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]
):
    (tmp_path / "sites.toml").write_text(text, "utf-8")
    assert main(["site", "import", str(tmp_path / "sites.toml"), "--home", str(tmp_path / "home")]) == 3
    assert "sites.toml" in capfd.readouterr().err
