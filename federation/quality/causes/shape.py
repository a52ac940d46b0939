"""How a text is written, without what it says: digits become 9, letters A, hanzi 汉; signs and blanks stay.

`2026-03-01` and `1999-12-31` have one shape, `9999-99-99`. Five or more letters or hanzi are told as that many and
more, so that a name's or a sentence's length tells nothing; digits are all told: 15 and 18 of them are two kinds of id.
"""

import polars as pl

LONGEST = 40  # signs of a shape; what follows in a longer text is not told
CUT = "…"
_MASKS = (
    (r"[^\p{L}\p{M}\p{N}\p{P}\p{S} \x{3000}]", "?"),  # controls, blanks that look like others, halves of letters
    ("[０-９]", "０"),  # full-width digits look like digits and are none to a program
    (r"[^\P{N}０]", "9"),
    ("[Ａ-Ｚａ-ｚ]", "Ａ"),
    (r"\p{Han}", "汉"),
    (r"[^\P{L}汉Ａ]", "A"),
    (r"\p{M}", ""),
    ("A{5,}", f"A{CUT}"),
    ("汉{5,}", f"汉{CUT}"),
)


def shape(text: pl.Expr) -> pl.Expr:
    """The shape of a String expression; null stays null, a text of nothing is an empty shape."""
    for pattern, mark in _MASKS:
        text = text.str.replace_all(pattern, mark)
    return pl.when(text.str.len_chars() > LONGEST).then(text.str.slice(0, LONGEST) + CUT).otherwise(text)
