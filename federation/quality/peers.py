"""A site beside its like: what it scored, what its peers score on the same checks, and whether it stands out.

Two sites are never compared on what only one of them was asked: a clinic without an operating theatre has no operations
to get wrong, and a tertiary hospital is not worse for having them. Each peer counts once, however many rows it has.
The limits are those of a funnel plot, 99.8 %, widened to the spread of the tier (Spiegelhalter 2005,
doi 10.1002/sim.1970), so that of three hundred equal sites hardly one is named.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from federation.quality.finding import Z998, Interval
from federation.quality.score import Part, Score, mean, part_of, score
from federation.quality.scorecard import Scorecard
from federation.quality.standard import Standard

ROBUST = 1.4826  # median absolute deviation to standard deviation, under a normal distribution


class Standing(StrEnum):
    """Where a site stands among its like."""

    ABOVE = "above"
    AMONG = "among"
    BELOW = "below"
    ALONE = "no peers"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"above": "优于同级", "among": "与同级相当", "below": "低于同级", "no peers": "无可比机构"}[self]


@dataclass(frozen=True)
class Compared:
    """One site in one dimension. `raw` is what it scored on all it was asked.

    On the `checks` that enough peers were asked too it scored `own` (with a 99.8 % interval), where the middle of them
    came to `expected`. `adjusted` is what a site that was asked everything its tier is asked would score if it differed
    from them as this one does. All are shares, 0 to 1; None where there is no evidence or there are no peers.
    """

    org_code: str
    group: str
    dimension: StrEnum
    peers: int
    checks: int
    raw: Score | None
    own: Score | None
    expected: float | None
    adjusted: float | None
    standing: Standing

    @property
    def difference(self) -> float | None:
        """Own less expected."""
        return None if self.own is None or self.expected is None else self.own.value - self.expected


Parts = dict[str, Part]  # by the check's id; their intervals are 99.8 %
Tier = dict[str, list[float]]  # what each site of the tier came to in a check, in order


def compared(cards: Iterable[Scorecard], groups: Mapping[str, str], by: Standard) -> list[Compared]:
    """Every site and dimension of the cards, in their order; `groups` names the tier of each site."""
    made = list(cards)
    scopes: dict[tuple[str, StrEnum], list[Scorecard]] = {}
    for each in made:
        scopes.setdefault((groups.get(each.org_code, "unknown"), each.dimension), []).append(each)
    found = [one for (group, _), own in scopes.items() for one in _of_group(own, group, by)]
    placed = {(one.org_code, one.dimension): one for one in found}
    return [placed[each.org_code, each.dimension] for each in made]


def _of_group(cards: Sequence[Scorecard], group: str, by: Standard) -> list[Compared]:
    parts = {card.org_code: _parts(card, by) for card in cards}
    tier = _tier(parts.values(), by)
    alone = [_beside(card, parts[card.org_code], tier, group, by) for card in cards]
    level = _level(cards, tier, by)
    return [_placed(each, [one for one in alone if one is not each], level, by) for each in alone]


def _parts(card: Scorecard, by: Standard) -> Parts:
    return {each.check.id: part for each in card.findings if (part := part_of(each, by, Z998)) is not None}


def _tier(parts: Iterable[Parts], by: Standard) -> Tier:
    """The checks that enough sites were asked."""
    tier: Tier = {}
    for each in parts:
        for check, part in each.items():
            tier.setdefault(check, []).append(part.value)
    return {check: sorted(values) for check, values in tier.items() if len(values) > by.peers.fewest}


def _beside(card: Scorecard, own: Parts, tier: Tier, group: str, by: Standard) -> Compared:
    common = {check: part for check, part in own.items() if check in tier}
    weight = sum(part.weight for part in common.values())
    expected = sum(part.weight * _middle_without(part.value, tier[check]) for check, part in common.items())
    return Compared(
        card.org_code, group, card.dimension,
        peers=max((len(tier[check]) - 1 for check in common), default=0), checks=len(common),
        raw=score(card, by), own=mean(list(common.values()), len(own)),
        expected=expected / weight if common else None, adjusted=None, standing=Standing.ALONE,
    )  # fmt: skip


def _middle_without(own: float, values: Sequence[float]) -> float:
    """The middle of the others: one that is far off, good or bad, moves it little. `values` are in order."""
    others = list(values)
    del others[bisect_left(others, own)]
    half = len(others) // 2
    return others[half] if len(others) % 2 else (others[half - 1] + others[half]) / 2


def _level(cards: Iterable[Scorecard], tier: Tier, by: Standard) -> float | None:
    """What the middle site of the tier comes to on all that enough of its sites were asked."""
    weights = {each.check.id: by.of_check(each.check) for card in cards for each in card.findings}
    weight = sum(weights[check] for check in tier)
    return sum(weights[check] * median(values) for check, values in tier.items()) / weight if weight else None


def _placed(one: Compared, others: Sequence[Compared], level: float | None, by: Standard) -> Compared:
    if one.own is None or one.difference is None or level is None:
        return one
    adjusted = min(1.0, max(0.0, level + one.difference))
    limit = max(by.peers.least, by.peers.spreads * _spread([each.difference for each in others]))
    return replace(one, adjusted=adjusted, standing=_standing(one.own, one.difference, limit))


def _spread(differences: Iterable[float | None]) -> float:
    """Robust spread of the other sites about their middle, so that one bad site does not excuse the next."""
    known = [each for each in differences if each is not None]
    middle = median(known) if known else 0.0
    return ROBUST * median(abs(each - middle) for each in known) if known else 0.0


def _standing(own: Score, difference: float, limit: float) -> Standing:
    """It stands out beyond the limit, and only where the sampling of its rows cannot be the reason."""
    sure = Interval(difference - own.value + own.interval.low, difference + own.interval.high - own.value)
    if difference > limit and sure.low > 0:
        return Standing.ABOVE
    return Standing.BELOW if difference < -limit and sure.high < 0 else Standing.AMONG
