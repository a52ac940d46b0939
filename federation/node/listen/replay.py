"""The journal's finished segments go into the tables: each once, marked when its batch is recorded.

Safe to run again at any moment: a segment that was ingested and not yet marked adds nothing, and is marked then.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.kinds import kinds as every_kind
from federation.errors import Unavailable
from federation.node.durable import save
from federation.node.home import Home
from federation.node.ingest import ingest
from federation.node.listen.journal import take, taken
from federation.node.listen.places import SEGMENT, Places
from federation.node.listen.recover import opened
from federation.node.listen.status import waiting
from federation.node.report import Report
from federation.node.run import Tell

AT_ONCE = 128  # segments a batch: 4 GB of messages
KIND = "hl7v2"


def replay(
    home: Home,
    places: Places,
    site: str,
    *,
    now: Callable[[], datetime],
    dry_run: bool = False,
    progress: Tell | None = None,
    kinds: Mapping[str, Connector] | None = None,
) -> list[Report]:
    """Ingests what was not ingested, oldest first; one report a batch. With `dry_run` one preview, and nothing changes.

    Where no listener runs, what a killed one left open is finished first.
    """
    known = every_kind() if kinds is None else kinds
    if not dry_run:
        _finish(places)
    stems, told = waiting(places), []
    while stems:
        some, stems = stems[:AT_ONCE], [] if dry_run else stems[AT_ONCE:]
        paths = [places.messages / f"{stem}{SEGMENT}" for stem in some]
        kind = KIND if KIND in known else None
        report = ingest(home, paths, site, now=now(), kind=kind, dry_run=dry_run, progress=progress, kinds=known)
        told.append(report)
        if not dry_run:
            for path in paths:
                _mark(places, path, report)
    return told


def _finish(places: Places) -> None:
    if taken(places):
        return  # the listener finishes its segment itself
    try:
        held = take(places)
    except Unavailable:
        return
    try:
        journal, _ = opened(places)
        journal.rotate()
    finally:
        held.release()


def _mark(places: Places, segment: Path, report: Report) -> None:
    """Says that the segment's batch is recorded; where it could not be read, that it was tried and why it was not."""
    broken = [left.reason for left in report.unreadable if Path(left.file).name == segment.name]
    said = {"batch": report.batch, "unreadable": broken[0] if broken else None}
    save(places.ingested / f"{segment.stem}.json", json.dumps(said).encode())
