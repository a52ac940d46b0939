"""What a value looks like beside the others of its column: a slip of the pen of a frequent one, or an unusual shape.

Two numbers that differ by a digit are two numbers, never a slip of each other.
"""

import numpy as np
import polars as pl
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

WORD = r"\p{L}{4,}"
RARE = 3  # a value seen at most so often may be a slip
FREQUENT = 4  # of a value seen at least so many times as often
ALIKE = 0.5  # Levenshtein similarity of two values that may be one
CLOSE = 0.7
AT_ONCE = 2_000  # rare values compared in one matrix
MOST = 5_000  # frequent values worth comparing with; a column of more is free text or a key
USUAL = 0.8  # share of values that have one of the column's usual shapes; with less the column is free text
UNUSUAL = 0.05  # a shape of fewer values than this share is unusual
SPELLED = pl.Schema({"value": pl.String(), "meant": pl.String(), "alike": pl.Float64()})
SHAPED = pl.Schema({"value": pl.String(), "unusual": pl.Boolean()})


def slips(column: pl.Series) -> pl.DataFrame:
    """Columns SPELLED: values that are nearly a frequent value, or hold a word that is nearly a frequent word.

    `meant` is the value as it would be without the slip, `alike` how alike the two are, 0 to 1.
    """
    counts = column.drop_nulls().alias("value").value_counts(name="times").sort("value")
    whole = _slips(counts)
    rest = counts.join(whole, on="value", how="anti")
    words = rest.with_columns(pl.col("value").str.extract_all(WORD).list.unique().alias("word")).explode("word")
    of_word = words.drop_nulls("word").group_by("word").agg(pl.col("times").sum())
    wrong = _slips(of_word.select(pl.col("word").alias("value"), "times").sort("value")).rename({"value": "word"})
    inside = words.join(wrong, on="word").sort("value", "word").group_by("value", maintain_order=True)
    found = inside.agg("word", "meant", pl.col("alike").max())
    mended = [_mended(*row) for row in found.select("value", "word", "meant").iter_rows()]
    return pl.concat([whole, found.select("value", pl.Series("meant", mended, pl.String()), "alike")])


def _mended(value: str, words: list[str], meant: list[str]) -> str:
    for word, instead in zip(words, meant, strict=True):
        value = value.replace(word, instead)
    return value


def _slips(counts: pl.DataFrame) -> pl.DataFrame:
    rare = counts.filter(pl.col("times") <= RARE)
    frequent = counts.filter(pl.col("times") >= FREQUENT)
    if rare.is_empty() or frequent.is_empty() or frequent.height > MOST:
        return pl.DataFrame(schema=SPELLED)
    parts = [_nearest(rare.slice(start, AT_ONCE), frequent) for start in range(0, rare.height, AT_ONCE)]
    return pl.concat(parts).filter(pl.col("alike") >= ALIKE, _apart("value") != _apart("meant"))


def _nearest(rare: pl.DataFrame, frequent: pl.DataFrame) -> pl.DataFrame:
    alike = cdist(rare["value"].to_list(), frequent["value"].to_list(), scorer=Levenshtein.normalized_similarity,
                  score_cutoff=ALIKE, dtype=np.float64)  # fmt: skip
    enough = frequent["times"].to_numpy()[None, :] >= FREQUENT * rare["times"].to_numpy()[:, None]
    alike = np.where(enough, alike, 0.0)
    best = alike.argmax(axis=1)
    meant = frequent["value"].gather(best)
    return pl.DataFrame({"value": rare["value"], "meant": meant, "alike": alike.max(axis=1)}, schema=SPELLED)


def _apart(name: str) -> pl.Expr:
    """A value without its digits: two that are equal then differ as numbers do."""
    return pl.col(name).str.replace_all(r"\p{N}", "")


def unusual(column: pl.Series) -> pl.DataFrame:
    """Columns SHAPED: every value, and whether few rows of the column have its shape (`9%`, `a-9`)."""
    values = column.drop_nulls().alias("value").value_counts(name="times").with_columns(shape("value").alias("shape"))
    shapes = values.group_by("shape").agg((pl.col("times").sum() / values["times"].sum()).alias("share"))
    usual = shapes.filter(pl.col("share") >= UNUSUAL)["share"].sum()
    seen = values.join(shapes, on="shape")
    return seen.select("value", ((pl.col("share") < UNUSUAL) & (usual >= USUAL)).alias("unusual"))


def shape(name: str) -> pl.Expr:
    """A value as its kinds of sign: digits 9, words a, each once however many follow each other; the rest as it is.

    Letters are those of any script; marks between two words belong to them.
    """
    return pl.col(name).str.replace_all(r"\p{N}+", "9").str.replace_all(r"\p{L}+(?:[\s\p{P}]+\p{L}+)*", "a")
