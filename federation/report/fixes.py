"""What to mend first at a site: each cause of failing rows with the points that its score gains once it is mended.

Reads the home and asks the rows again; changes nothing in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from federation.broker.site import find_site
from federation.node.causes import SiteCauses, site_causes
from federation.node.home import Home
from federation.node.journal import BatchRow, batches
from federation.node.kept import kept
from federation.node.library import library_of
from federation.node.scoring import standard_of
from federation.quality.causes.cause import Cause, Causes
from federation.quality.causes.who import Who, who
from federation.quality.check import Check
from federation.quality.finding import Finding, Verdict
from federation.quality.loss import Worth, worths
from federation.quality.scorecard import Scorecard, scorecard
from federation.quality.standard import Standard
from federation.report.because import SCATTERED, because
from federation.report.both import Both
from federation.report.hints import HINTS


@dataclass(frozen=True)
class Fix:
    """One thing to mend: the rows of one cause of one check, or those of none (`cause` None).

    `points` is what the score of its dimension gains, in hundredths, if all of them become right and nothing else
    changes; `in_all` what the site's score over all dimensions gains.
    """

    of: Causes
    cause: Cause | None
    dimension: StrEnum
    points: float
    in_all: float
    files: dict[str, str]

    @property
    def check(self) -> Check:
        """The check whose rows fail."""
        return self.of.check

    @property
    def place(self) -> int:
        """The cause's place among those of its check, from 0; rows of none come last."""
        return len(self.of.found) if self.cause is None else self.of.found.index(self.cause)

    @property
    def failed(self) -> int:
        """How many rows are to be mended."""
        return self.of.unexplained if self.cause is None else self.cause.failed

    @property
    def within(self) -> bool:
        """Whether the check passes all the same: so few wrong rows are tolerated."""
        return Finding(self.check, self.of.asked, self.of.failed).verdict is Verdict.PASSED

    @property
    def why(self) -> Both:
        """Which rows they are."""
        if self.cause is None:
            return SCATTERED if self.of.found else Both("零散，未见共同原因", "scattered: nothing in common")
        return because(self.cause, self.files)

    @property
    def todo(self) -> Both:
        """What to do."""
        return HINTS[self.check.kind]

    @property
    def who(self) -> Who:
        """Who can likely do it."""
        return who(self.check, self.cause)


@dataclass(frozen=True)
class FixList:
    """The fixes of a site, those that gain most first; `cards` are its answers as they are now."""

    site: str
    recorded: tuple[BatchRow, ...]
    cards: tuple[Scorecard, ...]
    standard: Standard
    fixes: tuple[Fix, ...]
    causes: SiteCauses | None


def fix_list(home: Home, site: str, scheme: str) -> FixList:
    """Raises Usage where there is no such site; one that sent nothing has nothing to mend."""
    library, by = library_of(home).checks, standard_of(home)
    with home.engine.connect() as connection:
        find_site(connection, site)
        recorded = batches(connection, site)
    cards = scorecard(kept(home, recorded), scheme, sites=[site], checks=library)
    if not recorded:
        return FixList(site, (), tuple(cards), by, (), None)
    failing = [
        each.check for card in cards for each in card.findings if each.failed > 0 and by.of_check(each.check) > 0
    ]
    found = site_causes(home, site, recorded, failing)
    worth = worths(cards, scheme, by)
    fixes = [fix for each in found.causes for fix in _fixes(each, cards, worth[each.check.id], found.files)]
    ordered = sorted(fixes, key=lambda each: (-each.in_all, -each.points, -each.failed, each.check.id, each.place))
    return FixList(site, tuple(recorded), tuple(cards), by, tuple(ordered), found)


def _fixes(of: Causes, cards: Sequence[Scorecard], worth: Worth, files: dict[str, str]) -> list[Fix]:
    dimension = next(card.dimension for card in cards if any(each.check.id == of.check.id for each in card.findings))
    row, in_all = (100 * share / of.asked for share in (worth.within, worth.in_all))
    fixes = []
    for cause in [*of.found, *([None] if of.unexplained > 0 else [])]:
        failed = of.unexplained if cause is None else cause.failed
        fixes.append(Fix(of, cause, dimension, row * failed, in_all * failed, files))
    return fixes
