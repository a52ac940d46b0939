"""What goes wrong with the number of a laboratory result, wherever it stands.

Whether a careful reader could see it is told by how rare such a real result is (`contacts.Item`).
"""

import polars as pl

from federation.city import slips
from federation.city.faults import Fault

NUMBER = pl.col("number")


def _never(number: pl.Expr) -> pl.Expr:
    return (number < pl.col("never_low")) | (number > pl.col("never_high"))


def _cell(name: str, told: str, number: pl.Expr, into: str, digits: int) -> Fault:
    written = number.round(digits)
    return Fault(
        name, told, {into: written.cast(pl.String)}, pl.col("item_code") != "", common=True, plain=_never(written)
    )


def other_unit(told: str, into: str = "") -> Fault:
    """The number is that of another usual unit, the unit as it was."""
    return _cell("unit-mix-up", told, NUMBER * pl.col("other_factor") + pl.col("other_offset"), into or told, 2)


def decimal_slip(told: str, into: str = "") -> Fault:
    """The point stands one place further left or right."""
    return _cell("decimal-slip", told, NUMBER * slips.pick(slips.ONE, [pl.lit(10.0), pl.lit(0.1)]), into or told, 3)


def mistyped(told: str, into: str = "") -> Fault:
    """One digit is another one; a point that was not hit becomes a digit as well."""
    text = slips.other_digit(pl.col("value"))
    number = text.cast(pl.Float64, strict=False)
    return Fault(
        "digit-wrong", told, {into or told: text}, pl.col("item_code") != "", common=True, plain=_never(number)
    )
