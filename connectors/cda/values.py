"""How HL7 v3 data types write times, numbers and codes, as values that columns take, with a reason where one is lost.

A value with a nullFlavor is absent, not wrong: it has no value and no reason.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from lxml.etree import _Element

V3 = "{urn:hl7-org:v3}"
SDTC = "{urn:hl7-org:sdtc}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_FIRST_DAY = date(1970, 1, 1)
_TS = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,6})\d*)?)?)?)?)?)?(?:([+-])(\d\d):?(\d\d)|Z)?"
)
_DASHED = re.compile(r"\d{4}[-/]\d\d(?:[-/]\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?)?(?:[+-]\d\d:?\d\d|Z)?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_RESULT = re.compile(
    r"(<=|>=|=<|=>|<|>|≤|≥)?\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?)(?:$|\s+[^\d\s]|[^\d\s.,:/*^×xX~\-])"
)
_SIGNS = {"≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}


@dataclass(frozen=True, slots=True)
class Moment:
    """`micros` since 1970 on the city's wall clock and `day` since then, None where the text does not say so much.

    `precision` is `year`, `month`, `day` or `time`; `first` is the first day of what is known; `reason` as in
    connectors.reason, for a column that wants the whole day.
    """

    micros: int | None
    day: int | None
    first: int | None
    precision: str | None
    reason: str | None


_BAD = Moment(None, None, None, None, "bad-date")


@lru_cache(maxsize=4096)
def moment(text: str) -> Moment:
    """HL7 v3 TS, `YYYY[MM[DD[HH[MM[SS[.U]]]]]][+-ZZzz]`, and the same with dashes and colons, as some write it.

    An offset is converted to the city's clock; one behind a day alone says nothing and is passed over.
    """
    text = text.strip()
    if _DASHED.fullmatch(text):
        head, tail = text[:10], text[10:]
        text = head.replace("-", "").replace("/", "") + tail.translate({32: None, 58: None, 84: None})
    found = _TS.fullmatch(text)
    if found is None:
        return _BAD
    year, month, day, hour, minute, second, part, sign, hours, minutes = found.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        ordinal = (first - _FIRST_DAY).days
        if day is None:
            return Moment(None, None, ordinal, "month" if month else "year", "partial-date")
        time = (int(hour or 0), int(minute or 0), int(second or 0), int((part or "0").ljust(6, "0")))
        clock = datetime(first.year, first.month, first.day, *time)  # noqa: DTZ001
        if hour and (sign or text.endswith("Z")):
            clock = _in_the_city(clock, sign, hours, minutes)
    except (ValueError, OverflowError):
        return _BAD
    micros = (clock - _EPOCH) // timedelta(microseconds=1)
    return Moment(micros, ordinal, ordinal, "time" if hour else "day", None)


def _in_the_city(clock: datetime, sign: str | None, hours: str | None, minutes: str | None) -> datetime:
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    instant = clock + ahead if sign == "-" else clock - ahead
    if instant.year >= 1992:
        return instant + timedelta(hours=8)
    # Summer time until 1991 and local mean time before 1901: Polars knows the zone's history on every machine.
    there = pl.Series([instant]).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Shanghai")
    return datetime.fromisoformat(str(there.dt.replace_time_zone(None).dt.strftime("%Y-%m-%dT%H:%M:%S").item()))


@lru_cache(maxsize=16384)
def number(text: str) -> float | None:
    """A plain number; None for anything else, `NaN` and `1_000` too."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None


def result(text: str) -> tuple[str | None, float | None]:
    """The comparator and the number a result of a laboratory begins with, as in readers.measures."""
    found = _RESULT.match(text.strip())
    if found is None:
        return None, None
    return (_SIGNS.get(found[1], found[1]) if found[1] else None), float(found[2])


def said(element: "_Element | None", attribute: str) -> str | None:
    """An attribute without outer blanks; None where it, or all of the element, is absent, empty or null."""
    if element is None or element.get("nullFlavor") is not None:
        return None
    text = element.get(attribute)
    return (text.strip() or None) if text else None


def text_of(element: "_Element | None") -> str | None:
    """All text inside an element, with single blanks; None where there is none."""
    if element is None:
        return None
    text = element.text if not len(element) else " ".join(element.itertext())
    return (" ".join(text.split()) or None) if text else None


def tag_of(element: "_Element") -> str:
    """The name of an element, without the namespace where it is HL7's."""
    return str(element.tag).removeprefix(V3)


def kid(element: "_Element", tag: str) -> "_Element | None":
    """The first child of that name, without its namespace."""
    return element.find(V3 + tag)


def below(element: "_Element | None", path: str) -> "_Element | None":
    """The first descendant on a path of names with `/` between."""
    for tag in path.split("/"):
        if element is None:
            return None
        element = element.find(V3 + tag)
    return element


def full_id(element: "_Element | None") -> str | None:
    """An instance identifier as `root^extension`, or the root alone, which then is one itself."""
    root, extension = said(element, "root"), said(element, "extension")
    return f"{root}^{extension}" if root and extension else extension or root
