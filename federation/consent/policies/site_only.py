"""Columns that the site keeps to itself (staff, unmapped source text, row digests) never leave it."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection
from schemas.tables import TABLES


def objections(case: Case) -> Iterator[Objection]:
    """Objects to every column marked `site_only`."""
    columns = TABLES[case.request.table].columns if case.request.table in TABLES else {}
    for name in case.request.columns:
        if name in columns and columns[name].site_only:
            yield Objection(f"`{name}` stays at the site", name)
