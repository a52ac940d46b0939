"""Pairs of records that may be one person, and what speaks for it: how alike they are, and which identifiers agree.

What a pair is given depends on its two records and the floors alone, never on who else was compared.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.linkage.compare import ALIKE, alike, likenesses
from federation.linkage.side import Side
from federation.linkage.spec import Spec

AGREE, DIFFER, UNKNOWN = 1, -1, 0
Floors = Mapping[str, float]  # by salting: the least likeness that makes a candidate
_LOWEST = -1.0  # every pair of a block: of records that share an identifier all are candidates
_SAMPLE = 2_000  # records that a floor is found from
PER_RECORD = 3.0  # strangers a record that may pass the floor of one salting


def candidates(left: Side, right: Side, spec: Spec, floors: Floors) -> pl.DataFrame:
    """ALIKE of every salting with the greatest likeness of each pair, and a column Int8 for each exact salting.

    That column is AGREE, DIFFER or UNKNOWN. Sorted by left and right; a side may be compared with itself.
    """
    found = [alike(left.shelves[name], right.shelves[name], floors[name]) for name in left.shelves]
    pairs = pl.concat([pl.DataFrame(schema=ALIKE), *found])
    pairs = pairs.group_by("left", "right").agg(pl.col("alike").max()).sort("left", "right")
    i, j = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    return pairs.with_columns(
        pl.Series(name, _agreement(left.tokens[name][i], right.tokens[name][j]), dtype=pl.Int8) for name in spec.exact
    )


def floors(left: Side, right: Side, spec: Spec) -> dict[str, float]:
    """The floors that about `PER_RECORD` strangers a record pass, by evenly spaced records; exact ones have none."""
    return {s.name: _LOWEST if s.exact else _floor(left, right, s.name) for s in spec.saltings}


def _floor(left: Side, right: Side, salting: str) -> float:
    shelf = left.shelves[salting]
    step = max(1, len(shelf.rows) // _SAMPLE)
    some = shelf.some(slice(step // 2, None, step))
    seen = likenesses(some, right.shelves[salting])
    wanted = PER_RECORD * len(some.rows)
    return _LOWEST if len(seen) <= wanted else float(np.quantile(seen, 1 - wanted / len(seen)))


def _agreement(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.int8]:
    known = (one != 0) & (other != 0)
    return np.where(known, np.where(one == other, AGREE, DIFFER), UNKNOWN).astype(np.int8)
