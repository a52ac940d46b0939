"""Readers of dates that leave something unsaid: half a day (AM, 下午), or the century.

Only a mapping that names one uses it.
`24-03-01` is a day in 2024 or in 1924, and of a birth nobody can tell: the mapping says which.
"""

from collections.abc import Callable, Sequence

import polars as pl

from connectors.readers.dates import PARTLY, TIME, of_times
from connectors.readers.reader import Reader, again

_MARK = r"(?i)\s*(上午|下午|中午|凌晨|早上|晚上|[AP]\.?M\.?)\s*"
_LATE = r"(?i)下午|中午|晚上|P"
_CLOCK = r"[:时点]"
_SHORT = r"^\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?" + TIME + "$"
TYPOS = 0.02
FORENOON, EVENING = 10, 5


def _half_days(cells: Sequence[pl.Series]) -> pl.Series:
    """`2024-03-01 下午3:05`, `2024/3/1 3:05 PM`: 12 AM is midnight, 12 PM noon; a time without a mark is not read."""
    text = cells[0]
    mark = text.str.extract(_MARK, 1)
    at = of_times([text.str.replace(_MARK, " ").str.strip_chars()])
    hour, late = at.dt.hour(), mark.str.contains(_LATE)
    noon = (mark == "中午") & (hour >= FORENOON)  # 中午11:30
    shift = pl.when(noon).then(0).when(late & (hour < 12)).then(12).when(~late & (hour == 12)).then(-12).otherwise(0)
    unmarked = mark.is_null() & text.str.contains(_CLOCK)
    night = (mark == "晚上") & ((hour < EVENING) | (hour == 12))  # 晚上12点 may be either end of the day
    contradicts = ~late & (hour > 12)
    read = pl.when(unmarked | night | contradicts).then(None).otherwise(pl.lit(at) + pl.duration(hours=shift))
    return pl.select(read.cast(pl.Datetime("us"))).to_series()


def _of_century(century: str) -> Callable[[Sequence[pl.Series]], pl.Series]:
    def read(cells: Sequence[pl.Series]) -> pl.Series:
        short = cells[0].str.contains(_SHORT)
        whole = pl.select(pl.when(short).then(pl.lit(century) + cells[0]).otherwise(cells[0])).to_series()
        return of_times([whole])

    return read


def _reader(read: Callable[[Sequence[pl.Series]], pl.Series], means: str, zh: str) -> Reader:
    def twice(cells: Sequence[pl.Series]) -> pl.Series:
        return again(cells, read)

    return Reader(twice, means, zh, (pl.Date, pl.Datetime), 1, "bad-date", partly=PARTLY, partly_reason="partial-date")


READERS = {
    "half-days": _reader(_half_days, "A date with 上午, 下午, AM or PM beside its time.", "12 小时制时间"),
    "20yy": _reader(_of_century("20"), "Year first in two digits, of this century: `24-03-01`.", "两位年份(20yy)"),
    "19yy": _reader(_of_century("19"), "Year first in two digits, of the last century: `56-03-01`.", "两位年份(19yy)"),
}


def unsaid(cells: pl.Series) -> frozenset[str]:
    """Those that read nearly all values of a column; a person has to choose, also where there is one only."""
    if not len(cells):
        return frozenset()
    signs = {"half-days": _MARK, "20yy": _SHORT, "19yy": _SHORT}
    there = [name for name, sign in signs.items() if cells.str.contains(sign).any()]
    return frozenset(name for name in there if READERS[name].read([cells]).null_count() <= len(cells) * TYPOS)
