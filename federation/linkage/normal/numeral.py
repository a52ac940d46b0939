"""Chinese numerals of house numbers as digits: `二十三号` -> `23号`, `二〇三室` -> `203室`.

Names (`五一路`) stay as they are.
"""

import polars as pl

UNITS = "号|栋|幢|座|单元|室|房|楼|层|弄|组|队|门|梯|巷|户"
_DIGITS = {sign: digit for digit, signs in enumerate(("〇零", "一", "二两", *"三四五六七八九")) for sign in signs}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SIGNS = "".join([*_DIGITS, *_TENS])
_RUN = rf"[{_SIGNS}]{{1,8}}(?:{UNITS})"


def in_digits(text: pl.Series) -> pl.Series:
    """Text with the numerals that stand before a unit of an address (UNITS) in digits."""
    runs = sorted(text.str.extract_all(_RUN).explode().drop_nulls().unique(), key=lambda run: (-len(run), run))
    if not runs:
        return text
    made = [f"{_value(run.rstrip(run.lstrip(_SIGNS)))}{run.lstrip(_SIGNS)}" for run in runs]
    return text.to_frame("text").select(pl.col("text").str.replace_many(runs, made, leftmost=True)).to_series()


def _value(signs: str) -> int | str:
    """`二十三` counts, `二〇三` spells."""
    if not any(sign in _TENS for sign in signs):
        return "".join(str(_DIGITS[sign]) for sign in signs)
    total, digit = 0, 0
    for at, sign in enumerate(signs):
        if sign in _TENS:
            total += (digit if digit or at else 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit
