"""What one site is told of itself: its scores, its months, what it loses where, and its place among nameless peers.

Its own counts are whole, for the page is its own; of other sites there are scores without names, never a count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from federation.broker.site import all_sites, find_site
from federation.node.home import Home
from federation.node.journal import batches
from federation.node.kept import kept
from federation.quality.check import Check
from federation.quality.kind import SCHEMES, zh
from federation.quality.loss import Loss, losses
from federation.quality.peers import Compared, compared
from federation.quality.score import Score, score, total
from federation.quality.scorecard import Scorecard, by_month, by_site, scorecard
from federation.report.both import Both
from federation.report.bulletin import SHOWN_MONTHS, Terms, last_months
from federation.report.gather_bulletin import site_of, terms_of
from federation.report.pictures.rows import Site
from federation.report.small import SMALLEST_TOLD

TOTAL = Both("合计", "total")


@dataclass(frozen=True)
class Dimension:
    """One dimension of the site, or all together: `others` are the scores of its peers, in order, without names."""

    name: Both
    own: Score | None
    right: int
    asked: int
    others: tuple[float, ...]
    beside: Compared | None


@dataclass(frozen=True)
class SitePage:
    """All that its page says. `dimensions` begins with all together; `month` is None for all months."""

    site: Site
    scheme: str
    terms: Terms
    month: date | None
    months: tuple[date, ...]
    dimensions: tuple[Dimension, ...]
    trend: Mapping[Both, Mapping[date, float]]
    losses: tuple[Loss, ...]

    @property
    def whole(self) -> Dimension:
        """All dimensions together."""
        return self.dimensions[0]

    @property
    def whole_trend(self) -> Mapping[date, float]:
        """Month -> score over all dimensions."""
        return self.trend[TOTAL]


def gather_site(home: Home, site: str, month: date | None, scheme: str) -> SitePage:
    """The page of a registered site, of one month or of all; raises Usage where there is no such site."""
    with home.engine.connect() as connection:
        own, registered, recorded = find_site(connection, site), all_sites(connection), batches(connection)
    known, checks = terms_of(home, recorded)
    sites = [site_of(each) for each in registered]
    return site_page_of(kept(home, recorded), site_of(own), sites, month, scheme, known, checks)


def site_page_of(
    states: pl.DataFrame,
    site: Site,
    sites: Sequence[Site],
    month: date | None,
    scheme: str,
    terms: Terms,
    checks: Sequence[Check],
) -> SitePage:
    """The page of counts (columns STATES, of all sites). Pure."""
    by = terms.standard
    alike = [each.site for each in sites if each.tier == site.tier]
    within = states.filter(pl.col("org_code").is_in(alike))
    scope = within if month is None else within.filter(pl.col("month") == month)
    cards = scorecard(scope, scheme, sites=alike, checks=checks)
    mine = [each for each in cards if each.org_code == site.site]
    months = _months(within.filter(pl.col("org_code") == site.site), month, terms.day)
    return SitePage(
        site, scheme, terms, month, months, _dimensions(cards, mine, dict.fromkeys(alike, site.tier), scheme, terms),
        _trend(within.filter(pl.col("org_code") == site.site), months, scheme, terms, checks),
        tuple(losses(mine, scheme, by)),
    )  # fmt: skip


def _dimensions(
    cards: Sequence[Scorecard], mine: Sequence[Scorecard], groups: Mapping[str, str], scheme: str, terms: Terms
) -> tuple[Dimension, ...]:
    by = terms.standard
    me = mine[0].org_code
    others = [own for site, own in by_site(cards).items() if site != me and _rows(own) >= SMALLEST_TOLD]
    beside = {each.dimension: each for each in compared(cards, groups, by) if each.org_code == me}
    found = [
        Dimension(TOTAL, total(mine, scheme, by), 0, 0, _shown([total(own, scheme, by) for own in others], terms), None)
    ]
    for place, card in enumerate(mine):
        name = Both(zh(card.dimension), str(card.dimension))
        theirs = _shown([score(own[place], by) for own in others], terms)
        found.append(Dimension(name, score(card, by), card.numerator, card.denominator, theirs, beside[card.dimension]))
    return tuple(found)


def _rows(cards: Sequence[Scorecard]) -> int:
    return max((each.asked for card in cards for each in card.findings), default=0)


def _shown(scores: Sequence[Score | None], terms: Terms) -> tuple[float, ...]:
    """Scores in order, which tells nothing of whose they are; none where they are too few to be nameless."""
    known = sorted(one.value for one in scores if one is not None)
    return tuple(known) if len(known) >= terms.standard.peers.fewest else ()


def _months(states: pl.DataFrame, month: date | None, day: date | None) -> tuple[date, ...]:
    """The months of the trend: up to the one asked for, else to the last with rows that had begun."""
    last = month
    if last is None and day is not None:
        last = states.filter(pl.col("month") <= day)["month"].max()  # type: ignore[assignment]
    if last is None:
        return ()
    return tuple(last_months(last, SHOWN_MONTHS))


def _trend(
    states: pl.DataFrame, months: Sequence[date], scheme: str, terms: Terms, checks: Sequence[Check]
) -> dict[Both, dict[date, float]]:
    names = [Both(zh(each), str(each)) for each in SCHEMES[scheme]]
    found: dict[Both, dict[date, float]] = {name: {} for name in (TOTAL, *names)}
    shown = states.filter(pl.col("month").is_in(list(months)))
    for (_, month), own in by_month(scorecard(shown, scheme, monthly=True, checks=checks)).items():
        if (whole := total(own, scheme, terms.standard)) is not None:
            found[TOTAL][month] = whole.value
        for card, name in zip(own, names, strict=True):
            if (one := score(card, terms.standard)) is not None:
                found[name][month] = one.value
    return found
