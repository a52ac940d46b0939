"""Consent: one row for each value of each attribute of each provision, nested ones too. Nothing is decided here."""

from collections.abc import Iterator, Mapping

import polars as pl

from connectors.fhir.draft import Draft
from connectors.fhir.elements import CODING, CONCEPT, EVERY, PERIOD, REFERENCE
from connectors.fhir.lines import Ints
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows

STATUSES = (
    "draft",
    "proposed",
    "active",
    "rejected",
    "inactive",
    "entered-in-error",
)  # R4 consent-state-codes, shared as they are
STATUS = {each: each for each in STATUSES}
DECISION = {"permit": "permit", "deny": "deny"}
DEEPEST = 64
CODINGS = {"purpose": "purpose", "class": "class", "label": "securityLabel"}
CONCEPTS = {"code": "code", "action": "action"}


def conform(draft: Draft) -> None:
    """Rows of the root provision, then of its exceptions, level by level."""
    rows = draft.rows
    shared = {
        "consent_id": draft.key, "status": draft.codes(rows, "status", rows.text("status"), STATUS),
        "grantor_org": draft.reference(rows, "organization.0", "Organization"),
        "guardian_ref": draft.reference(rows, "performer.0", "RelatedPerson"),
        "evidence_doc": "DocumentReference|" + draft.reference(rows, "sourceReference", "DocumentReference"),
        "signed_time": draft.times(rows, "signed_time", "dateTime"),
    }  # fmt: skip
    level = rows.each("provision")
    bare = rows.where(_without(rows, level))
    _plain(draft, bare, shared, pl.Series(["p"]).new_from_index(0, len(bare)))
    names = pl.Series(["p"]).new_from_index(0, len(level)) if len(level) else pl.Series([], dtype=pl.String)
    parents: pl.Series | None = None
    for depth in range(DEEPEST):
        if not len(level):
            return
        _provision(draft, level, shared, names, parents, depth)
        below = level.each("provision")
        parents = names.gather(below.parent)
        level, names = below, parents + "." + pl.Series(below.nth).cast(pl.String)


def _without(rows: Rows, level: Rows) -> Ints:
    """Consents without a provision: the policy alone speaks."""
    return (~pl.Series(range(len(rows))).is_in(pl.Series(level.root, dtype=pl.Int64).implode())).arg_true().to_numpy()


def _provision(
    draft: Draft, level: Rows, shared: Mapping[str, pl.Series], names: pl.Series, parents: pl.Series | None, depth: int
) -> None:
    """The rows of provisions of one depth: one a value, or one where a provision names no attribute."""
    own = _own(draft, level, shared, names, parents, depth)
    seen: list[pl.Series] = []
    for attribute, values, owner, columns in _values(draft, level):
        if not len(values):
            continue
        parent = pl.Series(owner)
        seen.append(parent)
        label = names.gather(parent) + f"|{attribute}" + pl.Series(range(1, len(parent) + 1)).cast(pl.String)
        spread = {name: column.gather(parent) for name, column in own.items()}
        kind = pl.Series([attribute]).new_from_index(0, len(values))
        draft.add("consent", values, spread | columns | {"attribute": kind}, suffix=label)
    held = pl.concat(seen).unique() if seen else pl.Series([], dtype=pl.Int64)
    bare = (~pl.Series(range(len(level)), dtype=pl.Int64).is_in(held.cast(pl.Int64).implode())).arg_true()
    rest = level.where(bare.to_numpy())
    draft.add("consent", rest, {name: column.gather(bare) for name, column in own.items()}, suffix=names.gather(bare))


def _plain(draft: Draft, rows: Rows, shared: Mapping[str, pl.Series], names: pl.Series) -> None:
    if len(rows):
        own = {name: column.gather(rows.root) for name, column in shared.items()}
        place = {"provision_id": own["consent_id"] + "|" + names, "depth": _depth(rows, 0)}
        draft.add("consent", rows, own | place, suffix=names)


def _own(draft: Draft, level: Rows, shared: Mapping[str, pl.Series], names: pl.Series, parents: pl.Series | None,
         depth: int) -> dict[str, pl.Series]:  # fmt: skip
    """Columns of a provision itself, one row each."""
    spread = {name: column.gather(level.root) for name, column in shared.items()}
    above = pl.Series([None], dtype=pl.String).new_from_index(0, len(level)) if parents is None else parents
    return spread | {
        "provision_id": spread["consent_id"] + "|" + names, "parent_id": spread["consent_id"] + "|" + above,
        "depth": _depth(level, depth), "decision": draft.codes(level, "decision", level.text("type"), DECISION),
        "valid_from": draft.times(level, "valid_from", "period.start"),
        "valid_to": draft.times(level, "valid_to", "period.end"),
        "data_from": draft.days(level, "data_from", "dataPeriod.start"),
        "data_to": draft.days(level, "data_to", "dataPeriod.end"),
    }  # fmt: skip


def _depth(rows: Rows, depth: int) -> pl.Series:
    return pl.Series([depth], dtype=pl.Int16).new_from_index(0, len(rows))


def _values(draft: Draft, level: Rows) -> Iterator[tuple[str, Rows, Ints, dict[str, pl.Series]]]:
    """Each attribute with its rows, the provision each belongs to, and their columns."""
    for attribute, path in CODINGS.items():
        found = level.each(path)
        yield attribute, found, found.parent, _coded(found)
    for attribute, path in CONCEPTS.items():
        concepts = level.each(path)
        found = concepts.each("coding")
        yield attribute, found, concepts.parent[found.parent], _coded(found)
    actors = level.each("actor")
    roles = actors.each("role")
    codings = roles.each("coding")
    yield "actor", actors, actors.parent, {"value": draft.reference(actors, "reference")}
    yield "role", codings, actors.parent[roles.parent[codings.parent]], _coded(codings)
    data = level.each("data")
    named = {"system": data.text("meaning"), "value": draft.reference(data, "reference")}
    yield "data", data, data.parent, named


def _coded(found: Rows) -> dict[str, pl.Series]:
    return {"system": found.text("system"), "value": found.text("code")}


PROVISION = {
    "type": "s", "period": PERIOD, "dataPeriod": PERIOD, "purpose": [CODING], "class": [CODING],
    "securityLabel": [CODING], "code": [CONCEPT], "action": [CONCEPT],
    "actor": [{"role": CONCEPT, "reference": REFERENCE}], "data": [{"meaning": "s", "reference": REFERENCE}],
}  # fmt: skip
RESOURCES = (
    Resource(
        "Consent", "consent", "patient",
        EVERY | {
            "patient": REFERENCE, "dateTime": "s", "organization": [REFERENCE], "performer": [REFERENCE],
            "sourceReference": REFERENCE, "provision": PROVISION,
        },
        conform,
        foreign=("except", "consentingParty", "actor", "action", "purpose", "period", "securityLabel", "data",
                 "dataPeriod", 'policyRule""', "decision", "subject", "grantor", "grantee", "manager", "controller",
                 "regulatoryBasis", "policyBasis", "provision[]", "date"),
    ),
)  # fmt: skip
