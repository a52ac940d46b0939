"""What a cell leaves unsaid is read only as a mapping says, and asked for where a mapping is proposed."""

from datetime import datetime

import polars as pl
import pytest

from connectors.propose.column import guessed
from connectors.propose.evidence import evidence
from connectors.readers import READERS
from federation.cli.main import main


def read(name, *cells):
    return READERS[name].read([pl.Series(cells, dtype=pl.String)]).to_list()


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2024-03-01 下午3:05", 15), ("2024/3/1 3:05:00 PM", 15), ("2024/3/1 3:05am", 3), ("2024-03-01 上午09:05", 9),
        ("2024/3/1 12:05 AM", 0), ("2024/3/1 12:05 p.m.", 12), ("2024年3月1日凌晨12点5分", 0), ("2024-03-01 中午11:05", 11),
        ("2024-03-01 中午1:05", 13), ("2024-03-01 晚上8:05", 20), ("２０２４-03-01 下午３:05", 15),
        ("2024-03-01 08:05", None), ("2024-03-01 上午15:05", None), ("2024-03-01 晚上12:05", None),
        ("2024-02-30 下午3:05", None), ("下午3:05", None),
    ],
)  # fmt: skip
def test_half_a_day_is_read_where_it_is_said(cell, hour):
    assert read("half-days", cell) == [None if hour is None else datetime(2024, 3, 1, hour, 5)]


def test_the_century_is_that_of_the_reader_and_whole_years_stay():
    cells = ("56-03-01", "24/3/1 08:30", "2024-03-01", "24-13-01")
    assert read("20yy", *cells) == [datetime(2056, 3, 1), datetime(2024, 3, 1, 8, 30), datetime(2024, 3, 1), None]
    assert read("19yy", *cells)[0] == datetime(1956, 3, 1)


def test_two_pressures_are_read_apart_or_not_at_all():
    cells = ("120/80", "118／76 mmHg", "80/120", "80/80", "120", "120/", "1200/80")
    assert read("systolic", *cells) == [120, 118, None, None, None, None, None]
    assert read("diastolic", *cells) == [80, 76, None, None, None, None, None]
    assert READERS["systolic"].reason == "bad-number"


@pytest.mark.parametrize(
    ("cells", "sides", "why"),
    [
        (["24-03-01", "56-04-02"], ("19yy", "20yy"), "of which century"),
        (["2024-03-01 下午3:05", "2024-03-02 上午9:00"], ("half-days",), "AM or PM"),
    ],
)
def test_what_is_unsaid_is_asked_never_chosen(cells, sides, why):
    found = evidence(cells)
    assert found.sides == sides
    column = guessed("就诊日期", found, "visit")
    assert not column.sure
    assert why in column.best.why


def test_whole_dates_ask_nothing():
    assert evidence(["2024-03-01", "2024-03-02 08:00"]).sides == ()
    assert guessed("就诊日期", evidence(["2024-03-01", "2024-03-02"]), "visit").sure


def test_a_proposal_asks_about_two_numbers_in_a_cell_and_about_the_century(tmp_path, capsys):
    rows = "".join(f"v{n},p{n},甲,男,24-03-0{n},I10.x00,1{n}0/7{n}\n" for n in range(1, 9))
    (tmp_path / "mz.csv").write_text(f"就诊号,病历号,姓名,性别,就诊日期,诊断编码,血压\n{rows}", "utf-8")
    assert main(["map", str(tmp_path / "mz.csv"), "--out", str(tmp_path / "maps")]) == 0
    [path] = (tmp_path / "maps").glob("*.toml")
    text = path.read_text("utf-8")
    assert '"血压": two numbers in a cell' in text
    assert 'read_as = "systolic"' in text
    assert "8462-4" in text
    asked = [line for line in text.splitlines() if 'read_as = "20yy"' in line]
    assert asked
    assert all(line.startswith("# ?") for line in asked)
