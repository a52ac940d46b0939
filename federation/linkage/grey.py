"""What a human is asked: pairs of records of which a probability alone should not say whether they are one person.

Ordered by how much a decision would change. Nothing is decided here.
"""

import numpy as np
import polars as pl

from federation.linkage.decision import SAME
from federation.linkage.roll import Roll
from federation.linkage.take import pairs

GREY, JOINED = "grey", "joined"
# `why`: GREY (below the threshold), JOINED (above it, below the ceiling) or what keeps a sure pair apart (contest.WHY).
# `changes`: pairs of records that would change between one person and two, times the probability that they do.
QUEUE = pl.Schema({
    "left_site": pl.String, "left": pl.String, "right_site": pl.String, "right": pl.String, "score": pl.Float64,
    "how": pl.String, "why": pl.String, "left_person": pl.Int64, "right_person": pl.Int64, "changes": pl.Float64,
})  # fmt: skip


def queue(roll: Roll, most: int | None = None) -> pl.DataFrame:
    """QUEUE: one pair for each two persons that may be one, and each edge within a person that may be wrong.

    What is decided is not asked again, nor is anything between two persons of whom two records were decided to differ.
    Pairs of a crowd are not asked: no number of decisions about two records would end it. `most`: the first so many.
    """
    rules = roll.rules
    zone = roll.edges.filter(pl.col("score") >= rules.floor)
    left, right = (roll.person[zone[side].to_numpy()] for side in ("left", "right"))
    size = np.bincount(roll.person[roll.person >= 0], minlength=roll.size)
    held = zone.with_columns(
        left_person=pl.Series(left, dtype=pl.Int64), right_person=pl.Series(right, dtype=pl.Int64),
        larger=pl.Series(size[left], dtype=pl.Int64), smaller=pl.Series(size[right], dtype=pl.Int64),
    ).join(roll.refused.select("left", "right", "why"), on=["left", "right"], how="left")  # fmt: skip
    one = pl.col("left_person") == pl.col("right_person")
    doubtful = one & (pl.col("score") >= rules.threshold) & (pl.col("score") < rules.top)
    apart = ~one & (pl.col("why").fill_null(GREY) != "crowd")
    changes = pl.when(one).then((1 - pl.col("score")) * (pl.col("larger") - 1))
    asked = held.filter(doubtful | apart).with_columns(
        why=pl.when(one).then(pl.lit(JOINED)).otherwise(pl.col("why").fill_null(GREY)),
        changes=changes.otherwise(pl.col("score") * pl.col("larger") * pl.col("smaller")),
    )
    return _named(roll, _once(_undecided(roll, asked)), most)


def _undecided(roll: Roll, asked: pl.DataFrame) -> pl.DataFrame:
    if not len(roll.decisions):
        return asked
    left, right = pairs(roll, roll.decisions)
    decided = pl.DataFrame({"left": left, "right": right}, {"left": pl.Int64, "right": pl.Int64})
    differ = pairs(roll, roll.decisions.filter(pl.col("verdict") != SAME))
    ends = [roll.person[end] for end in differ]
    between = pl.DataFrame({"low": np.minimum(*ends), "high": np.maximum(*ends)}, {"low": pl.Int64, "high": pl.Int64})
    return _between(asked).join(decided, on=["left", "right"], how="anti").join(between, on=["low", "high"], how="anti")


def _between(asked: pl.DataFrame) -> pl.DataFrame:
    two = ("left_person", "right_person")
    return asked.with_columns(low=pl.min_horizontal(two), high=pl.max_horizontal(two))


def _once(asked: pl.DataFrame) -> pl.DataFrame:
    """The surest pair of each two persons; within a person every pair."""
    ordered = _between(asked).sort("score", "left", "right", descending=[True, False, False])
    within = ordered.filter(pl.col("why") == JOINED)
    across = ordered.filter(pl.col("why") != JOINED).unique(["low", "high"], keep="first", maintain_order=True)
    return pl.concat([within, across])


def _named(roll: Roll, asked: pl.DataFrame, most: int | None) -> pl.DataFrame:
    """By what changes, then by score, then by name. Seats give way to names; the lesser name stands left."""
    rank = roll.places(np.arange(roll.size)) if len(asked) else np.empty(0, np.int64)
    place = [pl.Series(rank[asked[side].to_numpy()], dtype=pl.Int64) for side in ("left", "right")]
    first = asked.with_columns(at=pl.min_horizontal(*place), then=pl.max_horizontal(*place), turned=place[0] > place[1])
    first = first.sort("changes", "score", "at", "then", descending=[True, True, False, False])
    first = first if most is None else first.head(most)
    for one, other in (("left", "right"), ("left_person", "right_person")):
        turn = pl.col("turned")
        first = first.with_columns(
            pl.when(turn).then(other).otherwise(one).alias(one), pl.when(turn).then(one).otherwise(other).alias(other)
        )
    for side in ("left", "right"):
        names = roll.named(first[side].to_numpy())
        first = first.with_columns(names["site"].alias(f"{side}_site"), names["record"].alias(side))
    return first.select(QUEUE.names()).cast(QUEUE)
