"""The answer to a request, from contracts and policies alone: deny by default, deny overrides, always with reasons.

Reads no file and no clock.
"""

from collections.abc import Iterable
from datetime import date

from federation.consent.case import Case, Objection, Policy
from federation.consent.contract import Contract
from federation.consent.policies import (
    contracted,
    forbidden,
    known_purpose,
    known_table,
    person_columns,
    site_only,
)
from federation.consent.request import Decision, Request

# The order in which reasons are told: what can never be, what the site forbids, what nobody allowed.
POLICIES: tuple[Policy, ...] = (
    known_purpose.objections,
    known_table.objections,
    site_only.objections,
    person_columns.objections,
    forbidden.objections,
    contracted.objections,
)


def decide(request: Request, contracts: Iterable[Contract], as_of: date) -> Decision:
    """What of `request` may go on `as_of`, and why the rest may not."""
    case = Case(request, tuple(sorted(contracts, key=lambda contract: contract.id)), as_of)
    objections = [objection for policy in POLICIES for objection in policy(case)]
    if not request.columns:
        objections.append(Objection("nothing was asked for"))
    refused = _refused(request, objections)
    columns = tuple(name for name in request.columns if name not in refused)
    granting = tuple(
        contract.id
        for contract in case.speaking
        if contract.effect == "allow" and any(contract.names(request.table, name) for name in columns)
    )
    denied = tuple(dict.fromkeys(objection.reason for objection in objections))
    granted = tuple(f"granted by contract {name}" for name in granting)
    return Decision(request, columns, refused, denied + granted, granting)


def _refused(request: Request, objections: list[Objection]) -> dict[str, str]:
    whole = next((objection.reason for objection in objections if objection.column is None), None)
    refused = dict.fromkeys(request.columns, whole) if whole else {}
    for objection in objections:
        if objection.column is not None:
            refused.setdefault(objection.column, objection.reason)
    return {name: reason for name, reason in refused.items() if reason is not None}
