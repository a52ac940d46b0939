"""How identifiers are written, and the digits in them: the part all kinds share. Never says whether one is valid."""

from collections.abc import Sequence

import polars as pl


def normalised(written: pl.Expr) -> pl.Expr:
    """Half width, upper case, without blanks: `１１０１ ０５…００２ｘ` -> `110105…002X`. Null stays null."""
    return written.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"\s", "")


def weighed(number: pl.Expr, weights: Sequence[int], base: int = 10) -> pl.Expr:
    """Sum of weight times digit, for a number of `len(weights)` digits in `base`, leftmost first; Int64."""
    return pl.sum_horizontal(
        (number // base**place % base) * weight for place, weight in enumerate(reversed(weights)) if weight
    )
