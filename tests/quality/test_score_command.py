"""`guantong score` on a home with one batch: counts with denominators, rows for their owner only."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from federation.broker.site import Site, add_sites
from federation.cli.main import main
from federation.node.home import make_home
from federation.node.journal import BatchRow, add_batch
from federation.quality.count import count

STAYS = """encounter discharge_way_code=6 start_time=2025-03-01T08:00 end_time=2025-03-02T09:00
 + encounter discharge_way_code=1 start_time=2025-03-01T08:00 end_time=2025-03-03T09:00
 + encounter discharge_way_code=8 start_time=2025-04-01T08:00 end_time=2025-04-02T09:00"""


@pytest.fixture
def home(tmp_path, rows):
    """A home with site A, one batch of it, and site B that sent nothing. The third stay is a duplicate."""
    opened = make_home(tmp_path / "home", b"k" * 32)
    part = opened.batch("A", "b1") / "p1"
    part.mkdir(parents=True)
    stays = rows(STAYS)["encounter"].collect().with_columns(pl.lit("b1").alias("batch_id"))
    stays.write_parquet(part / "encounter.parquet")
    pl.DataFrame({"file": ["f"], "position": [3]}).write_parquet(part / "duplicates.parquet")
    score = opened.score("A", "b1")
    score.parent.mkdir(parents=True)
    count({"encounter": stays.lazy().head(2)}, date(2026, 1, 1)).write_parquet(score)
    with opened.engine.begin() as connection:
        add_sites(connection, [Site(id="A", name="A"), Site(id="B", name="B")])
        add_batch(connection, BatchRow("A", "b1", 1, "2026-01-01T00:00:00", "k", "p", 3, 2, 0, 1), [])
    return str(opened.path)


def asked(capsys, home, *words, verb=()):
    assert main(["score", *verb, "--home", home, "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_registered_site_has_every_dimension_and_the_empty_one_no_rate(home, capsys):
    scores = asked(capsys, home)["scores"]
    assert [(row["site"], row["zh"]) for row in scores] == [
        (site, zh) for site in "AB" for zh in ("一致性", "完整性", "整合性", "及时性")
    ]
    assert {row["rate"] for row in scores if row["site"] == "B"} == {None}
    [timely] = [row for row in scores if (row["site"], row["dimension"]) == ("A", "timeliness")]
    assert timely["denominator"] == timely["numerator"] > 0
    assert timely["low"] < timely["rate"] == 1.0


def test_a_check_is_shown_with_its_denominator(home, capsys):
    findings = asked(capsys, home, "--check", "front_page.discharge_way_is_known", "--month", "2025-03")["findings"]
    assert [(row["site"], row["asked"], row["failed"], row["verdict"]) for row in findings] == [
        ("A", 2, 1, "failed"),
        ("B", 0, 0, "no evidence"),
    ]


def test_explained_rows_leave_out_duplicates_and_values(home, capsys):
    words = ["--check", "front_page.discharge_way_is_known", "--explain"]
    [row] = asked(capsys, home, *words)["rows"]
    assert (row["record_id"], row["source_position"]) == ("E1", 1)
    assert "values" not in row
    [row] = asked(capsys, home, *words, "--raw")["rows"]
    assert json.loads(row["values"]) == {"discharge_way_code": "6"}


def test_people_see_a_table_and_no_evidence_in_words(home, capsys):
    assert main(["score", "--home", home, "--site", "B", "--dimension", "gbt"]) == 0
    shown = capsys.readouterr().out
    assert shown.count("no evidence") >= 6
    assert "规范性" in shown
    assert main(["score", "--home", home, "--check", "FP11"]) == 0
    assert main(["score", "--home", home, "--check", "FP11", "--explain"]) == 0


def test_what_failed_is_listed_with_what_to_do_and_nothing_else_is(home, capsys):
    assert {each["verdict"] for each in asked(capsys, home, "--failed")["findings"]} == {"failed"}
    assert main(["score", "--home", home, "--failed"]) == 0
    shown = capsys.readouterr().out
    assert "front_page.discharge_way_is_known" in shown
    assert "→" in shown


@pytest.mark.parametrize(
    "words",
    [
        ["--dimension", "iso"],
        ["--explain"],
        ["--raw"],
        ["--month", "2025-13"],
        ["--check", "FP99"],
        ["--site", "nowhere"],
        ["--check", "FP11", "--raw"],
    ],
)
def test_a_wrong_question_is_a_usage_error(home, words, capsys):
    assert main(["score", "--home", home, *words]) == 2
    assert capsys.readouterr().out == ""


def test_rows_that_a_later_message_replaced_are_not_explained(home, tmp_path, capsys):
    words = ("--check", "front_page.discharge_way_is_known", "--explain")
    [row] = asked(capsys, home, *words)["rows"]
    part = tmp_path / "home" / "sites" / "A" / "batches" / "b1" / "p1"
    stays = pl.read_parquet(part / "encounter.parquet").with_columns(source_table=pl.lit("PV1"), source_pk="record_id")
    stays.write_parquet(part / "encounter.parquet")
    stay = stays.filter(pl.col("source_position") == row["source_position"])
    outdone = stay.select(pl.col("source_file").alias("file"), pl.col("source_position").alias("position"),
                          "source_table", "source_pk")  # fmt: skip
    outdone.write_parquet(part / "replaced.parquet")
    assert asked(capsys, home, *words)["rows"] == []


def test_a_score_comes_with_its_interval_its_level_and_a_total_that_is_never_naked(home, capsys):
    document = asked(capsys, home)
    [timely] = [row for row in document["scores"] if (row["site"], row["dimension"]) == ("A", "timeliness")]
    assert timely["score"] == 1.0
    assert timely["score_low"] < 1.0
    assert timely["level"] == "A"
    totals = {row["site"]: row for row in document["totals"]}
    assert totals["A"]["score_low"] < totals["A"]["score"] < totals["A"]["score_high"]
    assert (totals["B"]["score"], totals["B"]["level"], totals["B"]["evidence"]) == (None, None, 0)
    assert main(["score", "--home", home]) == 0
    assert "total 合计" in capsys.readouterr().out


def test_a_check_without_evidence_says_why(home, capsys):
    findings = asked(capsys, home, "--check", "front_page.discharge_way_is_known", "--month", "2025-05")["findings"]
    assert {row["absence"] for row in findings} == {"no rows"}
    assert main(["score", "--home", home, "--check", "FP12"]) == 0
    assert "该表无数据" in capsys.readouterr().out


def test_what_changed_since_a_day_is_told_by_check(home, capsys):
    document = asked(capsys, home, "--since", "2026-01-01", verb=["changes"])
    assert document["batches"] == {"before": 0, "since": 1}
    assert {row["change"] for row in document["changes"]} == {"first asked"}
    assert asked(capsys, home, "--since", "2026-01-02", verb=["changes"])["changes"] == []
    assert main(["score", "changes", "--home", home, "--since", "2026-01-01"]) == 0
    assert "front_page.discharge_way_is_known" in capsys.readouterr().out
    assert main(["score", "changes", "--home", home, "--since", "yesterday"]) == 2
    assert "YYYY-MM-DD" in capsys.readouterr().err


def test_months_and_peers_are_shown(home, capsys):
    months = asked(capsys, home, verb=["trend"])["months"]
    assert {row["month"] for row in months} == {"2025-03"}
    found = asked(capsys, home, verb=["peers"])["peers"]
    assert {row["standing"] for row in found} == {"no peers"}
    for verb in ("trend", "peers"):
        assert main(["score", verb, "--home", home]) == 0
        assert "completeness" in capsys.readouterr().out


def test_a_scoring_file_of_the_home_that_cannot_be_used_is_said(home, capsys):
    (Path(home) / "scoring.toml").write_text("[severity]\nerror = -1.0\n", "utf-8")
    assert main(["score", "--home", home]) == 3
    assert "severity.error" in capsys.readouterr().err


def test_what_failing_rows_have_in_common_is_said_before_them(home, tmp_path, capsys):
    part = tmp_path / "home" / "sites" / "A" / "batches" / "b1" / "p1"
    stay = pl.read_parquet(part / "encounter.parquet").head(1)
    many = stay.join(pl.DataFrame({"n": range(400)}), how="cross").with_columns(
        pl.concat_str(pl.lit("E"), "n").alias("record_id"), pl.concat_str(pl.lit("P"), "n").alias("person_id"),
        (pl.col("n") + 10).alias("source_position"),
        pl.when(pl.col("n") % 8 == 0).then(pl.lit("03")).otherwise(pl.lit("05")).alias("admit_dept_code"),
        pl.when(pl.col("n") % 8 == 0).then(pl.lit("6")).otherwise(pl.lit("1")).alias("discharge_way_code"),
    )  # fmt: skip
    many.drop("n").write_parquet(part / "encounter.parquet")
    words = ["--check", "front_page.discharge_way_is_known", "--explain"]
    told = asked(capsys, home, *words, "--limit", "3")
    [cause] = told["causes"]
    assert (cause["asked"], cause["failed"], cause["share"], cause["lift"]) == (50, 50, 1.0, None)
    assert cause["conditions"] == [
        {"column": "admit_dept_code", "kind": "code", "how": "is", "value": "03", "last": None}
    ]
    assert [row["cause"] for row in told["rows"]] == [1, 1, 1]
    assert main(["score", "--home", home, *words]) == 0
    shown = capsys.readouterr().out
    assert "“入院科别代码”为03" in shown
    assert "50 / 50 rows fail" in shown


def test_a_site_that_is_not_registered_has_no_empty_trend(home, capsys):
    assert main(["score", "trend", "--home", home, "--site", "nobody"]) == 2
    assert "No site `nobody` is registered" in capsys.readouterr().err
