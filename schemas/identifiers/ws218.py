"""The health institution code of WS 218-2002, 22 characters. Takes codes as `normalised` leaves them.

Organisation code (9), county (6), registration type (2), class of institution (4), management class (1).
"""

import polars as pl

from schemas.code_system import code_system
from schemas.identifiers import org_code9
from schemas.identifiers.written import normalised

__all__ = ["check_ok", "class_code", "division", "division_known", "normalised", "org_code"]

SHAPE = r"^[0-9A-Z]{8}[0-9X][0-9]{6}[0-9]{2}[A-Z][0-9]{3}[0-9]$"


def check_ok(code: pl.Expr) -> pl.Expr:
    """Whether the shape and the check character of the organisation code inside hold; Boolean, null stays null."""
    return code.str.contains(SHAPE) & org_code9.check_ok(org_code(code))


def org_code(code: pl.Expr) -> pl.Expr:
    """The nine characters of GB 11714."""
    return code.str.slice(0, 9)


def division(code: pl.Expr) -> pl.Expr:
    """The county, six digits of GB/T 2260."""
    return code.str.slice(9, 6)


def division_known(code: pl.Expr) -> pl.Expr:
    """Whether GB/T 2260 has, or once had, the county."""
    return code_system("division").contains(division(code))


def class_code(code: pl.Expr) -> pl.Expr:
    """The class of institution, e.g. `A100` for a general hospital."""
    return code.str.slice(17, 4)
