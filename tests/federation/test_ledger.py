"""The ledger: RFC 6962 as another library computes it, and every kind of tampering noticed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from federation.broker import merkle
from federation.broker.canonical import canonical
from federation.broker.home import registry
from federation.broker.ledger import EMPTY, Checkpoint, Ledger
from federation.broker.recording import CHECKPOINT, read_checkpoint, recording
from federation.broker.verify import verify
from federation.cli import main
from federation.errors import BadInput, Tampered

NOW = datetime(2025, 6, 1, tzinfo=UTC)
ENTRIES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def other(entries: list[bytes]) -> pymerkle.InmemoryTree:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree


@given(ENTRIES)
def test_roots_are_those_of_another_implementation(entries: list[bytes]):
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    assert merkle.root_of(leaves) == other(entries).get_root(len(entries))


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert merkle.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(ENTRIES, st.data())
def test_inclusion_is_proved_for_the_entry_and_for_no_other(entries: list[bytes], data: st.DataObject):
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    at = data.draw(st.integers(0, len(leaves) - 1))
    path, root = merkle.inclusion(leaves, at), merkle.root_of(leaves)
    assert merkle.includes(leaves[at], at, len(leaves), path, root)
    assert not merkle.includes(merkle.leaf_hash(b"another entry"), at, len(leaves), path, root)
    assert not merkle.includes(leaves[at], at, len(leaves), [*path, root], root)


@given(ENTRIES, st.data())
def test_a_grown_tree_is_proved_consistent_and_a_rewritten_one_is_not(entries: list[bytes], data: st.DataObject):
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    old = data.draw(st.integers(1, len(leaves)))
    path, root = merkle.consistency(leaves, old), merkle.root_of(leaves)
    assert merkle.consistent(old, merkle.root_of(leaves[:old]), len(leaves), root, path)
    forged = merkle.root_of([merkle.leaf_hash(b"another entry"), *leaves[1:old]])
    assert not merkle.consistent(old, forged, len(leaves), root, path)


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
)


@given(BODIES)
def test_a_value_has_one_spelling_and_comes_back_from_it(value: object):
    spelt = canonical(value)  # type: ignore[arg-type]
    assert json.loads(spelt) == value
    assert canonical(json.loads(spelt)) == spelt


@pytest.mark.parametrize("body", [{"x": 1.5}, {"x": float("nan")}, {1: "x"}, {"x": [b"bytes"]}, {"x": {1, 2}}])
def test_what_has_no_single_spelling_is_refused(body: dict[str, object]):
    with pytest.raises(BadInput):
        canonical(body)  # type: ignore[arg-type]


def filled(home: Path, count: int = 12) -> Path:
    engine = registry(home, make=True)
    for n in range(count):
        with recording(engine, home) as ledger:
            ledger.append("step", {"n": n, "zh": "台账"}, NOW + timedelta(seconds=n))
    return home


def verdict(home: Path) -> tuple[str, ...]:
    with registry(home).connect() as connection:
        return verify(connection, read_checkpoint(home / CHECKPOINT)).problems


def test_an_untouched_ledger_is_intact_and_its_checkpoint_is_its_end(tmp_path: Path):
    home = filled(tmp_path / "home")
    assert verdict(home) == ()
    assert read_checkpoint(home / CHECKPOINT).size == 12  # type: ignore[union-attr]


TAMPERINGS = {
    "a changed body": "UPDATE ledger SET body = replace(body, '5', '6') WHERE seq = 6",
    "a changed kind": "UPDATE ledger SET kind = 'stepped' WHERE seq = 3",
    "a changed time": "UPDATE ledger SET at = '2025-06-01T00:00:59+00:00' WHERE seq = 3",
    "a changed hash": "UPDATE ledger SET leaf = zeroblob(32) WHERE seq = 3",
    "a removed entry": "DELETE FROM ledger WHERE seq = 4",
    "a removed first entry": "DELETE FROM ledger WHERE seq = 1",
    "a cut end": "DELETE FROM ledger WHERE seq > 9",
    "everything gone": "DELETE FROM ledger",
    "an entry put in": "INSERT INTO ledger SELECT 13, at, kind, body, leaf FROM ledger WHERE seq = 12",
    "a changed head": "UPDATE ledger_head SET frontier = zeroblob(64)",
    "a changed size": "UPDATE ledger_head SET size = 11",
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_every_kind_of_tampering_is_noticed(tmp_path: Path, how: str):
    home = filled(tmp_path / "home")
    with registry(home).connect() as connection:
        connection.exec_driver_sql(TAMPERINGS[how])
        connection.commit()
    assert verdict(home)
    assert main(["ledger", "verify", "--home", str(home)]) == 1


def test_two_entries_that_changed_places_are_noticed(tmp_path: Path):
    home = filled(tmp_path / "home")
    with registry(home).connect() as connection:
        for statement in ("SET seq = 99 WHERE seq = 2", "SET seq = 2 WHERE seq = 3", "SET seq = 3 WHERE seq = 99"):
            connection.exec_driver_sql(f"UPDATE ledger {statement}")
        connection.commit()
    assert verdict(home)


def rewritten(connection: Connection, entries: int) -> None:
    """A forger who recomputes every hash of the database, but cannot reach the checkpoint."""
    connection.exec_driver_sql("DELETE FROM ledger")
    connection.exec_driver_sql("DELETE FROM ledger_head")
    for n in range(entries):
        Ledger(connection).append("step", {"n": n, "zh": "forged"}, NOW)
    connection.commit()


@pytest.mark.parametrize("entries", [5, 12, 20])
def test_a_whole_new_history_contradicts_the_checkpoint_and_nothing_is_added_to_it(tmp_path: Path, entries: int):
    home = filled(tmp_path / "home")
    with registry(home).connect() as connection:
        rewritten(connection, entries)
    assert verdict(home)
    with pytest.raises(Tampered), recording(registry(home), home) as ledger:
        ledger.append("step", {}, NOW)


def test_a_database_put_back_from_a_copy_is_noticed_even_after_more_was_added(tmp_path: Path):
    home = filled(tmp_path / "home", 5)
    with registry(home).connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    old = (home / "guantong.db").read_bytes()
    filled(home, 3)
    for leftover in home.glob("guantong.db-*"):
        leftover.unlink()
    (home / "guantong.db").write_bytes(old)
    assert any("cut off" in problem for problem in verdict(home))
    with pytest.raises(Tampered), recording(registry(home), home) as ledger:
        ledger.append("step", {}, NOW)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("1 00", "ascii")])
def test_a_checkpoint_taken_away_or_changed_is_noticed(tmp_path: Path, spoil: Callable[[Path], object]):
    home = filled(tmp_path / "home")
    spoil(home / CHECKPOINT)
    assert main(["ledger", "verify", "--home", str(home)]) == 1
    with pytest.raises(Tampered), recording(registry(home), home) as ledger:
        ledger.append("step", {}, NOW)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_of_any_entry_is_noticed(tmp_path_factory: pytest.TempPathFactory, at: int, by: int):
    home = filled(tmp_path_factory.mktemp("ledger") / "home", 3)
    with registry(home).connect() as connection:
        body = Ledger(connection).entry(2).body.encode()
        at %= len(body)
        changed = body[:at] + bytes([body[at] ^ by]) + body[at + 1 :]
        connection.exec_driver_sql("UPDATE ledger SET body = ? WHERE seq = 2", (changed.decode("latin-1"),))
        connection.commit()
        assert not verify(connection, read_checkpoint(home / CHECKPOINT)).intact


def test_a_crash_between_commit_and_checkpoint_is_forgiven(tmp_path: Path):
    home = filled(tmp_path / "home")
    engine = registry(home)
    with engine.connect() as connection:
        Ledger(connection).append("step", {"n": 99}, NOW)
        connection.commit()
    assert verdict(home) == ()
    with recording(engine, home) as ledger:
        ledger.append("step", {}, NOW)
    assert verdict(home) == ()


def test_an_effect_that_fails_leaves_no_entry(tmp_path: Path):
    home = filled(tmp_path / "home", 2)
    with pytest.raises(BadInput), recording(registry(home), home) as ledger:
        ledger.append("step", {"n": [ledger.append("step", {}, NOW).seq, 1.5]}, NOW)
    with registry(home).connect() as connection:
        assert Ledger(connection).checkpoint().size == 2


def test_an_empty_ledger_is_intact(tmp_path: Path):
    with registry(tmp_path / "home", make=True).connect() as connection:
        assert verify(connection, None).intact
        assert verify(connection, EMPTY).intact
        assert not verify(connection, Checkpoint(1, bytes(32))).intact


def test_the_command_proves_an_entry_to_somebody_who_has_the_root_only(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    home = filled(tmp_path / "home")
    capfd.readouterr()
    assert main(["ledger", "prove", "7", "--home", str(home), "--json"]) == 0
    proof = json.loads(capfd.readouterr().out)
    leaf, root = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["root"])
    path = [bytes.fromhex(node) for node in proof["path"]]
    assert merkle.includes(leaf, proof["seq"] - 1, proof["size"], path, root)
    assert main(["ledger", "prove", "13", "--home", str(home)]) == 2
    assert main(["ledger", "show", "--last", "3", "--json", "--home", str(home)]) == 0
    assert [one["seq"] for one in json.loads(capfd.readouterr().out)["entries"]] == [10, 11, 12]
