"""Births as far as they are known: `YYYYMMDD`, `YYYYMM` or `YYYY`. What is not known is not filled up.

Days that programs write where nobody knew (1900-01-01) say nothing.
"""

import polars as pl

from federation.linkage.normal.written import close, plain

# First days of calendars and of programs' clocks: 0001, 1753 (SQL Server), 1899-12-30 (spreadsheets), 1900, 1970 stays.
_NOBODYS = ("19000101", "18991230", "18991231", "17530101", "19000102", "00010101", "99991231", "11111111")
EARLIEST, LATEST = "1880", "2199"  # nobody older is alive; and no clock is asked here
_DATED = r"^([0-9]{4})(?:年|[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})?[日号]?)?|([0-9]{2})([0-9]{2})?)?$"
_CLOCK = r"(?:[日T ]+[0-9]{1,2}[:时点].*|T[0-9].*| [0-9]{6}(?:\.[0-9]+)?)$"  # the time behind a day
_LENGTHS = {"day": 8, "month": 6, "year": 4}


def of_date(birth: pl.Expr, precision: pl.Expr) -> pl.Expr:
    """A Date and how exactly it is known (codes `date-precision`, null is a day) as its known digits; String."""
    digits = birth.dt.strftime("%Y%m%d")
    length = precision.replace_strict(_LENGTHS, default=8, return_dtype=pl.UInt32)
    return _lived(pl.when(~digits.is_in(_NOBODYS)).then(digits.str.head(length)))


def of_text(births: pl.Series) -> pl.Series:
    """Dates as text, year first: `1957`, `1957-3`, `1957年3月5日`, `19570305`, `19570300`; null where it is none."""
    text = close(plain(pl.col("text")).str.replace(_CLOCK, "")).str.replace(r"^([0-9]{8})[0-9]{6}$", "$1")
    groups = pl.col("text").str.extract_groups(_DATED).struct.rename_fields(["year", "month", "day", "mm", "dd"])
    rows = births.alias("text").to_frame().select(text.alias("text")).select(groups.alias("of")).unnest("of")
    rows = rows.select("year", month=_two(pl.coalesce("month", "mm")), day=_two(pl.coalesce("day", "dd")))
    rows = rows.with_columns(whole=pl.concat_str("year", pl.col("month", "day").fill_null("")))
    real = pl.col("whole").str.to_date("%Y%m%d", strict=False).is_not_null()
    months = pl.col("month").is_null() | pl.col("month").is_between(pl.lit("01"), pl.lit("12"))
    good = pl.when(pl.col("day").is_not_null()).then(real).otherwise(months)
    known = good & ~pl.col("whole").is_in(_NOBODYS)
    return rows.with_columns(whole=pl.when(known).then("whole")).select(_lived(pl.col("whole"))).to_series()


def _two(digits: pl.Expr) -> pl.Expr:
    """Two digits; `00` is unknown."""
    return digits.str.zfill(2).replace("00", None)


def _lived(born: pl.Expr) -> pl.Expr:
    return pl.when(born.str.head(4).is_between(pl.lit(EARLIEST), pl.lit(LATEST))).then(born)
