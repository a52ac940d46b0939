"""Words and numbers that only fill a form: `无名氏`, `测试`, `-`, `111111111111111111`. They say that nobody knew.

A placeholder is no value: linked by it, half a city would be one person.
"""

from functools import cache
from pathlib import Path

import polars as pl

from federation.linkage.normal.written import close, one_sign

WORDS = Path(__file__).parent / "placeholders.csv"  # small letters, no blanks; `of` is `any` cell or a `name`
_NO_NAME = r"^(?:无名|未知|匿名|不详|不明|姓名)|测试|不详$|未知$|^test|test$|^unknown|unknown$|^patient|^temp"
RUNS = ("01234567890123456789", "98765432109876543210")


@cache
def words(of: str = "any") -> pl.Series:
    """The words that say nothing in any cell, or those that are nobody's `name`; one value, a list of String."""
    return pl.read_csv(WORDS, infer_schema=False).filter(pl.col("of").is_in(["any", of]))["word"].implode()


def nothing(text: pl.Expr) -> pl.Expr:
    """Whether the cell says that there is nothing to say: Boolean, null for null."""
    small = close(text).str.to_lowercase()
    return small.is_in(words()) | ~small.str.contains(r"[\p{L}\p{N}]")


def unless_nobody(names: pl.Series) -> pl.Series:
    """Names, null where one is nobody's: nothing, a word for a person without a name, a test, one letter repeated."""
    small = close(pl.col("name")).str.to_lowercase()
    rows = names.alias("name").to_frame().with_columns(small=small, empty=nothing(pl.col("name")))
    rows = rows.with_columns(pl.col("small").str.replace_all(r"[\p{P}\p{S}\p{N}]", ""))
    small = pl.col("small")
    repeated = (small.str.len_chars() > 2) & one_sign(small)
    nobody = pl.col("empty") | (small == "") | small.is_in(words("name")) | repeated | small.str.contains(_NO_NAME)
    return rows.select(pl.when(~nobody).then(pl.col("name")).alias("name")).to_series()


def number(digits: pl.Expr) -> pl.Expr:
    """Whether a number is one sign over and over, or counts up or down from start to end: `000000`, `12345678`."""
    counted = pl.any_horizontal(pl.lit(run).str.contains(digits, literal=True) for run in RUNS)
    return one_sign(digits) | counted
