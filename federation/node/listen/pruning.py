"""Old parts of a journal that may go: segments that are in the tables, and refused bytes, both after so many days.

Never a segment that was not ingested, that could not be read, or whose index is gone; indexes stay, so that it can
still be proved what came and when.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.node.listen.places import INDEX, REFUSED, SEGMENT, Places, flush_folder
from federation.node.listen.status import messages_of

DAY = 86_400.0


@dataclass(frozen=True)
class Prunable:
    """What may go: `segments` with their `messages`, `refused` files, `size` in bytes of all. What stays, in segments:
    those ingested since, not in the tables yet, and those that an ingest could not read.
    """

    segments: tuple[Path, ...] = ()
    messages: int = 0
    refused: tuple[Path, ...] = ()
    size: int = 0
    recent: int = 0
    waiting: int = 0
    unreadable: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: counts, and names of files."""
        names = {"segments": [path.name for path in self.segments], "refused": [path.name for path in self.refused]}
        counts = ("messages", "size", "recent", "waiting", "unreadable")
        return names | {name: getattr(self, name) for name in counts}


def prunable(places: Places, days: float, now: float) -> Prunable:
    """What may go at `now` (seconds since 1970): ingested, or refused, more than so many days ago."""
    oldest = now - days * DAY
    gone: list[Path] = []
    stays = {"recent": 0, "waiting": 0, "unreadable": 0}
    for segment in sorted(places.messages.glob(f"*{SEGMENT}")):
        why = _stays(places, segment, oldest)
        if why:
            stays[why] += 1
        else:
            gone.append(segment)
    # The newest file of refused bytes may be open, however long ago the last ones came.
    refused = [*sorted(places.refused.glob(f"*{REFUSED}"))[:-1], *places.refused.glob("damaged-*")]
    old = [path for path in refused if path.stat().st_mtime < oldest]
    size = sum(path.stat().st_size for path in (*gone, *old))
    return Prunable(tuple(gone), sum(messages_of(places, each.stem) for each in gone), tuple(old), size, **stays)


def prune(places: Places, found: Prunable) -> None:
    """Removes what may go. Safe beside a listener and an ingest, and when it is killed."""
    for path in (*found.segments, *found.refused):
        path.unlink(missing_ok=True)
    flush_folder(places.messages)
    flush_folder(places.refused)


def _stays(places: Places, segment: Path, oldest: float) -> str:
    """Why a segment stays; empty where it may go."""
    mark = places.ingested / f"{segment.stem}.json"
    try:
        said, at = json.loads(mark.read_text("utf-8")), mark.stat().st_mtime
    except (FileNotFoundError, ValueError):
        return "waiting"
    if said.get("unreadable") or not said.get("batch"):
        return "unreadable"
    return "recent" if at >= oldest or not (places.index / f"{segment.stem}{INDEX}").exists() else ""
