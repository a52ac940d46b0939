"""A first look for a dry run: a page of each type by search. Starts no export and leaves nothing at the server."""

import re
from collections.abc import Iterator
from pathlib import Path

from connectors.feed import Landed
from connectors.fhir_server.call import Server
from connectors.fhir_server.job import ASKED

_ENTRY = re.compile(rb'"resource"\s*:')


def trial(server: Server, at_most: int, landing: Path, notes: list[str]) -> Iterator[Landed]:
    """Lands one search bundle for each type that the server lets be searched. Raises what `Server.get` raises."""
    passed = []
    for kind in server.about.asked_types:
        url = f"{server.about.base_url}/{kind}?_count={at_most}"
        answer = server.get(url, f"a search for {kind}", ASKED, most=256 << 20)
        if answer.status_code != 200 or not answer.content.lstrip().startswith(b"{"):
            passed.append(kind)
            continue
        if not _ENTRY.search(answer.content):
            continue
        path = landing / f"{kind}.json"
        path.write_bytes(answer.content)
        yield Landed(path, "fhir_r4", {})
    notes.append(f"{server.about.name}: a dry run searches for {at_most} of each type; no export was started.")
    if passed:
        notes.append(f"{server.about.name}: cannot be searched for {', '.join(passed)}; an export may still have them.")
