"""The truth file says where every injected error is, and what it is."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from federation.city import SITES, City, Manifest
from federation.city.faults import CLASSES, NO_DEPARTMENTS
from federation.city.spoil import TRUTH

Written = tuple[City, Path, Manifest]


@pytest.fixture(scope="module")
def truth(spoilt: Written) -> pl.DataFrame:
    _, folder, _ = spoilt
    return pl.read_parquet(folder / "truth.parquet")


def line_of(folder: Path, file: str, line: int) -> bytes:
    return (folder / file).read_bytes().split(b"\n")[line - 1]


def cells_of(folder: Path, file: str, line: int) -> dict[str, str]:
    raw = line_of(folder, file, line).decode("gb18030").rstrip("\r")
    header = line_of(folder, file, 1).decode("gb18030").rstrip("\r")
    separator = "|" if file.endswith(".txt") else ",\t" if ",\t" in header else ","
    return dict(zip(header.split(separator), raw.split(separator), strict=False))


def some(truth: pl.DataFrame, name: str, file: str = "", count: int = 5) -> list[dict[str, str]]:
    found = truth.filter((pl.col("class") == name) & pl.col("file").str.contains(file)).head(count)
    assert found.height > 0, f"no {name} in {file or 'any file'}"
    return list(found.iter_rows(named=True))


def test_every_class_of_error_occurs(truth: pl.DataFrame) -> None:
    assert set(truth["class"]) == set(CLASSES)
    assert len(CLASSES) >= 20


def test_both_truth_files_say_the_same(spoilt: Written, truth: pl.DataFrame) -> None:
    _, folder, _ = spoilt
    assert truth.schema == TRUTH
    assert pl.read_csv(folder / "truth.csv", schema=TRUTH, empty_string_is_null=False).equals(truth)


def test_the_truth_agrees_with_the_catalogue_of_classes(truth: pl.DataFrame) -> None:
    assert set(truth["kind"]) == {"reject", "value", "finding", "duplicate", "tolerated"}
    unchecked = truth.filter((pl.col("check") != "") & (pl.col("kind") != "finding"))
    assert unchecked.height == 0


def test_positions_lie_in_the_files_they_name(spoilt: Written, truth: pl.DataFrame) -> None:
    _, _, manifest = spoilt
    records = {file.path: file.records for file in manifest.files}
    for file, last, first in (
        truth.group_by("file").agg(pl.col("record").max(), pl.col("record").min().alias("first")).iter_rows()
    ):
        assert 1 <= first <= last <= records[file]


def test_a_record_has_one_error_at_most(truth: pl.DataFrame) -> None:
    assert truth.select("file", "record").is_unique().all()


@pytest.mark.parametrize(
    ("name", "file", "looks"),
    [
        ("date-day-first", "MZ_JZJL", r"\d\d/\d\d/\d{4}"),
        ("full-width-digits", "T_SF", r"[０-９]+"),
        ("lower-case-icd", "hqms", r"[a-z]\d\d\..*"),
        ("sex-unmapped", "n041", r"[男女]"),
        ("coma-minutes-wrong", "", r"75"),
        ("pressure-out-of-range", "MB_SFJL", r"\d{1,4}"),
        ("cost-not-positive", "n041", r"0\.00|-\d+\.\d\d"),
        ("key-missing", "T_LIS", r""),
        ("signature-missing", "hqms", r"-"),
        ("bad-department", "tertiary-b/hqms", "|".join(NO_DEPARTMENTS)),
        ("number-in-words", "MZ_JZJL", r"免费"),
    ],
)
def test_the_named_cell_looks_as_the_class_says(
    spoilt: Written, truth: pl.DataFrame, name: str, file: str, looks: str
) -> None:
    _, folder, _ = spoilt
    for row in some(truth, name, file):
        cell = cells_of(folder, row["file"], int(row["line"]))[row["column"]]
        assert re.fullmatch(looks, cell.strip("\t"))


def test_lines_cut_or_broken_are_where_the_truth_says(spoilt: Written, truth: pl.DataFrame) -> None:
    _, folder, _ = spoilt
    for row in some(truth, "broken-json"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(line_of(folder, row["file"], int(row["line"])))
    for row in some(truth, "undecodable-byte"):
        assert b"\xff" in line_of(folder, row["file"], int(row["line"]))
    for row in some(truth, "no-resource-type"):
        assert "resourceType" not in json.loads(line_of(folder, row["file"], int(row["line"])))
    for row in some(truth, "json-key-twice"):
        pairs: list[list[tuple[str, object]]] = []
        json.loads(line_of(folder, row["file"], int(row["line"])), object_pairs_hook=pairs.append)
        assert [key for key, _ in pairs[-1]].count("id") == 2
    for row in some(truth, "extra-cells", "hqms"):
        header = line_of(folder, row["file"], 1).count(b",")
        assert line_of(folder, row["file"], int(row["line"])).count(b",") > header


def test_a_doubled_row_stands_right_after_itself(spoilt: Written, truth: pl.DataFrame) -> None:
    _, folder, _ = spoilt
    inside = truth.filter((pl.col("record") > 1) & ~pl.col("file").str.contains("jiuzhen"))
    for row in some(inside, "row-twice", count=20):
        here, before = (line_of(folder, row["file"], int(row["line"]) - back) for back in (0, 1))
        assert here == before


def test_lines_are_counted_through_cells_that_hold_line_breaks(spoilt: Written, truth: pl.DataFrame) -> None:
    _, folder, _ = spoilt
    rows = truth.filter(pl.col("file").str.contains("jiuzhen") & (pl.col("class") == "bad-department"))
    assert rows.filter(pl.col("line") > pl.col("record") + 1).height > 0
    for row in rows.head(20).iter_rows(named=True):
        line = line_of(folder, row["file"], row["line"]).decode()
        assert any(f'"{code}"' in line for code in NO_DEPARTMENTS)


def test_all_other_lines_are_as_in_the_clean_city(spoilt: Written, truth: pl.DataFrame, tmp_path: Path) -> None:
    city, folder, _ = spoilt
    City(city.seed, city.persons, errors=0.0).write(tmp_path, per_file=10**9)
    name = "exports/secondary-a/hqms.0001.csv"
    spoilt_lines = (folder / name).read_bytes().splitlines()
    told = set(truth.filter(pl.col("file") == name)["line"])
    kept = [line for number, line in enumerate(spoilt_lines, 1) if number not in told]
    clean_lines = set((tmp_path / name).read_bytes().splitlines())
    assert len(kept) > 200
    assert set(kept) <= clean_lines


def test_the_higher_the_tier_the_fewer_the_errors(tmp_path: Path) -> None:
    city = City(seed=2, persons=12_000)
    manifest = city.write(tmp_path)
    truth = pl.read_parquet(tmp_path / "truth.parquet")
    tier = {site.id: site.tier for site in SITES}
    records = pl.DataFrame(
        [(tier[file.site], file.records) for file in manifest.files], schema=["tier", "n"], orient="row"
    )
    wrong = truth.group_by(pl.col("site").replace_strict(tier, return_dtype=pl.String).alias("tier")).len("wrong")
    shares = records.group_by("tier").agg(pl.col("n").sum()).join(wrong, on="tier")
    share = {name: bad / n for name, n, bad in shares.iter_rows()}
    assert 0.003 < share["tertiary"] < 0.007
    assert 0.008 < share["secondary"] < 0.022
    assert 0.04 < share["primary"] < 0.06


def test_a_city_without_errors_has_an_empty_truth(clean: Written) -> None:
    _, folder, manifest = clean
    assert pl.read_parquet(folder / "truth.parquet").height == 0
    assert manifest.errors == {}
