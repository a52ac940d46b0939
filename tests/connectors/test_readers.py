"""How cells are read: what hospitals write on the left, what it means on the right, `bad` where it is rejected."""

from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.readers import READERS

T = datetime  # keeps the tables below narrow


def one(name: str, *cells: str | None) -> object:
    """The value one row of cells is read as."""
    return READERS[name].read([pl.Series([cell], dtype=pl.String()) for cell in cells])[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2024-03-01 08:30:00", T(2024, 3, 1, 8, 30)),
        ("2024-3-1 8:30", T(2024, 3, 1, 8, 30)),
        ("2024/3/1", T(2024, 3, 1)),
        ("2024.03.01", T(2024, 3, 1)),
        ("20240301", T(2024, 3, 1)),
        ("20240301083015", T(2024, 3, 1, 8, 30, 15)),
        ("202403010830", T(2024, 3, 1, 8, 30)),
        ("2024年3月1日", T(2024, 3, 1)),
        ("2024年3月1日 8时30分", T(2024, 3, 1, 8, 30)),
        ("2024年3月1日8时30分15秒", T(2024, 3, 1, 8, 30, 15)),
        ("２０２４－０３－０１", T(2024, 3, 1)),
        ("2024-03-01T08:30:00Z", T(2024, 3, 1, 16, 30)),
        ("2024-03-01T08:30:00.250+08:00", T(2024, 3, 1, 8, 30, 0, 250000)),
        ("2024-03-01 00:00:00.000", T(2024, 3, 1)),
        ("2024-02-30", None),
        ("2023-02-29 00:00:00", None),
        ("01/03/2024", None),
        ("45352", None),
        ("2024-03", None),
        ("昨天", None),
        ("0000-00-00", None),
        ("2024-13-01", None),
        ("2024-03-01 25:00:00", None),
    ],
)
def test_dates_are_read_year_first_and_never_guessed(cell, value):
    assert one("datetime", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("31/12/2024", T(2024, 12, 31)), ("3-4-2024", T(2024, 4, 3)), ("31/12/2024 23:59", T(2024, 12, 31, 23, 59)),
     ("12/31/2024", None), ("2024-12-31", T(2024, 12, 31))],
)  # fmt: skip
def test_day_first_only_where_the_mapping_says_so(cell, value):
    assert one("day-first", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12/31/2024", T(2024, 12, 31)), ("3-4-2024", T(2024, 3, 4)), ("12/31/2024 23:59", T(2024, 12, 31, 23, 59)),
     ("31/12/2024", None), ("2024-12-31", T(2024, 12, 31)), ("２/１/２０２４", T(2024, 2, 1))],
)  # fmt: skip
def test_month_first_only_where_the_mapping_says_so(cell, value):
    assert one("month-first", cell) == value


@pytest.mark.parametrize(
    ("cell", "value"), [("45352", T(2024, 3, 1)), ("45352.5", T(2024, 3, 1, 12)), ("2024", T(1905, 7, 16)), ("x", None)]
)
def test_spreadsheet_days_only_where_the_mapping_says_so(cell, value):
    assert one("excel-date", cell) == value


@pytest.mark.parametrize(
    ("day", "hour", "value"),
    [("20240301", "8", T(2024, 3, 1, 8)), ("20240301", "08", T(2024, 3, 1, 8)), ("20240301", None, T(2024, 3, 1)),
     ("20240301", "24", None), ("20240301", "八", None), (None, "8", None)],
)  # fmt: skip
def test_a_date_and_an_hour_column_make_one_time(day, hour, value):
    assert one("date-hour", day, hour) == value


@pytest.mark.parametrize(
    ("cell", "precision"),
    [("2024-03-01", "day"), ("20240301", "day"), ("2024-03", "month"), ("202403", "month"), ("2024年3月", "month"),
     ("2024", "year"), ("2024-00-00", "year"), ("未知", None)],
)  # fmt: skip
def test_how_much_of_a_date_is_said(cell, precision):
    assert one("date-precision", cell) == precision


@pytest.mark.parametrize(
    ("cell", "sign", "number"),
    [
        ("> 6.22", ">", 6.22),
        ("＞6.22", ">", 6.22),
        ("≤0.5", "<=", 0.5),
        ("7.75轻度乳糜", None, 7.75),
        ("8.62++", None, 8.62),
        ("12.5 mmol/L", None, 12.5),
        ("5%", None, 5.0),
        ("-1.5", None, -1.5),
        ("2.2.8", None, None),
        ("1:160", None, None),
        ("120/80", None, None),
        ("3-5", None, None),
        ("10^9", None, None),
        ("未查", None, None),
        ("阴性(-)", None, None),
        ("*****", None, None),
        ("974", None, 974.0),
    ],
)
def test_a_laboratory_result_gives_its_comparator_and_its_number(cell, sign, number):
    assert (one("comparator", cell), one("measured-number", cell)) == (sign, number)


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("money", "1234.50", Decimal("1234.5")),
        ("money", "1,234.50", Decimal("1234.5")),
        ("money", "¥12", Decimal(12)),
        ("money", "１２．５", Decimal("12.5")),
        ("money", "12,34", None),
        ("money", "1e5元", None),
        ("money", "nan", None),
        ("integer", "007", 7),
        ("integer", "3.0", 3),
        ("integer", "3.5", None),
        ("integer", "３", 3),
        ("number", "1.5e3", 1500.0),
        ("number", "nan", None),
        ("number", "inf", None),
        ("age-months", "2 15/30月", 75),
        ("age-months", "15/30", 15),
        ("age-months", "2月15/30", 75),
        ("age-months", "215/30", None),
        ("age-months", "2", 60),
        ("age-months", "2.5", 75),
        ("age-months", "2岁", None),
        ("d/h/m", "1/2/30", 1590),
        ("identifier", " 11010519491231002x ", "11010519491231002X"),
        ("identifier", "ｈ１２ ３", "H123"),
        ("half-width", "Ａ（１）", "A(1)"),
    ],
)
def test_numbers_ages_and_identifiers(name, cell, value):
    assert one(name, cell) == value


def test_coma_times_in_three_cells_become_minutes():
    assert one("days-hours-minutes", "1", "2", "30") == 1590
    assert one("days-hours-minutes", None, "0", "5") == 5
    assert one("days-hours-minutes", None, None, None) is None
    assert one("days-hours-minutes", "1", "x", "0") is None


def test_the_check_digit_of_a_resident_id():
    assert one("resident-id-ok", "11010519491231002x") is True
    assert one("resident-id-ok", "110105194912310021") is False
    assert one("resident-id-ok", "110105491231002") is None
    assert one("resident-id-ok", "E12345678", "6") is None


@pytest.mark.parametrize("name", sorted(READERS))
@given(
    cells=st.lists(
        st.none() | st.text(st.sampled_from("0123456789-/.: 年月日><≥,¥eT＋８xX元"), min_size=1, max_size=10),
        max_size=6,
    )
)
def test_no_reader_fails_or_changes_the_number_of_cells(name, cells):
    reader = READERS[name]
    given_ = [pl.Series(cells, dtype=pl.String())] * min(reader.takes, 3)
    assert len(reader.read(given_)) == len(cells)


@given(
    cells=st.lists(st.sampled_from(["2024-03-01", "2024/3/1", "20240301", "x", None, "２０２４０３０１"]), max_size=8)
)
def test_a_cell_is_read_the_same_whatever_stands_in_the_other_cells(cells):
    together = READERS["datetime"].read([pl.Series(cells, dtype=pl.String())]).to_list()
    assert together == [one("datetime", cell) for cell in cells]
