"""Write the city, register its sites, sign their contracts, ingest, ask, draw. Each step can be repeated safely."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from federation.broker.contracts import all_contracts, sign
from federation.broker.recording import recording
from federation.broker.site import register
from federation.broker.sites_file import read_sites
from federation.centre.query import Asked, ask
from federation.city import City
from federation.consent.contract import read
from federation.consent.request import CENTRE
from federation.demo.questions import QUESTIONS, Question
from federation.errors import Refused, Usage
from federation.node.home import Home, make_home
from federation.node.ingest import ingest
from federation.node.report import Report
from federation.quality.finding import percent
from federation.report.both import Both
from federation.report.facts import Answer, Facts
from federation.report.gather import gather
from federation.report.page import render

Tell = Callable[[int, int], None]
Bar = Callable[[str], Tell]
Clock = Callable[[], datetime]
AS_OF = date(2026, 11, 1)  # the day on which the made-up rows are judged: after the last of them


@dataclass(frozen=True)
class Done:
    """What the demo did: a row for each site, sentences about the whole, and where the report is."""

    table: list[dict[str, object]]
    lines: list[str]
    report: Path
    facts: Facts
    batches: list[Report]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        names = ("read", "accepted", "rejected", "duplicate", "pooled", "withheld")
        return {
            "report": str(self.report),
            "persons": self.facts.persons,
            "seconds": self.facts.seconds,
            **{name: self.facts.total(name) for name in names},
            "sites": self.table,
            "batches": [batch.as_dict() for batch in self.batches],
        }


def run(folder: Path, seed: int, persons: int, bar: Bar, now: Clock) -> Done:
    """The whole chain in `folder`. Raises Usage where the folder holds another city."""
    began = time.monotonic()
    _city(folder, seed, persons, bar("city 城市"))
    home = make_home(folder / "home")
    _papers(home, folder, now())
    batches = [_ingest(home, site, folder, bar, now()) for site in sorted((folder / "exports").iterdir())]
    answers = [_answer(home, question, now()) for question in QUESTIONS]
    truth = pl.read_parquet(folder / "truth.parquet")
    facts = gather(
        home,
        truth=truth,
        as_of=AS_OF,
        answers=answers,
        seconds=round(time.monotonic() - began, 1),
        made=now(),
    )
    return Done(_rows(facts), _lines(facts, batches), render(facts, folder / "report.html"), facts, batches)


def _city(folder: Path, seed: int, persons: int, tell: Tell) -> None:
    """Writes the city, or finds it written."""
    papers = folder / "manifest.json"
    if not papers.exists():
        shutil.rmtree(folder / "exports", ignore_errors=True)  # of a run that was cut short
        City(seed, persons).write(folder, tell)
    written = json.loads(papers.read_text("utf-8"))
    if (written["seed"], written["persons"]) != (seed, persons):
        raise Usage(
            f"{folder} holds the city of --seed {written['seed']} --persons {written['persons']}. "
            "Name another folder, or remove this one."
        )


def _papers(home: Home, folder: Path, now: datetime) -> None:
    """Registers the sites and signs their contracts, once."""
    with recording(home.engine, home.path) as ledger:
        register(ledger, read_sites(folder / "sites.toml"), now)
        known = {signed.contract.id for signed in all_contracts(ledger.connection)}
        for contract, text in map(read, sorted((folder / "contracts").glob("*.toml"))):
            if contract.id not in known:
                sign(ledger, contract, text, now)


def _ingest(home: Home, exports: Path, folder: Path, bar: Bar, now: datetime) -> Report:
    """All exports of one site as one batch; a clinic's own tables find their mapping by their header."""
    return ingest(home, [exports], exports.name, now=now, mapping=folder / "mappings", progress=bar(exports.name))


def _answer(home: Home, question: Question, now: datetime) -> Answer:
    try:
        told = ask(home.path, Asked(question.sql, question.purpose, CENTRE, now))
    except Refused as refusal:
        why = Both("已拒绝：涉及人数过少或没有授权，不予显示。", f"Refused: {refusal}")
        return Answer(question.words, question.sql, pl.DataFrame(), why)
    cells = pl.DataFrame(told.cells)
    inside, outside = ", ".join(told.coverage.inside), ", ".join(told.coverage.outside) or "—"
    return Answer(
        question.words,
        question.sql,
        cells,
        Both(
            f"少于 {told.k} 人的分组不显示。覆盖机构：{inside}；未覆盖：{outside}。",
            f"{told.note} Sites in: {inside}; left out: {outside}.",
        ),
    )


def _rows(facts: Facts) -> list[dict[str, object]]:
    """One row a site: what became of its records, how often its checks were asked, and the share that failed."""
    nhc = facts.heat.filter(pl.col("scheme") == "nhc")
    right = nhc.group_by("site").agg(pl.sum("asked"), pl.sum("failed"))
    share = {site: (asked, percent(failed, asked)) for site, asked, failed in right.iter_rows()}
    names = ("site", "tier", "read", "accepted", "rejected", "duplicate", "pooled", "withheld")
    return [
        {
            **{name: row[name] for name in names},
            **dict(zip(("asked", "failed"), share.get(row["site"], (0, "no evidence")), strict=True)),
        }
        for row in facts.flow.sort("tier", "site", descending=[True, False]).iter_rows(named=True)
    ]


def _lines(facts: Facts, batches: list[Report]) -> list[str]:
    read, accepted, rejected, duplicate = (facts.total(name) for name in ("read", "accepted", "rejected", "duplicate"))
    lines = [
        f"{read:,} records read = {accepted:,} accepted + {rejected:,} rejected + {duplicate:,} duplicate.",
        f"{facts.persons:,} persons, {facts.pooled_rows:,} rows in the pool, {facts.seconds} s.",
    ]
    if facts.truth is not None:
        injected, found = int(facts.truth["injected"].sum()), int(facts.truth["found"].sum())
        share = f"{found / max(injected, 1):.1%}"
        lines.append(f"{injected:,} errors that can be seen were put in, {found:,} of them were found ({share}).")
    lines += [left.message for batch in batches for left in batch.unreadable]
    return lines + sorted({note for batch in batches for note in batch.notes})
