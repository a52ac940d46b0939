"""From edges to persons: the records of each component joined by descending score, as far as the rules allow.

The answer depends on the records, edges and rules alone, never on their order. Only components of three and more in
which a rule could forbid something are walked edge by edge; the others are seen from whole arrays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from federation.linkage.component import Numbers
from federation.linkage.contest import CROWD, DECISION, JOINED, NONE, ONE_TO_ONE, Contest
from federation.linkage.crowd import Crowd, Cut, cut
from federation.linkage.rules import Rules

Flags = NDArray[np.bool_]
Pairs = tuple[Numbers, Numbers]  # nodes


@dataclass(frozen=True)
class Asked:
    """`size` nodes and the edges that would join them, each pair once; `score` is inf where `same` was decided.

    Per node: `claim`, code of a site that claims to hold nobody twice; `number`, code of a resident id; else NONE.
    `never`: decided to differ. `apart`: may not be joined through a third. `places`: nodes -> their order by name.
    """

    size: int
    left: Numbers
    right: Numbers
    score: NDArray[np.float64]
    claim: Numbers
    number: Numbers
    never: Pairs
    apart: Pairs
    places: Callable[[Numbers], Numbers]


@dataclass(frozen=True)
class Partition:
    """`person`, `component` per node: the least node of it. `why` per edge: a place in contest.WHY."""

    person: Numbers
    component: Numbers
    why: NDArray[np.uint8]
    crowds: tuple[Crowd, ...]


def partition(asked: Asked, rules: Rules) -> Partition:
    """Who is one person. What a rule forbids is not joined, what was decided to be the same always is."""
    pieces = cut(asked.size, asked.left, asked.right, asked.score, rules)
    why = np.where(pieces.kept, JOINED, CROWD).astype(np.uint8)
    doubt = _doubt(asked, pieces.label)
    count = np.bincount(pieces.label, minlength=asked.size)
    person = pieces.label.copy()
    _couples(asked, pieces, doubt, count == 2, person, why)
    _crossed(asked, pieces, doubt.of_any & (count > 2), person, why)
    why[person[asked.left] == person[asked.right]] = JOINED
    return Partition(person, pieces.whole, why, pieces.crowds)


@dataclass(frozen=True)
class _Doubt:
    """Per label: whether two records are there whom a site's claim, a decision or anything at all keeps apart."""

    of_claims: Flags
    of_decisions: Flags
    of_any: Flags


def _doubt(asked: Asked, label: Numbers) -> _Doubt:
    claims = np.zeros(asked.size, np.bool_)
    claims[_repeated(label, asked.claim)] = True
    decisions, further = _shared(asked.never, label), _shared(asked.apart, label)
    further[_several(label, asked.number)] = True
    return _Doubt(claims, decisions, claims | decisions | further)


def _repeated(label: Numbers, code: Numbers) -> Numbers:
    """Labels within which a code stands twice."""
    known = np.flatnonzero(code != NONE)
    order = known[np.lexsort((code[known], label[known]))]
    again = (label[order][1:] == label[order][:-1]) & (code[order][1:] == code[order][:-1])
    found: Numbers = label[order][1:][again]
    return found


def _several(label: Numbers, code: Numbers) -> Numbers:
    """Labels within which two different codes stand."""
    known = np.flatnonzero(code != NONE)
    least = np.full(len(label), np.iinfo(np.int64).max)
    np.minimum.at(least, label[known], code[known])
    found: Numbers = label[known][code[known] != least[label[known]]]
    return found


def _shared(pairs: Pairs, label: Numbers) -> Flags:
    flags = np.zeros(len(label), np.bool_)
    here, there = label[pairs[0]], label[pairs[1]]
    flags[here[here == there]] = True
    return flags


def _couples(asked: Asked, pieces: Cut, doubt: _Doubt, of_two: Flags, person: Numbers, why: NDArray[np.uint8]) -> None:
    """Two records that only one edge joins: a number that differs does not hinder them, the edge knows of it."""
    label = pieces.label[asked.left]
    held = pieces.kept & of_two[label] & (asked.score < np.inf) & (doubt.of_claims | doubt.of_decisions)[label]
    why[held] = np.where(doubt.of_decisions[label[held]], DECISION, ONE_TO_ONE)
    for end in (asked.left[held], asked.right[held]):
        person[end] = end


def _crossed(asked: Asked, pieces: Cut, contested: Flags, person: Numbers, why: NDArray[np.uint8]) -> None:
    nodes = np.flatnonzero(contested[pieces.label])
    if not len(nodes):
        return
    rank = np.zeros(asked.size, np.int64)
    rank[nodes] = asked.places(nodes)
    inside = np.flatnonzero(pieces.kept & contested[pieces.label[asked.left]])
    left, right, score = asked.left[inside], asked.right[inside], asked.score[inside]
    low, high = np.minimum(rank[left], rank[right]), np.maximum(rank[left], rank[right])
    order = np.lexsort((high, low, -score))
    left, right, score, inside = left[order], right[order], score[order], inside[order]
    contest = _contest(asked, nodes, contested[pieces.label], left, right)
    why[inside] = contest.settle(zip(left.tolist(), right.tolist(), (score == np.inf).tolist(), strict=True))
    for cluster in {id(each): each for each in contest.home.values()}.values():
        joined = list(cluster.nodes)
        person[joined] = min(joined)


def _contest(asked: Asked, nodes: Numbers, inside: Flags, left: Numbers, right: Numbers) -> Contest:
    names = nodes.tolist()
    claim = dict(zip(names, asked.claim[nodes].tolist(), strict=True))
    number = dict(zip(names, asked.number[nodes].tolist(), strict=True))
    direct = set(zip(np.minimum(left, right).tolist(), np.maximum(left, right).tolist(), strict=True))
    return Contest(claim, number, _foes(asked.never, inside, set()), _foes(asked.apart, inside, direct), direct)


def _foes(pairs: Pairs, inside: Flags, direct: set[tuple[int, int]]) -> dict[int, set[int]]:
    held = inside[pairs[0]] & inside[pairs[1]]
    foes: dict[int, set[int]] = {}
    for here, there in zip(pairs[0][held].tolist(), pairs[1][held].tolist(), strict=True):
        if (min(here, there), max(here, there)) not in direct:
            foes.setdefault(here, set()).add(there)
            foes.setdefault(there, set()).add(here)
    return foes
