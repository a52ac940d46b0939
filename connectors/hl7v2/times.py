"""Times as HL7 v2 writes them (TS, DTM, DT: `YYYY[MM[DD[HH[MM[SS[.S]]]]]][+ZZZZ]`) as wall clock of the city.

What is exact to the day or better is read eight digits at once; fractions, offsets and everything odd once a spelling.
Nothing is filled in: a month alone is no day.
"""

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.hl7v2.cells import Flags, Ints, Pieces, Words
from connectors.readers.dates import CITY

NULL = '""'  # HL7 v2.8, 2.5.3.3: delete what you have
_SPELLED = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ]?(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,9}))?)?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_PARTIAL = re.compile(r"\d{4}(?:-?(?:0[1-9]|1[0-2])(?:-?00)?|0{4})?\s*(?:[+-]\d{4})?")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock
_ZEROS, _SIXES = np.uint64(0x3030303030303030), np.uint64(0x0606060606060606)
_HIGH = np.uint64(0xF0F0F0F0F0F0F0F0)
_BEFORE = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0], np.int64)
_SECOND = 1_000_000
# What stands after the day: HH, HHMM or HHMMSS; the rest of the window is taken as zeros.
_KEPT = np.array([(1 << (8 * size)) - 1 for size in range(8)], np.uint64)


def times(held: Pieces, which: Ints) -> tuple[pl.Series, pl.Series | None]:
    """Datetime (us), and where a time is given that cannot be had, the reason; None where all were read."""
    start, end, given = held.bounds.take(which), held.bounds.take(which + 1), held.filled.take(which)
    micros, read = _plain(held, start, end, given)
    odd = np.flatnonzero(given & ~read)
    reasons = None
    if len(odd):
        reasons = _spelled(held, start, end, odd, micros, read)
    valid = None if read.all() else pa.py_buffer(np.packbits(read, bitorder="little"))
    made = pa.Array.from_buffers(pa.timestamp("us"), len(start), [valid, pa.py_buffer(micros)])
    return pl.Series(pl.from_arrow(made)), reasons


def days(held: Pieces, which: Ints) -> tuple[pl.Series, pl.Series, pl.Series | None]:
    """Date, how exactly it is known (day, month, year), and reasons. Only what is written counts: no zone is applied.

    For a birth: the first day stands for a month or a year, as the shared table says.
    """
    start, end, given = held.bounds.take(which), held.bounds.take(which + 1), held.filled.take(which)
    eight = np.where(given & (end - start > 8), start + 8, end)
    micros, read = _plain(held, start, eight, given)
    precise = pl.Series(["day"]).new_from_index(0, len(start))
    values = pl.Series(micros // (86400 * _SECOND)).cast(pl.Int32).cast(pl.Date)
    odd = np.flatnonzero(given & ~read)
    reasons = None
    if len(odd):
        texts = _texts(held, start, end, odd)
        found = [_birth(text) for text in texts]
        values = values.scatter(odd, pl.Series([day for day, _ in found], dtype=pl.Date))
        precise = precise.scatter(odd, pl.Series([how for _, how in found], dtype=pl.String))
        lost = odd[[day is None and text != NULL for text, (day, _) in zip(texts, found, strict=True)]]
        read[odd] = True
        if len(lost):
            reasons = pl.Series([None], dtype=pl.String).new_from_index(0, len(start)).scatter(lost, "bad-date")
    known = pl.Series(read)
    return _only(values, known), _only(precise, known), reasons


def _only(values: pl.Series, known: pl.Series) -> pl.Series:
    return values if known.all() else values.zip_with(known, values.clear(len(values)))


def _plain(held: Pieces, start: Ints, end: Ints, given: Flags) -> tuple[Ints, Flags]:
    """Microseconds since 1970 of texts of 8, 10, 12 or 14 digits, and which were read."""
    size = end - start
    read = given & (size >= 8) & (size <= 14) & (size % 2 == 0)
    at = np.where(read, start, 0)
    day, digits = _number(held.words(at))
    read &= digits
    left = np.where(read, size - 8, 0)
    keep = _KEPT.take(left)
    clock, digits = _number((held.words(at + np.where(left > 0, 8, 0)) & keep) | (_ZEROS & ~keep))
    read &= digits
    year, month, mday = day // 10000, day // 100 % 100, day % 100
    hour, minute, second = clock // 1000000, clock // 10000 % 100, clock // 100 % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    read &= (month >= 1) & (month <= 12) & (mday >= 1) & (year >= 1)
    month = np.where(read, month, 1)
    read &= mday <= _DAYS.take(month) + (leap & (month == 2))
    read &= (hour < 24) & (minute < 60) & (second < 60)
    before = year - 1
    ordinal = before * 365 + before // 4 - before // 100 + before // 400 + _BEFORE.take(month) + mday
    ordinal += (leap & (month > 2)) - 719163
    micros = (ordinal * 86400 + hour * 3600 + minute * 60 + second) * _SECOND
    return micros, read


def _number(words: Words) -> tuple[Ints, Flags]:
    """Eight ASCII digits as a number, and whether all eight are digits."""
    digits = ((words & _HIGH) == _ZEROS) & (((words + _SIXES) & _HIGH) == _ZEROS)
    plain = words - _ZEROS
    plain = plain * np.uint64(10) + (plain >> np.uint64(8))
    low = np.uint64(0x000000FF000000FF)
    one = (plain & low) * np.uint64(0x000F424000000064)
    two = ((plain >> np.uint64(16)) & low) * np.uint64(0x0000271000000001)
    return ((one + two) >> np.uint64(32)).astype(np.int64), digits


def _texts(held: Pieces, start: Ints, end: Ints, at: Ints) -> list[str]:
    return [
        held.text[a:b].decode("utf-8", "replace") for a, b in zip(start[at].tolist(), end[at].tolist(), strict=True)
    ]


def _spelled(held: Pieces, start: Ints, end: Ints, odd: Ints, micros: Ints, read: Flags) -> pl.Series | None:
    """Fills in what is spelled in other ways; the reasons of those that are no time."""
    known: dict[str, int | str] = {}
    lost, why = [], []
    for at, text in zip(odd.tolist(), _texts(held, start, end, odd), strict=True):
        if text == NULL:
            continue
        if text not in known:
            known[text] = _moment(text.strip())
        found = known[text]
        if isinstance(found, str):
            lost.append(at)
            why.append(found)
        else:
            micros[at], read[at] = found, True
    if not lost:
        return None
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(start)).scatter(lost, pl.Series(why))


def _moment(text: str) -> int | str:
    """Microseconds of the city's clock since 1970, or the reason why there are none."""
    found = _SPELLED.fullmatch(text)
    if found is None:
        return "partial-date" if _PARTIAL.fullmatch(text) else "bad-date"
    *parts, fraction, offset = found.groups()
    try:
        clock = datetime(*(int(part or 0) for part in parts))  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock
        clock += timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))
        if offset and parts[3] is not None:
            clock = clock.replace(tzinfo=_zone(offset)).astimezone(ZoneInfo(CITY)).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return "bad-date"
    return (clock - _EPOCH) // timedelta(microseconds=1)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return timezone(timedelta(0))
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(shift if offset[0] == "+" else -shift)


def _birth(text: str) -> tuple[object, str | None]:
    """A day, and how exactly it is known; nothing where it is no date."""
    found = re.match(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?(?:\D|\d{2}|$)", text.strip())
    if found is None:
        return None, None
    year, month, day = (int(part or 0) for part in found.groups())
    try:
        made = datetime(year, month or 1, day or 1).date()  # noqa: DTZ001 - a day has no zone
    except ValueError:
        return None, None
    return made, "day" if day else "month" if month else "year"
