"""One step of the roll: a change goes in, the next roll and what happened come out. Only what hangs together is redone.

A roll grown batch by batch holds the same persons, by the same names, as one grown at once from the same records in the
same order, since both follow from the records, their order, the edges and the rules alone.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from federation.errors import BadInput
from federation.linkage.change import Change
from federation.linkage.component import Numbers
from federation.linkage.contest import NONE, WHY
from federation.linkage.crowd import Crowd
from federation.linkage.decision import SAME
from federation.linkage.edge import check
from federation.linkage.event import Step, events, moves
from federation.linkage.partition import Asked, Partition, partition
from federation.linkage.roll import GONE, REFUSED, SEATED, Roll
from federation.linkage.rules import Rules
from federation.linkage.take import Flags, Taken, pairs, take


@dataclass(frozen=True)
class Grown:
    """The next roll; `events` and `moves` as event.py tells them; `looked`: records whose person was worked out anew.

    `seats` are those; `crowds` name the seat of their earliest record as `first`.
    """

    roll: Roll
    events: pl.DataFrame
    moves: pl.DataFrame
    seats: Numbers
    crowds: tuple[Crowd, ...]

    @property
    def looked(self) -> int:
        """Records whose person was worked out anew."""
        return len(self.seats)


def grown(roll: Roll, change: Change, rules: Rules | None = None) -> Grown:
    """The roll after the change. Other rules than before are asked of every record.

    Raises BadInput where an edge leads to nobody, Refused where decisions contradict each other, Usage where one that
    is lifted was never made or one who leaves is not there; the roll given is as it was in every case.
    """
    rules = rules or roll.rules
    taken = take(roll, change)
    mid = taken.roll
    joining, fresh_edges = _edges(taken, change, rules)
    touched = _touched(taken, joining, rules)
    seats = _region(taken, touched)
    mid = replace(mid, edges=fresh_edges, rules=rules)
    asked = _asked(mid, seats, rules)
    return _answered(taken, mid, seats, asked, partition(asked, rules))


def _edges(taken: Taken, change: Change, rules: Rules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Edges that matter for who is touched, and all edges from now on."""
    roll = taken.roll
    fresh = _seated(roll, change.edges)
    dropped = taken.dropped
    old = roll.edges
    if dropped.any():
        old = old.filter(pl.Series(~(dropped[old["left"].to_numpy()] | dropped[old["right"].to_numpy()])))
    said = np.zeros(roll.size, np.bool_)
    said[fresh["left"].to_numpy()] = said[fresh["right"].to_numpy()] = True
    maybe = pl.Series(said[old["left"].to_numpy()] & said[old["right"].to_numpy()], dtype=pl.Boolean)
    again = old.filter(maybe).join(fresh, on=["left", "right"], how="semi")
    if len(again):
        old = pl.concat([old.filter(~maybe), old.filter(maybe).join(fresh, on=["left", "right"], how="anti")])
    joining = pl.concat([fresh.filter(pl.col("score") >= rules.threshold), again])
    return joining, pl.concat([old, fresh])


def _seated(roll: Roll, edges: pl.DataFrame) -> pl.DataFrame:
    """SEATED: each pair once, with its highest score."""
    check(edges)
    left, right = pairs(roll, edges)
    if len(left) < len(edges):
        raise BadInput(f"{len(edges) - len(left)} of {len(edges)} edges lead to a record that is not there.")
    seated = pl.DataFrame({"left": left, "right": right, "score": edges["score"], "how": edges["how"]}, SEATED)
    if _distinct(left * roll.size + right):
        return seated
    best = seated.sort("left", "right", "score", "how", descending=[False, False, True, False])
    return best.unique(["left", "right"], keep="first", maintain_order=True)


def _distinct(keys: Numbers) -> bool:
    ordered = np.sort(keys)  # several times as fast as a table of hashes
    return not (ordered[1:] == ordered[:-1]).any()


def _touched(taken: Taken, joining: pl.DataFrame, rules: Rules) -> Flags:
    touched = taken.dropped
    touched[taken.fresh] = True
    if rules != taken.roll.rules:
        touched[:] = True
    said = [pairs(taken.roll, frame) for frame in taken.changed]
    for left, right in (*said, (joining["left"].to_numpy(), joining["right"].to_numpy())):
        touched[left] = touched[right] = True
    return touched


def _region(taken: Taken, touched: Flags) -> Numbers:
    """All who are there and hang together with somebody touched, as it was and as it will be."""
    component = taken.component
    affected = np.zeros(taken.roll.size, np.bool_)
    affected[component[touched & (component != GONE)]] = True
    inside = touched | (affected[component] & (component != GONE))
    return np.flatnonzero(inside & (taken.roll.person != GONE))


def _asked(roll: Roll, seats: Numbers, rules: Rules) -> Asked:
    """The question about these seats; node i is the i-th of them."""
    flags = np.zeros(roll.size, np.bool_)
    flags[seats] = True
    never = pairs(roll, roll.decisions.filter(pl.col("verdict") != SAME))
    same = pairs(roll, roll.decisions.filter(pl.col("verdict") == SAME))
    left, right = roll.edges["left"].to_numpy(), roll.edges["right"].to_numpy()
    rows = np.flatnonzero((roll.edges["score"].to_numpy() >= rules.threshold) & flags[left] & flags[right])
    decided = [end[flags[same[0]] & flags[same[1]]] for end in same]
    keys = left[rows] * roll.size + right[rows]
    rows = rows[~np.isin(keys, decided[0] * roll.size + decided[1])]
    keys = np.unique(decided[0] * roll.size + decided[1])
    ends = np.concatenate([left[rows], keys // roll.size]), np.concatenate([right[rows], keys % roll.size])
    score = np.concatenate([roll.edges["score"].to_numpy()[rows], np.full(len(keys), np.inf)])

    def node(pair: tuple[Numbers, Numbers]) -> tuple[Numbers, Numbers]:
        held = flags[pair[0]] & flags[pair[1]]
        return np.searchsorted(seats, pair[0][held]), np.searchsorted(seats, pair[1][held])

    return Asked(
        len(seats), *node(ends), score, _claims(roll, seats, rules), roll.number[seats], node(never),
        node(pairs(roll, roll.conflicts)), lambda nodes: roll.places(seats[nodes]),
    )  # fmt: skip


def _claims(roll: Roll, seats: Numbers, rules: Rules) -> Numbers:
    code = np.array([place if site in rules.single else NONE for place, site in enumerate(roll.sites)], np.int64)
    return code[roll.names["site"].to_numpy()[seats]] if len(code) else np.empty(0, np.int64)


def _answered(taken: Taken, mid: Roll, seats: Numbers, asked: Asked, answer: Partition) -> Grown:
    rank = _inherited(taken, mid, seats)
    first = np.full(len(seats), np.iinfo(np.int64).max)
    np.minimum.at(first, answer.person, rank[seats])
    person, component = mid.person.copy(), mid.component.copy()
    person[seats], component[seats] = first[answer.person], seats[answer.component]
    left, right = seats[asked.left], seats[asked.right]
    named = pl.DataFrame(
        {"left": left, "right": right, "score": asked.score}, {k: SEATED[k] for k in ("left", "right", "score")}
    )
    why = named.with_columns(why=pl.Series(WHY, dtype=pl.String).gather(answer.why))
    refused = pl.concat([_elsewhere(mid, seats, taken), why.filter(pl.col("why") != WHY[0]).select(REFUSED.names())])
    after = replace(mid, rank=rank, person=person, component=component, refused=refused)
    step = Step(taken.before, person, np.concatenate([seats, taken.gone]), why, after)
    flows = moves(step)
    crowds = tuple(replace(crowd, first=int(seats[crowd.first])) for crowd in answer.crowds)
    return Grown(after, events(step, flows), flows, seats, crowds)


def _elsewhere(roll: Roll, seats: Numbers, taken: Taken) -> pl.DataFrame:
    """What was refused among records that nothing touched."""
    flags = np.zeros(roll.size, np.bool_)
    flags[seats] = flags[taken.gone] = True
    return roll.refused.filter(pl.Series(~flags[roll.refused["left"].to_numpy()], dtype=pl.Boolean))


def _inherited(taken: Taken, roll: Roll, seats: Numbers) -> Numbers:
    """Ranks after those who left: the name of a person goes to the earliest who held it and stays."""
    rank = roll.rank.copy()
    left = taken.gone[rank[taken.gone] == taken.before[taken.gone]]
    if len(left):
        held = taken.before[left]
        staying = seats[np.isin(taken.before[seats], held)]
        staying = staying[np.argsort(rank[staying], kind="stable")]
        name, heir = np.unique(taken.before[staying], return_index=True)
        rank[staying[heir]] = name
    return rank
