"""Questions to a small pool: right for large cells, silent for small ones, recorded always."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from federation.broker.contracts import end, sign
from federation.broker.home import registry
from federation.broker.ledger import Ledger
from federation.broker.recording import CHECKPOINT, read_checkpoint, recording
from federation.broker.verify import verify
from federation.centre.pool import Pool
from federation.centre.query import Answer, Asked, ask, explain
from federation.centre.sandbox import run
from federation.centre.snapshot import read_snapshot, write_snapshot
from federation.cli import main
from federation.consent.contract import parse
from federation.errors import BadInput, Refused, Tampered, Unavailable
from federation.privacy.emit import emit
from federation.privacy.gate import gate
from federation.privacy.rules import rules
from tests.federation.pooled_city import NOW, contract_text, encounters, frame, make, persons

GOOD = (Path(__file__).parent / "good.sql").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pooled city for the questions that change nothing but the ledger."""
    return make(tmp_path_factory.mktemp("city"))


def asking(home: Path, sql: str, purpose: str = "PUBHLTH", by: str = "city-centre") -> Answer:
    return ask(home, Asked(sql, purpose, by, NOW))


def rows(answer: Answer) -> list[tuple[object, ...]]:
    return [tuple(row) for row in answer.document()["rows"]]


def refusal(home: Path, sql: str, **how: str) -> str:
    with pytest.raises(Refused) as caught:
        asking(home, sql, **how)
    return str(caught.value)


@pytest.fixture(scope="module")
def plain(home: Path) -> duckdb.DuckDBPyConnection:
    """The same rows in plain DuckDB, without the gate, for the sites with a contract."""
    connection, pool = duckdb.connect(), Pool(home / "pool")
    for table, version in pool.versions().items():
        held = pool.scan(table, version).filter(pl.col("org_code").is_in(["A", "B"])).collect()
        connection.register(table, held.to_arrow())
    return connection


@pytest.fixture(scope="module")
def told(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every plain question's answer, all from one locked process."""
    queries = [emit(gate(sql), ["A", "B"], rules()) for sql in GOOD]
    answers = run(home / "pool", Pool(home / "pool").versions(), queries, rules())
    return {
        sql: list(zip(*answer.to_pydict().values(), strict=True)) for sql, answer in zip(GOOD, answers, strict=True)
    }


@pytest.mark.parametrize("sql", GOOD)
def test_large_cells_are_what_plain_duckdb_says(
    plain: duckdb.DuckDBPyConnection, told: dict[str, list[tuple[object, ...]]], sql: str
):
    expected = plain.execute(sql).fetchall()
    assert len(told[sql]) == len(expected) > 0
    for mine, theirs in zip(sorted(told[sql], key=str), sorted(expected, key=str), strict=True):
        assert [comparable(value) for value in mine] == [pytest.approx(comparable(value)) for value in theirs]


def comparable(value: object) -> object:
    """Numbers of any type as floats; a date and the midnight it starts with as the same text."""
    return float(value) if isinstance(value, (int, float, Decimal)) else str(value)[:10]


def test_a_small_group_is_not_shown_and_the_note_is_the_same_with_and_without_one(home: Path):
    with_small = asking(home, "SELECT class_code, count(*) FROM encounter GROUP BY class_code")
    without = asking(home, "SELECT org_code, count(*) FROM encounter GROUP BY org_code")
    assert {row[0] for row in rows(with_small)} == {"ICU", "IMP"}
    assert with_small.note == without.note


def test_nobody_and_too_few_are_refused_in_the_same_bytes(home: Path, capfd: pytest.CaptureFixture[str]):
    told = []
    for code in ("RARE", "NOBODY"):
        sql = f"SELECT count(*) FROM encounter WHERE class_code = '{code}'"
        assert main(["query", sql, "--purpose", "PUBHLTH", "--home", str(home), "--json"]) == 1
        told.append(capfd.readouterr())
    assert told[0] == told[1]
    assert told[0].out == ""


def test_a_small_part_and_an_empty_part_of_a_large_cell_are_both_empty(home: Path):
    parts = {
        code: rows(
            asking(
                home,
                f"SELECT count(*), count(*) FILTER (WHERE class_code = '{code}'), "
                f"sum(CASE WHEN class_code = '{code}' THEN 1 ELSE 0 END), "
                f"avg(CASE WHEN class_code = '{code}' THEN 1 ELSE 0 END) FROM encounter",
            )
        )
        for code in ("RARE", "NOBODY")
    }
    assert parts["RARE"] == parts["NOBODY"] == [(210, None, None, None)]


def test_all_but_a_few_tells_as_much_as_the_few_and_is_hidden_too(home: Path):
    [(whole, part)] = rows(asking(home, "SELECT count(*), count(*) FILTER (WHERE class_code <> 'RARE') FROM encounter"))
    assert (whole, part) == (210, None)


def test_all_but_nobody_is_answered_like_all_but_a_few(home: Path):
    parts = {
        code: rows(
            asking(
                home,
                f"SELECT count(*), count(*) FILTER (WHERE NOT class_code = '{code}'), "
                f"sum(CASE WHEN class_code <> '{code}' THEN 1 ELSE 0 END) FROM encounter",
            )
        )
        for code in ("RARE", "NOBODY")
    }
    assert parts["RARE"] == parts["NOBODY"] == [(210, None, None)]


def test_persons_without_a_single_hit_are_the_other_side_of_a_count_of_persons(tmp_path: Path):
    """Everybody has a first diagnosis that is not E11; only those with J45 have no E11 at all."""
    home = make(tmp_path / "home", {"A": 30, "B": 0, "C": 0})
    sql = "SELECT count(DISTINCT person_id), count(DISTINCT person_id) FILTER (WHERE code = 'E11') FROM condition"
    assert rows(asking(home, sql)) == [(30, None)]


def test_a_value_of_few_persons_is_not_counted_among_the_distinct_ones(home: Path):
    for code in ("RARE", "NOBODY"):
        sql = f"SELECT count(DISTINCT class_code) FROM encounter WHERE class_code IN ('IMP', '{code}')"
        assert rows(asking(home, sql)) == [(1,)]
    assert rows(asking(home, "SELECT count(DISTINCT record_id) FROM encounter")) == [(210,)]


def test_a_sum_over_its_mean_does_not_count_the_few_without_a_value(tmp_path: Path):
    home = make(tmp_path / "home", {"A": 30, "B": 0, "C": 0})
    pool = Pool(home / "pool")
    gaps = frame("condition", {"person_id": persons("A", 3), "org_code": "A", "deleted": False}, 3)
    pool.append("condition", [gaps])
    with recording(registry(home), home) as ledger:
        write_snapshot(ledger.connection, pool.versions())
    [(whole, *told)] = rows(asking(home, "SELECT count(*), count(rank), sum(rank), avg(rank) FROM condition"))
    assert (whole, told) == (63, [None, None, None])


@pytest.mark.parametrize("having", ["count(*) < 11", "count(*) = 6", "count(*) > 0"])
def test_having_cannot_reach_a_cell_that_is_not_shown(home: Path, having: str):
    told = rows(asking(home, f"SELECT class_code, count(*) FROM encounter GROUP BY class_code HAVING {having}"))
    assert "RARE" not in {row[0] for row in told}


def test_ordering_and_limiting_cannot_reach_a_cell_that_is_not_shown(home: Path):
    sql = "SELECT class_code, count(*) AS n FROM encounter GROUP BY class_code ORDER BY n ASC LIMIT 1"
    assert rows(asking(home, sql)) == [("ICU", 40)]


def test_a_sum_that_is_mostly_one_person_is_hidden_and_its_count_is_not(home: Path):
    assert rows(asking(home, "SELECT count(*), sum(amount), avg(amount) FROM cost")) == [(210, None, None)]


def test_many_rows_of_few_persons_are_still_few_persons(tmp_path: Path):
    home = make(tmp_path / "home", {"A": 10, "B": 0, "C": 0})
    assert "fewer than k = 11" in refusal(home, "SELECT count(*) FROM condition")


def test_eleven_persons_are_shown_and_ten_are_not(tmp_path: Path):
    home = make(tmp_path / "home", {"A": 10, "B": 11, "C": 0})
    assert rows(asking(home, "SELECT org_code, count(*) FROM condition GROUP BY org_code")) == [("B", 22)]


def test_an_answer_says_which_sites_are_in_and_why_the_others_are_not(home: Path):
    answer = asking(home, "SELECT count(*) FROM encounter")
    assert answer.coverage.inside == ("A", "B")
    assert list(answer.coverage.outside) == ["C"]
    assert "no contract of C covers `encounter`" in answer.coverage.outside["C"][0]
    assert answer.coverage.months == ("2024-01", "2024-09")
    assert answer.document()["coverage"]["inside"] == ("A", "B")


@pytest.mark.parametrize(
    ("purpose", "by"),
    [("TREAT", "city-centre"), ("HMARKT", "city-centre"), ("PUBHLTH", "insurer"), ("FUN", "city-centre")],
)
def test_another_purpose_or_another_asker_gets_nothing(home: Path, purpose: str, by: str):
    assert refusal(home, "SELECT count(*) FROM encounter", purpose=purpose, by=by)


def test_ending_a_contract_acts_on_the_next_question(tmp_path: Path):
    home = make(tmp_path / "home")
    with recording(registry(home), home) as ledger:
        end(ledger, "C-A", NOW)
    assert rows(asking(home, "SELECT count(*) FROM encounter")) == [(90,)]


def test_a_contract_that_forbids_takes_the_site_out(tmp_path: Path):
    home = make(tmp_path / "home")
    text = contract_text("A", '{ condition = ["code"] }', "D-A", "deny")
    with recording(registry(home), home) as ledger:
        sign(ledger, parse(text, "test"), text, NOW)
    assert rows(asking(home, "SELECT count(*) FROM condition WHERE code = 'I10'")) == [(90,)]
    assert rows(asking(home, "SELECT count(*) FROM condition WHERE rank = 1")) == [(210,)]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-9])])
def test_a_pool_file_taken_away_or_cut_is_called_tampered_and_not_a_slow_question(tmp_path: Path, spoil):
    home = make(tmp_path / "home")
    spoil(next((home / "pool" / "encounter").rglob("bucket=*/*.parquet")))
    with pytest.raises(Tampered, match="1 files of the pool's table `encounter`"):
        asking(home, "SELECT count(*) FROM encounter")
    assert rows(asking(home, "SELECT count(*) FROM condition WHERE rank = 1")) == [(210,)]


def test_rows_that_the_snapshot_does_not_show_are_not_asked(tmp_path: Path):
    home = make(tmp_path / "home")
    Pool(home / "pool").append("encounter", [encounters("A", 120)])
    assert rows(asking(home, "SELECT count(*) FROM encounter")) == [(210,)]


def test_every_question_is_in_the_ledger_with_what_became_of_it_and_without_its_literals(tmp_path: Path):
    home = make(tmp_path / "home")
    asking(home, "SELECT count(*) FROM encounter WHERE class_code = 'IMP'")
    refusal(home, "SELECT count(*) FROM encounter WHERE class_code = 'Zhang San'")
    refusal(home, "SELECT person_id FROM encounter -- Zhang San")
    explain(home, Asked("SELECT count(*) FROM encounter", "PUBHLTH", "city-centre", NOW))
    with registry(home).connect() as connection:
        bodies = [entry.document for entry in Ledger(connection).entries() if entry.kind == "query"]
        assert verify(connection, read_checkpoint(home / CHECKPOINT)).intact
    assert [body["outcome"] for body in bodies] == ["answered", "refused", "refused", "explained"]
    assert bodies[0]["shape"] == bodies[1]["shape"] == "SELECT COUNT(*) FROM encounter WHERE class_code = ?"
    assert "Zhang" not in json.dumps(bodies)


def test_an_answer_that_cannot_be_recorded_is_not_given(tmp_path: Path):
    home = make(tmp_path / "home")
    with registry(home).connect() as blocking:
        blocking.exec_driver_sql("PRAGMA busy_timeout = 0")
        blocking.exec_driver_sql("DROP TABLE ledger_head")
        blocking.commit()
    (home / CHECKPOINT).write_text("garbage", "ascii")
    with pytest.raises(Exception, match="checkpoint"):
        asking(home, "SELECT count(*) FROM encounter")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "COPY encounter TO '/tmp/out.csv'",
        "ATTACH '/tmp/out.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b",
    ],
)
def test_even_sql_that_got_past_the_gate_reaches_nothing_but_the_pool(home: Path, sql: str):
    with registry(home).connect() as connection:
        versions = read_snapshot(connection)
    law = rules().model_copy(update={"seconds": 3, "memory_mb": 512})
    with pytest.raises(Unavailable, match="within the rules"):
        run(home / "pool", versions, [sql], law)


def test_a_home_may_ask_for_more_than_eleven_persons_but_never_show_fewer_than_five(tmp_path: Path):
    home = make(tmp_path / "home", {"A": 30, "B": 12, "C": 0})
    (home / "privacy.toml").write_text("k = 20\n", "utf-8")
    assert rows(asking(home, "SELECT org_code, count(*) FROM encounter GROUP BY org_code")) == [("A", 30)]
    (home / "privacy.toml").write_text("k = 4\n", "utf-8")
    with pytest.raises(BadInput, match="No cell of fewer than 5"):
        asking(home, "SELECT count(*) FROM encounter")


def test_the_command_prints_one_json_document_or_a_table_with_its_coverage(
    home: Path, capfd: pytest.CaptureFixture[str]
):
    base = ["query", "SELECT org_code, count(*) AS n FROM encounter GROUP BY org_code", "--purpose", "PUBHLTH"]
    assert main([*base, "--home", str(home), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["rows"] == [["A", 120], ["B", 90]]
    assert main([*base, "--home", str(home)]) == 0
    shown = capfd.readouterr().out
    assert "Left out: C" in shown
    assert "2024-01 to 2024-09" in shown
    assert main([*base, "--home", str(home), "--explain", "--json"]) == 0
    assert "HAVING count(*) >= 11" in json.loads(capfd.readouterr().out)["sql"]


def test_a_home_that_is_not_there_is_a_usage_error(tmp_path: Path):
    assert main(["query", "SELECT count(*) FROM encounter", "--purpose", "TREAT", "--home", str(tmp_path / "no")]) == 2
