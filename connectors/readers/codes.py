"""Readers of codes, and the check digit of a resident id (GB 11643-1999, ISO 7064 MOD 11-2)."""

from collections.abc import Mapping, Sequence

import polars as pl

from connectors.readers.reader import Reader, again, half_width

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def _code(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0])


def mapped(cells: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    """Source code -> shared code; null for a code that is not in the list."""
    return again([cells], lambda each: each[0].replace_strict(codes, default=None, return_dtype=pl.String))


def _resident_id_ok(cells: Sequence[pl.Series]) -> pl.Series:
    """True or false for 18 signs; null for the 15-digit form, which has no check digit.

    A second cell, where there is one, is the kind of document after RC038: only kind 1 has this check digit.
    """
    ids = half_width(cells[0]).str.to_uppercase()
    whole = ids.str.contains(r"^\d{17}[\dX]$")
    digit = [ids.str.slice(place, 1).cast(pl.Int32, strict=False) for place in range(17)]
    total = sum(
        (each * weight for each, weight in zip(digit, _WEIGHTS, strict=True)), pl.zeros(len(ids), pl.Int32, eager=True)
    )
    expected = (total % 11).replace_strict(dict(enumerate(_CHECKS)), default=None, return_dtype=pl.String)
    right = whole & (expected == ids.str.slice(17, 1))
    other = pl.lit(False) if len(cells) == 1 else (cells[1] != "1").fill_null(False)
    unasked = pl.lit(ids.str.contains(r"^\d{15}$")) | other
    return pl.select(pl.when(unasked).then(None).otherwise(right.fill_null(False))).to_series()


READERS = {
    "code": Reader(_code, "A code as written, in half width; `-` is no code.", "代码", (pl.String,)),
    "resident-id-ok": Reader(
        _resident_id_ok, "Whether the check digit of a resident id is right.", "身份证校验位", (pl.Boolean,), takes=2
    ),
}
