"""Which sites an answer is made of, and why the others are not in it.

A site is in where its contracts cover every table and column of the question, for its purpose and recipient.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from federation.consent.contract import Contract
from federation.consent.decide import decide
from federation.consent.request import Request


@dataclass(frozen=True)
class Coverage:
    """`inside`: ids of the sites whose rows are asked; `outside`: id -> why not; `months`: first, last."""

    inside: tuple[str, ...]
    outside: Mapping[str, tuple[str, ...]]
    months: tuple[str, str] | None = None


def coverage(
    used: Mapping[str, Sequence[str]],
    sites: Iterable[str],
    contracts: Sequence[Contract],
    asker: tuple[str, str],
    as_of: date,
) -> Coverage:
    """Decides for every site about every table that is used (table -> columns); `asker` is purpose and recipient."""
    purpose, recipient = asker
    outside = {}
    known = sorted(set(sites) | {contract.site for contract in contracts})
    for site in known:
        asked = [Request(site, table, tuple(columns), purpose, recipient) for table, columns in used.items()]
        answers = [decide(request, contracts, as_of) for request in asked]
        refused = [answer for answer in answers if not answer.allowed]
        if refused:
            told = (reason for answer in refused for reason in answer.reasons if not reason.startswith("granted"))
            outside[site] = tuple(dict.fromkeys(told))
    return Coverage(tuple(site for site in known if site not in outside), outside)
