"""Scores: the mean of what the checks of a dimension came to, each weighing what the standard says, with an interval.

A mean over checks and not over answers: a hospital with a hundred million lab rows must not hide its front pages
behind them. The NHC's coefficients, too, are formed item by item (国卫办医函〔2018〕1079号). What has no evidence is
left out and counted; a scope without any has no score.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from federation.quality.finding import Z95, Finding, Interval, wilson
from federation.quality.scorecard import Scorecard
from federation.quality.standard import Standard


@dataclass(frozen=True)
class Part:
    """One number of a mean: what it weighs, its value and 95 % interval (0 to 1)."""

    weight: float
    value: float
    interval: Interval


@dataclass(frozen=True)
class Score:
    """`value` is the weighted mean, 0 to 1. `evidence` of `parts` (checks or dimensions) went into it.

    The interval is the sampling of rows alone: it says nothing about checks that nobody thought of.
    """

    value: float
    interval: Interval
    evidence: int
    parts: int


def mean(parts: Sequence[Part], among: int) -> Score | None:
    """The weighted mean of the parts that weigh anything; None where none does.

    Its interval is recovered from theirs (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095), which keeps it within 0
    and 1 and lopsided where theirs are.
    """
    weighing = [each for each in parts if each.weight > 0]
    whole = sum(each.weight for each in weighing)
    if not weighing:
        return None
    value = sum(each.weight * each.value for each in weighing) / whole
    below = sqrt(sum((each.weight * (each.value - each.interval.low)) ** 2 for each in weighing)) / whole
    above = sqrt(sum((each.weight * (each.interval.high - each.value)) ** 2 for each in weighing)) / whole
    return Score(value, Interval(max(0.0, value - below), min(1.0, value + above)), len(weighing), among)


def score(card: Scorecard, by: Standard) -> Score | None:
    """The score of one site (and month) in one dimension; None is no evidence."""
    return mean([part for each in card.findings if (part := part_of(each, by))], _weighing(card.findings, by))


def total(cards: Iterable[Scorecard], scheme: str, by: Standard) -> Score | None:
    """The score of one site (and month) over the dimensions of a scheme; those without evidence are left out."""
    found = [(card, score(card, by)) for card in cards]
    parts = [
        Part(by.of_dimension(scheme, card.dimension), one.value, one.interval) for card, one in found if one is not None
    ]
    return mean(parts, sum(by.of_dimension(scheme, card.dimension) > 0 for card, _ in found))


def part_of(finding: Finding, by: Standard, z: float = Z95) -> Part | None:
    """What one check brings to its dimension; None where nobody was asked or it weighs nothing."""
    ends, rate = wilson(finding.asked - finding.failed, finding.asked, z), finding.rate
    weight = by.of_check(finding.check)
    return Part(weight, rate, ends) if ends is not None and rate is not None and weight > 0 else None


def _weighing(findings: Iterable[Finding], by: Standard) -> int:
    return sum(by.of_check(each.check) > 0 for each in findings)


def level_text(score: Score, by: Standard) -> tuple[str, str]:
    """The level in English and Chinese; where the interval reaches into others, the best and worst that it may be."""
    at, best, worst = (by.level(value) for value in (score.value, score.interval.high, score.interval.low))
    may = "" if best is worst else f" ({best.id}-{worst.id})"
    return f"{at.id} {at.en}{may}", f"{at.id} {at.zh}{may}"


def points(share: float) -> float:
    """A share in points of a hundred, cut to two places wherever it is shown: what is not all of it never reads 100."""
    return min(int(share * 10_000 + 1e-6), 9_999) / 100 if share < 1 else 100.0
