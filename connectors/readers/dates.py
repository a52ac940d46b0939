"""Readers of dates and times as hospitals write them; wall clock of the city, an offset is converted.

Year first unless the mapping says otherwise: `3/4/2024` is two different days, so it is never guessed; `sided` says
what the values of a column allow.
"""

from collections.abc import Callable, Sequence

import polars as pl

from connectors.readers.reader import Read, Reader, again

CITY = "Asia/Shanghai"
TIME = r"(?:(?:\s+|T|日)\s*(\d{1,2})[:时点](\d{1,2})?分?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?"
_YEAR_FIRST = r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?" + TIME + "$"
_COMPACT = r"^(\d{4})(\d{2})(\d{2})(?:\s?(\d{2})(\d{2})(\d{2})?)?$"
_COMPACT_COLONS = r"^(\d{4})(\d{2})(\d{2})\s+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?$"
_DAY_FIRST = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + TIME + "$"
_OFFSET = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$"
PARTLY = (
    r"^\d{4}(?:(?:[-/.年]\s*\d{1,2})?[-月/.年]?(?:00)?|0{4})$|^\d{4}(?:0[1-9]|1[0-2])(?:00)?$|^\d{4}[-/]\d{2}[-/]00$"
)

TYPOS = 0.02  # of the dates of a column may be in no calendar
MONTH = r"^\d{4}(?:[-/.年]\s*(?:0?[1-9]|1[0-2])(?:\D|$)|0[1-9]|1[0-2])"


def of_times(cells: Sequence[pl.Series]) -> pl.Series:
    """Year first, with or without a time: `2024-03-01 08:30:00`, `2024/3/1`, `20240301083000`, `2024年3月1日8时`."""
    return _staged(cells[0], [_plain, _by(_YEAR_FIRST), _by(_COMPACT), _by(_COMPACT_COLONS), _with_offset])


def _staged(cells: pl.Series, attempts: Sequence[Callable[[pl.Series], pl.Series]]) -> pl.Series:
    """Each attempt sees only what the ones before could not read."""
    value = attempts[0](cells)
    for attempt in attempts[1:]:
        left = cells.is_not_null() & value.is_null()
        if not left.any():
            break
        value = value.scatter(left.arg_true(), attempt(cells.filter(left)))
    return value


def _plain(cells: pl.Series) -> pl.Series:
    if cells.str.len_bytes().max() == 10:
        return cells.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)


class Attempt:
    """One written form, as a pattern with six groups: year, month, day, hour, minute, second."""

    def __init__(self, pattern: str, order: tuple[int, int, int] = (1, 2, 3)) -> None:
        self.pattern, self.order = pattern, order

    def __call__(self, cells: pl.Series) -> pl.Series:
        parts = [cells.str.extract(self.pattern, group) for group in (*self.order, 4, 5, 6)]
        filled = [part.fill_null("0").str.zfill(2) for part in parts[3:]]
        day = pl.concat_str([parts[0], *(part.str.zfill(2) for part in parts[1:3])], separator="-")
        text = pl.select(pl.concat_str([day, pl.concat_str(filled, separator=":")], separator=" ")).to_series()
        return text.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us", strict=False)


def _by(pattern: str) -> Attempt:
    return Attempt(pattern)


def _with_offset(cells: pl.Series) -> pl.Series:
    plain = pl.select(
        pl.when(cells.str.contains(_OFFSET)).then(cells.str.replace("Z$", "+00:00").str.replace(" ", "T"))
    ).to_series()
    aware = plain.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", strict=False)
    return aware.dt.replace_time_zone("UTC").dt.convert_time_zone(CITY).dt.replace_time_zone(None)


def _day_first(cells: Sequence[pl.Series]) -> pl.Series:
    return _staged(cells[0], [Attempt(_DAY_FIRST, (3, 2, 1)), _plain, _by(_YEAR_FIRST)])


def _month_first(cells: Sequence[pl.Series]) -> pl.Series:
    return _staged(cells[0], [Attempt(_DAY_FIRST, (3, 1, 2)), _plain, _by(_YEAR_FIRST)])


def sided(cells: pl.Series) -> frozenset[str]:
    """Readers that read most dates with the year behind: one where the values decide, two where all may be both."""
    last = cells.filter(cells.str.contains(_DAY_FIRST).fill_null(False))
    if not len(last):
        return frozenset()
    ways = {"day-first": Attempt(_DAY_FIRST, (3, 2, 1)), "month-first": Attempt(_DAY_FIRST, (3, 1, 2))}
    left = {name: read(last).null_count() for name, read in ways.items()}
    fewest = min(left.values())
    return frozenset(name for name, count in left.items() if count == fewest <= len(last) * TYPOS)


def _excel(cells: Sequence[pl.Series]) -> pl.Series:
    """Days since 1899-12-30, as spreadsheets count them."""
    days = (
        pl.select(pl.when(cells[0].str.contains(r"^\d{1,6}(\.\d+)?$")).then(cells[0]))
        .to_series()
        .cast(pl.Float64, strict=False)
    )
    seconds = (days * 86400).round().cast(pl.Int64)
    epoch = pl.select(pl.datetime(1899, 12, 30, time_unit="us")).item()
    made = pl.select(pl.lit(epoch) + pl.duration(seconds=pl.lit(seconds), time_unit="us")).to_series()
    return made.cast(pl.Datetime("us"))


def _date_hour(cells: Sequence[pl.Series]) -> pl.Series:
    """A date column and an hour column (RYSJ, RYSJS); without an hour, midnight; null where the hour is none."""
    day = of_times(cells[:1]).dt.truncate("1d")
    hour = cells[1].str.strip_chars_end("时点").cast(pl.Int64, strict=False)
    ok = cells[1].is_null() | hour.is_between(0, 23)
    return pl.select(pl.when(ok).then(day + pl.duration(hours=pl.lit(hour.fill_null(0))))).to_series()


def _precision(cells: Sequence[pl.Series]) -> pl.Series:
    """`day`, `month` or `year`: how much of the date is said, in whichever order; null where it is no date."""
    partly = cells[0].str.contains(PARTLY)
    whole = _staged(
        cells[0], [lambda each: of_times([each]), Attempt(_DAY_FIRST, (3, 2, 1)), Attempt(_DAY_FIRST, (3, 1, 2))]
    )
    whole = whole.is_not_null()
    month = cells[0].str.contains(MONTH)
    word = (
        pl.when(whole).then(pl.lit("day")).when(partly & month).then(pl.lit("month")).when(partly).then(pl.lit("year"))
    )
    return pl.select(word).to_series()


_BOTH = (pl.Date, pl.Datetime)


def _reader(read: Read, means: str, zh: str, takes: int = 1) -> Reader:
    def twice(cells: Sequence[pl.Series]) -> pl.Series:
        return again(cells, read)

    return Reader(twice, means, zh, _BOTH, takes, "bad-date", partly=PARTLY, partly_reason="partial-date")


READERS = {
    "date": _reader(of_times, "A date, year first, in any of the written forms.", "日期"),
    "datetime": _reader(of_times, "A date and time, year first; midnight where no time is written.", "日期时间"),
    "date-hour": _reader(_date_hour, "A date column and an hour column.", "日期+小时", takes=2),
    "day-first": _reader(_day_first, "Day, month, year: `31/12/2024`.", "日/月/年"),
    "month-first": _reader(_month_first, "Month, day, year: `12/31/2024`.", "月/日/年"),
    "excel-date": _reader(_excel, "A spreadsheet's day number: `45352` or `45352.5`.", "Excel 序列日期"),
    "date-precision": Reader(_precision, "How much of the date is said: day, month, year.", "日期精度", (pl.String,)),
}
