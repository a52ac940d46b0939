"""Two records that may be one person, and how likely that is: what every way of matching gives, whatever it compared.

An edge decides nothing; persons are made of edges by `partition.py`.
"""

import polars as pl

from federation.errors import BadInput

# (left_site, left) < (right_site, right) by their bytes; `score` is a probability; `how` one of HOW.
EDGES = pl.Schema({
    "left_site": pl.String, "left": pl.String, "right_site": pl.String, "right": pl.String, "score": pl.Float64,
    "how": pl.String,
})  # fmt: skip
PAIR = ("left_site", "left", "right_site", "right")
HOW = ("exact", "private", "clear")
_TURNED = {"left_site": "right_site", "left": "right", "right_site": "left_site", "right": "left"}


def tidy(edges: pl.DataFrame) -> pl.DataFrame:
    """The edges with their ends in order, each pair once with its highest score, sorted by pair.

    Raises BadInput where a column is missing, an end is null or both are one record, or a score is no probability.
    """
    check(edges)
    ordered = turned(edges.select(EDGES.names()).cast(EDGES))
    best = ordered.sort(*PAIR, "score", "how", descending=[False] * 4 + [True, False])
    return best.unique(PAIR, keep="first", maintain_order=True)


def turned(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs of records with the lesser name left; further columns stay as they are."""
    falls = (pl.col("left_site") > pl.col("right_site")) | (
        (pl.col("left_site") == pl.col("right_site")) & (pl.col("left") > pl.col("right"))
    )
    return pairs.with_columns(
        pl.when(falls).then(pl.col(other)).otherwise(pl.col(name)).alias(name) for name, other in _TURNED.items()
    )


def check(edges: pl.DataFrame) -> None:
    """Raises BadInput, with counts, where a column is missing or a row is no edge."""
    missing = [name for name in EDGES.names() if name not in edges.columns]
    if missing:
        raise BadInput(f"Edges lack the columns {', '.join(missing)}.")
    alone = (pl.col("left_site") == pl.col("right_site")) & (pl.col("left") == pl.col("right"))
    wrong = {
        "have an end without a name": pl.any_horizontal(pl.col(PAIR).is_null()),
        "lead from a record to itself": alone,
        "have a score outside 0..1": ~pl.col("score").is_between(0, 1).fill_null(value=False),
    }
    counts = edges.select(rule.sum().alias(why) for why, rule in wrong.items()).row(0, named=True)
    told = [f"{count} {why}" for why, count in counts.items() if count]
    if told:
        raise BadInput(f"Of {len(edges)} edges {'; '.join(told)}. Nothing was linked.")
