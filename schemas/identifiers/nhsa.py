"""Codes of the National Healthcare Security Administration. They carry no check digit: only their shape can be asked.

Takes codes as `normalised` leaves them.
"""

import polars as pl

from schemas.code_system import code_system
from schemas.identifiers.written import normalised

__all__ = ["consumable_ok", "drug_ok", "normalised", "org_division_known", "org_ok"]

ORG = r"^[HP][0-9]{11}$"  # hospital or pharmacy, county (6), serial (5)
DRUG = r"^(X[0-9A-Z]{22}|Z[0-9A-Z]{19})$"  # Western drugs 23 characters, patent Chinese medicines 20
CONSUMABLE = r"^C[0-9]{19}([0-9]{7})?$"  # five parts, 20 characters, or 27 with the serial number


def org_ok(code: pl.Expr) -> pl.Expr:
    """Whether it has the shape of an institution code; Boolean, null stays null."""
    return code.str.contains(ORG)


def org_division_known(code: pl.Expr) -> pl.Expr:
    """Whether GB/T 2260 has, or once had, the county in an institution code."""
    return code_system("division").contains(code.str.slice(1, 6))


def drug_ok(code: pl.Expr) -> pl.Expr:
    """Whether it has the shape of a drug code; Boolean, null stays null."""
    return code.str.contains(DRUG)


def consumable_ok(code: pl.Expr) -> pl.Expr:
    """Whether it has the shape of a consumable's code; Boolean, null stays null."""
    return code.str.contains(CONSUMABLE)
