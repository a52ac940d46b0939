"""Only shared tables and their columns can be asked for."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection
from schemas.tables import TABLES


def objections(case: Case) -> Iterator[Objection]:
    """Objects to a table that is not shared, and to columns it does not have."""
    table = TABLES.get(case.request.table)
    if table is None:
        yield Objection(f"`{case.request.table}` is not a shared table")
        return
    for name in case.request.columns:
        if name not in table.columns:
            yield Objection(f"`{table.name}` has no column `{name}`", name)
