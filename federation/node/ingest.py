"""Reads what a site exports, conforms, scores, decides and pools it: one batch, whole or not at all.

Everything is on disk before the one transaction that makes it visible; a run cut short at any moment is made good by
the next one. Never shows a patient's value.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from connectors.connector import Connector
from connectors.kinds import kinds as every_kind
from federation.broker.site import site_id
from federation.errors import Interrupted, Usage
from federation.node import steps
from federation.node.asking import ask
from federation.node.durable import writing
from federation.node.home import Home
from federation.node.lock import locked
from federation.node.memory import give_back
from federation.node.report import Report
from federation.node.run import Run, Tell
from federation.node.sources import Sources

STEPS: tuple[Callable[[Run], None], ...] = (
    steps.mend,  # what an interrupted run left
    steps.gather,  # the files
    ask,  # what databases and servers answer, as files
    steps.digest,  # their names by content, and who reads them
    steps.read,  # conformed rows, records and rejects, part by part
    steps.match,  # duplicates and later versions
    steps.check,  # conservation, before anything is kept
    steps.carry,  # what later versions of rows leave empty
    steps.score,  # quality states
    steps.place,  # into the site's folder
    steps.pool,  # what a contract covers
    steps.keep,  # one transaction: snapshot, journal, ledger
)


def ingest(
    home: Home,
    paths: Sequence[Path],
    site: str,
    *,
    now: datetime,
    kind: str | None = None,
    profile: str | None = None,
    mapping: Path | None = None,
    dry_run: bool = False,
    progress: Tell | None = None,
    asking: Tell | None = None,
    kinds: Mapping[str, Connector] | None = None,
    at: Callable[[str], None] | None = None,
) -> Report:
    """Ingests files and folders of a site as one batch, and tells what became of every record.

    `now` is the time that is recorded. `dry_run` reads and decides and keeps nothing. `progress` is told bytes
    read, `asking` records that came of sources that must be asked. `at` is told the name of every point that was
    passed. Raises Usage, NoSuchKind or BadMapping for what was asked wrongly, Unavailable where the home is full,
    read-only or taken, Interrupted where the user stopped it; the pool is then as it was.
    """
    try:
        site_id(site)
    except ValueError as error:
        raise Usage(f"`{site}` cannot be a site: {error}.") from None
    began = time.monotonic()
    sources = Sources(every_kind() if kinds is None else kinds, kind, profile, mapping)

    def passed(point: str) -> None:
        give_back()
        (at or _silent)(point)

    run = Run(home, site, paths, sources, now, progress or _silent, passed, dry_run, asking or _silent)
    try:
        with writing(home.path), locked(home.path):
            for step in STEPS:
                step(run)
                run.at(step.__name__)
    except KeyboardInterrupt:
        raise Interrupted("Stopped. Nothing was half done: run the same command again to go on.") from None
    return replace(run.report(), seconds=round(time.monotonic() - began, 3))


def _silent(*_said: object) -> None:
    """Tells nobody."""
