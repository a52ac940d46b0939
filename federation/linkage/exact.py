"""Records whose tokens are equal: one edge for every two of different sites, or of one site that may hold doubles.

A token that too many records of one site share is a placeholder or a family's card: it gives no edge, and is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from federation.errors import BadInput
from federation.linkage.change import TOKEN, as_words
from federation.linkage.edge import EDGES, PAIR, turned
from federation.linkage.token import TOKENS

CROWDED = pl.Schema({"kind": pl.String, "site": pl.String, "tokens": pl.Int64, "records": pl.Int64})
MOST = 3  # records of one site that may share a token: one person registered thrice is seen, more is a habit
EXACT = "exact"


@dataclass(frozen=True)
class Found:
    """`edges` (EDGES, each pair once) and the `crowded` (CROWDED): how many tokens and records."""

    edges: pl.DataFrame
    crowded: pl.DataFrame


def exact(left: pl.DataFrame, right: pl.DataFrame, scores: Mapping[str, float], most: int = MOST) -> Found:
    """Edges between two sets of TOKENS, or within one where both are one frame; `scores`: probability by kind.

    Where two records share tokens of several kinds, the highest score counts; kinds without a score are not asked. Rows
    that are the same are one. Raises BadInput where a token has not 16 bytes or a name is null.
    """
    within = left is right
    sides = [_side(frame, scores, most) for frame in ((left,) if within else (left, right))]
    pairs = _pairs(sides[0], sides[-1])
    if within:
        pairs = pairs.filter(pl.col("row") < pl.col("row_right"))
    edges = _edges(_named(sides[0], pairs["row"]), _named(sides[-1], pairs["row_right"]), scores)
    single = all(side.once for side in sides)
    return Found(edges if single else _best(edges), pl.concat([side.crowded for side in sides]))


@dataclass(frozen=True)
class _Side:
    """`rows`: TOKENS that may be joined; `keys`: their words, kind and row; `once`: no token stands twice."""

    rows: pl.DataFrame
    keys: pl.DataFrame
    crowded: pl.DataFrame
    once: bool


def _side(frame: pl.DataFrame, scores: Mapping[str, float], most: int) -> _Side:
    rows = frame.select(TOKENS.names()).filter(pl.col("kind").is_in(list(scores)))
    wrong = rows.select((pl.any_horizontal(pl.all().is_null()) | (pl.col("token").bin.size() != TOKEN)).sum()).item()
    if wrong:
        raise BadInput(f"Of {len(rows)} tokens {wrong} have not {TOKEN} bytes or no name. Nothing was linked.")
    keys = _keys(rows, scores)
    ordered = np.sort(keys["word"].to_numpy())
    repeated = ordered[most:][ordered[most:] == ordered[: len(ordered) - most]] if most < len(ordered) else ordered[:0]
    once = len(scores) == 1 and not (ordered[1:] == ordered[:-1]).any()
    if not len(repeated):
        return _Side(rows, keys, CROWDED.to_frame(), once)
    maybe = rows.filter(keys["word"].is_in(np.unique(repeated)))
    many = maybe.group_by("kind", "site", "token").agg(records=pl.col("record").n_unique().cast(pl.Int64))
    many = many.filter(pl.col("records") > most)
    told = many.group_by("kind", "site").agg(tokens=pl.len().cast(pl.Int64), records=pl.col("records").sum())
    rows = rows.join(many, on=["kind", "site", "token"], how="anti")
    return _Side(rows, _keys(rows, scores), told.select(CROWDED.names()).sort("kind", "site"), once)


def _keys(rows: pl.DataFrame, scores: Mapping[str, float]) -> pl.DataFrame:
    """The first word of a token finds, the second proves: a join of whole numbers is several times that of bytes."""
    words = as_words(rows["token"])
    code = rows["kind"].replace_strict(dict(zip(scores, range(len(scores)), strict=True)), return_dtype=pl.UInt8)
    words = np.ascontiguousarray(words.T)
    row = pl.int_range(len(rows), dtype=pl.UInt32, eager=True)
    return pl.DataFrame({"word": words[0], "tail": words[1], "kind": code, "row": row})


def _pairs(left: _Side, right: _Side) -> pl.DataFrame:
    hits = left.keys.join(right.keys, on="word")
    return hits.filter((pl.col("tail") == pl.col("tail_right")) & (pl.col("kind") == pl.col("kind_right")))


def _named(side: _Side, rows: pl.Series) -> pl.DataFrame:
    """`site`, `record`, `kind` of the rows; a column that says one thing only is not looked up row by row."""
    said = side.rows.select(pl.col("site", "kind").n_unique()).row(0, named=True)
    single = [name for name, count in said.items() if count == 1 and len(rows)]
    found = side.rows.select(pl.exclude("token", *single))[rows]
    return found.with_columns(pl.lit(side.rows[name][0]).alias(name) for name in single)


def _edges(left: pl.DataFrame, right: pl.DataFrame, scores: Mapping[str, float]) -> pl.DataFrame:
    score = left["kind"].replace_strict(dict(scores), return_dtype=pl.Float64)
    pairs = pl.DataFrame({
        "left_site": left["site"], "left": left["record"], "right_site": right["site"], "right": right["record"],
        "score": score,
    })  # fmt: skip
    alone = (pl.col("left_site") == pl.col("right_site")) & (pl.col("left") == pl.col("right"))
    return turned(pairs.filter(~alone).with_columns(how=pl.lit(EXACT))).select(EDGES.names())


def _best(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.sort("score", descending=True).unique(PAIR, keep="first", maintain_order=True)
