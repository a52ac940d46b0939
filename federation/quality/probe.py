"""Rows of the worst values that a table can hold: whether a check that somebody else wrote answers all of them.

A check that fails on one value would keep a whole batch from being scored, and its error would name the value. So it is
asked of these rows when it is read, and refused before it meets a patient's. Pure.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cache

import polars as pl

from federation.quality.check import Check
from federation.quality.frame import AS_OF, Frame

WORST: dict[type[pl.DataType], tuple[object, ...]] = {
    pl.String: (None, "", " ", "-", "甲", "[", "1.5e400", "2025-13-99", "9" * 30, "x" * 300),
    pl.Boolean: (None, True, False),
    pl.Date: (None, date(1, 1, 1), date(9999, 12, 31), date(1900, 2, 28)),
    pl.Datetime: tuple(  # the tables' times have no zone
        each if each is None else datetime.combine(each, time(23, 59))
        for each in (None, date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1))
    ),
    pl.Time: (None, time(0, 0), time(23, 59, 59)),
}
ROWS = 30  # as many as make each value meet others
DECIMAL = "999999999"


def rows_of(schema: pl.Schema) -> pl.DataFrame:
    """ROWS rows with these columns, each going round its worst values at a pace of its own."""
    return pl.DataFrame(
        [_worst(name, dtype, place) for place, (name, dtype) in enumerate(schema.items())], schema=schema
    )


def fails_on(check: Check) -> str | None:
    """Why the check cannot be asked of every row of its frame, in words without a value; None where it can."""
    return fails(check.right, check.frame, [need.name for need in check.needs])


def fails(right: pl.Expr, frame: Frame, needed: Sequence[str] = ()) -> str | None:
    """The same of one expression; `needed` are boolean columns that stand beside those of the frame."""
    beside = dict.fromkeys(needed, pl.Boolean())
    rows = rows_of(pl.Schema({**frame.schema(), AS_OF: pl.Date(), **beside}))
    try:
        answers = rows.select(right.alias("answer"))["answer"]
    except pl.exceptions.PolarsError as error:
        kind, reads = type(error).__name__.removesuffix("Error"), sorted(set(right.meta.root_names()))
        where = f" of {', '.join(reads)}" if reads else ""
        return f"it fails on values{where} that a cell may hold ({kind}). Use try_cast for cast, or another test"
    except Exception as error:  # noqa: BLE001 - a check of another package may do anything at all
        return f"it fails with {type(error).__name__}"
    if answers.dtype != pl.Boolean:
        return f"it answers {answers.dtype}, and must answer true or false"
    if len(answers) not in (1, rows.height):
        return "it does not answer row by row"
    return None


def _worst(name: str, dtype: pl.DataType, place: int) -> pl.Series:
    told = _values(dtype)
    cells = [told[(row + row * (place % 3) + place) % len(told)] for row in range(ROWS)]
    if dtype.is_decimal():
        return pl.Series(name, cells, pl.String()).cast(dtype, strict=False)
    return pl.Series(name, cells, dtype, strict=False)


@cache
def _values(dtype: pl.DataType) -> tuple[object, ...]:
    if dtype.is_integer():
        ends = pl.select(low=pl.lit(None, dtype).lower_bound(), high=pl.lit(None, dtype).upper_bound())
        return (None, 0, 1, -1, *ends.row(0))
    if dtype.is_float():
        return (None, 0.0, -1.0, float("nan"), float("inf"), 1e308)
    if dtype.is_decimal():
        return (None, DECIMAL, f"-{DECIMAL}", "0")
    return WORST.get(dtype.base_type(), (None,))
