"""Columns that name a person in clear never leave the site; PIPL art. 51 asks for de-identification."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection
from schemas.reveals import Reveals
from schemas.tables import TABLES


def objections(case: Case) -> Iterator[Objection]:
    """Objects to every column that names a person and is not a keyed token."""
    columns = TABLES[case.request.table].columns if case.request.table in TABLES else {}
    for name in case.request.columns:
        if name in columns and columns[name].reveals is Reveals.PERSON and not columns[name].token:
            yield Objection(f"`{name}` names a person", name)
