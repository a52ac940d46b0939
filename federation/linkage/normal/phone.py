"""Telephone numbers as digits: a mobile number bare, a land line with its area code, a foreign one after `00`.

Of several in one cell the first mobile number stands. An area code that is not written is not added.
"""

import polars as pl

from federation.linkage.normal import placeholder
from federation.linkage.normal.distinct import of_distinct
from federation.linkage.normal.written import close, plain

MOBILE = r"^1[3-9][0-9]{9}$"
_AREA = r"(?:10|2[0-9]|[3-9][0-9]{2})"  # two digits for the largest cities, three for all others, after the 0
_LOCAL = r"^[2-9][0-9]{6,7}$"
_ABROAD = r"^00(?:[1-79]|8[0-57-9])[0-9]{6,14}$"
_EXTENSION = r"(?i)(?:转|分机|ext\.?|x|#) *[0-9]*"
_DASHED = r"(\b0[0-9]{2,3}[- ]?[0-9]{7,8}|\b[2-9][0-9]{6,7}) *- *[0-9]{1,6}\b"  # an extension behind a second dash
_REPEATED = 7  # equal digits at the end: 138 0000 0000 and 0000000 are nobody's
_KNOWN = ("13800138000", "13012345678", "13312345678", "13412345678", "13512345678", "13612345678", "13712345678",
          "13812345678", "13912345678", "15012345678", "15112345678", "15812345678", "15912345678", "18012345678",
          "18612345678", "18812345678", "18912345678")  # fmt: skip


def of_phones(cells: pl.Series) -> pl.Series:
    """One number for each cell, String of digits; null where none can be one, or where it is a placeholder."""
    return of_distinct(cells, _numbers)["phone"].alias(cells.name)


def _numbers(cells: pl.Series) -> pl.DataFrame:
    rows = cells.alias("cell").to_frame().with_row_index("row")
    parts = rows.select("row", part=_parted(pl.col("cell"))).explode("part")
    parts = parts.with_columns(number=_one(pl.col("part"))).filter(pl.col("number").is_not_null() & ~_nobodys())
    ranked = parts.sort(pl.col("number").str.contains(MOBILE), descending=True, maintain_order=True)
    first = ranked.group_by("row", maintain_order=True).first()
    return rows.join(first, on="row", how="left", maintain_order="left").select(phone="number")


def _parted(cell: pl.Expr) -> pl.Expr:
    """Cells with several numbers, cut where one ends: at `/`, `;`, `,`, words, and between two of enough digits."""
    text = plain(cell).str.replace_all(_EXTENSION, " ").str.replace_all(_DASHED, "$1")
    cut = text.str.replace_all(r"[/;,、|\\]|或|\p{Han}+", "/").str.replace_all(r"([0-9]{7,}) +([0+(1-9])", "$1/$2")
    return cut.str.split("/")


def _one(part: pl.Expr) -> pl.Expr:
    """The number in one part: digits, or null."""
    signs = close(part).str.replace_all(r"[^0-9+]", "").str.replace(r"^\+", "00")
    mobile = signs.str.extract(r"^(?:(?:00)?86|0)?(1[3-9][0-9]{9})$", 1)
    # Behind the country code the area code stands without its 0.
    line = pl.lit("0") + signs.str.extract(rf"^(?:(?:00)?860?|0)({_AREA}[2-9][0-9]{{6,7}})$", 1)
    return pl.coalesce(mobile, line, *(pl.when(signs.str.contains(each)).then(signs) for each in (_LOCAL, _ABROAD)))


def _nobodys() -> pl.Expr:
    number = pl.col("number")
    tail = number.str.tail(_REPEATED)
    return tail.str.strip_chars(tail.str.head(1)).eq("") | number.is_in(_KNOWN) | placeholder.number(number.str.tail(8))
