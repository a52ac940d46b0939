"""A change taken by the roll: seats for who came, before anybody is told apart."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.errors import Usage
from federation.linkage.change import Change, numbers
from federation.linkage.component import Numbers
from federation.linkage.decision import agreed
from federation.linkage.edge import PAIR, turned
from federation.linkage.roll import GONE, NAMES, Roll

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Taken:
    """The roll with the new seats, not yet told apart. `before`: persons until now. `dropped`: whose edges go."""

    roll: Roll
    before: Numbers
    component: Numbers
    fresh: Numbers
    again: Numbers
    gone: Numbers
    changed: tuple[pl.DataFrame, ...]  # pairs that something new was said about

    @property
    def dropped(self) -> Flags:
        """Per seat: whether its edges go, since it left or is told anew."""
        flags = np.zeros(self.roll.size, np.bool_)
        flags[self.gone] = flags[self.again] = True
        return flags


def take(roll: Roll, change: Change) -> Taken:
    """Seats for who came, none for who left, decisions and conflicts as they stand now. Raises as `grow.grown` says."""
    gone = roll.seats(change.gone)
    if (gone == GONE).any():
        raise Usage(
            f"{int((gone == GONE).sum())} of {len(gone)} records that leave are not there. Nothing was changed."
        )
    left = roll.person.copy()
    left[gone] = GONE
    known = replace(roll, person=left).seats(change.arrived)
    fresh = change.arrived.filter(pl.Series(known == GONE, dtype=pl.Boolean))
    code = numbers(change.arrived)
    number = np.concatenate([roll.number, code[known == GONE]])
    again = known[known != GONE]
    number[again] = code[known != GONE]
    seats = np.arange(roll.size, roll.size + len(fresh))
    sites = (*roll.sites, *sorted(set(fresh["site"].unique()) - set(roll.sites)))
    codes = dict(zip(sites, range(len(sites)), strict=True))
    names = fresh.select(pl.col("site").replace_strict(codes, return_dtype=pl.Int32), "record").cast(NAMES)
    decisions, conflicts, changed = _said(roll, change)
    nobody = np.full(len(fresh), GONE, np.int64)
    component = np.concatenate([roll.component, nobody])
    seated = replace(
        roll, sites=sites, names=pl.concat([roll.names, names]), number=number,
        rank=np.concatenate([roll.rank, seats]), component=component.copy(),
        person=np.concatenate([left, seats]), decisions=decisions, conflicts=conflicts,
    )  # fmt: skip
    seated.component[gone] = GONE
    before = np.concatenate([roll.person, nobody])
    return Taken(seated, before, component, seats, again, gone, changed)


def _said(roll: Roll, change: Change) -> tuple[pl.DataFrame, pl.DataFrame, tuple[pl.DataFrame, ...]]:
    lifted = pl.col("id").is_in(list(change.lifted))
    unknown = len(change.lifted) - len(roll.decisions.filter(lifted))
    if unknown:
        raise Usage(f"{unknown} of {len(change.lifted)} decisions to be withdrawn were never made.")
    decisions = pl.concat([roll.decisions.filter(~lifted), change.decisions])
    decisions = agreed(decisions) if len(change.decisions) else decisions
    conflicts = turned(change.conflicts.select(PAIR))
    changed = (change.decisions.select(PAIR), roll.decisions.filter(lifted).select(PAIR), conflicts)
    return decisions, pl.concat([roll.conflicts, conflicts]).unique(maintain_order=True), changed


def pairs(roll: Roll, frame: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Seats of the ends of pairs; those of whom one is not there are left out."""
    ends = roll.ends(frame)
    there = (ends[0] != GONE) & (ends[1] != GONE)
    return np.minimum(*ends)[there], np.maximum(*ends)[there]
