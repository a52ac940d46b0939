"""Which heights and weights of a person contradict the person's others: the wrong one of them, why, and what was meant.

After the idea of Daymont et al. 2017 (doi 10.1093/jamia/ocx037): a measurement is judged by the same person's others,
the nearer in time the more. Here each neighbour has a vote, weighed by how much change the time between allows, so
one wrong neighbour outvotes nobody; the worst of a series is taken out and the rest are asked again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from federation.quality.growth.standard import HEIGHT, WEIGHT, Floats, expected, z_scores

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
NEIGHBOURS = 5  # on each side
ROUNDS = 12
YEAR, ADULT, TODDLER = 365.25, 19 * 365.25, 2 * 365.25
FARTHEST = {HEIGHT: (-8.0, 7.0), WEIGHT: (-8.0, 9.0)}  # z; WHO's own flags are at 6, which some preterm children pass
THREE_SIGMA = 3 * 2**0.5  # of the difference of two measurements
ERROR_CM, ERROR_SHARE = 1.0, 0.025  # of measuring a height; of weighing, with clothes, meals and fluids
# How far a z-score may wander in a year, at three standard deviations: toddlers, children, adults.
WANDERS = {HEIGHT: (1.8, 0.9, 0.3), WEIGHT: (2.4, 1.5, 1.5)}
REPEATED = {HEIGHT: 2.5, WEIGHT: 1.6}  # cm or kg that a child should have grown since the very same figure


@dataclass(frozen=True)
class Series:
    """Measurements of one kind, sorted by `person`, then `days` of age; all arrays are of one length."""

    measure: str
    person: Ints
    days: Floats
    sex: NDArray[np.int8]
    value: Floats


@dataclass(frozen=True)
class Judged:
    """`wrong` per measurement; `z`, its score; `usual`, the neighbours' (NaN where there are none).

    `carried` are those wrong because an earlier figure was written again.
    """

    wrong: Bools
    carried: Bools
    z: Floats
    usual: Floats


def judged(series: Series) -> Judged:
    """Each measurement against the population, then against the person's others."""
    z = z_scores(series.measure, series.value, series.sex, series.days)
    low, high = FARTHEST[series.measure]
    wrong = (z < low) | (z > high) | ~np.isfinite(z)
    for _ in range(ROUNDS):
        worst = _worst(series, z, wrong)
        if not worst.any():
            break
        wrong |= worst
    carried = _carried(series, wrong)
    return Judged(wrong | carried, carried, z, _usual(series, z, wrong | carried))


def allowed(series: Series, one: Ints, other: Ints) -> Floats:
    """How far apart two measurements of a person may be, in z, by the time between them."""
    _, median, spread = expected(series.measure, series.sex, series.days)
    slip = (ERROR_CM / (median * spread)) if series.measure == HEIGHT else (ERROR_SHARE / spread)
    toddler, child, adult = WANDERS[series.measure]
    age = np.minimum(series.days[one], series.days[other])
    wander = np.where(age < TODDLER, toddler, np.where(age < ADULT, child, adult))
    years = np.abs(series.days[one] - series.days[other]) / YEAR
    return np.asarray(np.hypot(THREE_SIGMA * np.maximum(slip[one], slip[other]), wander * np.sqrt(years)))


def _beside(series: Series, left_out: Bools) -> tuple[Ints, Ints]:
    """Pairs of places (one, other): the nearest measurements of the same person on both sides, but those left out."""
    kept = np.flatnonzero(~left_out)
    ones, others = [], []
    for step in range(1, NEIGHBOURS + 1):
        early, late = kept[:-step], kept[step:]
        same = series.person[early] == series.person[late]
        ones += [early[same], late[same]]
        others += [late[same], early[same]]
    return np.concatenate([*ones, np.empty(0, np.int64)]), np.concatenate([*others, np.empty(0, np.int64)])


def _worst(series: Series, z: Floats, left_out: Bools) -> Bools:
    """Of each person the one measurement that most of its neighbours contradict, if there is one."""
    one, other = _beside(series, left_out)
    allows = allowed(series, one, other)
    apart, weight = np.abs(z[one] - z[other]) / allows, allows**-2
    against = np.bincount(one, weight * (apart > 1), len(z))
    votes = np.bincount(one, weight, len(z))
    far = np.bincount(one, weight * np.minimum(apart, 6), len(z)) / np.maximum(votes, 1e-12)
    doubted = (votes > 0) & (against * 2 >= votes) & (far > 0.5)
    rank = np.where(doubted, far * 100 + np.minimum(np.abs(z), 50), -1.0)
    order = np.lexsort((-rank, series.person))
    first = np.ones(len(z), bool)
    first[1:] = series.person[order][1:] != series.person[order][:-1]
    worst = np.zeros(len(z), bool)
    chosen = order[first]
    worst[chosen[rank[chosen] > 0]] = True
    return worst


def _carried(series: Series, left_out: Bools) -> Bools:
    """The very figure of the measurement before, at an age at which a child has grown since."""
    kept = np.flatnonzero(~left_out)
    early, late = kept[:-1], kept[1:]
    _, median, _ = expected(series.measure, series.sex, series.days)
    grown = median[late] - median[early] >= REPEATED[series.measure]
    again = (series.person[early] == series.person[late]) & (series.value[early] == series.value[late])
    found = np.zeros(len(left_out), bool)
    found[late[again & grown & (series.days[late] < ADULT)]] = True
    return found


def _usual(series: Series, z: Floats, wrong: Bools) -> Floats:
    """The mean of the two nearest right scores, before and after; NaN where the person has no right one."""
    right = np.flatnonzero(~wrong)
    usual = np.full(len(z), np.nan)
    if not len(right):
        return usual
    place = np.arange(len(z))
    after = np.searchsorted(right, place, side="right")
    before = np.searchsorted(right, place, side="left") - 1
    sides = []
    for at, there in ((before, before >= 0), (after, after < len(right))):
        near = right[np.clip(at, 0, len(right) - 1)]
        sides.append(np.where(there & (series.person[near] == series.person), z[near], np.nan))
    both = np.array(sides)
    count = np.isfinite(both).sum(axis=0)
    return np.where(count > 0, np.nansum(both, axis=0) / np.maximum(count, 1), np.nan)
