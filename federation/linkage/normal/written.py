"""How a cell is written, whatever it says: full width, blanks of every kind, signs that nobody sees.

Changes no word; what is left of an empty cell is null.
"""

import polars as pl

HAN = r"\p{Han}"
# Private signs (fonts of one hospital), lost bytes and signs of no version of Unicode: nobody else can read them.
UNREADABLE = r"[\u{FFFD}\p{Co}\p{Cn}]"
_UNSEEN = r"[\p{Cc}\p{Cf}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}\u{FFA0}\u{034F}]"


def plain(text: pl.Expr) -> pl.Expr:
    """Compatible signs as one (NFKC), unseen signs gone, blanks single and inside only; null where nothing is left."""
    spaced = text.str.replace_all(r"[\s\p{Z}]+", " ").str.replace_all(_UNSEEN, "").str.normalize("NFKC")
    return filled(spaced.str.replace_all(r"[\s\p{Z}]+", " ").str.strip_chars(" "))


def filled(text: pl.Expr) -> pl.Expr:
    """The text, null where it is empty."""
    return text.replace("", None)  # `when` would say the whole expression twice


def close(text: pl.Expr) -> pl.Expr:
    """`plain` without any blank."""
    return filled(plain(text).str.replace_all(" ", "", literal=True))


def has_han(text: pl.Expr) -> pl.Expr:
    """Whether a Chinese character is in it."""
    return text.str.contains(HAN)


def one_sign(text: pl.Expr) -> pl.Expr:
    """Whether it is one sign over and over: `0000`, `----`, `xxx`; true for a single sign too."""
    return text.str.strip_chars(text.str.head(1)) == ""
