"""How the text of one column is cut into features, so that texts that are nearly equal share most of them.

Nothing here is keyed or kept.
"""

import polars as pl

from federation.linkage.spec import Features

ROW = "row"  # UInt32, place of the record
FEATURE = "feature"  # String
_EDGE = "_"  # marks where a text begins and ends, so that its first and last characters count too


def features(kind: Features, text: pl.Series) -> pl.DataFrame:
    """`row`, `feature`: the features of every text, in order; no rows for the null and the empty.

    `characters` each alone (hanzi), `pairs` of neighbours with the edges (bigrams), `syllables` between blanks
    (pinyin), `places` each character with its place (dates, numbers), `whole` the text itself.
    """
    rows = pl.DataFrame({ROW: pl.int_range(len(text), dtype=pl.UInt32, eager=True), FEATURE: text})
    return _CUT[kind](rows.filter(pl.col(FEATURE).str.len_chars() > 0))


def _characters(rows: pl.DataFrame) -> pl.DataFrame:
    return _apart(rows, pl.col(FEATURE))


def _pairs(rows: pl.DataFrame) -> pl.DataFrame:
    after = pl.col(FEATURE).shift(-1)
    cut = _apart(rows, _EDGE + pl.col(FEATURE) + _EDGE)
    return cut.with_columns(pl.when(pl.col(ROW) == pl.col(ROW).shift(-1)).then(pl.col(FEATURE) + after)).drop_nulls()


def _syllables(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col(FEATURE).str.split(" ")).explode(FEATURE)


def _places(rows: pl.DataFrame) -> pl.DataFrame:
    place = pl.int_range(pl.len()).over(ROW).cast(pl.String)
    return _apart(rows, pl.col(FEATURE)).with_columns((place + pl.col(FEATURE)).alias(FEATURE))


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    return rows


def _apart(rows: pl.DataFrame, text: pl.Expr) -> pl.DataFrame:
    """Every character of a text in a row of its own."""
    return rows.with_columns(text.str.extract_all(r"(?s).").alias(FEATURE)).explode(FEATURE)


_CUT = {"characters": _characters, "pairs": _pairs, "syllables": _syllables, "places": _places, "whole": _whole}
