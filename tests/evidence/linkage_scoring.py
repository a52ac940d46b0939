"""Edges against the truth: precision, recall and F1 at the threshold that was chosen, and at the best one there is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

HEAD = "| linkage | threshold | precision | recall | F1 | best threshold | F1 there | CPU s |\n" + "|---" * 8 + "|"
Link = Callable[[], tuple[pl.DataFrame, float]]  # EDGES, and the threshold it chose without seeing the truth


@dataclass(frozen=True)
class Measured:
    """What one threshold gives. `f1` of nothing found is 0."""

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def one_to_one(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that are the best of both records, then the best of those left, and so on; the most probable first."""
    left, kept = pairs.sort("score", "left", "right", descending=[True, False, False]), []
    while not left.is_empty():
        ranked = left.with_row_index("rank")
        best = ranked.filter(
            (pl.col("rank") == pl.col("rank").min().over("left"))
            & (pl.col("rank") == pl.col("rank").min().over("right"))
        ).drop("rank")
        kept.append(best)
        left = left.join(best, on="left", how="anti").join(best, on="right", how="anti")
    return pl.concat([pairs.clear(), *kept])


def curve(pairs: pl.DataFrame, truth: pl.DataFrame) -> list[Measured]:
    """One answer for each score that stands in the pairs, the highest first. `truth`: columns left, right."""
    told = pairs.join(truth.select("left", "right", hit=True), on=["left", "right"], how="left")
    by_score = told.group_by("score").agg(pl.len().alias("n"), pl.col("hit").sum()).sort("score", descending=True)
    summed = by_score.select("score", pl.col("n").cum_sum(), pl.col("hit").cum_sum())
    return [Measured(score, hit / n, hit / truth.height) for score, n, hit in summed.iter_rows()]


def at(points: list[Measured], threshold: float) -> Measured:
    """What is found from the threshold up."""
    return next((point for point in reversed(points) if point.threshold >= threshold), Measured(threshold, 0.0, 0.0))


def best(points: list[Measured]) -> Measured:
    """The threshold that is best once one knows the truth."""
    return max(points, key=lambda point: point.f1, default=Measured(1.0, 0.0, 0.0))


def row(name: str, link: Link, truth: pl.DataFrame) -> tuple[str, Measured, pl.DataFrame]:
    """A line of the table, what the chosen threshold gave, and the pairs from there up; one to one."""
    begun = time.process_time()
    pairs, threshold = link()
    took = time.process_time() - begun
    alone = one_to_one(pairs)
    points = curve(alone, truth)
    chosen, most = at(points, threshold), best(points)
    line = (
        f"| {name} | {threshold:.2f} | {chosen.precision:.4f} | {chosen.recall:.4f} | **{chosen.f1:.4f}** | "
        f"{most.threshold:.2f} | {most.f1:.4f} | {took:.0f} |"
    )
    return line, chosen, alone.filter(pl.col("score") >= threshold)


def exact(left: pl.DataFrame, right: pl.DataFrame, *rules: tuple[str, ...]) -> Link:
    """Pairs that agree on every column of one of the rules, as a first programme would link them."""

    def link() -> tuple[pl.DataFrame, float]:
        found = [
            left.select("record", *rule).drop_nulls().join(right.select("record", *rule).drop_nulls(), on=rule)
            for rule in rules
        ]
        pairs = pl.concat(one.select(left="record", right="record_right", score=pl.lit(1.0)) for one in found)
        return pairs.unique(maintain_order=True), 1.0

    return link
