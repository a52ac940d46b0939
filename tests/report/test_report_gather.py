"""A home's counts arrive on the page as they are; injected errors are found at their own record or not at all."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from federation.broker.site import Site, add_sites
from federation.centre.snapshot import write_snapshot
from federation.city.spoil import TRUTH as INJECTED
from federation.node.home import Home, make_home
from federation.node.joint import PART_REJECTS
from federation.node.journal import READ, BatchRow, FileRow, ReleaseRow, add_batch, put_release
from federation.quality.count import STATES
from federation.quality.kind import Kind
from federation.report.found import found
from federation.report.gather import gather
from federation.report.hints import HINTS
from federation.report.page import page
from schemas.tables import TABLES

MARK = "00112233445566aa"
AS_OF = date(2025, 1, 1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two registered sites; the first sent one batch of one file, the second nothing."""
    home = make_home(tmp_path / "home", b"k" * 32)
    sites = [
        Site(id="A", name="First Hospital", name_zh="第一医院", tier="tertiary"),
        Site(id="B", name="Clinic", tier="primary"),
    ]
    with home.engine.begin() as connection:
        add_sites(connection, sites)
        batch = BatchRow("A", "b1", 1, "2025-01-01T00:00:00", "fhir_r4", "", 10, 6, 3, 1)
        file = FileRow(1, "p000001", MARK, "d" * 64, "city/A/Patient.ndjson", 100, "fhir_r4", READ, 10, 3, "", "")
        add_batch(connection, batch, [file])
        put_release(connection, ReleaseRow("A", "b1", "encounter", "pooled", 5, 5, ""))
        put_release(connection, ReleaseRow("A", "b1", "cost", "withheld", 2, 0, "no contract"))
    folder = home.batch("A", "b1") / "p000001"
    folder.mkdir(parents=True)
    rejects = [(2, "not-json", True), (5, "not-json", True), (7, "no-key", True), (4, "bad-date", False)]
    pl.DataFrame(
        [(at, at, 0, "", reason, whole, b"", MARK, 1) for at, reason, whole in rejects],
        schema=PART_REJECTS,
        orient="row",
    ).write_parquet(folder / "rejects.parquet")
    pl.DataFrame({"file": [MARK], "position": [9]}).write_parquet(folder / "duplicates.parquet")
    home.score("A", "b1").parent.mkdir(parents=True)
    states = [
        ("A", date(2024, 5, 1), "encounter", "encounter.record_id.unique", 4, 0),
        ("A", None, "encounter", "encounter.record_id.unique", 1, 0),
        ("A", date(2024, 5, 1), "encounter", "encounter.ends_after_it_starts", 3, 1),
        ("A", None, "patient", "patient.record_id.unique", 2, 0),
    ]
    pl.DataFrame(states, schema=STATES, orient="row").write_parquet(home.score("A", "b1"))
    return home


def test_the_flow_is_what_the_journal_says(home: Home):
    flow = gather(home).flow
    assert flow.rows() == [
        ("A", "第一医院", "First Hospital", "tertiary", 10, 6, 3, 1, 5, 2),
        ("B", "Clinic", "Clinic", "primary", 0, 0, 0, 0, 0, 0),
    ]


def test_reasons_are_counted_by_tier(home: Home):
    reasons = gather(home).reasons.select("tier", "reason", "whole", "count").sort("reason")
    assert reasons.rows() == [
        ("tertiary", "bad-date", False, 1),
        ("tertiary", "no-key", True, 1),
        ("tertiary", "not-json", True, 2),
    ]


def test_rows_without_a_month_are_kept_and_undated_tables_left_out(home: Home):
    assert gather(home).coverage.sort("month").rows() == [("A", None, 1), ("A", date(2024, 5, 1), 4)]


def test_a_site_that_sent_nothing_stands_in_the_heat_map_without_evidence(home: Home):
    heat = gather(home).heat
    silent = heat.filter(pl.col("site") == "B")
    assert silent["asked"].sum() == 0
    assert silent.height == heat.filter(pl.col("site") == "A").height == 7
    assert silent["low"].null_count() == 7


def test_a_failing_check_comes_with_what_to_do(home: Home):
    [row] = gather(home).checks.rows(named=True)
    assert (row["site"], row["asked"], row["failed"]) == ("A", 3, 1)
    assert row["fix_zh"] == HINTS[Kind.TEMPORAL].zh


def test_every_kind_of_check_has_a_hint():
    assert set(HINTS) == set(Kind)


def test_an_empty_home_gives_a_page_without_evidence(tmp_path: Path):
    facts = gather(make_home(tmp_path / "home"))
    assert facts.balanced
    assert page(facts).count('<p class="none">') == 6


def encounters(*places: tuple[int, datetime, datetime]) -> pl.DataFrame:
    rows = {
        "record_id": [f"t|{at}" for at, _, _ in places],
        "org_code": ["A"] * len(places),
        "source_system": ["fhir_r4"] * len(places),
        "source_file": [MARK] * len(places),
        "source_position": [at for at, _, _ in places],
        "deleted": [False] * len(places),
        "start_time": [start for _, start, _ in places],
        "end_time": [end for _, _, end in places],
    }
    schema = TABLES["encounter"].schema()
    return pl.DataFrame(rows).select(
        (pl.col(name) if name in rows else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()
    )


def truth(*errors: tuple[int, str, str, str], plain: bool = True) -> pl.DataFrame:
    rows = [("A", "A/Patient.ndjson", at, at, "", name, kind, check, plain) for at, name, kind, check in errors]
    return pl.DataFrame(rows, schema=INJECTED, orient="row")


def test_an_error_is_found_at_its_own_record_only(home: Home):
    noon, later = datetime(2024, 5, 1, 12), datetime(2024, 5, 2)
    visits = encounters((1, later, noon), (3, noon, later))
    visits.write_parquet(home.batch("A", "b1") / "p000001" / "encounter.parquet")
    injected = truth(
        (1, "discharge-before-admission", "finding", ""),  # found: that visit ends before it starts
        (2, "broken-json", "reject", ""),  # found
        (3, "broken-json", "reject", ""),  # missed: the record was accepted
        (4, "date-impossible", "value", ""),  # found
        (5, "date-impossible", "value", ""),  # missed: the record was rejected, not the value
        (8, "full-width-digits", "tolerated", ""),  # found: nothing was made of it
        (4, "full-width-digits", "tolerated", ""),  # missed: a value was emptied
        (9, "row-twice", "duplicate", ""),  # found
    )
    counts = found(home, injected, AS_OF).select("class", "injected", "found").rows()
    assert counts == [
        ("broken-json", 2, 1),
        ("date-impossible", 2, 1),
        ("discharge-before-admission", 1, 1),
        ("full-width-digits", 2, 1),
        ("row-twice", 1, 1),
    ]


def test_an_error_that_names_its_check_is_found_by_no_other(home: Home):
    noon, later = datetime(2024, 5, 1, 12), datetime(2024, 5, 2)
    encounters((1, later, noon)).write_parquet(home.batch("A", "b1") / "p000001" / "encounter.parquet")
    counts = found(home, truth((1, "stay-length-wrong", "finding", "FP99")), AS_OF)
    assert counts.select("injected", "found").rows() == [(1, 0)]


def test_an_error_that_nobody_can_see_is_not_counted(home: Home):
    hidden = truth((2, "fee-in-fen", "finding", ""), plain=False)
    assert found(home, hidden, AS_OF).height == 0


def test_persons_and_rows_are_those_the_snapshot_shows(home: Home):
    visits = pl.DataFrame(
        {
            "record_id": ["r1", "r2", "r3"],
            "source_pk": ["k1", "k2", "k3"],
            "org_code": ["A"] * 3,
            "person_id": ["1" * 32, "1" * 32, "2" * 32],
            "source_table": ["t"] * 3,
        }
    )
    home.pool.append("encounter", [visits])
    assert (gather(home).pooled_rows, gather(home).persons) == (0, 0)
    with home.engine.begin() as connection:
        write_snapshot(connection, home.pool.versions())
    assert (gather(home).pooled_rows, gather(home).persons) == (3, 2)


def test_a_record_sent_again_in_other_words_is_found_where_its_key_was_superseded(home: Home):
    batch = home.batch("A", "b1")
    marks = {"file": [MARK] * 3, "position": [1, 3, 6], "key": ["t|1", "t|1", "t|6"]}
    pl.DataFrame(marks).write_parquet(batch / "p000001" / "records.parquet")
    older = {"batch": ["b1"], "file": [MARK], "position": [1], "key": ["t|1"]}
    pl.DataFrame(older).write_parquet(batch / "superseded.parquet")
    counts = found(home, truth((3, "sent-again", "duplicate", ""), (6, "sent-again", "duplicate", "")))
    assert counts.select("injected", "found", "how").rows() == [(2, 1, "superseded")]
