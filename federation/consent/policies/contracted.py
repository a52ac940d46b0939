"""Nothing goes without a contract: deny by default."""

from collections.abc import Iterator

from federation.consent.case import Case, Objection, carried


def objections(case: Case) -> Iterator[Objection]:
    """Objects to the whole request where no contract allows it, and to columns that none of those that do names."""
    request = case.request
    allowing = [contract for contract in case.speaking if contract.effect == "allow"]
    if not allowing:
        yield Objection(
            f"no contract of {request.site} covers `{request.table}` for {request.purpose}"
            f" by {request.recipient} on {case.as_of}"
        )
        return
    for name in request.columns:
        if name not in carried(request.table) and not any(one.names(request.table, name) for one in allowing):
            yield Objection(f"no contract of {request.site} covers `{name}` of `{request.table}`", name)
