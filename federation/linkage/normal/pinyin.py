"""Chinese characters as the syllables they are read by, without tones: 单 is `shan` where it is a surname, else `dan`.

A character has one reading wherever it stands, so that a slip beside it changes no other syllable. One that no list
reads stays as it is.
"""

from functools import cache
from pathlib import Path

import polars as pl

from federation.linkage.normal.written import HAN

SURNAMES = Path(__file__).parent / "surnames.csv"
# Characters whose reading in given names is not their usual one (现代汉语词典).
_IN_NAMES = {"晟": "sheng", "茜": "qian", "睿": "rui", "祎": "yi", "翟": "zhai", "婧": "jing", "玥": "yue", "奕": "yi"}


@cache
def surnames() -> pl.DataFrame:
    """The surnames there are, old and new, one or two characters long, with their own readings: surname, pinyin."""
    return pl.read_csv(SURNAMES, infer_schema=False)


def syllables(text: pl.Series) -> pl.Series:
    """Each Chinese character's syllable, one blank apart: `小明` -> `xiao ming`; text without any stays as it is."""
    rows = text.to_frame("text").with_row_index("row").filter(pl.col("text").str.contains(HAN))
    signs = (
        rows.select("row", sign=pl.col("text").str.split(""))
        .explode("sign")
        .filter(pl.col("sign").str.strip_chars() != "")
    )
    read = signs.select("row", sound=pl.col("sign").replace(_readings(signs["sign"].unique())))
    joined = read.group_by("row", maintain_order=True).agg(pl.col("sound").str.join(" "))
    return text.scatter(joined["row"], joined["sound"])


def surname_syllables(family: pl.Series) -> pl.Series:
    """Surnames by their own readings: `尉迟` -> `yu chi`; what is no surname of the list by `syllables`."""
    return syllables(family.replace(surnames()["surname"], surnames()["pinyin"]))


def _readings(signs: pl.Series) -> dict[str, str]:
    from pypinyin import lazy_pinyin

    return {sign: _IN_NAMES.get(sign) or lazy_pinyin(sign)[0] for sign in signs}
