"""What Chinese text looks like when it was read in a wrong encoding: expressions over one text, no values kept.

The signs are not a list of words that were seen: they are computed from the two encodings.
"""

from functools import cache

import polars as pl


def _signs(leads: range, trails: range) -> str:
    """A class of all signs that GBK writes with such a first and second byte."""
    shown = (bytes((lead, trail)).decode("gb18030", errors="ignore") for lead in leads for trail in trails)
    return "[" + "".join(sign for sign in shown if sign) + "]"


@cache
def utf8_as_gbk() -> str:
    """Two Chinese letters in UTF-8 are six bytes, E4-E9 and two of 80-BF each; in GBK they are three signs."""
    first, rest = range(0xE4, 0xEA), range(0x80, 0xC0)
    return _signs(first, rest) + _signs(rest, first) + _signs(rest, rest)


# GBK bytes shown as Latin-1; question marks for all letters of a code page that has none of them; what U+FFFD becomes.
LATIN = r"[\u00a1-\u00ff]{3,}"
LOST = r"^[\x00-\x7f]*\?{2,}[\x00-\x7f]*$"
REPLACED = "锟斤拷|\ufffd"


def whole(column: str) -> pl.Expr:
    """Whether a text shows no sign of a wrong encoding; null where it is null."""
    text = pl.col(column)
    return text.str.contains(f"{utf8_as_gbk()}|{LATIN}|{LOST}|{REPLACED}").not_()
