"""An unknown purpose is no purpose: everything asked for it is refused."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection
from federation.consent.purpose import purposes


def objections(case: Case) -> Iterator[Objection]:
    """Objects to the whole request where its purpose is not in purposes.csv."""
    if case.request.purpose not in purposes():
        yield Objection(f"`{case.request.purpose}` is not a known purpose")
