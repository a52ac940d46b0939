"""Whatever stands in tables and in checks that others write: an answer or a clear refusal, and the other checks are asked."""

import json
from datetime import date

import polars as pl
import pytest

from federation.cli.main import main
from federation.node.library import _loaded
from federation.quality.check import Check
from federation.quality.count import count, merge
from federation.quality.custom import custom
from federation.quality.explain import explain
from federation.quality.finding import Finding, Verdict
from federation.quality.frame import frame_of
from federation.quality.kind import Kind
from federation.quality.library import all_checks, find
from federation.quality.probe import fails_on, rows_of
from federation.quality.scorecard import scorecard
from schemas.tables import TABLES
from schemas.tables.encounter import Encounter
from tests.quality.landed import home_with, land
from tests.quality.test_custom_checks import GOOD, with_line

TODAY = date(2026, 1, 1)


def every_table(rows):
    """Rows of site A, whose name conforming fills in whatever the source says."""
    made = {name: rows(table.schema()) for name, table in TABLES.items()}
    return {name: table.with_columns(org_code=pl.lit("A")).lazy() for name, table in made.items()}


def all_null(schema):
    return pl.DataFrame({name: pl.Series([None], dtype=dtype) for name, dtype in schema.items()})


def one_row(schema):
    return rows_of(schema).slice(7, 1)


def no_rows(schema):
    return pl.DataFrame(schema=schema)


def test_tables_without_rows_have_no_states():
    assert count(every_table(no_rows), TODAY).is_empty()


@pytest.mark.parametrize("rows", [all_null, one_row, rows_of])
def test_one_row_columns_of_nothing_and_the_worst_values_are_answered(rows):
    states = count(every_table(rows), TODAY)
    assert states.height > 0
    assert states.filter((pl.col("failed") > pl.col("asked")) | (pl.col("failed") < 0)).is_empty()
    assert merge([states]).equals(states)
    for card in scorecard(states, "nhc"):
        assert 0 <= card.numerator <= card.denominator


def test_columns_of_nothing_are_asked_whether_they_are_filled_and_nothing_else():
    kinds = {each.id: each.kind for each in all_checks()}
    states = count(every_table(all_null), TODAY)
    assert {kinds[check] for check in states["check"]} <= {Kind.FILLED, Kind.DERIVED}, states


def test_the_worst_values_are_explained_as_they_are_counted():
    tables = every_table(rows_of)
    states = count(tables, TODAY, find("measurement.body_fits_the_person"))
    told = explain(tables, find("measurement.body_fits_the_person"), TODAY, limit=1000, values=True)
    assert told.height == states["failed"].sum()


@pytest.mark.parametrize(("right", "column"), [
    ("cast(visit_no as int) > 1", "visit_no"),
    ("date(visit_no, '%Y-%m-%d') < start_time", "visit_no"),
    ("strptime(admission_no, '%Y') < start_time", "admission_no"),
])  # fmt: skip
def test_a_check_that_some_value_would_stop_is_refused_before_it_meets_a_patient(rows, right, column):
    told = custom(with_line(f'right = "{right}"') + "\n" + GOOD.replace("stay_has_an_end", "other"), "mine.toml")
    [problem] = told.problems
    assert problem.startswith("mine.toml: check `stay_has_an_end`")
    assert column in problem
    assert "try_cast" in problem
    states = count(rows("encounter visit_no=ABC admission_no=x"), TODAY, [*told.checks, *all_checks()])
    assert "custom.other" in states["check"].to_list()


def test_a_cast_that_may_fail_is_not_asked_of_what_it_cannot_read(rows):
    told = custom(with_line('right = "try_cast(visit_no as int) > 1"'), "mine.toml")
    states = count(rows("encounter visit_no=ABC + encounter visit_no=1 + encounter visit_no=2"), TODAY, told.checks)
    assert states.select("asked", "failed").rows() == [(2, 1)]


@pytest.mark.parametrize("word", ["current_date", "now()", "CURRENT_TIMESTAMP"])
def test_a_check_that_asks_the_clock_is_refused_and_one_that_only_writes_the_word_is_not(word):
    [problem] = custom(with_line(f'right = "start_time < {word}"'), "mine.toml").problems
    assert "as_of" in problem
    assert custom(with_line("right = \"visit_no <> 'now'\""), "mine.toml").problems == ()


def test_a_regex_too_large_to_compile_is_refused():
    [problem] = custom(with_line("right = \"visit_no ~ '(a{1000}){1000}'\""), "mine.toml").problems
    assert "regex" in problem


class Entry:
    """An entry point of an installed package."""

    name = "theirs"

    def __init__(self, right):
        self.right = right

    def load(self):
        """One check that may fail, and a good one."""
        words = {"kind": Kind.TEMPORAL, "means": "Theirs.", "zh": "他", "source": "x", "frame": frame_of(Encounter)}
        return [Check(id="theirs", right=self.right, **words), Check(id="good", right=pl.col("los_days") > 0, **words)]


def divided(value):
    return 1 // len(str(value).strip("0")) > 0


@pytest.mark.parametrize("right", [
    pl.col("visit_no").cast(pl.Int64) > 1,
    pl.col("los_days") + 1,
    pl.col("visit_no").str.split("-").list.explode() == "a",
    pl.col("los_days").map_elements(divided, return_dtype=pl.Boolean),
])  # fmt: skip
def test_a_check_of_a_package_that_would_stop_the_others_is_left_out_alone(right):
    told = _loaded(Entry(right))
    assert [each.id for each in told.checks] == ["good"]
    assert "`theirs`" in told.problems[0]


def test_checks_of_the_library_answer_the_worst_values():
    chosen = [each for each in all_checks() if each.needs][:3] + [each for each in all_checks() if not each.needs][::40]
    assert {each.id: why for each in chosen if (why := fails_on(each))} == {}


@pytest.fixture
def odd_clock(tmp_path, rows):
    """A batch that came while the clock was in the year 2099, with a visit of that year; then one of today."""
    home = home_with(tmp_path, {"A": "tertiary"})
    asked = [*find("encounter.record_id.unique"), *find("encounter.start_time.not_future")]
    land(home, "A", "2099-05-01", rows("encounter start_time=2098-03-01 + encounter start_time=2026-03-01"), asked)
    land(home, "A", "2026-05-01", rows("encounter start_time=2098-04-01 + encounter start_time=2026-04-01"), asked)
    return home


def test_a_clock_in_the_future_stops_no_answer_and_what_lies_after_its_batch_is_wrong(odd_clock, capsys):
    for verb in ([], ["trend"], ["changes", "--since", "2026-05-01"], ["bulletin", "--month", "2026-04"], ["delay"],
                 ["settling"], ["shift"], ["pairs"]):  # fmt: skip
        assert main(["score", *verb, "--home", str(odd_clock.path), "--json"]) == 0, verb
        json.loads(capsys.readouterr().out)
    assert main(["score", "--home", str(odd_clock.path), "--check", "encounter.start_time.not_future", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["findings"]
    assert (found["asked"], found["failed"]) == (4, 1), "the batch of 2099 was judged as of 2099"


def test_a_month_with_one_patient_has_answers_and_the_bulletin_tells_none_of_them(tmp_path, rows, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    asked = [*find("encounter.record_id.unique"), *find("encounter.person_id.filled")]
    land(home, "A", "2026-05-01", rows("encounter start_time=2026-04-01 person_id="), asked)
    assert main(["score", "--home", str(home.path), "--month", "2026-04", "--json"]) == 0
    scores = {row["dimension"]: row for row in json.loads(capsys.readouterr().out)["scores"]}
    assert scores["completeness"]["denominator"] == 1
    assert main(["score", "bulletin", "--home", str(home.path), "--month", "2026-04", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["league"][0]["score"] is None
    assert {row["rows"] for row in told["delivered"] if row["small"]} == {None}
    assert all(row["failed"] is None for row in told["failures"])
    assert told["trend"] == []


def test_rows_with_one_hash_in_two_batches_are_counted_by_their_keys(tmp_path, rows, capsys):
    home = home_with(tmp_path, {"A": "tertiary"})
    unique = find("encounter.record_id.unique")
    for day in ("2026-04-01", "2026-04-02"):
        land(home, "A", day, rows("encounter start_time=2026-03-01 source_row_hash=same"), unique, anew=True)
    assert main(["score", "--home", str(home.path), "--check", "encounter.record_id.unique", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)["findings"]
    assert (found["asked"], found["failed"]) == (2, 0)


def test_nothing_is_no_evidence_for_every_check_there_is():
    assert {Finding(each, 0, 0).verdict for each in all_checks()} == {Verdict.NO_EVIDENCE}
