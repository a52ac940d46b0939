"""The organisation code of GB 11714: eight characters and a check character.

Takes codes as `normalised` leaves them.
"""

import polars as pl

from schemas.identifiers.written import normalised as _normalised
from schemas.identifiers.written import weighed

WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714 4.2
SHAPE = r"^[0-9A-Z]{8}[0-9X]$"


def normalised(written: pl.Expr) -> pl.Expr:
    """Half width, upper case, without blanks and without the hyphen before the check character."""
    return _normalised(written).str.replace(r"-(.)$", "$1")


def check_ok(code: pl.Expr) -> pl.Expr:
    """Whether shape and check character hold; Boolean, null stays null."""
    total = weighed(code.str.slice(0, 8).str.to_integer(base=36, strict=False), WEIGHTS, base=36)
    last = code.str.slice(8, 1).replace("X", "10").cast(pl.Int64, strict=False)
    return code.str.contains(SHAPE) & ((total + last) % 11 == 0)
