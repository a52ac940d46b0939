"""How likely it is by chance that failing rows crowd together as they do: likelihood ratios and exact tails.

Rows of one person fail together, so counts come here as if each person had one row.
"""

from math import exp, inf, lgamma, log

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def contrast(failed: Numbers, asked: Numbers, all_failed: float, all_asked: float) -> Numbers:
    """Twice the log-likelihood ratio of two rates, inside and outside, to one rate (Wilks 1938); 0 for no contrast."""
    inside = _likelihood(failed, asked)
    outside = _likelihood(all_failed - failed, all_asked - asked)
    whole = _likelihood(np.asarray(float(all_failed)), np.asarray(float(all_asked)))
    ratio: Numbers = np.maximum(2 * (inside + outside - whole), 0)
    return ratio


def odds(failed: Numbers, asked: Numbers, all_failed: float, all_asked: float) -> Numbers:
    """Odds of failing inside to odds outside, each count with Haldane's half added."""
    passed, out_failed = asked - failed, all_failed - failed
    out_passed = all_asked - asked - out_failed
    ratio: Numbers = (failed + 0.5) * (out_passed + 0.5) / ((passed + 0.5) * (out_failed + 0.5))
    return ratio


def tail(failed: int, asked: int, all_failed: int, all_asked: int) -> float:
    """Natural logarithm of the chance that of `asked` rows drawn at random at least `failed` fail (Fisher 1922)."""
    if failed <= max(0, asked + all_failed - all_asked):
        return 0.0
    first = _choose(all_failed, failed) + _choose(all_asked - all_failed, asked - failed) - _choose(all_asked, asked)
    if first == -inf:
        return -inf
    total, term = 1.0, 1.0
    for k in range(failed, min(asked, all_failed)):
        term *= (all_failed - k) * (asked - k) / ((k + 1) * (all_asked - all_failed - asked + k + 1))
        total += term
        if term < total * 1e-12:
            break
    return min(0.0, first + log(total))


def allowed(tests: int, alarm: float) -> float:
    """The largest logarithm of a chance that still counts when so many are looked at (Bonferroni)."""
    return log(alarm / max(tests, 1))


def probability(logarithm: float) -> float:
    """The chance itself."""
    return exp(max(logarithm, -700.0))


def _choose(n: int, k: int) -> float:
    return -inf if k < 0 or k > n else lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _likelihood(failed: Numbers, asked: Numbers) -> Numbers:
    passed = asked - failed
    with np.errstate(divide="ignore", invalid="ignore"):
        one = np.where(failed > 0, failed * np.log(failed / asked), 0.0)
        other = np.where(passed > 0, passed * np.log(passed / asked), 0.0)
    both: Numbers = one + other
    return both
