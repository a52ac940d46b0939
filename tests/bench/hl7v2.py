"""HL7 v2 to tables on disk: ours beside python-hl7 and hl7apy reading the same fields, on one core.

Run as `python -m tests.bench.hl7v2 [--messages 100000] [--rounds 3]`. Fields are compared with python-hl7's before times
are. Ours conforms, hashes, quarantines and writes every table as zstd Parquet; the others parse and pick fields from
strings in memory, and write nothing.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from federation.cli.main import ALLOCATORS
from tests.bench.hl7v2_messages import write
from tests.bench.measure import call, median, side_by_side, table

COMPARED, FEW, FEWER = 2000, 1500, 60  # messages compared, and given to python-hl7 and to hl7apy
Picked = dict[str, list[tuple[str | None, ...]]]
# Fields that become columns of ours: segment, then (field, component) each.
FIELDS = {
    "MSH": ((3, 1), (4, 1), (7, 1), (9, 1), (9, 2), (10, 1), (12, 1), (18, 1)),
    "EVN": ((2, 1), (6, 1)),
    "PID": ((3, 1), (5, 1), (7, 1), (8, 1), (11, 1), (11, 3), (13, 1), (16, 1)),
    "PV1": ((2, 1), (7, 2), (7, 3), (10, 1), (14, 1), (19, 1), (44, 1), (45, 1)),
    "AL1": ((2, 1), (3, 2)),
    "DG1": ((1, 1), (3, 1), (3, 2), (3, 3), (5, 1), (6, 1), (15, 1)),
    "OBR": ((2, 1), (3, 1), (7, 1), (14, 1), (15, 1), (22, 1), (24, 1)),
    "OBX": ((2, 1), (3, 1), (3, 2), (3, 3), (5, 1), (6, 1), (7, 1), (8, 1), (11, 1), (14, 1)),
}
SAME = (  # table, columns of ours, segment, the fields they are
    ("patient", ("person_id", "name", "phone"), "PID", ((3, 1), (5, 1), (13, 1))),
    ("condition", ("code", "display"), "DG1", ((3, 1), (3, 2))),
    ("observation", ("item_code", "item_name", "value_text", "unit", "ref_text"), "OBX",
     ((3, 1), (3, 2), (5, 1), (6, 1), (7, 1))),
)  # fmt: skip


def ours(path: str, folder: str) -> dict[str, float]:
    """Read, conform, hash and write every chunk as the node writes it; counts, and processor seconds without imports."""
    import polars as pl

    from connectors.chunk import RECORDS, REJECTS
    from connectors.connector import Context
    from connectors.hl7v2 import source  # noqa: F401 - loaded when a file is opened, and not to be timed
    from connectors.kinds.hl7v2 import CONNECTOR
    from federation.node.sheets import Sheets

    made = _fresh(folder)
    started, read, accepted, rejected = time.process_time(), 0, 0, 0
    with Sheets(made) as sheets:
        sheets.add("records", pl.DataFrame(schema=RECORDS))
        sheets.add("rejects", pl.DataFrame(schema=REJECTS))
        for chunk in CONNECTOR.open(Path(path)).chunks(Context("A", "b", "f" * 16)):
            chunk.check()
            read, accepted, rejected = read + chunk.read, accepted + chunk.records.height, rejected + chunk.rejected
            sheets.add("records", chunk.records)
            sheets.add("rejects", chunk.rejects)
            sheets.add_all({**chunk.tables, "versions": chunk.versions})
    return {"read": read, "accepted": accepted, "rejected": rejected, "seconds": time.process_time() - started}


def messages(path: str, count: int) -> Iterator[str]:
    """The first messages of a framed file, one by one."""
    with Path(path).open("rb") as file:
        text = file.read(count * 2000)
    return islice((each.split(b"\x1c")[0].decode() for each in text.split(b"\x0b")[1:]), count)


def python_hl7(path: str, count: str) -> dict[str, float]:
    """python-hl7 parsing and picking the same fields; it writes nothing."""
    return _timed(_with_python_hl7, list(messages(path, int(count))))


def hl7apy(path: str, count: str) -> dict[str, float]:
    """hl7apy parsing and picking the same fields; it writes nothing."""
    return _timed(_with_hl7apy, list(messages(path, int(count))))


def _timed(pick: "Callable[[str], Picked]", texts: list[str]) -> dict[str, float]:
    pick(texts[0])
    started = time.process_time()
    cells = sum(len(row) for text in texts for rows in pick(text).values() for row in rows)
    return {"read": len(texts), "cells": cells, "seconds": time.process_time() - started}


def _with_python_hl7(text: str) -> Picked:
    import hl7

    message = hl7.parse(text)
    found: Picked = {}
    for segment in message:
        fields = FIELDS.get(str(segment[0]))
        if fields:
            row = tuple(_component(segment, place, part) for place, part in fields)
            found.setdefault(str(segment[0]), []).append(row)
    return found


def _component(segment: "object", place: int, part: int) -> str | None:
    """A component of the first repetition; None where it is empty."""
    if place >= len(segment):  # type: ignore[arg-type]
        return None
    field = segment[place]  # type: ignore[index]
    first = field[0] if len(field) else ""
    if isinstance(first, str):
        return first or None if part == 1 else None
    return str(first[part - 1]) or None if part <= len(first) else None


def _with_hl7apy(text: str) -> Picked:
    from hl7apy.parser import parse_message

    message = parse_message(text, find_groups=False)
    found: Picked = {}
    for segment in message.children:
        fields = FIELDS.get(segment.name)
        if fields:
            row = tuple(_apy_component(segment, place, part) for place, part in fields)
            found.setdefault(segment.name, []).append(row)
    return found


def _apy_component(segment: "object", place: int, part: int) -> str | None:
    name = f"{segment.name}_{place}".lower()  # type: ignore[attr-defined]
    field = getattr(segment, name)
    if not len(field):
        return None
    parts = str(field[0].to_er7()).split("^")
    return parts[part - 1] or None if part <= len(parts) else None


def compare(path: Path, folder: Path) -> list[str]:
    """What differs between ours and python-hl7's in the first messages, column by column; empty when nothing does."""
    import polars as pl

    picked = [_with_python_hl7(text) for text in messages(str(path), COMPARED)]
    differing = []
    for name, columns, segment, fields in SAME:
        places = [FIELDS[segment].index(each) for each in fields]
        expected = [tuple(row[place] for place in places) for each in picked for row in each.get(segment, [])]
        rows = pl.scan_parquet(folder / "ours" / f"{name}.parquet").filter(pl.col("source_position") <= COMPARED)
        found = rows.select(columns).collect().rows()
        differing += [name] * (found != expected)
    return differing


def _fresh(folder: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    made = Path(folder)
    made.mkdir(parents=True)
    return made


def main() -> None:
    """Make the messages, compare outputs, then measure in turns and print the ratios."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    os.environ.update(ALLOCATORS)
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--messages", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-hl7v2-") as scratch:
        folder = Path(scratch)
        path = folder / "messages.hl7"
        write(path, options.messages)
        runs = side_by_side({
            f"python-hl7, {FEW} messages": call("tests.bench.hl7v2", "python_hl7", path, FEW),
            f"hl7apy, {FEWER} messages": call("tests.bench.hl7v2", "hl7apy", path, FEWER),
            f"ours, {options.messages} messages, written": call("tests.bench.hl7v2", "ours", path, folder / "ours"),
        }, options.rounds)  # fmt: skip
        differing = compare(path, folder)
        print("outputs compared: " + ("; ".join(differing) if differing else "equal"))
        print(table(runs, next(iter(runs))))
        rates = [max(run.result["read"] / run.result["seconds"] for run in each) for each in runs.values()]  # type: ignore[index]
        python, apy, mine = rates
        cpu = [median(each, "user") + median(each, "sys") for each in runs.values()][-1]
        print(
            f"messages a second of processor time, best run without imports: python-hl7 {python:.0f}, hl7apy {apy:.0f}, ours {mine:.0f}"
        )
        print(
            f"ours is {mine / python:.0f}x python-hl7 and {mine / apy:.0f}x hl7apy; {options.messages / cpu:.0f} messages "
            f"a second of processor time, imports included; {path.stat().st_size / options.messages:.0f} bytes each"
        )


if __name__ == "__main__":
    main()
