"""Birth dates as a register holds them: swapped, mistyped, by the lunar calendar, or only in part."""

import calendar
from datetime import date, timedelta

import numpy as np
import polars as pl

from federation.city.chance import Ints
from federation.city.doubles.clerk import Clerk, Words
from federation.city.doubles.lunar import lunar
from federation.city.doubles.rates import Rates
from federation.city.people import LAST_BIRTH

LUNAR_UNTIL = 1975  # who is older may go by the lunar calendar
EPOCH = date(1970, 1, 1)


def births(clerk: Clerk, born: Ints, rates: Rates) -> tuple[pl.Series, Words]:
    """Dates written (Date) and their precision: day, month or year."""
    days: Words = born.astype(object)
    year = 1970 + born // 365.2425
    clerk.change(days, "born: lunar", rates.born_lunar, lambda at, _: _lunar(int(days[at])), year < LUNAR_UNTIL)
    clerk.change(days, "born: day and month swapped", rates.born_swapped, lambda at, _: _swapped(int(days[at])))
    clerk.change(days, "born: one digit", rates.born_one_digit, lambda at, n: _one_digit(int(days[at]), n))
    clerk.change(days, "born: a year off", rates.born_year_off, lambda at, n: _year_off(int(days[at]), n))
    clerk.change(days, "born: first of January", rates.born_first_of_january, lambda at, _: _first(int(days[at]), 1))
    precision: Words = np.full(len(born), "day", dtype=object)
    for slip, share, known in (
        ("born: only the month", rates.born_only_month, "month"),
        ("born: only the year", rates.born_only_year, "year"),
    ):
        places = clerk.hits(slip, share)
        for place in places.tolist():
            day = _date(int(days[place]))
            days[place] = _first(int(days[place]), 1 if known == "year" else day.month)
            precision[place] = known
        clerk.note(slip, places)
    missing = clerk.hits("born: missing", rates.born_missing)
    days[missing], precision[missing] = None, None
    clerk.note("born: missing", missing)
    return pl.Series(days.tolist(), dtype=pl.Int32).cast(pl.Date), precision


def _date(days: int) -> date:
    return EPOCH + timedelta(days)


def _days(year: int, month: int, day: int, otherwise: int) -> int:
    """Days since 1970, or the other day where there is no such date or it is yet to come."""
    if not (year >= 1900 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return otherwise
    days = (date(year, month, day) - EPOCH).days
    return days if days <= LAST_BIRTH + 90 else otherwise


def _lunar(days: int) -> int:
    year, month, day = (int(part[0]) for part in lunar(np.array([days])))
    return _days(year, month, day, _days(year, month, 29, days))


def _swapped(days: int) -> int:
    day = _date(days)
    return _days(day.year, day.day, day.month, days) if day.day <= 12 else days


def _one_digit(days: int, drawn: int) -> int:
    """One of the last six digits of YYYYMMDD is another one."""
    written = list(_date(days).strftime("%Y%m%d"))
    written[2 + drawn % 6] = str(drawn // 6 % 10)
    text = "".join(written)
    return _days(int(text[:4]), int(text[4:6]), int(text[6:]), days)


def _year_off(days: int, drawn: int) -> int:
    """Told by an age that is counted from one, or from the new year."""
    day = _date(days)
    return _days(day.year + (-1, -1, 1, -2)[drawn % 4], day.month, day.day, days)


def _first(days: int, month: int) -> int:
    return _days(_date(days).year, month, 1, days)
