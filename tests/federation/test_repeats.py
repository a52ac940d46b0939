"""Rows of one file that share a key and differ: told and rejected, never taken for versions without a word."""

import gzip
import zipfile

import pytest

from connectors.kinds import kinds
from federation.node.reconcile import reconcile
from federation.node.rejects import rejects
from tests.connectors.drawn_workbook import HEADER, mapping, package, row, sheet
from tests.federation.node_city import city, take

HEAD = "就诊号,病历号,身份证号,就诊日期"
THREE = "v1,p1,,2024-03-01\nv1,p1,,2024-03-02\nv2,p2,,2024-03-02"


def csv(folder, name, lines):
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"{HEAD}\n{lines}\n", "utf-8")
    return path


def read(home, tmp_path, *paths, **more):
    return take(home, *paths, mapping=more.pop("mapping", None) or mapping(tmp_path), kinds=kinds(), **more)


def counts(told):
    return told.read, told.accepted, told.rejected, told.duplicate, told.superseded


def in_balance(home):
    return all(line.agrees for line in reconcile(home))


def test_rows_of_one_file_with_one_key_and_other_words_are_rejected_but_the_last(tmp_path):
    home = city(tmp_path, "A")
    told = read(home, tmp_path, csv(tmp_path / "in", "a.csv", THREE))
    assert (counts(told), told.tables["patient_identifier"], told.reasons) == ((3, 2, 1, 0, 0), 2, {"key-repeats": 1})
    [left] = told.unkeyed
    assert (left.reason, "The key 就诊号 does not tell records apart: 1 row" in left.message) == ("key-repeats", True)
    place = rejects(home).select("position", "line", "column", "reason", "whole").collect().rows()
    assert place == [(1, 2, "就诊号", "key-repeats", True)]
    assert in_balance(home)


def test_rows_that_say_the_same_are_duplicates_and_no_repeats(tmp_path):
    home = city(tmp_path, "A")
    told = read(home, tmp_path, csv(tmp_path / "in", "a.csv", "v1,p1,,2024-03-01\nv1,p1,,2024-03-01"))
    assert (counts(told), told.unkeyed) == ((2, 1, 0, 1, 0), ())


def test_what_was_rejected_is_told_again_when_it_comes_in_a_longer_file_and_stands_when_it_comes_alone(tmp_path):
    home = city(tmp_path, "A")
    read(home, tmp_path, csv(tmp_path / "in", "a.csv", THREE))
    longer = read(home, tmp_path, csv(tmp_path / "in", "b.csv", f"{THREE}\nv3,p3,,2024-03-03"))
    assert counts(longer) == (4, 1, 1, 2, 0)
    alone = read(home, tmp_path, csv(tmp_path / "in", "c.csv", "v1,p1,,2024-03-01"))
    assert counts(alone) == (1, 1, 0, 0, 1)
    assert in_balance(home)


def test_a_log_of_changes_says_that_its_later_rows_are_later_versions(tmp_path):
    home, log = city(tmp_path, "A"), mapping(tmp_path)
    log.write_text("history = true\n" + log.read_text("utf-8"), "utf-8")
    told = read(home, tmp_path, csv(tmp_path / "in", "a.csv", THREE), mapping=log)
    assert (counts(told), told.unkeyed) == ((3, 3, 0, 0, 1), ())


def test_another_file_and_another_sheet_bring_later_versions(tmp_path):
    home = city(tmp_path, "A")
    first, second = "v1,p1,,2024-03-01", "v1,p1,,2024-03-02"
    told = read(home, tmp_path, csv(tmp_path / "in", "a.csv", first), csv(tmp_path / "in", "b.csv", second))
    assert counts(told) == (2, 2, 0, 0, 1)
    sheets = {
        name: sheet(row(1, *HEADER) + row(2, "v5", "p1", "", day))
        for name, day in (("1月", "2024-01-01"), ("2月", "2024-02-01"))
    }
    book = package(tmp_path / "months.xlsx", sheets)
    assert counts(read(home, tmp_path, book)) == (2, 2, 0, 0, 1)


def test_the_key_is_told_of_the_sheet_that_has_it(tmp_path):
    home = city(tmp_path, "A")
    rows = row(1, *HEADER) + row(2, "v5", "p1", "", "2024-01-01") + row(3, "v5", "p1", "", "2024-01-02")
    told = read(home, tmp_path, package(tmp_path / "a.xlsx", {"1月": sheet(rows)}))
    assert (counts(told), told.reasons) == ((2, 1, 1, 0, 0), {"key-repeats": 1})


def test_the_same_file_again_is_known_inside_an_archive_and_packed(tmp_path):
    home, path = city(tmp_path, "A"), csv(tmp_path / "in", "a.csv", "v1,p1,,2024-03-01\nv2,p2,,2024-03-02")
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "a.csv")
    assert counts(read(home, tmp_path, path)) == (2, 2, 0, 0, 0)
    assert counts(read(home, tmp_path, tmp_path / "a.zip")) == (2, 0, 0, 2, 0)
    assert counts(read(home, tmp_path, packed)) == (2, 0, 0, 2, 0)
    assert in_balance(home)


def test_versions_that_gave_way_before_are_not_counted_as_replaced_again(tmp_path):
    home = city(tmp_path, "A")
    days = ["2024-03-01", "2024-03-02", "2024-03-03"]
    told = [read(home, tmp_path, csv(tmp_path / "in", f"{day}.csv", f"v1,p1,,{day}")) for day in days]
    assert [each.superseded for each in told] == [0, 1, 1]


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_read_again_with_a_better_key_takes_the_place_of_what_it_said_before(tmp_path, packed):
    home, path, better = city(tmp_path, "A"), csv(tmp_path / "in", "a.csv", THREE), mapping(tmp_path)
    if packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, "a.csv")
        path = tmp_path / "a.zip"
    assert counts(read(home, tmp_path, path)) == (3, 2, 1, 0, 0)
    better.write_text(better.read_text("utf-8").replace('key = ["就诊号"]', 'key = ["就诊号", "就诊日期"]'), "utf-8")
    told = read(home, tmp_path, path, mapping=better)
    assert (counts(told), told.unkeyed) == ((3, 3, 0, 0, 2), ())
    assert in_balance(home)
