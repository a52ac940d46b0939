"""How a hand, an input method or an interface gets a cell wrong: another digit, a slip of the date, a garbled text.

Sizes come from the row's dice alone. Nothing here knows what any check looks for.
"""

from collections.abc import Sequence

import polars as pl

ONE, TWO, THREE = (pl.col(name) for name in ("dice_1", "dice_2", "dice_3"))
# Slips of a typed date, as often as they stand here: a neighbouring key in day, month or year.
OFFSETS = (
    "1d",
    "-1d",
    "2d",
    "-3d",
    "10d",
    "-10d",
    "20d",
    "1mo",
    "-1mo",
    "-2mo",
    "10mo",
    "1y",
    "-1y",
    "-1y",
    "10y",
    "-10y",
)


def pick(dice: pl.Expr, values: Sequence[pl.Expr | str]) -> pl.Expr:
    """One of the values, each as often as the others."""
    place = (dice * len(values)).floor().cast(pl.Int32)
    chosen: pl.Expr | None = None
    for number, value in enumerate(values):
        then = pl.lit(value) if isinstance(value, str) else value
        chosen = then if chosen is None else pl.when(place == number).then(then).otherwise(chosen)
    assert chosen is not None
    return chosen


def other_digit(text: pl.Expr, where: pl.Expr = ONE, which: pl.Expr = TWO) -> pl.Expr:
    """One sign of the text is another digit than it was; a point or a letter becomes a digit as well."""
    at = (where * text.str.len_chars()).floor().cast(pl.Int64)
    was = text.str.slice(at, 1).cast(pl.Int64, strict=False).fill_null(-1)
    now = (was + 1 + (which * 9).floor().cast(pl.Int64)) % 10
    return pl.concat_str(text.str.slice(0, at), now.cast(pl.String), text.str.slice(at + 1))


def lost_or_doubled(text: pl.Expr, where: pl.Expr = ONE, which: pl.Expr = TWO) -> pl.Expr:
    """One sign is missing, or stands twice."""
    at = (where * text.str.len_chars()).floor().cast(pl.Int64)
    lost = pl.concat_str(text.str.slice(0, at), text.str.slice(at + 1))
    doubled = pl.concat_str(text.str.slice(0, at + 1), text.str.slice(at))
    return pl.when(which < 0.5).then(lost).otherwise(doubled)


def exchanged(text: pl.Expr, where: pl.Expr = ONE) -> pl.Expr:
    """Two neighbouring signs change places; the same where they are the same."""
    at = (where * (text.str.len_chars() - 1)).floor().cast(pl.Int64)
    parts = (text.str.slice(0, at), text.str.slice(at + 1, 1), text.str.slice(at, 1), text.str.slice(at + 2))
    return pl.concat_str(parts)


def slipped(moment: pl.Expr, dice: pl.Expr = ONE) -> pl.Expr:
    """A date or time with one part mistyped; never the same."""
    return pick(dice, [moment.dt.offset_by(offset) for offset in OFFSETS])


def year_slipped(moment: pl.Expr, dice: pl.Expr = ONE) -> pl.Expr:
    """The year before (as every January), the one after, a neighbouring key in the decade, two figures exchanged."""
    years = ("-1y", "-1y", "1y", "-10y", "10y", "27y")
    return pick(dice, [moment.dt.offset_by(years_) for years_ in years])


def garbled(column: str) -> pl.Expr:
    """A text read in a wrong encoding: UTF-8 as GBK, GBK as Latin-1, or every letter lost to a question mark."""
    return pick(
        TWO,
        [
            pl.col(column).map_elements(_utf8_as_gbk, pl.String),
            pl.col(column).map_elements(_gbk_as_latin, pl.String),
            pl.col(column).str.replace_all(r"[^\x00-\x7f]", "?"),
        ],
    )


def _utf8_as_gbk(text: str) -> str:
    return text.encode().decode("gb18030", errors="replace")


def _gbk_as_latin(text: str) -> str:
    # Windows shows 0x80-0x9F as other signs or as nothing; what cannot be shown is dropped.
    shown = text.encode("gb18030").decode("latin-1")
    return "".join(sign for sign in shown if sign >= "\xa1" or (sign < "\x7f" and sign not in '"\\|,'))
