"""The unified social credit code of GB 32100-2015: 18 characters of an alphabet without I, O, S, V and Z.

Takes codes as `normalised` leaves them.
"""

import polars as pl

from schemas.identifiers import org_code9
from schemas.identifiers.written import normalised, weighed

__all__ = ["check_ok", "division", "normalised", "org_code", "valid"]

WEIGHTS = tuple(3**place % 31 for place in range(17))  # GB 32100 5.2
SHAPE = r"^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 5.1: the place of a character is its value
PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTU"  # the digits of base 31 as Polars reads them
MOVED = {own: plain for own, plain in zip(ALPHABET, PLAIN, strict=True) if own != plain}


def _weighed(characters: pl.Expr, weights: tuple[int, ...]) -> pl.Expr:
    plain = characters.str.replace_many(list(MOVED), list(MOVED.values()))
    return weighed(plain.str.to_integer(base=31, strict=False), weights, base=31)


def check_ok(code: pl.Expr) -> pl.Expr:
    """Whether shape and check character hold; Boolean, null stays null."""
    # 18 characters do not fit an Int64, so they are weighed in two parts.
    total = _weighed(code.str.slice(0, 9), WEIGHTS[:9]) + _weighed(code.str.slice(9, 9), (*WEIGHTS[9:], 1))
    return code.str.contains(SHAPE) & (total % 31 == 0)


def division(code: pl.Expr) -> pl.Expr:
    """Where it was registered: the six digits of GB/T 2260."""
    return code.str.slice(2, 6)


def org_code(code: pl.Expr) -> pl.Expr:
    """The nine characters of GB 11714 inside it."""
    return code.str.slice(8, 9)


def valid(code: pl.Expr) -> pl.Expr:
    """Its own check character and that of the organisation code inside it both hold."""
    return check_ok(code) & org_code9.check_ok(org_code(code))
