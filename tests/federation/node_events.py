"""A source of events that draws itself: `message | at | visit | row | class | dept | end | level | flags`, one row a line.

Lines of one message that follow each other are one record. A row `d...` is a diagnosis, `-` none at all: the message
names the visit and says no row of it. `flags`: `deleted`, and columns that are empty on purpose.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import polars as pl

from connectors.chunk import RECORDS, VERSIONS, Chunk
from connectors.connector import Context, Sniffed
from tests.federation.node_lines import whole

AT_ONCE = 3
DAY = datetime(2026, 1, 1)
TABLES_OF = {True: "condition", False: "encounter"}


@dataclass(frozen=True)
class Said:
    """One row of one message; None where it says nothing."""

    message: str
    at: int | None
    visit: str
    row: str
    kind: str | None
    dept: str | None
    end: int | None
    level: int
    flags: tuple[str, ...]

    @property
    def time(self) -> datetime | None:
        return None if self.at is None else DAY + timedelta(days=self.at)


def said(line: str) -> Said:
    cells = [cell.strip() or None for cell in line.split("|")]
    message, at, visit, row, kind, dept, end, level, flags = (cells + [None] * 9)[:9]
    number = [None if text is None else int(text) for text in (at, end, level)]
    return Said(message, number[0], visit, row, kind, dept, number[1], number[2] or 3, tuple((flags or "").split()))


@dataclass(frozen=True)
class EventFile:
    path: Path
    profile: str = "drawn"
    mapping_version: str = "1"

    def chunks(self, context: Context):
        lines = self.path.read_text("utf-8").splitlines(keepends=True)
        records, offset = [], 0
        for position, (_, some) in enumerate(groupby(lines, lambda line: line.split("|")[0].strip()), 1):
            raw = "".join(some)
            records.append((position, offset, raw))
            offset += len(raw.encode())
        for start in range(0, len(records), AT_ONCE):
            yield chunk(context, records[start : start + AT_ONCE])


def chunk(context: Context, records) -> Chunk:
    places, versions, rows = [], {}, {"encounter": [], "condition": []}
    for position, offset, raw in records:
        events = [said(line) for line in raw.splitlines()]
        mark = sha256(raw.encode()).hexdigest()[:32]
        places.append((position, position, offset, len(raw.encode()), mark, f"message|{events[0].message}"))
        for event in events:
            cleared = ",".join(flag for flag in event.flags if flag != "deleted") or None
            versions[position, f"visit|{event.visit}"] = (event.time, cleared)
            if event.row != "-":
                rows[TABLES_OF[event.row.startswith("d")]].append(_row(event, position, mark, context))
    return Chunk(
        len(records),
        pl.DataFrame(places, schema=RECORDS, orient="row"),
        {name: whole(name, pl.DataFrame(some, infer_schema_length=None)) for name, some in rows.items() if some},
        versions=pl.DataFrame([(*key, *value, None) for key, value in versions.items()], schema=VERSIONS, orient="row"),
    )


def _row(event: Said, position: int, mark: str, context: Context) -> dict[str, object]:
    own = (
        {"display": event.kind, "poa_code": event.dept}
        if event.row.startswith("d")
        else {
            "class_code": event.kind,
            "admit_dept_code": event.dept,
            "end_time": None if event.end is None else DAY + timedelta(days=event.end),
        }
    )
    return own | {
        "person_id": "p1",
        "record_id": f"visit|{event.visit}|{event.row}",
        "org_code": context.site,
        "source_system": "events/drawn",
        "source_table": "visit",
        "source_pk": event.visit,
        "source_row_hash": mark,
        "source_file": context.file,
        "source_position": position,
        "batch_id": context.batch,
        "deleted": "deleted" in event.flags,
        "sec_level": event.level,
    }


@dataclass(frozen=True)
class Events:
    kind: str = "events"
    means: str = "Events drawn as lines."
    zh: str = "逐行事件"
    takes_mapping: bool = False

    def sniff(self, path: Path) -> Sniffed | None:
        return Sniffed("events", "drawn", 1.0, "events", "事件") if path.suffix == ".events" else None

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> EventFile:  # noqa: ARG002
        return EventFile(path)


def told(folder: Path, name: str, text: str) -> Path:
    """A file of events, drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.events"
    path.write_text("".join(f"{line.strip()}\n" for line in text.strip().splitlines()), "utf-8")
    return path


KINDS = {"events": Events()}
