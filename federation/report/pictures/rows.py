"""The rows that pictures have in common: sites in tier order with a heading for each tier."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from federation.report.both import Both, Lang, cut
from federation.report.drawing import SOFT, Words
from federation.report.facts import TIERS, Facts

LEFT = 256  # pixels kept for the names of sites
ROW, HEADING = 34, 24


@dataclass(frozen=True)
class Site:
    """A site as pictures name it."""

    site: str
    name: Both
    tier: str


def tier_name(tier: str) -> Both:
    """A tier in both languages; one that the report does not know keeps its own word."""
    return TIERS.get(tier, Both(tier, tier))


def sites(facts: Facts) -> list[Site]:
    """All sites: tertiary first, then secondary, community and others; by id within a tier."""
    return in_order(
        [named(row["site"], row["name_zh"], row["name"], row["tier"]) for row in facts.flow.iter_rows(named=True)]
    )


def named(site: str, zh: str | None, en: str | None, tier: str | None) -> Site:
    """A site; where it has no name in a language, its id."""
    return Site(site, Both(zh or site, en or site), tier or "")


def in_order(known: Iterable[Site]) -> list[Site]:
    """Tertiary first, then secondary, community and others; by id within a tier."""
    order = {tier: place for place, tier in enumerate(TIERS)}
    return sorted(known, key=lambda site: (order.get(site.tier, len(order)), site.tier, site.site))


def names(facts: Facts) -> dict[str, Both]:
    """Site id -> name."""
    return {site.site: site.name for site in sites(facts)}


def placed(facts: Facts, top: float, row: float = ROW) -> Iterator[tuple[Site | str, float]]:
    """Walks down the picture: a tier (as its key) with the y of its heading, then its sites with the y of their row."""
    yield from ((at, top + y) for at, y in down(sites(facts), row))


def height(facts: Facts, row: float = ROW) -> float:
    """Pixels that `placed` walks."""
    return deep(sites(facts), row)


def down(sites: Sequence[Site], row: float = ROW, heading: float = HEADING) -> Iterator[tuple[Site | str, float]]:
    """Walks down from 0: a tier (its key) with the y of its heading, then its sites with the y of their row."""
    y = 0.0
    for tier, alike in groupby(sites, key=lambda site: site.tier):
        yield tier, y
        y += heading
        for site in alike:
            yield site, y
            y += row


def deep(sites: Sequence[Site], row: float = ROW, heading: float = HEADING) -> float:
    """Pixels that `down` walks."""
    return len(sites) * row + len({site.tier for site in sites}) * heading


def side(facts: Facts, lang: Lang, top: float, row: float = ROW) -> list[Words]:
    """Headings of tiers and names of sites, down the left side."""
    return [
        Words(0, y + HEADING / 2, tier_name(at).of(lang), fill=SOFT, size=12, bold=True)
        if isinstance(at, str)
        else Words(LEFT - 10, y + row / 2, cut(at.name.of(lang), LEFT - 12, 12), anchor="right", size=12)
        for at, y in placed(facts, top, row)
    ]


def by_site(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The rows of each site."""
    return {str(key[0]): part for key, part in table.group_by("site", maintain_order=True)}
