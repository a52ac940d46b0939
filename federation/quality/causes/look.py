"""How the cells that a check looks at are written where it fails, beside how they are written where it passes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from federation.quality.causes.attribute import Attribute, Kind
from federation.quality.causes.condition import Condition, How
from federation.quality.causes.subgroup import LEAST_ROWS, Coded, Mask

TOLD = 0.5  # share of the failing rows from which on one way of writing is told
CODES, SOME = 3, 0.1  # of codes the commonest so many, each at least so common: they are what a code map lacks
DIFFERS = 0.5  # share of the passing rows that may look the same


@dataclass(frozen=True)
class Look:
    """`share` of the failing rows have this code, or are written in this shape; elsewhere most are `elsewhere`."""

    attribute: Attribute
    value: str
    share: float
    elsewhere: str | None

    @property
    def condition(self) -> Condition:
        """The same as a condition."""
        return Condition(self.attribute, How.IS, self.value)


def looks(asked: Sequence[Coded], failing: Mask, passing: Mask) -> tuple[Look, ...]:
    """What most of the failing rows have in common in the cells asked about, and few of the passing ones."""
    return tuple(_looks(asked, failing, passing)) if failing.sum() >= LEAST_ROWS else ()


def _looks(asked: Sequence[Coded], failing: Mask, passing: Mask) -> Iterator[Look]:
    for each in asked:
        bad = np.bincount(each.code[failing], minlength=len(each.values))
        good = np.bincount(each.code[passing], minlength=len(each.values))
        best, fine = int(good.argmax()), max(int(good.sum()), 1)
        usual = each.values[best] if good[best] / fine >= TOLD else None
        most, least = (CODES, SOME) if each.attribute.kind is Kind.CODE else (1, TOLD)
        for top in np.argsort(-bad, kind="stable")[:most]:
            value, share = each.values[top], bad[top] / bad.sum()
            if value is not None and share >= least and bad[top] >= LEAST_ROWS and good[top] / fine <= DIFFERS:
                yield Look(each.attribute, value, float(share), usual)
                usual = None  # said once
