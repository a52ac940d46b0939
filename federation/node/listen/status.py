"""What people see of a listener: its counts, written to a small file every second, and what waits to be ingested.

The file holds counts and names of senders; nothing else of a message.
"""

import contextlib
import json
import os
from typing import Any

from federation.node.listen.journal import taken
from federation.node.listen.places import INDEX, SEGMENT, Places
from federation.node.listen.recover import last_entry


def write_status(places: Places, document: dict[str, Any]) -> None:
    """Replaces the file. A full disk leaves the old one: the listener has more to do than to count."""
    fresh = places.status.with_suffix(".tmp")
    with contextlib.suppress(OSError):
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump(document, out, ensure_ascii=False)
        fresh.rename(places.status)


def read_status(places: Places) -> dict[str, Any]:
    """The last counts, whether a listener runs now, and the backlog."""
    try:
        document: dict[str, Any] = json.loads(places.status.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        document = {}
    running = taken(places)
    if document and not running and document.get("state") == "listening":
        document["state"] = "killed"
    return document | {"running": running, "backlog": backlog(places)}


def waiting(places: Places) -> list[str]:
    """Names of finished segments that were not ingested, oldest first."""
    done = {path.stem for path in places.ingested.glob("*.json")} if places.ingested.is_dir() else set()
    return sorted(path.stem for path in places.messages.glob(f"*{SEGMENT}") if path.stem not in done)


def backlog(places: Places) -> dict[str, int]:
    """Segments, messages and bytes that are in the journal and not yet in the tables; the open segment apart."""
    stems = waiting(places) if places.messages.is_dir() else []
    being = [path.stem for path in places.open.glob(f"*{SEGMENT}")] if places.open.is_dir() else []
    return {
        "segments": len(stems),
        "messages": sum(messages_of(places, stem) for stem in stems),
        "bytes": sum((places.messages / f"{stem}{SEGMENT}").stat().st_size for stem in stems),
        "messages_in_open_segment": sum(messages_of(places, stem) for stem in being),
    }


def messages_of(places: Places, stem: str) -> int:
    """Messages of a segment, by the numbers of the first and the last line: they count without a gap."""
    index = places.index / f"{stem}{INDEX}"
    if not index.exists() or (last := last_entry(index)) is None:
        return 0
    with index.open("rb") as file:
        first = file.readline().split(b" ", 1)[0]
    return last.seq - int(first) + 1 if first.isdigit() else 0
