"""What humans decided about two records: the same person, or different ones. Stronger than any score.

Two decisions that cannot both be true are an error that names both; none is preferred.
"""

from collections import deque
from collections.abc import Mapping

import numpy as np
import polars as pl

from federation.errors import Refused
from federation.linkage.component import components
from federation.linkage.edge import PAIR, turned

DECISIONS = pl.Schema({
    "id": pl.String, "left_site": pl.String, "left": pl.String, "right_site": pl.String, "right": pl.String,
    "verdict": pl.String,
})  # fmt: skip
SAME, DIFFERENT = "same", "different"


def agreed(decisions: pl.DataFrame) -> pl.DataFrame:
    """The decisions with the lesser name left, sorted. Raises Refused where two contradict each other, naming both.

    They contradict each other directly, or through a chain: A is B, B is C, but A is not C.
    """
    ordered = turned(decisions.select(DECISIONS.names()).cast(DECISIONS)).sort(*PAIR, "id")
    unknown = ordered.filter(~pl.col("verdict").is_in([SAME, DIFFERENT]))
    if len(unknown):
        raise Refused([f"Decision {unknown['id'][0]} is neither `{SAME}` nor `{DIFFERENT}`."])
    _no_contradiction(ordered)
    return ordered


def _no_contradiction(decisions: pl.DataFrame) -> None:
    name = pl.struct("site", "record")
    ends = [decisions.select(site=f"{side}_site", record=side).select(name) for side in ("left", "right")]
    code = pl.concat(ends).to_series().rank("dense").cast(pl.Int64).to_numpy() - 1
    left, right = np.split(code, 2)
    same = (decisions["verdict"] == SAME).to_numpy()
    label = components(int(code.max(initial=-1)) + 1, left[same], right[same])
    wrong = np.flatnonzero(~same & (label[left] == label[right]))
    if len(wrong):
        at, ids = int(wrong[0]), decisions["id"].to_list()
        links: dict[int, dict[int, str]] = {}
        for row in np.flatnonzero(same).tolist():
            for here, there in ((left[row], right[row]), (right[row], left[row])):
                links.setdefault(int(here), {})[int(there)] = ids[row]
        chain = _chain(links, int(left[at]), int(right[at]))
        told = f"Decision {ids[at]} says that two records are different persons, which {_named(chain)} the same."
        raise Refused([told, "Withdraw one of them; until then nothing is changed."])


def _named(chain: list[str]) -> str:
    return f"decision {chain[0]} says are" if len(chain) == 1 else f"decisions {', '.join(chain)} together make"


def _chain(links: Mapping[int, Mapping[int, str]], start: int, end: int) -> list[str]:
    """The decisions on the shortest way from one record to another."""
    before: dict[int, int] = {start: start}
    waiting = deque([start])
    while end not in before:
        here = waiting.popleft()
        for there in links[here]:
            if there not in before:
                before[there] = here
                waiting.append(there)
    chain = []
    while end != start:
        chain.append(links[before[end]][end])
        end = before[end]
    return chain[::-1]
