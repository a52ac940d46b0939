"""The pool keeps rows by person, shows nothing by itself, and survives a crash at any step."""

import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from federation.centre.bucket import bucketed, pool_schema
from federation.centre.pool import MANY_FILES, Pool
from federation.errors import Tampered


def token(word: object) -> str:
    return sha256(str(word).encode()).hexdigest()


def conditions(records: range, org: str = "A", code: str = "I10") -> pl.DataFrame:
    """One condition a record, every third record of the same person."""
    return pl.DataFrame(
        {
            "record_id": [token(("r", org, n)) for n in records],
            "person_id": [token(("p", n // 3)) for n in records],
            "org_code": org,
            "source_table": "DX",
            "source_pk": [token(("k", org, n)) for n in records],
            "code": code,
            "recorded_time": datetime(2024, 5, 1, 8, 30),
        }
    ).cast({"recorded_time": pl.Datetime("us")})


def keys(records: range, org: str = "A") -> pl.Series:
    return pl.Series([token(("k", org, n)) for n in records])


def shown(pool: Pool, version: int | None = None) -> pl.DataFrame:
    version = pool.versions()["condition"] if version is None else version
    return pool.scan("condition", version).select("source_pk", "code", "bucket").collect().sort("source_pk", "code")


def test_rows_come_back_as_they_went_in_with_the_bucket_of_their_person(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    assert pool.append("condition", [conditions(range(100)), conditions(range(100, 150))]) == 150
    back = pool.scan("condition", 1).collect()
    assert back.schema == pool_schema("condition")
    assert_frame_equal(back.sort("record_id"), bucketed("condition", conditions(range(150))).sort("record_id"))
    by_hand = [int(person[:2], 16) % 64 for person in back["person_id"]]
    assert back["bucket"].to_list() == by_hand


def test_a_pool_may_lie_in_a_folder_with_blanks_and_chinese_in_its_name(tmp_path: Path):
    pool = Pool(tmp_path / "市 数据 #{a}" / "pool")
    pool.path.parent.mkdir()
    pool.append("condition", [conditions(range(20))])
    pool.append("condition", [conditions(range(10), code="I11")], superseded={"A": keys(range(10))})
    assert shown(pool)["code"].to_list().count("I11") == 10
    assert shown(pool).height == pool.dataset("condition", pool.versions()["condition"]).count_rows() == 20


def test_duckdb_reads_the_same_rows_through_arrow(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(40))])
    connection = duckdb.connect()
    connection.register("condition", pool.dataset("condition", 1))
    [row] = connection.execute(
        "SELECT count(*), count(DISTINCT person_id), max(recorded_time) FROM condition"
    ).fetchall()
    assert row == (40, 14, datetime(2024, 5, 1, 8, 30))


def test_a_corrected_record_replaces_its_rows_and_no_others(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30)), conditions(range(30), org="B")])
    pool.append("condition", [conditions(range(10), code="E11")], superseded={"A": keys(range(10))})
    rows = pool.scan("condition", pool.versions()["condition"]).collect()
    assert sorted(rows.group_by("org_code", "code").len().rows()) == [
        ("A", "E11", 10),
        ("A", "I10", 20),
        ("B", "I10", 30),
    ]
    assert shown(pool, 1)["code"].unique().to_list() == ["I10"]


def test_a_withdrawn_record_goes_without_anything_coming(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30))])
    assert pool.append("condition", [], superseded={"A": keys(range(5))}) == 0
    assert shown(pool).height == 25


def test_records_of_another_source_table_with_the_same_key_stay(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(9)), conditions(range(9)).with_columns(source_table=pl.lit("OTHER"))])
    gone = keys(range(9)).to_frame("source_pk").with_columns(source_table=pl.lit("OTHER"))
    pool.append("condition", [], superseded={"A": gone})
    assert shown(pool).height == 9


def test_adding_nothing_makes_no_version(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(3))])
    before = pool.versions()
    pool.append("condition", [])
    assert pool.versions() == before


def test_rolling_back_makes_the_snapshot_the_newest_version_and_leaves_no_file_behind(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30))])
    snapshot, files = pool.versions(), sorted(tmp_path.rglob("*.parquet"))
    before = shown(pool)
    pool.append("condition", [conditions(range(30), code="E11")], superseded={"A": keys(range(30))})
    pool.append("encounter", [pl.DataFrame({"person_id": [token(1)], "org_code": ["A"]})])
    assert pool.rollback(snapshot) == ["condition", "encounter"]
    assert pool.versions() == snapshot
    assert sorted(tmp_path.rglob("*.parquet")) == files
    assert_frame_equal(shown(pool), before)
    assert pool.rollback(snapshot) == []


def test_what_was_rolled_back_can_be_committed_again(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30))])
    snapshot = pool.versions()
    pool.append("condition", [conditions(range(30, 60))])
    pool.rollback(snapshot)
    pool.append("condition", [conditions(range(30, 60))])
    assert shown(pool)["source_pk"].n_unique() == shown(pool).height == 60


def test_files_written_before_a_crash_and_never_committed_are_taken_away(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30))])
    snapshot, files = pool.versions(), sorted(tmp_path.rglob("*.parquet"))
    script = f"""
import os, sys
from pathlib import Path
from federation.centre import sheaf
from federation.centre.pool import Pool
import polars as pl
sheaf.HELD = 0
rows = pl.read_ipc(sys.argv[1])
def frames():
    yield rows
    os._exit(9)
Pool(Path({str(tmp_path / "pool")!r})).append("condition", frames())
"""
    conditions(range(30, 90)).write_ipc(tmp_path / "rows.arrow")
    died = subprocess.run([sys.executable, "-c", script, str(tmp_path / "rows.arrow")], check=False)
    assert died.returncode == 9
    assert len(sorted(tmp_path.rglob("*.parquet"))) > len(files)
    assert pool.rollback(snapshot) == ["condition"]
    assert sorted(tmp_path.rglob("*.parquet")) == files


def test_a_pool_shorter_than_its_snapshot_is_called_tampered(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(3))])
    with pytest.raises(Tampered):
        pool.rollback({"condition": 7})


def test_many_small_commits_are_made_into_few_files(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    for n in range(MANY_FILES + 10):
        pool.append("condition", [conditions(range(n, n + 1)).with_columns(person_id=pl.lit(token("one")))])
    version = pool.versions()["condition"]
    assert shown(pool).height == MANY_FILES + 10
    assert len(pool.dataset("condition", version).files) <= MANY_FILES
    assert pool.rollback({"condition": version}) == []
    assert (tmp_path / "pool/condition/_delta_log/_last_checkpoint").exists()


def test_a_column_that_may_not_leave_a_site_is_not_taken_in(tmp_path: Path):
    rows = conditions(range(3)).with_columns(extra=pl.lit("{}"))
    with pytest.raises(ValueError, match="extra may not enter"):
        Pool(tmp_path / "pool").append("condition", [rows])


def test_a_person_in_clear_is_not_taken_in_and_not_shown_in_the_error(tmp_path: Path):
    rows = conditions(range(3)).with_columns(person_id=pl.lit("Zhang San"))
    with pytest.raises(ValueError, match="not a keyed token") as caught:
        Pool(tmp_path / "pool").append("condition", [rows])
    assert "Zhang" not in str(caught.value)


def test_a_full_disk_is_one_sentence_and_leaves_the_pool_as_it_was(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(30))])
    snapshot, before = pool.versions(), shown(pool)
    script = f"""
import resource, sys
from pathlib import Path
import polars as pl
from federation.centre.pool import Pool
from federation.errors import Unavailable
rows = pl.read_ipc(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    Pool(Path({str(tmp_path / "pool")!r})).append("condition", [rows])
except Unavailable as error:
    assert "disk is full" in str(error)
    sys.exit(4)
"""
    conditions(range(30, 3000)).write_ipc(tmp_path / "rows.arrow")
    full = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "rows.arrow")], check=False, capture_output=True, text=True
    )
    assert full.returncode == 4, full.stderr
    pool.rollback(snapshot)
    assert pool.versions() == snapshot
    assert_frame_equal(shown(pool), before)


def test_rows_of_a_pool_whose_file_is_gone_are_not_read(tmp_path: Path):
    pool = Pool(tmp_path / "pool")
    pool.append("condition", [conditions(range(20))])
    next((tmp_path / "pool").rglob("bucket=*/*.parquet")).unlink()
    with pytest.raises(Tampered, match="1 files of the pool's table `condition`"):
        pool.scan("condition", 1)
