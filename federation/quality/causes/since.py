"""Since when rows fail: the stretch of months that best tells failing rows from passing ones."""

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from federation.quality.causes.attribute import Attribute
from federation.quality.causes.chance import contrast, odds
from federation.quality.causes.condition import Condition, How


def stretch(
    attribute: Attribute,
    months: Sequence[str | None],
    failed: NDArray[np.float64],
    asked: NDArray[np.float64],
    least_odds: float,
    enough: float,
) -> tuple[float, Condition] | None:
    """The contrast and the condition of the best stretch, or None where none stands out.

    `months` are in order, an empty one (rows without a date) first; `failed` and `asked` count their rows. A stretch
    with two ends has to be clearly sharper than one that goes on to the last month, or that began with the first: last
    months hold few rows, and a stop that is none would be told.
    """
    start = 1 if months and months[0] is None else 0
    bad, rows = failed[start:], asked[start:]
    size = len(rows)
    if size < 2 or np.count_nonzero(rows) < 2:
        return None
    total, height = float(failed.sum()), float(asked.sum())
    sum_bad, sum_rows = (np.concatenate(([0.0], np.cumsum(each))) for each in (bad, rows))
    inside_bad, inside = sum_bad[None, 1:] - sum_bad[:-1, None], sum_rows[None, 1:] - sum_rows[:-1, None]
    possible = np.triu(np.ones((size, size), dtype=bool)) & (inside > 0) & (inside < height) & (inside_bad >= enough)
    inside, inside_bad = np.where(possible, inside, 1.0), np.where(possible, inside_bad, 0.0)
    clear = possible & (odds(inside_bad, inside, total, height) >= least_odds)
    if not clear.any():
        return None
    sharp = np.where(clear, contrast(inside_bad, inside, total, height), 0.0)
    more = 2 * log(size) + 4  # what a second end has to bring: as much as chance finds among so many ends
    two = np.unravel_index(int(np.argmax(sharp)), sharp.shape)
    since, until = int(np.argmax(sharp[:, -1])), int(np.argmax(sharp[0, :]))
    one_end = max(sharp[since, -1], sharp[0, until])
    if one_end <= 0 or sharp[two] > one_end + more:
        first, last = int(two[0]), int(two[1])
    elif sharp[since, -1] >= sharp[0, until]:
        first, last = since, size - 1
    else:
        first, last = 0, until
    return float(sharp[first, last]), _said(attribute, months[start:], first, last)


def _said(attribute: Attribute, months: Sequence[str | None], first: int, last: int) -> Condition:
    if last == len(months) - 1 and first > 0:
        return Condition(attribute, How.SINCE, months[first])
    if first == 0 and last < len(months) - 1:
        return Condition(attribute, How.UNTIL, months[last])
    return Condition(attribute, How.WITHIN, months[first], months[last])
