"""What changed between two accounts of the same checks: failures that are new, mended, worse or better.

A check's id is the same in every run, so that a rectification order can be followed through the months. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from federation.quality.check import Check
from federation.quality.count import by_check
from federation.quality.finding import Finding, Verdict, apart, wilson


class Change(StrEnum):
    """How a check came out otherwise than before."""

    NEW = "new failure"
    MENDED = "mended"
    WORSE = "worse"
    BETTER = "better"
    FIRST = "first asked"
    GONE = "no longer asked"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return _ZH[self]


_ZH = {
    Change.NEW: "新出现",
    Change.MENDED: "已整改",
    Change.WORSE: "变差",
    Change.BETTER: "好转",
    Change.FIRST: "首次评价",
    Change.GONE: "不再评价",
}


@dataclass(frozen=True)
class Changed:
    """One check of one site, before and now."""

    org_code: str
    change: Change
    before: Finding
    now: Finding


def changes(
    before: pl.DataFrame, now: pl.DataFrame, checks: Sequence[Check], sites: Sequence[str]
) -> Iterator[Changed]:
    """What of each site changed, in the order of sites and checks; both frames have the columns STATES, all months."""
    then, here = by_check(before), by_check(now)
    for site in sites:
        for each in checks:
            old = Finding(each, *then.get((site, each.id), (0, 0)))
            new = Finding(each, *here.get((site, each.id), (0, 0)))
            if (what := _change(old, new)) is not None:
                yield Changed(site, what, old, new)


def _change(old: Finding, new: Finding) -> Change | None:
    verdicts = old.verdict, new.verdict
    if verdicts == (Verdict.PASSED, Verdict.FAILED):
        return Change.NEW
    if verdicts == (Verdict.FAILED, Verdict.PASSED):
        return Change.MENDED
    if Verdict.NO_EVIDENCE in verdicts:
        return None if old.verdict is new.verdict else _asked(old)
    return _moved(old, new) if new.verdict is Verdict.FAILED else None


def _asked(old: Finding) -> Change:
    return Change.FIRST if old.verdict is Verdict.NO_EVIDENCE else Change.GONE


def _moved(old: Finding, new: Finding) -> Change | None:
    """Worse or better where the 95 % interval of the difference leaves zero out.

    They are taken as two samples; the later account holds the earlier one, which makes the true interval narrower: what
    is told here is rather too little than too much.
    """
    first, second = wilson(old.failed, old.asked), wilson(new.failed, new.asked)
    if first is None or second is None:
        return None
    p, q = old.failed / old.asked, new.failed / new.asked
    if not apart(p, first, q, second):
        return None
    return Change.WORSE if q > p else Change.BETTER
