"""Records that too many others hang together with: a shared placeholder, a card that half a village uses.

Such a crowd is cut by stricter and stricter thresholds until its pieces are small enough; no record of it is lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from federation.linkage.component import Numbers, components
from federation.linkage.rules import Rules


@dataclass(frozen=True)
class Crowd:
    """What was cut. `first` is the least node, `step` the score that edges had to have at last (inf: a decision)."""

    first: int
    records: int
    step: float
    pieces: int
    edges: int  # set aside


@dataclass(frozen=True)
class Cut:
    """`whole` per node as `components` gives it, `label` likewise without the edges that are not kept."""

    whole: Numbers
    label: Numbers
    kept: NDArray[np.bool_]
    crowds: tuple[Crowd, ...]


def cut(size: int, left: Numbers, right: Numbers, score: NDArray[np.float64], rules: Rules) -> Cut:
    """Components of at most `rules.largest` nodes; decisions (score inf) hold whatever the size."""
    whole = components(size, left, right)
    label, kept, reached = whole.copy(), np.ones(len(left), np.bool_), np.zeros(size)
    for step in rules.steps:
        wide = np.bincount(label, minlength=size)[label] > rules.largest
        if not wide.any():
            break
        kept &= ~(wide[left] & (score < step))
        reached[wide] = step
        label[wide] = _again(wide, left[kept], right[kept])
    return Cut(whole, label, kept, _told(whole, label, kept, reached, left))


def _again(wide: NDArray[np.bool_], left: Numbers, right: Numbers) -> Numbers:
    nodes, inside = np.flatnonzero(wide), wide[left]
    ends = np.searchsorted(nodes, left[inside]), np.searchsorted(nodes, right[inside])
    return nodes[components(len(nodes), *ends)]


def _told(
    whole: Numbers, label: Numbers, kept: NDArray[np.bool_], reached: NDArray[np.float64], left: Numbers
) -> tuple[Crowd, ...]:
    nodes = np.flatnonzero(reached)
    first, crowd = np.unique(whole[nodes], return_inverse=True)
    step = np.zeros(len(first))
    np.maximum.at(step, crowd, reached[nodes])
    pieces = np.bincount(np.searchsorted(first, whole[np.unique(label[nodes])]), minlength=len(first))
    aside = np.bincount(np.searchsorted(first, whole[left[~kept]]), minlength=len(first))
    told = zip(first, np.bincount(crowd), step, pieces, aside, strict=True)
    return tuple(Crowd(int(a), int(b), float(c), int(d), int(e)) for a, b, c, d, e in told)
