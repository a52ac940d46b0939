"""A contract that forbids wins over every contract that allows."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection, carried
from schemas.tables import TABLES


def objections(case: Case) -> Iterator[Objection]:
    """Objects to the columns a denying contract names; to everything where it names all, or what rows carry."""
    table = case.request.table
    kept = set(carried(table)) if table in TABLES else set()
    for contract in case.speaking:
        if contract.effect != "deny":
            continue
        if any(contract.names(table, name) for name in kept):
            yield Objection(f"contract {contract.id} forbids it")
        for name in case.request.columns:
            if contract.names(table, name):
                yield Objection(f"contract {contract.id} forbids `{name}`", name)
