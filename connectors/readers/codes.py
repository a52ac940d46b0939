"""Readers of codes, and of the check digit of a resident id (GB 11643-1999)."""

from collections.abc import Mapping, Sequence

import polars as pl

from connectors.readers.reader import Reader, again, half_width
from schemas.identifiers import resident_id


def _code(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0])


def mapped(cells: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    """Source code -> shared code; null for a code that is not in the list."""
    return again([cells], lambda each: each[0].replace_strict(codes, default=None, return_dtype=pl.String))


def _resident_id_ok(cells: Sequence[pl.Series]) -> pl.Series:
    """True or false for 18 signs; null for the 15-digit form, which has no check digit.

    A second cell, where there is one, is the kind of document after RC038: only kind 1 has this check digit.
    """
    asked = pl.lit(True) if len(cells) == 1 else pl.lit((cells[1] == "1").fill_null(True))
    number = resident_id.normalised(pl.lit(cells[0]))
    return pl.select(pl.when(asked).then(resident_id.check_ok(number))).to_series()


READERS = {
    "code": Reader(_code, "A code as written, in half width; `-` is no code.", "代码", (pl.String,)),
    "resident-id-ok": Reader(
        _resident_id_ok, "Whether the check digit of a resident id is right.", "身份证校验位", (pl.Boolean,), takes=2
    ),
}
