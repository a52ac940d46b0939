"""The fix list adds up to what is missing from the scores; the feedback file can be opened by whoever gets it."""

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from python_calamine import load_workbook

from federation.broker.site import Site, add_sites
from federation.cli.main import main
from federation.node.gone import Came
from federation.node.home import make_home, open_home
from federation.node.journal import BatchRow, FileRow, add_batch
from federation.node.site_rows import site_rows
from federation.quality.count import count
from schemas.tables import TABLES

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://x")',
    "a\x1b[2Jb",
    "[red]x",
    "％",
    "㎎",
    ' " ',
]
STAY = "encounter discharge_way_code=6 start_time=2025-03-01T08:00 end_time=2025-03-02T09:00"


def hostile(number: str) -> pl.Expr:
    """One of the hostile texts, with the row's number behind it where it has to differ."""
    text = pl.lit(None, pl.String)
    for at, each in enumerate(HOSTILE):
        text = pl.when(pl.col("n") % len(HOSTILE) == at).then(pl.lit(each)).otherwise(text)
    return pl.concat_str(text, pl.col("n").cast(pl.String)) if number else text


@pytest.fixture
def home(tmp_path, rows):
    """A home whose site A sent 240 stays with hostile texts in every column of text; B sent nothing."""
    opened = make_home(tmp_path / "home", b"k" * 32)
    part = opened.batch("A", "b1") / "p1"
    part.mkdir(parents=True)
    stay = rows(STAY)["encounter"].collect().join(pl.DataFrame({"n": range(240)}), how="cross")
    texts = [name for name, dtype in TABLES["encounter"].schema().items() if dtype == pl.String]
    kept = {
        "org_code",
        "class_code",
        "source_file",
        "batch_id",
        "part_of",
        "source_system",
        "admit_dept_code",
        "discharge_way_code",
    }
    made = stay.with_columns(
        *(hostile("n" if name in ("record_id", "source_pk", "person_id") else "").alias(name) for name in texts if name not in kept),
        pl.lit("b1").alias("batch_id"), (pl.col("n") + 1).cast(pl.Int64).alias("source_position"),
        pl.when(pl.col("n") % 4 == 0).then(pl.lit("=03")).otherwise(pl.lit("03")).alias("admit_dept_code"),
        pl.when(pl.col("n") % 4 == 0).then(pl.lit("7")).otherwise(pl.lit("1")).alias("discharge_way_code"),
    ).select(TABLES["encounter"].schema().names())  # fmt: skip
    made.write_parquet(part / "encounter.parquet")
    pl.DataFrame({"file": ["f"] * 240, "position": range(1, 241), "line": range(2, 242)}).write_parquet(
        part / "records.parquet"
    )
    folder = Came(opened.batch("A", "b1"), date(2026, 1, 1))
    score = opened.score("A", "b1")
    score.parent.mkdir(parents=True)
    count(site_rows([folder]), folder.day).write_parquet(score)
    file = FileRow(1, "p1", "f", "d", "in/=出院 [1].csv", 9, "k/p", "read", 240, 0, "b1", "")
    with opened.engine.begin() as connection:
        add_sites(connection, [Site(id="A", name="A"), Site(id="B", name="B")])
        add_batch(connection, BatchRow("A", "b1", 1, "2026-01-01T00:00:00", "k", "p", 240, 240, 0, 0), [file])
    return str(opened.path)


def asked(capsys, home, *words):
    assert main(["score", *words, "--home", home, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("scheme", ["nhc", "gbt", "kahn"])
def test_the_points_of_all_fixes_are_what_the_scores_lack(home, capsys, scheme):
    scores = asked(capsys, home, "--site", "A", "--dimension", scheme)["scores"]
    fixes = asked(capsys, home, "fixes", "--site", "A", "--dimension", scheme, "--limit", "1000")["fixes"]
    lacking = {each["dimension"]: 100 * (1 - each["score"]) for each in scores if each["score"] is not None}
    gained = dict.fromkeys(lacking, 0.0)
    for each in fixes:
        gained[each["dimension"]] += each["points"]
    assert gained == pytest.approx(lacking)
    assert [each["points_in_all"] for each in fixes] == sorted((each["points_in_all"] for each in fixes), reverse=True)


def test_a_fix_says_check_cause_rows_what_to_do_and_who(home, capsys):
    fixes = asked(capsys, home, "fixes", "--site", "A", "--limit", "1000")["fixes"]
    [way] = [each for each in fixes if each["check"] == "front_page.discharge_way_is_known"]
    assert (way["rows"], way["asked"], way["share"]) == (60, 60, 1.0)
    assert "=03" in way["cause"]["zh"]
    assert way["todo"]["zh"]
    assert way["who"] in {"system", "mapping"}


def test_a_site_that_sent_nothing_has_nothing_to_mend_and_gets_a_file_that_says_so(home, capsys, tmp_path):
    assert asked(capsys, home, "fixes", "--site", "B")["fixes"] == []
    assert main(["score", "fixes", "--site", "B", "--home", home]) == 0
    assert "无证据" in capsys.readouterr().out
    told = asked(capsys, home, "feedback", "--site", "B", "--out", str(tmp_path / "b.xlsx"))
    assert (told["fixes"], told["rows"]) == (0, 0)
    assert "无证据 no evidence" in str(load_workbook(str(tmp_path / "b.xlsx")).get_sheet_by_index(0).to_python())


def test_the_file_is_read_alike_by_two_readers_and_nothing_in_it_is_a_formula(home, capsys, tmp_path):
    out = tmp_path / "a.xlsx"
    told = asked(capsys, home, "feedback", "--site", "A", "--out", str(out), "--raw", "--limit", "50")
    assert out.stat().st_mode & 0o077 == 0
    book, other = load_workbook(str(out)), openpyxl.load_workbook(out)
    assert book.sheet_names == other.sheetnames == ["摘要", "整改清单", "不合格记录", "退回"]
    rows = book.get_sheet_by_name("不合格记录").to_python()
    seen = list(other["不合格记录"].iter_rows(values_only=True))
    assert len(rows) == len(seen) == told["rows"] + 2
    assert "未列出" in rows[0][0]
    assert {row[1] for row in rows[2:]} == {"=出院 [1].csv"}
    assert {row[2] - row[3] for row in rows[2:]} == {1.0}
    assert all(cell.data_type != "f" for sheet in other for row in sheet for cell in row)
    assert not any(cell.hyperlink for sheet in other for row in sheet for cell in row)
    with zipfile.ZipFile(out) as opened:
        assert not [name for name in opened.namelist() if "vba" in name or "external" in name]
    todo = list(other["整改清单"].iter_rows(values_only=True))
    listed = {row[0]: (row[3], row[4]) for row in todo[2:]}
    assert all(shown == min(failed, 50) for failed, shown in listed.values())
    assert sum(failed - shown for failed, shown in listed.values()) == told["left_out"] > 0
    assert {row[12] for row in todo[2:]} == {None}  # the deadline is for people to fill in
    assert other["整改清单"].freeze_panes == "A3"


def test_values_stand_in_the_file_only_for_the_owner_who_asks(home, capsys, tmp_path):
    asked(capsys, home, "feedback", "--site", "A", "--out", str(tmp_path / "a.xlsx"))
    head = load_workbook(str(tmp_path / "a.xlsx")).get_sheet_by_name("不合格记录").to_python()[1]
    assert "现值 value now" not in head


def test_as_csv_it_opens_as_it_is_and_no_cell_is_live(home, capsys, tmp_path):
    out = tmp_path / "a.csv"
    told = asked(capsys, home, "feedback", "--site", "A", "--out", str(out), "--raw")
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert len(rows) == told["rows"]
    assert {len(row) for row in rows} == {len(head)}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_equal_rows_make_equal_files(home, capsys, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        asked(capsys, home, "feedback", "--site", "A", "--out", str(tmp_path / name))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("name", ["a.pdf", "there.xlsx", "no/folder.xlsx"])
def test_a_file_that_cannot_be_written_is_a_usage_error(home, capsys, tmp_path, name):
    (tmp_path / "there.xlsx").touch()
    assert main(["score", "feedback", "--site", "A", "--out", str(tmp_path / name), "--home", home]) == 2
    assert capsys.readouterr().out == ""


def test_the_list_for_people_shows_hostile_texts_as_texts(home, capsys):
    assert main(["score", "fixes", "--site", "A", "--home", home]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[2J" not in shown
    assert "=03" in shown
    assert main(["score", "fixes", "--site", "nowhere", "--home", home]) == 2


def test_a_cell_is_empty_because_reading_emptied_it_and_the_shape_of_what_stood_there_is_said(home, capsys, tmp_path):
    opened = open_home(Path(home))
    part = opened.batch("A", "b1") / "p1"
    lost = pl.col("source_position") % 7 == 0  # in step with none of the texts
    stays = pl.read_parquet(part / "encounter.parquet").with_columns(
        start_time=pl.when(lost).then(None).otherwise("start_time")
    )
    stays.write_parquet(part / "encounter.parquet")
    emptied = stays.filter(lost).select(
        pl.col("source_position").alias("position"), pl.lit(0, pl.Int64).alias("line"), pl.lit(0, pl.Int64).alias("offset"),
        pl.lit("RYSJ").alias("column"), pl.lit("bad-date").alias("reason"), pl.lit(False).alias("whole"),
        pl.lit(b"31/3/2026").alias("raw"), pl.lit("f").alias("file"), pl.lit(1, pl.Int64).alias("ordinal"),
    )  # fmt: skip
    emptied.write_parquet(part / "rejects.parquet")
    folder = Came(opened.batch("A", "b1"), date(2026, 1, 1))
    count(site_rows([folder]), folder.day).write_parquet(opened.score("A", "b1"))
    fixes = asked(capsys, home, "fixes", "--site", "A", "--limit", "1000")["fixes"]
    [start] = [each for each in fixes if each["check"] == "encounter.start_time.filled"]
    assert (start["cause"]["zh"], start["rows"], start["share"]) == ("读入时清空：RYSJ bad-date 99/9/9999", 34, 1.0)
    assert start["who"] == "export"
    asked(capsys, home, "feedback", "--site", "A", "--out", str(tmp_path / "a.xlsx"))
    refused = load_workbook(str(tmp_path / "a.xlsx")).get_sheet_by_name("退回").to_python()
    assert (refused[2][0], refused[2][2], refused[2][5]) == (34, "RYSJ", "单值清空 value")


def test_shapes_are_kept_from_who_does_not_own_the_home(home, capsys, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    told = json.dumps(asked(capsys, home, "fixes", "--site", "A", "--limit", "1000"), ensure_ascii=False)
    assert "written" not in told
    assert "写作" not in told
    assert main(["score", "feedback", "--site", "A", "--out", "x.xlsx", "--raw", "--home", home]) == 1
