"""Words that checks are written with; each gives a boolean expression over one row.

`-` means "nothing to record" (84号文附件2 一(三)): it is a value, so it is filled in, but no check asks what it says.
"""

from collections.abc import Iterable

import polars as pl

NOTHING = "-"


def asked_if(condition: pl.Expr, right: pl.Expr) -> pl.Expr:
    """`right` where the condition holds; not asked elsewhere."""
    return pl.when(condition).then(right)


def all_told(answers: Iterable[pl.Expr]) -> pl.Expr:
    """Whether all answers that were given are true; those that were not do not spoil it."""
    return pl.all_horizontal(answer.fill_null(value=True) for answer in answers)


def said(column: str) -> pl.Expr:
    """Whether a text column holds more than blanks and `-`."""
    return pl.col(column).fill_null("").str.strip_chars().is_in(["", NOTHING]).not_()


def filled(column: str) -> pl.Expr:
    """Whether a text column holds more than blanks; `-` counts as filled."""
    return pl.col(column).fill_null("").str.strip_chars() != ""


def day(column: str) -> pl.Expr:
    """The date of a time."""
    return pl.col(column).cast(pl.Date)


def at_midnight(column: str) -> pl.Expr:
    """Whether a time is exactly midnight, which is what a date without a time becomes."""
    return pl.col(column).dt.truncate("1d") == pl.col(column)


def between(value: pl.Expr, low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Whether low <= value <= high; not asked where the value is null, and an open end where an end is null."""
    return asked_if(value.is_not_null(), (value >= low).fill_null(value=True) & (value <= high).fill_null(value=True))


def years_between(birth: str, later: str) -> pl.Expr:
    """Completed years from a date to a time, as a person's age is counted."""
    before_birthday = _place_in_year(later) < _place_in_year(birth)
    return pl.col(later).dt.year() - pl.col(birth).dt.year() - before_birthday.cast(pl.Int32)


def _place_in_year(column: str) -> pl.Expr:
    """Month and day as one number; Polars gives them as Int8, which 12 * 32 does not fit."""
    return pl.col(column).dt.month().cast(pl.Int32) * 32 + pl.col(column).dt.day()
