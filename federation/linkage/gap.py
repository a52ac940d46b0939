"""How alike the best wrong candidate of a record is, learned without labels from the second best.

Of a record whose match is among the candidates the second best is the best wrong one; of any other record it is the
second best wrong one. Where the best of many draws is distributed H, the second of them is distributed H (1 - ln H). So
H, and the share of records that have a match, follow from what is seen.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_STEPS = 400  # of the scale of likeness
_ROUNDS = 60
_UPPER = (0.9, 0.99)  # of H: below, an error in the share of matches feeds itself; above, too few records are left
_TAIL = 0.95  # of H, from where on strangers are taken to thin out evenly (exponentially), however few were seen
_SMOOTH = 15  # steps over which densities are taken


@dataclass(frozen=True)
class Gap:
    """`scale` (400,), and there the distribution functions of the `best` candidate and of the best `wrong` one."""

    scale: Floats
    best: Floats
    wrong: Floats
    matched: float  # share of records whose match is among their candidates

    @classmethod
    def seen(cls, best: Floats, second: Floats) -> "Gap":
        """From the likeness of each record's best and second best candidate; -1 where there is none."""
        scale = np.linspace(-1, 1, _STEPS + 1)[1:]
        first, after = (
            np.searchsorted(np.sort(each), scale, side="right") / max(len(each), 1) for each in (best, second)
        )
        matched, wrong = (
            0.0,
            after,
        )  # from below: too many matches would make strangers seem less alike, and so matches more
        for _ in range(_ROUNDS):
            wrong = _best_wrong(after, matched)
            told = (wrong >= _UPPER[0]) & (wrong < _UPPER[1])
            matched = float(np.clip((1 - first[told] / wrong[told]).mean(), 0, 1)) if told.any() else 0.0
        return cls(scale, first, wrong, matched)

    def probability(self) -> Floats:
        """(400,) that the best candidate of that likeness is the match: never falling with likeness."""
        seen = _density(self.best)
        wrong = np.maximum(_density(self.wrong), _density(self._thinning())) * (1 - self.matched)
        told = np.clip(1 - wrong / np.maximum(seen, 1e-12), 0, 1)
        return _rising(np.where(seen > 0, told, 0), seen + 1e-9)

    def _thinning(self) -> Floats:
        """The distribution of the best wrong candidate with an exponential tail in place of its highest values."""
        above = np.clip((1 - self.wrong) / (1 - _TAIL), 0, 1)
        start = int(np.argmax(self.wrong >= _TAIL))
        excess = max(float(above[start:].sum() * (2 / _STEPS)), 2 / _STEPS)
        tail = 1 - (1 - _TAIL) * np.exp(-(self.scale - self.scale[start]) / excess)
        return np.where(np.arange(_STEPS) < start, self.wrong, tail)


def best_two(pairs: pl.DataFrame, by: str, count: int) -> tuple[Floats, Floats]:
    """(count,), (count,): likeness of the best and the second best candidate of each record; -1 where there is none."""
    top = pairs.group_by(by).agg(pl.col("alike").top_k(2).sort(descending=True))
    best, second = np.full(count, -1.0), np.full(count, -1.0)
    rows = top[by].to_numpy()
    best[rows] = top["alike"].list.get(0).to_numpy()
    second[rows] = top["alike"].list.get(1, null_on_oob=True).fill_null(-1).to_numpy()
    return best, second


def _best_wrong(second: Floats, matched: float) -> Floats:
    """H from the distribution of the second best, matched * H + (1 - matched) * H (1 - ln H), by its inverse."""
    h = np.linspace(1e-6, 1, 20_001)
    return np.interp(second, h * (1 - (1 - matched) * np.log(h)), h)


def _density(distribution: Floats) -> Floats:
    steps = np.diff(distribution, prepend=0)
    steps[0] = 0  # what lies there has no candidate at all
    return np.convolve(steps, np.ones(_SMOOTH) / _SMOOTH, "same")


def _rising(values: Floats, weights: Floats) -> Floats:
    """The nearest sequence that never falls (pool adjacent violators: Ayer et al. 1955)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, m, k), (b, n, j) = pools[-2:]
            pools[-2:] = [((a * m + b * n) / (m + n), m + n, k + j)]
    return np.concatenate([np.full(count, value) for value, _, count in pools])
