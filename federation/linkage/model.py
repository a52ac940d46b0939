"""What turns a candidate pair into the probability that both records are one person: learned without labels, then kept.

Fellegi and Sunter (1969), with likeness as one field and each identifier as another.

A model holds no record and no key.
"""

from typing import Annotated, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from federation.linkage.candidate import AGREE, DIFFER, candidates, floors
from federation.linkage.gap import Gap, best_two
from federation.linkage.side import Side
from federation.linkage.spec import Spec
from federation.linkage.told import Piece

Floats = NDArray[np.float64]
PROBABILITY = "probability"
_ROUNDS = 20
_EVEN = 0.5
_MOST = 14.0  # log odds beyond which nothing can be learned from any number of records we shall see
_FEWEST = 5.0  # expected pairs without which an identifier is given no weight


class Weight(Piece):
    """Log odds that an identifier adds: where both have it and agree, and where they differ."""

    agree: float
    differ: float


class Model(Piece):
    """`log_odds` (400,) over `scale`; `threshold` the least probability that links; `matched` the share linked."""

    spec: str
    floors: dict[str, float]
    scale: Annotated[tuple[float, ...], Field(strict=False)]
    log_odds: Annotated[tuple[float, ...], Field(strict=False)]
    weights: dict[str, Weight]
    matched: float
    threshold: float

    @classmethod
    def fitted(cls, left: Side, right: Side, spec: Spec) -> Self:
        """From all records of two sides, whose links nobody knows."""
        low = floors(left, right, spec)
        pairs = candidates(left, right, spec, low)
        gap = Gap.seen(*best_two(pairs, "left", left.count))
        alone = _log_odds(gap.probability())
        weights = _weights(pairs, np.interp(pairs["alike"].to_numpy(), gap.scale, alone), spec)
        model = cls(spec=spec.version, floors=low, scale=tuple(gap.scale), log_odds=tuple(alone), weights=weights,
                    matched=gap.matched, threshold=_EVEN)  # fmt: skip
        best = one_to_one(model.weighed(pairs))[PROBABILITY]
        return model.model_copy(update={"threshold": _threshold(best.to_numpy())})

    def weighed(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Candidates with `probability` Float64."""
        odds = np.interp(pairs["alike"].to_numpy(), self.scale, self.log_odds) + sum(
            _added(weight, pairs[name].to_numpy()) for name, weight in self.weights.items()
        )
        return pairs.with_columns(pl.Series(PROBABILITY, _probability(odds), dtype=pl.Float64))

    def edges(self, left: Side, right: Side, spec: Spec, least: float) -> pl.DataFrame:
        """The candidate pairs of two sides whose probability is at least `least`."""
        return self.weighed(candidates(left, right, spec, self.floors)).filter(pl.col(PROBABILITY) >= least)


def one_to_one(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs each of whose records has no better one; the first in order where several are as good."""
    ranked = pairs.sort(pl.col(PROBABILITY), pl.col("alike"), descending=True, maintain_order=True).with_row_index(
        "rank"
    )
    first = (pl.col("rank") == pl.col("rank").min().over("left")) & (
        pl.col("rank") == pl.col("rank").min().over("right")
    )
    return ranked.filter(first).drop("rank")


def _weights(pairs: pl.DataFrame, alone: Floats, spec: Spec) -> dict[str, Weight]:
    """Expectation and maximisation over the identifiers, likeness being known."""
    seen = {name: pairs[name].to_numpy() for name in spec.exact}
    weights = {name: Weight(agree=0.0, differ=0.0) for name in seen}
    for _ in range(_ROUNDS):
        odds = alone + sum(_added(weight, seen[name]) for name, weight in weights.items())
        same = _probability(odds)
        weights = {name: _weight(agreement, same) for name, agreement in seen.items()}
    return weights


def _weight(agreement: NDArray[np.int8], same: Floats) -> Weight:
    agree, differ = agreement == AGREE, agreement == DIFFER
    if min(same[agree].sum(), (1 - same)[differ].sum()) < _FEWEST:
        return Weight(agree=0.0, differ=0.0)
    m, u = (_share(weight[agree].sum(), weight[differ].sum()) for weight in (same, 1 - same))
    return Weight(agree=float(np.log(m / u)), differ=float(np.log((1 - m) / (1 - u))))


def _share(yes: float, no: float) -> float:
    """With half a pair added on either side, so that nothing is impossible because it was not seen."""
    return (yes + 0.5) / (yes + no + 1)


def _added(weight: Weight, agreement: NDArray[np.int8]) -> Floats:
    added: Floats = np.where(agreement == AGREE, weight.agree, np.where(agreement == DIFFER, weight.differ, 0.0))
    return added


def _threshold(best: Floats) -> float:
    """The probability from which on linking the best pairs has the greatest expected F1; never less than even."""
    falling = np.sort(best[best >= _EVEN])[::-1]
    if not len(falling):
        return _EVEN
    expected = 2 * np.cumsum(falling) / (np.arange(1, len(falling) + 1) + best.sum())
    return float(falling[int(np.argmax(expected))])


def _log_odds(probability: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        odds: Floats = np.clip(np.log(probability) - np.log1p(-probability), -_MOST, _MOST)
    return odds


def _probability(log_odds: Floats) -> Floats:
    probability: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -700, 700)))
    return probability
