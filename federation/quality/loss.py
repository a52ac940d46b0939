"""What each failing check costs: the points by which the total would rise if every row of it were right. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from federation.quality.finding import Finding, Verdict
from federation.quality.score import part_of
from federation.quality.scorecard import Scorecard
from federation.quality.standard import Standard


@dataclass(frozen=True)
class Loss:
    """One failing check of a site; `cost` is a share of the total score, 0 to 1."""

    org_code: str
    finding: Finding
    cost: float


def losses(cards: Iterable[Scorecard], scheme: str, by: Standard) -> list[Loss]:
    """The failing checks of one site's cards (one scheme, one scope), the dearest first.

    Those that weigh nothing in the score cost nothing and come last; what is within its tolerance is not listed.
    """
    made = list(cards)
    worth = {card.dimension: _weight(card, by) for card in made}
    whole = sum(by.of_dimension(scheme, card.dimension) for card in made if worth[card.dimension])
    found = [
        Loss(each.org_code, one, _cost(one, by, worth[each.dimension], by.of_dimension(scheme, each.dimension), whole))
        for each in made
        for one in each.findings
        if one.verdict is Verdict.FAILED
    ]
    return sorted(found, key=lambda one: (-one.cost, -one.finding.failed, one.finding.check.id))


def _weight(card: Scorecard, by: Standard) -> float:
    return sum(part.weight for each in card.findings if (part := part_of(each, by)) is not None)


def _cost(finding: Finding, by: Standard, within: float, dimension: float, whole: float) -> float:
    """Its share of wrong rows, times its share of the dimension, times the dimension's share of the total."""
    part = part_of(finding, by)
    return 0.0 if part is None or not whole else (1 - part.value) * part.weight / within * dimension / whole
