"""What became of persons in one step: who was merged, split or ended, and because of which edge or decision.

A record that is new makes no event; it has no history yet.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from federation.linkage.component import Numbers
from federation.linkage.contest import WHY
from federation.linkage.decision import SAME
from federation.linkage.roll import GONE, Roll

MERGED, SPLIT, ENDED = "merged", "split", "ended"
EDGE, DECIDED, UNLINKED, LEFT = "edge", "decision", "unlinked", "left"
# `from` lost `records` to `to` (null where all of them left). `because`: EDGE and DECIDED name the pair that made it;
# of a split, why the pair is no longer joined (contest.WHY), or UNLINKED where no edge is left; LEFT of an end.
EVENTS = pl.Schema({
    "kind": pl.String, "from": pl.Int64, "to": pl.Int64, "records": pl.Int64, "because": pl.String,
    "left_site": pl.String, "left": pl.String, "right_site": pl.String, "right": pl.String, "score": pl.Float64,
    "decision": pl.String,
})  # fmt: skip
MOVES = pl.Schema({"seat": pl.Int64, "from": pl.Int64, "to": pl.Int64})


@dataclass(frozen=True)
class Step:
    """Person per seat `before`, `after`; `seats` looked at, `edges` (left, right: seats; score, why), the `roll`."""

    before: Numbers
    after: Numbers
    seats: Numbers
    edges: pl.DataFrame
    roll: Roll


def moves(step: Step) -> pl.DataFrame:
    """MOVES: every record that had a person and has another one now, or has left (`to` null)."""
    old, new = step.before[step.seats], step.after[step.seats]
    moved = (old != GONE) & (old != new)
    told = pl.DataFrame({"seat": step.seats[moved], "from": old[moved], "to": new[moved]}, MOVES)
    return told.with_columns(pl.col("to").replace(GONE, None)).sort("seat")


def events(step: Step, flows: pl.DataFrame) -> pl.DataFrame:
    """EVENTS of the step, by `from` and `to`."""
    if not len(flows):
        return pl.DataFrame(schema=EVENTS)
    parts = flows.drop_nulls("to").group_by("from", "to").agg(records=pl.len().cast(pl.Int64))
    living = np.unique(step.after[step.seats])
    alive = pl.col("from").is_in(living.tolist())
    several = pl.len().over("from") > 1
    parts = parts.with_columns(kind=pl.when(alive | several).then(pl.lit(SPLIT)).otherwise(pl.lit(MERGED)))
    ended = flows.filter(pl.col("to").is_null() & ~alive).join(parts, on="from", how="anti")
    ends = ended.group_by("from").agg(records=pl.len().cast(pl.Int64)).with_columns(
        kind=pl.lit(ENDED), because=pl.lit(LEFT), to=pl.lit(None, pl.Int64)
    )  # fmt: skip
    told = [
        _merged(step, parts.filter(pl.col("kind") == MERGED)),
        _split(step, parts.filter(pl.col("kind") == SPLIT)),
        ends,
    ]
    joined = pl.concat([frame for frame in told if len(frame)] or [ends], how="diagonal")
    return _named(step.roll, joined).sort("from", "to")


def _sides(step: Step) -> pl.DataFrame:
    """The edges with the persons of their ends before and after: `was`, `is` of one end, `was_other`, `is_other`."""
    left, right = step.edges["left"].to_numpy(), step.edges["right"].to_numpy()
    old, new = step.before, step.after
    moved = (old[left] != new[left]) | (old[right] != new[right])
    edges = step.edges.with_columns(
        **{"was": pl.Series(old[left]), "is": pl.Series(new[left]), "was_other": pl.Series(old[right]),
           "is_other": pl.Series(new[right])}
    ).filter(pl.Series(moved, dtype=pl.Boolean))  # fmt: skip
    other = {"was": "was_other", "is": "is_other", "was_other": "was", "is_other": "is"}
    swapped = edges.select("left", "right", "score", "why", **{name: pl.col(other[name]) for name in other})
    ordered = ["score", "left", "right"]
    return pl.concat([edges, swapped.select(edges.columns)]).sort(ordered, descending=[True, False, False])


def _merged(step: Step, parts: pl.DataFrame) -> pl.DataFrame:
    """Because of the surest edge that leads out of what was the person."""
    if not len(parts):
        return parts
    joined = _sides(step).filter((pl.col("why") == WHY[0]) & (pl.col("was") != pl.col("was_other")))
    best = joined.unique("was", keep="first", maintain_order=True).select("was", "left", "right", "score")
    decided = pl.col("score").is_infinite()
    because = pl.when(decided).then(pl.lit(DECIDED)).otherwise(pl.lit(EDGE))
    told = parts.join(best, left_on="from", right_on="was", how="left").with_columns(because=because)
    return told.with_columns(score=pl.when(~decided).then("score"))


def _split(step: Step, parts: pl.DataFrame) -> pl.DataFrame:
    """Because of the surest edge within what was the person that joins no more."""
    if not len(parts):
        return parts
    torn = _sides(step).filter((pl.col("why") != WHY[0]) & (pl.col("was") == pl.col("was_other")))
    best = torn.unique(["was", "is"], keep="first", maintain_order=True).select(
        "was", "is", "left", "right", "score", "why"
    )
    told = parts.join(best, left_on=["from", "to"], right_on=["was", "is"], how="left")
    told = told.with_columns(because=pl.col("why").fill_null(UNLINKED)).drop("why")
    return _by_decision(step, told)


def _by_decision(step: Step, told: pl.DataFrame) -> pl.DataFrame:
    """A split that a decision made names the two records it is about, which need not have an edge."""
    ends = _decided(step.roll).filter(pl.col("verdict") != SAME)
    left, right = ends["left"].to_numpy(), ends["right"].to_numpy()
    held = ends.with_columns(was=pl.Series(step.before[left], dtype=pl.Int64))
    held = held.filter(pl.Series(step.before[left] == step.before[right], dtype=pl.Boolean))
    both = [
        held.with_columns(pl.Series("is", step.after[side[step.before[left] == step.before[right]]], pl.Int64))
        for side in (left, right)
    ]
    pairs = pl.concat(both).unique(["was", "is"], keep="first", maintain_order=True)
    pairs = pairs.select("was", "is", l="left", r="right")
    joined = told.join(pairs, left_on=["from", "to"], right_on=["was", "is"], how="left")
    made = pl.col("l").is_not_null() & pl.col("because").is_in([WHY[1], UNLINKED])
    return joined.with_columns(
        left=pl.when(made).then("l").otherwise("left"), right=pl.when(made).then("r").otherwise("right"),
        because=pl.when(made).then(pl.lit(DECIDED)).otherwise("because"),
        score=pl.when(~made).then("score"),
    ).drop("l", "r")  # fmt: skip


def _decided(roll: Roll) -> pl.DataFrame:
    """The decisions whose two records are there: id, verdict, left, right (seats, the lesser left)."""
    sides = roll.ends(roll.decisions)
    frame = roll.decisions.select("id", "verdict").with_columns(
        left=pl.Series(np.minimum(*sides), dtype=pl.Int64), right=pl.Series(np.maximum(*sides), dtype=pl.Int64)
    )
    return frame.filter(pl.col("left") != GONE)


def _named(roll: Roll, told: pl.DataFrame) -> pl.DataFrame:
    told = pl.concat(
        [pl.DataFrame(schema={"left": pl.Int64, "right": pl.Int64, "score": pl.Float64}), told], how="diagonal"
    )
    decided = (
        _decided(roll)
        .select("left", "right", decision="id")
        .unique(["left", "right"], keep="first", maintain_order=True)
    )
    told = told.join(decided, on=["left", "right"], how="left", maintain_order="left")
    told = told.with_columns(decision=pl.when(pl.col("because") == DECIDED).then("decision"))
    for side in ("left", "right"):
        held = told[side].fill_null(0).to_numpy()
        names = roll.named(held) if len(roll.names) else pl.DataFrame(schema={"site": pl.String, "record": pl.String})
        missing = told[side].is_null()
        told = told.with_columns(names["site"].alias(f"{side}_site"), names["record"].alias(f"{side}_name"))
        told = told.with_columns(pl.when(~missing).then(f"{side}_site"), pl.when(~missing).then(f"{side}_name"))
    told = told.drop("left", "right").rename({"left_name": "left", "right_name": "right"})
    return told.select(EVENTS.names()).cast(EVENTS)
