"""One export at the server: started once, asked for until it is ready, forgotten when it was fetched.

Where it runs is noted on the disk before anything else is done, so that a client that was killed goes on with it.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from connectors.errors import Unreachable, Unreadable
from connectors.fhir_server.call import LATER, Answer, Server
from connectors.fhir_server.manifest import LONGEST, Manifest, manifest
from connectors.fhir_server.wait import longer, percent, said

GONE = (404, 410)  # the server has forgotten the export, or what it made
SLOWEST = 60.0
ASKED = {"Accept": "application/fhir+json"}
PREFER = ASKED | {"Prefer": "respond-async"}


class Gone(Exception):
    """The server does not know the export any more: another must be started."""


@dataclass(frozen=True)
class Job:
    """A running export: `status` is where it is asked for, `since` from when on (empty: all), `asked` what for."""

    status: str
    since: str
    asked: str

    def save(self, path: Path) -> None:
        """Onto the disk, whole or not at all."""
        fresh = path.with_name(path.name + ".tmp")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"status": self.status, "since": self.since, "asked": self.asked}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)

    @staticmethod
    def saved(path: Path) -> "Job | None":
        """What was saved; None where there is nothing, or nothing that is whole."""
        try:
            about = json.loads(path.read_text("utf-8"))
            return Job(str(about["status"]), str(about["since"]), str(about["asked"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def started(server: Server, since: str) -> Job:
    """Starts an export of what changed after `since`. Raises Unreachable, Unreadable or BadMapping.

    A question that broke off is not asked again: the server may have begun, and would export everything twice.
    """
    step = "the start of an export"
    answer = server.get(_start(server, since), step, PREFER, once=True)
    if answer.status_code != 202:
        raise server.refused(step, answer)
    where = answer.headers.get("content-location", "")
    if not where:
        raise Unreadable(f"{server.host} began an export and does not say where it is. Tell its vendor.")
    return Job(server.allowed(where, "the address of the export"), since, server.about.mark)


def _start(server: Server, since: str) -> str:
    about = server.about
    asked = {"_outputFormat": "application/fhir+ndjson", "_type": ",".join(about.asked_types)}
    asked |= {"_since": since} if since else {}
    asked |= {"_typeFilter": ",".join(about.type_filter)} if about.type_filter else {}
    return f"{about.start}?{urlencode(asked)}"


def ready(server: Server, job: Job, tell: Callable[[int, int], None]) -> Manifest:
    """Waits until the export is ready; `tell` gets how much of a hundred is done, where the server says it.

    Raises Gone, Unreachable, Unreadable or BadMapping.
    """
    from datetime import UTC, datetime

    step, limits = "the state of the export", server.about.limits
    until, times = server.clock.now() + limits.wait_seconds, 0
    while True:
        answer = server.get(job.status, step, ASKED, most=LONGEST)
        if answer.status_code == 200:
            return manifest(answer.content, server.about.allowed)
        if answer.status_code in GONE:
            raise Gone
        if answer.status_code != 202 and answer.status_code not in LATER:
            raise server.refused(step, answer)
        now = server.clock.now()
        if now >= until or answer.status_code != 202:
            raise _unready(server, answer)
        if (done := percent(answer.headers.get("x-progress"))) is not None:
            tell(done, 100)
        wait = said(answer.headers.get("retry-after"), datetime.fromtimestamp(now, UTC))
        slow = longer(times, limits.poll_seconds, SLOWEST, 1.0)
        server.clock.wait(min(slow if wait is None else max(wait, 0.01), max(until - now, 0.01)))
        times += 1


def _unready(server: Server, answer: Answer) -> Unreachable:
    if answer.status_code != 202:
        return Unreachable(f"{server.host} answers {answer.status_code} to the state of the export. Try again later.")
    return Unreachable(f"{server.host} has not finished the export in `limits.wait_seconds`. Try again: it goes on.")


def forgotten(server: Server, job: Job) -> None:
    """Tells the server that its files are not needed any more."""
    server.delete(job.status, "the end of the export")
