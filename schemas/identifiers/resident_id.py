"""The resident identity number of GB 11643-1999: 18 characters with a check character, or the 15 digits of before 2000.

Takes numbers as `normalised` leaves them. Says what the number claims, never whether such a person exists.
"""

import polars as pl

from schemas.code_system import code_system
from schemas.identifiers.written import normalised, weighed

__all__ = ["birth_date", "check_ok", "normalised", "region", "region_known", "sex", "to_18", "valid"]

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643 4.2.1, which is 2^(17-i) mod 11
CHECK = "10X98765432"  # the check character for each remainder, ISO 7064 MOD 11-2
LONG = r"^[0-9]{17}[0-9X]$"
SHORT = r"^[0-9]{15}$"


def _long(number: pl.Expr) -> pl.Expr:
    return number.str.contains(LONG)


def _short(number: pl.Expr) -> pl.Expr:
    return number.str.contains(SHORT)


def _check_character(first_17: pl.Expr) -> pl.Expr:
    remainder = weighed(first_17.cast(pl.Int64, strict=False), WEIGHTS) % 11
    return remainder.replace_strict(dict(enumerate(CHECK)), return_dtype=pl.String, default=None)


def check_ok(number: pl.Expr) -> pl.Expr:
    """Whether the check character holds: Boolean, False for a wrong shape, null for 15 digits, which carry none."""
    holds = number.str.slice(17, 1) == _check_character(number.str.slice(0, 17))
    return pl.when(number.is_null() | _short(number)).then(None).otherwise(_long(number) & holds)


def to_18(number: pl.Expr) -> pl.Expr:
    """18 characters: 15 digits get their century (19) and check character, 18 stay, any other shape is null."""
    first_17 = pl.concat_str(number.str.slice(0, 6), pl.lit("19"), number.str.slice(6, 9))
    lengthened = pl.concat_str(first_17, _check_character(first_17))
    return pl.when(_long(number)).then(number).when(_short(number)).then(lengthened)


def birth_date(number: pl.Expr) -> pl.Expr:
    """The date of birth the number claims: Date, null where the shape is wrong or the day is not in the calendar."""
    eight = pl.when(_long(number)).then(number.str.slice(6, 8))
    six = pl.when(_short(number)).then(pl.lit("19") + number.str.slice(6, 6))
    return pl.coalesce(eight, six).str.to_date("%Y%m%d", strict=False)


def sex(number: pl.Expr) -> pl.Expr:
    """The sex the number claims, as GB/T 2261.1: `1` where the sequence number is odd, else `2`; String."""
    last = pl.when(_long(number)).then(number.str.slice(16, 1)).when(_short(number)).then(number.str.slice(14, 1))
    odd = last.cast(pl.Int8, strict=False) % 2 == 1
    return pl.when(odd).then(pl.lit("1")).when(~odd).then(pl.lit("2"))


def region(number: pl.Expr) -> pl.Expr:
    """The county of issue, the first six digits; null where the shape is wrong."""
    return pl.when(_long(number) | _short(number)).then(number.str.slice(0, 6))


def region_known(number: pl.Expr) -> pl.Expr:
    """Whether GB/T 2260 has, or once had, the county of issue."""
    # A number keeps the county code of the year it was issued in, so retired codes count as known.
    return code_system("division").contains(region(number))


def valid(number: pl.Expr) -> pl.Expr:
    """Shape, check character and date of birth all hold. 15 digits are valid by shape and date. Null stays null."""
    known_day = birth_date(number).is_not_null()
    return pl.when(number.is_not_null()).then(check_ok(number).fill_null(value=True) & known_day)
