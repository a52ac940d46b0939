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
from federation.quality.omop.resolve import CATEGORY, resolved
from federation.quality.omop.words import TYPES

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


def cdm_folder(path):
    path.mkdir()
    for name, rows in {
        "person": "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n1,8507,1980,0,0\n2,8532,,0,0\n",
        "death": "person_id,death_date,death_type_concept_id\n",
    }.items():
        (path / f"{name}.csv").write_text(rows, encoding="utf-8")
    return path


def test_a_cdm_has_the_same_shape_and_every_check_of_the_dashboard(tmp_path, capsys):
    out = tmp_path / "cdm.json"
    words = ["score", "export", "--cdm", str(cdm_folder(tmp_path / "cdm")), "--out", str(out), "--day", "2026-01-01"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["overview"]
    made = json.loads(out.read_text("utf-8"))
    assert list(made) == TOP
    assert all(list(each) == FIELDS for each in made["CheckResults"])
    assert list(made["Metadata"][0]) == METADATA
    assert list(made["Overview"]) == [*OVERVIEW, "countNotApplicable"]
    assert {each["failed"] + each["passed"] + each["notApplicable"] for each in made["CheckResults"]} == {1}
    by_id = {each["checkId"]: each for each in made["CheckResults"]}
    assert len(by_id) == told["countTotal"] == 2535
    born = by_id["field_isrequired_person_year_of_birth"]
    assert (born["numViolatedRows"], born["numDenominatorRows"], born["failed"]) == (1, 2, 1)
    assert (born["category"], born["subcategory"], born["context"]) == ("Conformance", "Relational", "Validation")
    empty = by_id["field_isrequired_death_death_date"]
    assert (empty["notApplicable"], empty["notApplicableReason"]) == (1, "Table DEATH is empty.")
    assert told["countPassed"] + told["countOverallFailed"] + told["countNotApplicable"] == 2535
    first = out.read_bytes()
    assert main(words) == 0
    assert out.read_bytes() == first, "the same tables are the same file"


def test_every_type_of_check_says_what_it_asks_in_both_languages():
    assert set(TYPES) == set(CATEGORY)
    for each in resolved(vocabulary=True):
        for text in (TYPES[each.check].en, TYPES[each.check].zh):
            assert ("{of}" not in text) or each.of, each.id


@pytest.mark.parametrize("words", [[], ["--cdm", "nowhere"], ["--site", "A", "--day", "2026-01-01"]])
def test_neither_a_site_nor_a_folder_of_tables_is_a_usage_error(words, tmp_path, capsys):
    assert main(["score", "export", "--out", str(tmp_path / "x.json"), *words]) == 2
    assert capsys.readouterr().out == ""
