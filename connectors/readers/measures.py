"""Readers of results as laboratories write them: `> 6.22`, `7.75轻度乳糜`, `8.62++`, `未查`.

The text itself stays in `value_text`; these take the comparator and the number out of it, where it begins with one.
`2.2.8`, `1:160` and `3-5` are no single numbers and stay text only, as `120/80` does unless a mapping names what it is.
"""

from collections.abc import Callable, Sequence

import polars as pl

from connectors.readers.reader import Reader, half_width

_SIGNS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}
_RESULT = r"^(<=|>=|=<|=>|<|>|≤|≥)?\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:$|\s+[^\d\s]|[^\d\s.,:/*^×xX~\-])"

_PRESSURE = r"^(\d{2,3})\s*/\s*(\d{2,3})\s*(?:mm\s*Hg|毫米汞柱)?$"


def _pressure(group: int) -> Callable[[Sequence[pl.Series]], pl.Series]:
    """One of two numbers in a cell; null where the second is not the smaller: nobody knows which is which."""

    def read(cells: Sequence[pl.Series]) -> pl.Series:
        text = half_width(cells[0])
        high, low = (text.str.extract(f"(?i){_PRESSURE}", each).cast(pl.Float64, strict=False) for each in (1, 2))
        return pl.select(pl.when(high > low).then(high if group == 1 else low)).to_series()

    return read


def _number(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0]).str.extract(_RESULT, 2).cast(pl.Float64, strict=False)


def _comparator(cells: Sequence[pl.Series]) -> pl.Series:
    text = half_width(cells[0])
    return text.str.extract(_RESULT, 1).replace_strict(_SIGNS, default=None, return_dtype=pl.String)


READERS = {
    "measured-number": Reader(_number, "The number a result begins with.", "检验结果数值", (pl.Float64,)),
    "systolic": Reader(_pressure(1), "The first number of `120/80`.", "收缩压(120/80)", (pl.Float64,), 1, "bad-number"),
    "diastolic": Reader(
        _pressure(2), "The second number of `120/80`.", "舒张压(120/80)", (pl.Float64,), 1, "bad-number"
    ),
    "comparator": Reader(_comparator, "The sign before the number of a result.", "比较符", (pl.String,)),
}
