"""Numbers of a workbook as the text that a person sees: whole numbers without `.0`, days as ISO dates, shares in %.

A number whose digits went lost is not known: spreadsheets keep 15, and an identifier has 18.
"""

from datetime import datetime, timedelta

import polars as pl

from connectors.signs import hold
from connectors.workbook.shown import Shown

KEPT_DIGITS = 10**15  # from here on a spreadsheet has put zeros for the digits it dropped
LONGEST_PLAIN = 15  # signs up to which a number without exponent has all its digits
EXACT = 2**53  # up to here every whole number is a double
LAST_DAY = 2_958_465  # 9999-12-31
_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a calendar's beginning has no time zone
_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
LOST, NO_DATE, NO_NUMBER = "lost-digits", "bad-date", "bad-number"


def texts(numbers: pl.Series, shown: Shown, *, since_1904: bool = False) -> tuple[pl.Series, pl.Series | None]:
    """The texts, null where the value is not known, and there the reason; None where all are known."""
    if shown.look in ("date", "time", "duration"):
        return _days(numbers, shown, since_1904)
    if shown.look == "percent":
        share = (numbers.cast(pl.Float64, strict=False) * 100).round(10)
        return _whole(share.cast(pl.String)) + "%", None
    plain, why = _plain(numbers)
    return (plain.str.zfill(shown.width) if shown.look == "padded" else plain), why


def _whole(text: pl.Series) -> pl.Series:
    at = text.str.ends_with("0").fill_null(False).arg_true()
    some = text.gather(at)
    return text.scatter(at, some.str.replace(r"\.0+$", "")) if len(at) and hold(some, b".") else text


def _plain(numbers: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    if not hold(numbers, b"eE") and not (numbers.str.len_bytes() > LONGEST_PLAIN).any():
        return _whole(numbers), None
    long = ((numbers.str.len_bytes() > LONGEST_PLAIN) | numbers.str.contains("[eE]")).fill_null(False)
    if not long.any():
        return _whole(numbers), None
    written = numbers.filter(long)
    value = written.cast(pl.Float64, strict=False)
    text = _whole(value.cast(pl.String))
    odd = ((value.abs() >= KEPT_DIGITS) | value.is_null() | value.is_infinite()).fill_null(True)
    where = long.arg_true()
    made = _whole(numbers.scatter(where, text)) if len(where) < len(numbers) else text
    if not odd.any():
        return made, None
    places = where.filter(odd)
    judged = [_judged(each) for each in written.filter(odd)]
    why = pl.Series([None], dtype=pl.String()).new_from_index(0, len(numbers))
    why = why.scatter(places, pl.Series([reason for _, reason in judged], dtype=pl.String()))
    return made.scatter(places, pl.Series([text for text, _ in judged], dtype=pl.String())), why


def _judged(written: str) -> tuple[str | None, str | None]:
    """A number of sixteen digits or more: its text where the file has all its digits, else the reason.

    A whole number that no double can hold was never rounded to one; every other may have been.
    """
    sign, digits = ("-", written[1:]) if written.startswith("-") else ("", written)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 64:
        return None, LOST if _is_number(written) else NO_NUMBER
    number = int(digits)
    short = len(digits.rstrip("0")) <= 15  # a program wrote out what a spreadsheet had kept
    known = number < KEPT_DIGITS or (not short and (number <= EXACT or int(float(number)) != number))
    return (sign + digits, None) if known else (None, LOST)


def _is_number(written: str) -> bool:
    try:
        return abs(float(written)) < float("inf")
    except ValueError:
        return False


def _days(numbers: pl.Series, shown: Shown, since_1904: bool) -> tuple[pl.Series, pl.Series | None]:
    """Days since the workbook's beginning; 1900-02-29, which never was, and what lies outside the calendar are none."""
    days = numbers.cast(pl.Float64, strict=False)
    good = (days.is_finite() & days.is_between(0, LAST_DAY + 1, closed="left")).fill_null(False)
    good &= pl.Series([since_1904], dtype=pl.Boolean()).new_from_index(0, len(days)) | ~days.is_between(60, 61, "left")
    seconds = (pl.select(pl.when(good).then(days)).to_series() * 86_400).round().cast(pl.Int64)
    if shown.look == "duration":
        text = _clock(seconds)
    elif shown.look == "time":
        timed = _clock(seconds % 86_400)
        text = pl.select(pl.when(seconds < 86_400).then(timed).otherwise(_moments(seconds, since_1904))).to_series()
    else:
        text = _moments(seconds, since_1904)
    lost = numbers.is_not_null() & text.is_null()
    if not lost.any():
        return text, None
    return text, pl.select(pl.when(lost).then(pl.lit(NO_DATE))).to_series()


def _moments(seconds: pl.Series, since_1904: bool) -> pl.Series:
    """`2024-03-01` at midnight, else `2024-03-01 08:30:00`; a part of the first day is a time without a day."""
    begin = _1904 if since_1904 else _1900
    early = pl.lit(0) if since_1904 else pl.when(seconds < 60 * 86_400).then(86_400).otherwise(0)
    moment = pl.lit(begin, pl.Datetime("us")) + pl.duration(seconds=pl.lit(seconds) + early)
    day, time = seconds % 86_400 == 0, seconds < 86_400
    exact = moment.dt.strftime("%Y-%m-%d %H:%M:%S")
    chosen = pl.when(pl.lit(day)).then(moment.dt.strftime("%Y-%m-%d")).otherwise(exact)
    if not since_1904 and time.any():
        chosen = pl.when(pl.lit(time & (seconds > 0))).then(pl.lit(_clock(seconds))).otherwise(chosen)
        chosen = pl.when(pl.lit(seconds) != 0).then(chosen)
    return pl.select(chosen).to_series()


def _clock(seconds: pl.Series) -> pl.Series:
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [part.cast(pl.String).str.zfill(2) for part in (hours, minutes, rest)]
    return pl.select(pl.concat_str(parts, separator=":")).to_series()


def spoken(value: object) -> tuple[str | None, str | None]:
    """Text and reason of one cell as a library gives it: float, int, bool, str, date, time or duration."""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, (int, float)):
        text, why = _plain(pl.Series([repr(value)]))
        return text[0], None if why is None else why[0]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00"), None
    if isinstance(value, timedelta):
        whole = round(value.total_seconds())
        return f"{whole // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}", None
    return (str(value) or None), None
