"""What the rows answered to one check: how many were asked, how many failed. Never a number without its denominator."""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from federation.quality.check import Check

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution
Z998 = 3.090232306167813  # two-sided 99.8 %: the outer limit of a funnel plot


class Verdict(StrEnum):
    """How a check came out. Nobody asked is no evidence, never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    NO_EVIDENCE = "no evidence"


@dataclass(frozen=True)
class Interval:
    """Wilson's 95 % score interval of a share (Wilson 1927, doi 10.1080/01621459.1927.10502953)."""

    low: float
    high: float


@dataclass(frozen=True)
class Finding:
    """One check in one scope."""

    check: Check
    asked: int
    failed: int

    @property
    def verdict(self) -> Verdict:
        """Passed when the share of failures is within what the check tolerates."""
        if self.asked == 0:
            return Verdict.NO_EVIDENCE
        return Verdict.PASSED if self.failed <= self.check.tolerates * self.asked else Verdict.FAILED

    @property
    def rate(self) -> float | None:
        """Share of right answers, or None where nobody was asked."""
        return share(self.asked - self.failed, self.asked)


def share(numerator: int, denominator: int) -> float | None:
    """The share, or None where there is nothing to share."""
    return numerator / denominator if denominator else None


def wilson(numerator: int, denominator: int, z: float = Z95) -> Interval | None:
    """The interval of numerator/denominator, within [0, 1]; None for no evidence. `z` is 1.96 for 95 %."""
    if denominator == 0:
        return None
    p, n, z2 = numerator / denominator, denominator, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(max(0.0, min(middle - half, p)), min(1.0, max(middle + half, p)))


def apart(old: float, old_ends: Interval, new: float, new_ends: Interval) -> bool:
    """Whether the interval of the difference leaves zero out, of two shares that were sampled apart.

    It is recovered from those of both (MOVER: Zou & Donner 2008, doi 10.1002/sim.3095; of two Wilson intervals it is
    Newcombe's of 1998, method 10).
    """
    gap = new - old
    if gap > 0:
        return gap > sqrt((new - new_ends.low) ** 2 + (old_ends.high - old) ** 2)
    return -gap > sqrt((new_ends.high - new) ** 2 + (old - old_ends.low) ** 2)


def percent(numerator: int, denominator: int) -> str:
    """A share for people: `<0.01%` where it is not nothing, `>99.99%` where it is not everything."""
    if denominator == 0:
        return "no evidence"
    rate = 100 * numerator / denominator
    if numerator > 0 and rate < 0.01:
        return "<0.01%"
    if numerator < denominator and rate > 99.99:
        return ">99.99%"
    return f"{rate:.2f}%"
