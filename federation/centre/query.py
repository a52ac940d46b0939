"""One question to the pool: gate, decide, run, record, answer. Nothing is shown that was not recorded first.

A question about nobody and one about too few are answered in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from federation.broker.canonical import Json
from federation.broker.contracts import active_contracts
from federation.broker.home import registry
from federation.broker.recording import recording
from federation.broker.site import all_sites
from federation.centre.caveats import caveats
from federation.centre.coverage import Coverage, coverage
from federation.centre.pool import Pool
from federation.centre.sandbox import run
from federation.centre.snapshot import read_snapshot
from federation.consent.purpose import purposes
from federation.errors import FederationError, Refused
from federation.privacy.emit import emit, months
from federation.privacy.gate import gate
from federation.privacy.question import Question
from federation.privacy.rules import Rules, rules
from schemas.tables import TABLES

TOO_FEW = "Nothing can be shown: the question has fewer than k = {k} persons, or none."
HIDDEN = (
    "Groups of fewer than k = {k} persons are not shown; numbers about fewer than {k}, or all but fewer than {k}, "
    "are empty; count(DISTINCT ...) leaves out values of fewer than {k}."
)


@dataclass(frozen=True)
class Asked:
    """Who asks what: SQL, a purpose of purposes.csv, the asking organisation, and when (with its zone)."""

    sql: str
    purpose: str
    recipient: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """The cells as an Arrow table, and what must be known to read them. `ledger` is the entry that recorded it.

    `note` says what is hidden, `caveats` what the cells must not be taken for.
    """

    cells: pa.Table
    k: int
    note: str
    coverage: Coverage
    snapshot: Mapping[str, int]
    ledger: int
    caveats: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The answer as one JSON object: `columns`, `rows`, and how they came about."""
        return {
            "columns": self.cells.column_names,
            "rows": [list(row) for row in zip(*(column.to_pylist() for column in self.cells.columns), strict=True)],
            "k": self.k,
            "note": self.note,
            "caveats": list(self.caveats),
            "coverage": vars(self.coverage),
            "snapshot": dict(self.snapshot),
            "ledger": self.ledger,
        }


@dataclass(frozen=True)
class Plan:
    """A question that may be run: what is run over which versions, and whose rows are in."""

    question: Question
    queries: tuple[str, ...]
    coverage: Coverage
    snapshot: Mapping[str, int]
    rules: Rules


def ask(home: Path, asked: Asked) -> Answer:
    """The answer to a question, recorded in the ledger. Raises Refused, recorded as well, with the reasons."""
    engine = registry(home)
    question: Question | None = None
    try:
        question = _known(asked)
        plan = _plan(engine, home, asked, question)
        cells, first_last = _run(home, plan)
    except FederationError as error:
        outcome = "refused" if isinstance(error, Refused) else "failed"
        _record(engine, home, asked, question, {"outcome": outcome, "reasons": [str(error)]})
        raise
    body: dict[str, Json] = {"outcome": "answered", "sites": list(plan.coverage.inside), "cells": cells.num_rows}
    seq = _record(engine, home, asked, question, {**body, "snapshot": dict(plan.snapshot)})
    told = replace(plan.coverage, months=first_last)
    said = caveats(question, asked.recipient, told.inside, tuple(told.outside))
    return Answer(cells, plan.rules.k, HIDDEN.format(k=plan.rules.k), told, plan.snapshot, seq, said)


def explain(home: Path, asked: Asked) -> Plan:
    """What would be run, over which versions, for which sites; recorded, but nothing is run."""
    engine = registry(home)
    question: Question | None = None
    try:
        question = _known(asked)
        plan = _plan(engine, home, asked, question)
    except Refused as error:
        _record(engine, home, asked, question, {"outcome": "refused", "reasons": [str(error)]})
        raise
    _record(engine, home, asked, question, {"outcome": "explained"})
    return plan


def _known(asked: Asked) -> Question:
    if asked.purpose not in purposes():
        raise Refused([f"The purpose is unknown, so the answer is no. There are: {', '.join(purposes())}."])
    return gate(asked.sql)


def _plan(engine: Engine, home: Path, asked: Asked, question: Question) -> Plan:
    law = rules(home / "privacy.toml")
    with engine.connect() as connection:
        sites = [site.id for site in all_sites(connection)]
        contracts, versions = active_contracts(connection), read_snapshot(connection)
    covered = coverage(question.used, sites, contracts, (asked.purpose, asked.recipient), asked.at.date())
    if not covered.inside:
        raise Refused([f"No site allows this question for {asked.purpose} by this asker.", *_why(covered)])
    missing = [name for name in question.used if name not in versions]
    if missing:
        raise Refused([f"Nothing was pooled yet into {', '.join(f'`{name}`' for name in missing)}."])
    for name in question.used:
        Pool(home / "pool").whole(name, versions[name])
    dated = {name: table.when for name, table in TABLES.items() if table.when}
    cells = emit(question, covered.inside, law)
    when = months(question, covered.inside, law, dated)
    snapshot = {name: versions[name] for name in question.used}
    return Plan(question, (cells, when) if when else (cells,), covered, snapshot, law)


def _why(covered: Coverage) -> Sequence[str]:
    return [f"{site}: {'; '.join(reasons)}." for site, reasons in covered.outside.items()]


def _run(home: Path, plan: Plan) -> tuple[pa.Table, tuple[str, str] | None]:
    cells, *rest = run(home / "pool", plan.snapshot, plan.queries, plan.rules)
    if not plan.question.keys and cells.num_rows == 0:
        raise Refused([TOO_FEW.format(k=plan.rules.k)])
    first, last = (column[0].as_py() for column in rest[0].columns) if rest else (None, None)
    return cells, (str(first), str(last)) if first else None


def _record(engine: Engine, home: Path, asked: Asked, question: Question | None, outcome: Mapping[str, Json]) -> int:
    """Records a question without its literals: they can be a patient's. Names are kept only once the gate knew them."""
    body: dict[str, Json] = {
        "by": asked.recipient,
        "purpose": asked.purpose if asked.purpose in purposes() else "unknown",
        "sql_sha256": sha256(asked.sql.encode("utf-8", "surrogateescape")).hexdigest(),
        "shape": question.shape if question else None,
        **outcome,
    }
    with recording(engine, home) as ledger:
        return ledger.append("query", body, asked.at).seq
