"""Readers of whole numbers, numbers and money; a number with anything else in its cell is not a number here."""

from collections.abc import Sequence

import polars as pl

from connectors.readers.reader import Reader, again

_GROUPED = r"^[¥￥]?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*元?$"
_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_WHOLE = r"^([+-]?\d+)(?:\.0*)?$"


def _integer(cells: Sequence[pl.Series]) -> pl.Series:
    value = cells[0].cast(pl.Int64, strict=False)
    if value.null_count() == cells[0].null_count():
        return value
    return cells[0].str.extract(_WHOLE, 1).cast(pl.Int64, strict=False)


def _number(cells: Sequence[pl.Series]) -> pl.Series:
    """`nan` and `inf` are words, not results, though a computer would take them."""
    return pl.select(pl.when(cells[0].str.contains(_PLAIN)).then(cells[0])).to_series().cast(pl.Float64, strict=False)


def _money(cells: Sequence[pl.Series]) -> pl.Series:
    """Yuan; `1,234.50` and `¥12` too. More than four places are rounded."""
    value = cells[0].cast(pl.Decimal(38, 4), strict=False)
    if value.null_count() == cells[0].null_count():
        return value
    return cells[0].str.extract(_GROUPED, 1).str.replace_all(",", "").cast(pl.Decimal(38, 4), strict=False)


_INTS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
READERS = {
    "integer": Reader(
        lambda cells: again(cells, _integer), "A whole number; `3.0` is 3.", "整数", _INTS, 1, "bad-number"
    ),
    "number": Reader(lambda cells: again(cells, _number), "A number.", "数值", (pl.Float64,), 1, "bad-number"),
    "money": Reader(lambda cells: again(cells, _money), "An amount in yuan.", "金额", (pl.Decimal,), 1, "bad-number"),
}
