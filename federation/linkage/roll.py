"""The roll of all records that ever came, in order of arrival, and who of them is one person now.

A record's seat is its place in that order. A person is called by the seat of its earliest record, so that who comes
later never changes the name; where that record leaves, the earliest one that stays is heir to the name.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.linkage.component import Numbers
from federation.linkage.decision import DECISIONS
from federation.linkage.edge import PAIR
from federation.linkage.rules import Rules

Flags = NDArray[np.bool_]
GONE = -1
PERSONS = pl.Schema({"site": pl.String, "record": pl.String, "person": pl.Int64})
SEATED = pl.Schema({"left": pl.Int64, "right": pl.Int64, "score": pl.Float64, "how": pl.String})  # seats, left < right
REFUSED = pl.Schema({"left": pl.Int64, "right": pl.Int64, "score": pl.Float64, "why": pl.String})
NAMES = pl.Schema({"site": pl.Int32, "record": pl.String})  # `site`: place in `Roll.sites`
CONFLICTS = pl.Schema(dict.fromkeys(PAIR, pl.String))


@dataclass(frozen=True)
class Roll:
    """Row or place i of `names`, `number`, `rank`, `component`, `person` is seat i.

    `rank`: the name it gives its person if no other gives an earlier one. `component`: what hangs together by edges
    from the threshold on. Both it and `person` are GONE where the record left. `refused`: edges that a rule forbids.
    """

    sites: tuple[str, ...]
    names: pl.DataFrame
    number: Numbers
    rank: Numbers
    component: Numbers
    person: Numbers
    edges: pl.DataFrame
    refused: pl.DataFrame
    decisions: pl.DataFrame
    conflicts: pl.DataFrame
    rules: Rules

    @property
    def size(self) -> int:
        """Seats, taken and left."""
        return len(self.person)

    @cached_property
    def persons(self) -> pl.DataFrame:
        """PERSONS of all records that are there, in order of arrival."""
        frame = self.named(np.arange(self.size)).with_columns(person=pl.Series(self.person, dtype=pl.Int64))
        return frame.filter(pl.col("person") != GONE)

    def named(self, seats: Numbers) -> pl.DataFrame:
        """`site`, `record` of the seats, in their order."""
        held = self.names[seats]
        return held.select(pl.Series(self.sites, dtype=pl.String).gather(held["site"]).alias("site"), held["record"])

    def seats(self, names: pl.DataFrame) -> Numbers:
        """The seat of each record (`site`, `record`), in their order; GONE where none of that name is there."""
        return found(self.names, self.person != GONE, self.sites, names)

    def ends(self, pairs: pl.DataFrame) -> tuple[Numbers, Numbers]:
        """The seats of the ends of pairs, GONE likewise."""
        names = [pairs.select(site=f"{side}_site", record=side) for side in ("left", "right")]
        left, right = np.split(self.seats(pl.concat(names)), 2)
        return left, right

    def places(self, seats: Numbers) -> Numbers:
        """The order of the seats by name: site, then record, by their bytes."""
        order = self.named(seats).with_row_index("at").sort("site", "record")["at"].to_numpy()
        place = np.empty(len(seats), np.int64)
        place[order] = np.arange(len(seats))
        return place


def found(held: pl.DataFrame, there: Flags, sites: tuple[str, ...], names: pl.DataFrame) -> Numbers:
    """Row of `held` (NAMES) of each of the names (`site`, `record`) where `there` is true; GONE where there is none."""
    seats = np.full(len(names), GONE, np.int64)
    if not len(names) or not len(held):
        return seats
    codes = pl.DataFrame({"site": sites, "code": range(len(sites))}, schema={"site": pl.String, "code": pl.Int32})
    asked = names.select("site", "record").with_row_index("at").join(codes, on="site")
    hits = asked.join(held.with_row_index("seat"), left_on=["code", "record"], right_on=["site", "record"])
    at, seat = hits["at"].to_numpy(), hits["seat"].to_numpy().astype(np.int64)
    stays = there[seat]  # a name may have been there before, and left
    seats[at[stays]] = seat[stays]
    return seats


def empty_roll(rules: Rules) -> Roll:
    """The roll before anybody came."""
    none = np.empty(0, np.int64)
    names, edges, refused, decided, apart = (
        pl.DataFrame(schema=s) for s in (NAMES, SEATED, REFUSED, DECISIONS, CONFLICTS)
    )
    return Roll((), names, none, none, none, none, edges, refused, decided, apart, rules)
