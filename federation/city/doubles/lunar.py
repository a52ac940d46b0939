"""The day of the Chinese lunar calendar by the mean moon: mostly a day off at most, enough for made-up people."""

import numpy as np

from federation.city.chance import Ints

MONTH, YEAR = 29.530588853, 365.2422  # mean lengths in days
NEW_MOON = 10962.76 + 8 / 24  # 2000-01-06 18:14 UTC as days since 1970, Beijing time
SOLSTICE = 10947.65 + 8 / 24  # 1999-12-22 07:44 UTC


def lunar(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month (1-12) and day (1-30) that the lunar calendar gives to days since 1970.

    The month that holds the winter solstice is the eleventh; a leap month counts as the one before it.
    """
    moon = np.floor((days + 1 - NEW_MOON) / MONTH)
    day = np.floor(days - np.floor(NEW_MOON + moon * MONTH)).astype(np.int64) + 1
    winter = np.floor((days - SOLSTICE) / YEAR)
    eleventh = np.floor((np.floor(SOLSTICE + winter * YEAR) + 1 - NEW_MOON) / MONTH)
    after = np.clip(moon - eleventh, 0, 12).astype(np.int64)
    months = np.where(after > 11, 11, after)  # thirteen moons: the last is told as the one before
    month = (10 + months) % 12 + 1
    solar = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    into = (days - solar_start(solar)).astype(np.int64)
    year = np.where((month >= 11) & (into < 75), solar - 1, solar)
    return year, month, np.clip(day, 1, 30)


def solar_start(year: Ints) -> Ints:
    """The first of January as days since 1970."""
    return (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
