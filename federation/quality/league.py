"""A league by tier: what each site came to in all, where it stands, and whether that moved since the month before.

A place is a range: two sites whose intervals overlap are not told apart. Tiers are never mixed. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from federation.quality.finding import apart
from federation.quality.peers import Compared, Standing, compared
from federation.quality.score import Score, total
from federation.quality.scorecard import Scorecard, by_site
from federation.quality.standard import Standard


@dataclass(frozen=True)
class Placed:
    """One site among its tier; shares are 0 to 1.

    `adjusted` is the total with each dimension as its tier is asked (see `peers`); None without peers or evidence.
    `best` and `worst` are the places that the interval allows, from 1; None without evidence. `change` is against the
    month before on the checks that were asked in both, `sure` where its 95 % interval leaves zero out.
    """

    org_code: str
    group: str
    raw: Score | None
    adjusted: float | None
    above: tuple[StrEnum, ...]
    below: tuple[StrEnum, ...]
    peers: int
    change: float | None
    sure: bool
    best: int | None = None
    worst: int | None = None

    @property
    def points(self) -> float | None:
        """What the site is placed by: adjusted where there are peers, else as it is."""
        return self.adjusted if self.adjusted is not None else self.raw.value if self.raw else None


def league(
    now: Sequence[Scorecard], before: Sequence[Scorecard], groups: Mapping[str, str], scheme: str, by: Standard
) -> list[Placed]:
    """Every site of `now`, tier by tier in the order of `groups`, the best first; those without evidence last."""
    old = by_site(before)
    beside = by_site(compared(now, groups, by))
    alone = [
        _placed(site, groups.get(site, "unknown"), own, old.get(site, []), beside[site], scheme, by)
        for site, own in by_site(now).items()
    ]
    tiers: dict[str, list[Placed]] = {tier: [] for tier in groups.values()}
    for each in alone:
        tiers.setdefault(each.group, []).append(each)
    return [one for tier in tiers.values() for one in sorted(_ranged(tier), key=_order)]


def _order(one: Placed) -> tuple[bool, float, str]:
    return one.points is None, -(one.points or 0.0), one.org_code


def _placed(
    site: str, tier: str, own: Sequence[Scorecard], old: Sequence[Scorecard], beside: Sequence[Compared],
    scheme: str, by: Standard,
) -> Placed:  # fmt: skip
    change, sure = _change(own, old, scheme, by)
    return Placed(
        site, tier, total(own, scheme, by), _adjusted(beside, scheme, by),
        above=tuple(each.dimension for each in beside if each.standing is Standing.ABOVE),
        below=tuple(each.dimension for each in beside if each.standing is Standing.BELOW),
        peers=max((each.peers for each in beside), default=0), change=change, sure=sure,
    )  # fmt: skip


def _adjusted(beside: Sequence[Compared], scheme: str, by: Standard) -> float | None:
    """The total over dimensions, each adjusted where it could be compared and as it is where not."""
    if all(each.adjusted is None for each in beside):
        return None
    parts = [
        (by.of_dimension(scheme, each.dimension), each.raw.value if each.adjusted is None else each.adjusted)
        for each in beside
        if each.raw is not None
    ]
    weight = sum(part for part, _ in parts)
    return sum(part * value for part, value in parts) / weight if weight else None


def _change(
    now: Sequence[Scorecard], before: Sequence[Scorecard], scheme: str, by: Standard
) -> tuple[float | None, bool]:
    """The difference on checks asked in both months, and whether it is more than sampling."""
    both = _asked(now) & _asked(before)
    new, old = (total([_only(card, both) for card in cards], scheme, by) for cards in (now, before))
    if new is None or old is None:
        return None, False
    return new.value - old.value, apart(old.value, old.interval, new.value, new.interval)


def _asked(cards: Iterable[Scorecard]) -> set[str]:
    return {each.check.id for card in cards for each in card.findings if each.asked}


def _only(card: Scorecard, checks: set[str]) -> Scorecard:
    return replace(card, findings=tuple(each for each in card.findings if each.check.id in checks))


def _ranged(tier: Sequence[Placed]) -> list[Placed]:
    """The places that each site's interval allows; an adjusted score carries the interval of the raw one."""
    ends = {one.org_code: _ends(one) for one in tier if one.points is not None}
    return [
        one if one.org_code not in ends else replace(
            one,
            best=1 + sum(low > ends[one.org_code][1] for low, _ in ends.values()),
            worst=len(ends) - sum(high < ends[one.org_code][0] for _, high in ends.values()),
        )
        for one in tier
    ]  # fmt: skip


def _ends(one: Placed) -> tuple[float, float]:
    assert one.raw is not None and one.points is not None  # noqa: PT018 -- only those with evidence come here
    moved = one.points - one.raw.value
    return one.raw.interval.low + moved, one.raw.interval.high + moved
