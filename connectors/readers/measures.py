"""Readers of results as laboratories write them: `> 6.22`, `7.75轻度乳糜`, `8.62++`, `未查`.

The text itself stays in `value_text`; these take the comparator and the number out of it, where it begins with one.
`2.2.8`, `1:160`, `120/80` and `3-5` are no single numbers and stay text only.
"""

from collections.abc import Sequence

import polars as pl

from connectors.readers.reader import Reader, half_width

_SIGNS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">=", "=<": "<=", "=>": ">="}
_RESULT = r"^(<=|>=|=<|=>|<|>|≤|≥)?\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:$|\s+[^\d\s]|[^\d\s.,:/*^×xX~\-])"


def _number(cells: Sequence[pl.Series]) -> pl.Series:
    return half_width(cells[0]).str.extract(_RESULT, 2).cast(pl.Float64, strict=False)


def _comparator(cells: Sequence[pl.Series]) -> pl.Series:
    text = half_width(cells[0])
    return text.str.extract(_RESULT, 1).replace_strict(_SIGNS, default=None, return_dtype=pl.String)


READERS = {
    "measured-number": Reader(_number, "The number a result begins with.", "检验结果数值", (pl.Float64,)),
    "comparator": Reader(_comparator, "The sign before the number of a result.", "比较符", (pl.String,)),
}
