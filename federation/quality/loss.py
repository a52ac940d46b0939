"""What each failing check costs: the points by which the total would rise if every row of it were right. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from federation.quality.finding import Finding, Verdict
from federation.quality.score import part_of
from federation.quality.scorecard import Scorecard
from federation.quality.standard import Standard


@dataclass(frozen=True)
class Worth:
    """What one check is worth in a site's score, as shares: `within` its dimension, and `in_all` of the total."""

    within: float
    in_all: float


@dataclass(frozen=True)
class Loss:
    """One failing check of a site; `cost` is a share of the total score, 0 to 1."""

    org_code: str
    finding: Finding
    cost: float


def worths(cards: Iterable[Scorecard], scheme: str, by: Standard) -> dict[str, Worth]:
    """Check -> what it is worth at the site of these cards (one scheme, one scope), of those with evidence."""
    weighing = [(card.dimension, _parts(card, by)) for card in cards]
    whole = sum(by.of_dimension(scheme, dimension) for dimension, parts in weighing if parts)
    found: dict[str, Worth] = {}
    for dimension, parts in weighing:
        of_all = by.of_dimension(scheme, dimension) / whole if whole else 0.0
        together = sum(parts.values())
        found |= {check: Worth(weight / together, weight / together * of_all) for check, weight in parts.items()}
    return found


def _parts(card: Scorecard, by: Standard) -> dict[str, float]:
    """Check -> its weight, of those with evidence."""
    return {each.check.id: part.weight for each in card.findings if (part := part_of(each, by)) is not None}


def losses(cards: Iterable[Scorecard], scheme: str, by: Standard) -> list[Loss]:
    """The failing checks of one site's cards (one scheme, one scope), the dearest first.

    Those that weigh nothing in the score cost nothing and come last; what is within its tolerance is not listed.
    """
    made = list(cards)
    worth = worths(made, scheme, by)
    found = [
        Loss(each.org_code, one, _cost(one, worth.get(one.check.id)))
        for each in made
        for one in each.findings
        if one.verdict is Verdict.FAILED
    ]
    return sorted(found, key=lambda one: (-one.cost, -one.finding.failed, one.finding.check.id))


def _cost(finding: Finding, worth: Worth | None) -> float:
    """Its share of wrong rows, of what it is worth."""
    return 0.0 if worth is None else finding.failed / finding.asked * worth.in_all
