"""The shape of OHDSI's DataQualityDashboard: its fields, its ids, and figures that never count what does not apply."""

import json
from datetime import date

import polars as pl
import pytest

from federation.broker.site import Site, add_sites
from federation.cli.main import main
from federation.node.home import make_home
from federation.quality.count import STATES
from federation.quality.dqd import CATEGORIES, Source, asked_as, dqd
from federation.quality.library import all_checks

# As version 2.8.4 writes and its viewer reads them (facts of its recordResult, evaluateThresholds, summarizeResults).
FIELDS = [
    "numViolatedRows",
    "pctViolatedRows",
    "numDenominatorRows",
    "executionTime",
    "queryText",
    "checkName",
    "checkLevel",
    "checkDescription",
    "cdmTableName",
    "cdmFieldName",
    "conceptId",
    "unitConceptId",
    "sqlFile",
    "category",
    "subcategory",
    "context",
    "warning",
    "error",
    "checkId",
    "failed",
    "passed",
    "isError",
    "notApplicable",
    "notApplicableReason",
    "thresholdValue",
    "notesValue",
]
TOP = [
    "startTimestamp",
    "endTimestamp",
    "executionTime",
    "executionTimeSeconds",
    "CheckResults",
    "Metadata",
    "Overview",
]
METADATA = [
    "cdmSourceName",
    "cdmSourceAbbreviation",
    "cdmHolder",
    "sourceDescription",
    "sourceDocumentationReference",
    "cdmEtlReference",
    "sourceReleaseDate",
    "cdmReleaseDate",
    "cdmVersion",
    "cdmVersionConceptId",
    "vocabularyVersion",
    "dqdVersion",
]
OVERVIEW = ["countTotal", "countPassed", "countErrorFailed", "countThresholdFailed", "countOverallFailed",
            "percentPassed", "percentFailed",
            *(f"count{what}{name}" for what in ("Total", "Failed", "Passed") for name in CATEGORIES)]  # fmt: skip
# Ids that the dashboard resolves for CDM 5.4.
IDS = [
    "field_isprimarykey_visit_occurrence_visit_occurrence_id",
    "field_isforeignkey_condition_occurrence_person_id",
    "field_isrequired_visit_occurrence_person_id",
    "field_plausiblestartbeforeend_visit_occurrence_visit_start_datetime",
    "field_plausiblebeforedeath_measurement_measurement_datetime",
    "field_isrequired_person_gender_concept_id",
    "field_measurevaluecompleteness_condition_occurrence_condition_source_value",
]

SOURCE = Source(
    "A", "Hospital A", "甲医院", "Hospital A", "2026-05-31", "0.1.0", "2026-05-31 08:00:00", "2026-05-31 08:00:00"
)
COUNTING = [each for each in all_checks() if each.counts]
COUNTS = [
    ("encounter.record_id.unique", "encounter", 1000, 0),
    ("encounter.person_id.filled", "encounter", 1000, 30),
    ("encounter.ends_after_it_starts", "encounter", 800, 8),
    ("patient.not_older_than_anyone", "patient", 10_000, 9),  # within what it tolerates
]


@pytest.fixture(scope="module")
def document():
    """One site's document."""
    rows = [("A", date(2026, 5, 1), table, check, asked, failed) for check, table, asked, failed in COUNTS]
    return dqd(SOURCE, pl.DataFrame(rows, schema=STATES, orient="row"), COUNTING)


def result(document, check):
    [found] = [each for each in document["CheckResults"] if each["notesValue"].split(";")[0] == check]
    return found


def test_it_has_the_fields_that_the_viewer_reads_and_no_others(document):
    assert list(document) == TOP
    assert all(list(each) == FIELDS for each in document["CheckResults"])
    assert [list(each) for each in document["Metadata"]] == [METADATA]
    assert list(document["Overview"]) == [*OVERVIEW, "countNotApplicable"]
    assert all(len(one) == 1 for name, one in document["Overview"].items()), "one-element lists, as R writes them"


def test_counts_thresholds_and_statuses_are_those_of_the_checks(document):
    one = result(document, "encounter.person_id.filled")
    assert (one["numViolatedRows"], one["numDenominatorRows"], one["pctViolatedRows"]) == (30, 1000, 0.03)
    assert (one["failed"], one["passed"], one["notApplicable"]) == (1, 0, 0)
    tolerated = result(document, "patient.not_older_than_anyone")
    assert (tolerated["passed"], tolerated["thresholdValue"]) == (1, 0.1)
    statuses = [
        each["failed"] + each["passed"] + each["isError"] + each["notApplicable"] for each in document["CheckResults"]
    ]
    assert set(statuses) == {1}


def test_what_does_not_apply_says_why_and_is_in_no_figure_of_what_passed(document):
    empty = result(document, "cost.amount_is_not_negative")
    assert (empty["notApplicable"], empty["passed"], empty["notApplicableReason"]) == (1, 0, "Table COST is empty.")
    unasked = result(document, "encounter.ended_by_now")
    assert unasked["notApplicableReason"] == "No row that the check could be asked of."
    figures = {name: number for name, [number] in document["Overview"].items()}
    assert (figures["countPassed"], figures["countOverallFailed"]) == (2, 2)
    assert figures["countTotal"] == 4 + figures["countNotApplicable"] == len(COUNTING)
    assert figures["percentPassed"] == 50.0
    assert sum(figures[f"countPassed{name}"] for name in CATEGORIES) == figures["countPassed"]


def test_ids_of_the_dashboard_are_kept_and_no_two_are_alike(document):
    ids = [each["checkId"] for each in document["CheckResults"]]
    assert len(ids) == len(set(ids))
    assert set(IDS) <= set(ids)


def test_a_check_of_our_own_keeps_its_own_id():
    for check, asked in zip(COUNTING, asked_as(COUNTING), strict=True):
        assert asked.same or asked.id == check.id
        assert asked.level in {"TABLE", "FIELD"}
        assert (asked.field is not None) == (asked.level == "FIELD")


def test_a_site_without_rows_has_nothing_passed(tmp_path, capsys):
    home = make_home(tmp_path / "home", b"k" * 32)
    with home.engine.begin() as connection:
        add_sites(connection, [Site(id="B", name="B")])
    words = ["score", "export", "--home", str(home.path), "--site", "B", "--out", str(tmp_path / "b.json")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["overview"]
    assert (told["countPassed"], told["percentPassed"], told["countNotApplicable"]) == (0, 0, told["countTotal"])
    assert json.loads((tmp_path / "b.json").read_text("utf-8"))["Metadata"][0]["cdmSourceAbbreviation"] == "B"
    assert main(words) == 0
    assert "never counted as passed" in capsys.readouterr().out
    assert main([*words[:-3], "nowhere", *words[-2:]]) == 2
