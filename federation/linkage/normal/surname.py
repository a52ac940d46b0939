"""Where a Chinese name's surname ends: one character or two, by the list of surnames; a name that none begins is whole.

Names of other peoples (`·` between their parts, or none) have no surname in front and are not split.
"""

import polars as pl

from federation.linkage.normal.pinyin import surnames
from federation.linkage.normal.written import filled

SPLIT_UP_TO = 4  # characters; longer names are not Han names


def split(name: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Family and given of a name in Chinese characters and `*`: `尉迟恭` -> `尉迟`, `恭`; `张**` -> `张`, null.

    Four characters are split where two are a surname, or where two surnames stand side by side (甲 of 乙's children).
    """
    listed = surnames()["surname"]
    compound = listed.filter(listed.str.len_chars() == 2).implode()
    single = listed.filter(listed.str.len_chars() == 1).implode()
    length, first = name.str.len_chars(), name.str.head(1)
    two = (length <= SPLIT_UP_TO) & name.str.head(2).is_in(compound)
    one = first.is_in(single) & (
        (length < SPLIT_UP_TO) | ((length == SPLIT_UP_TO) & name.str.slice(1, 1).is_in(single))
    )
    family = pl.when(two).then(name.str.head(2)).when(one).then(first)
    given = pl.when(two).then(name.str.slice(2)).when(one).then(name.str.slice(1)).otherwise(name)
    return family, pl.when(given.str.strip_chars("*") != "").then(filled(given))
