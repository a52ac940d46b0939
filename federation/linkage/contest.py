"""The components in which not every edge can be right: joined one edge after the other, the surest first.

An edge whose joining a rule forbids is refused for good: clusters only grow, and so what forbids it stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

NONE = -1  # of a site that claims nothing, of a record without a number
JOINED, DECISION, ONE_TO_ONE, NUMBER, CROWD = range(5)
WHY = ("joined", "decision", "one-to-one", "number", "crowd")
Foes = Mapping[int, set[int]]
_NOBODY: frozenset[int] = frozenset()


@dataclass(slots=True)
class Cluster:
    """Records joined so far; slim, since every node has one. `claims`: a bit for each site that holds nobody twice.

    `number`: of one of its records, NONE where none has any; `several`: they differ; `overruled`: by a decision.
    """

    nodes: list[int]
    claims: int
    number: int
    several: bool = False
    overruled: bool = False

    def take(self, other: "Cluster", decided: bool) -> None:
        """All of `other` becomes part of this one."""
        differ = self.several or other.several or NONE != self.number != other.number != NONE
        self.overruled |= other.overruled or (decided and differ and NONE not in (self.number, other.number))
        self.several = differ
        self.nodes += other.nodes
        self.claims |= other.claims
        self.number = other.number if self.number == NONE else self.number


@dataclass
class Contest:
    """`claim` and `number` per node: codes, NONE where there is none. `direct`: pairs that have an edge of their own.

    `never`: what was decided to differ. `apart`: who may not be joined through a third one.
    """

    claim: Mapping[int, int]
    number: Mapping[int, int]
    never: Foes
    apart: Foes
    direct: set[tuple[int, int]]
    home: dict[int, Cluster] = field(default_factory=dict)

    def settle(self, edges: Iterable[tuple[int, int, bool]]) -> Sequence[int]:
        """For each edge (left, right, whether decided), in this order: JOINED, or why it was refused."""
        return [self._one(self._at(left), self._at(right), decided) for left, right, decided in edges]

    def _at(self, node: int) -> Cluster:
        found = self.home.get(node)
        if found is None:
            claim = self.claim[node]
            found = self.home[node] = Cluster([node], 0 if claim == NONE else 1 << claim, self.number[node])
        return found

    def _one(self, here: Cluster, there: Cluster, decided: bool) -> int:
        if here is there:
            return JOINED
        why = JOINED if decided else self._objection(here, there)
        if why == JOINED:
            large, small = (here, there) if len(here.nodes) >= len(there.nodes) else (there, here)
            large.take(small, decided)
            for node in small.nodes:
                self.home[node] = large
        return why

    def _objection(self, here: Cluster, there: Cluster) -> int:
        if self.never and _foes(self.never, here, there):
            return DECISION
        if here.claims & there.claims:
            return ONE_TO_ONE
        if (self.apart and _foes(self.apart, here, there)) or self._numbers_differ(here, there):
            return NUMBER
        return JOINED

    def _numbers_differ(self, here: Cluster, there: Cluster) -> bool:
        if NONE in (here.number, there.number):
            return False
        if here.number == there.number and not (here.several or there.several):
            return False
        of_here = {self.number[node] for node in here.nodes} if here.overruled else _NOBODY
        of_there = {self.number[node] for node in there.nodes} if there.overruled else _NOBODY
        return any(
            NONE != self.number[a] != self.number[b] != NONE
            and (min(a, b), max(a, b)) not in self.direct
            and self.number[b] not in of_here
            and self.number[a] not in of_there
            for a in here.nodes
            for b in there.nodes
        )


def _foes(foes: Foes, here: Cluster, there: Cluster) -> bool:
    known = [foes[node] for node in here.nodes if node in foes]
    return any(node in some for some in known for node in there.nodes)
