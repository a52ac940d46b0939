"""Reads the files of one part into Parquet: rows, records, rejects, and what was counted in each file.

A part has its name only when all of it is on the disk; a piece of a file is written with all its tables or not at all.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import cast

from connectors.bare import without_bare
from connectors.chunk import Chunk
from connectors.connector import Context, Draft, Drafting, Leaves, Source
from connectors.errors import ConnectorError, Unreadable
from federation.node.durable import publish
from federation.node.joint import Joint
from federation.node.journal import READ, UNREADABLE
from federation.node.name import spoken
from federation.node.plan import File, Part
from federation.node.sheets import Sheets

NO_ACCESS, CHANGED = "no-access", "changed"  # reasons that lie outside of the file


@dataclass(frozen=True)
class Counted:
    """What was read of one file; `reason` and `message` say why it, or the rest of it, could not be read."""

    ordinal: int
    mark: str
    digest: str
    bytes: int
    state: str
    read: int = 0
    rejected: int = 0
    reason: str = ""
    message: str = ""


def read_part(part: Part, site: str, batch: str, folder: Path, tell: Callable[[int], None]) -> list[Counted]:
    """Reads the part into `folder`, or finds it there from a run that was cut short. `tell` gets bytes as they pass."""
    if not folder.exists():
        fresh = folder.with_name(folder.name + ".tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        with Sheets(fresh) as sheets, Joint(sheets) as joint:
            counted = [_read(file, Context(site, batch, file.mark), joint, tell) for file in part.files]
        (fresh / "part.json").write_text(json.dumps([asdict(each) for each in counted], ensure_ascii=False), "utf-8")
        publish(fresh, folder)
    else:
        tell(sum(file.bytes for file in part.files))
    return read_counts(folder)


def read_counts(folder: Path) -> list[Counted]:
    """What was counted when the part in `folder` was read."""
    return [Counted(**each) for each in json.loads((folder / "part.json").read_text("utf-8"))]


def _read(file: File, context: Context, joint: Joint, tell: Callable[[int], None]) -> Counted:
    counted = Counted(file.ordinal, file.mark, file.digest, file.bytes, READ)
    before, told = _stamp(file.path), 0
    try:
        for piece in _pieces(file, context):
            joint.add(file, piece)
            counted = replace(counted, read=counted.read + piece.read, rejected=counted.rejected + piece.rejected)
            told += _told(piece.bytes_read, file.bytes - told, tell)
        if _stamp(file.path) != before:
            raise Unreadable(
                f"{file.path} changed while it was read. Wait until it is complete, then ingest it again.", CHANGED
            )
        if (left := _left(file.source)) is not None:
            raise left
    except ConnectorError as error:
        # What came before the break is good and stays; a file without any record is not a file that was read.
        reason, state = getattr(error, "reason", "not-the-format"), READ if counted.read else UNREADABLE
        counted = replace(counted, state=state, reason=reason, message=spoken(str(error)))
    except OSError as error:
        if error.filename != str(file.path):
            raise
        counted = replace(
            counted,
            state=READ if counted.read else UNREADABLE,
            reason=NO_ACCESS,
            message=f"{spoken(file.path)} cannot be read: {os.strerror(error.errno or 0)}.",
        )
    _told(file.bytes, file.bytes - told, tell)
    return counted


def _pieces(file: File, context: Context) -> Iterator[Chunk | Draft]:
    if _is(type(file.source), Drafting):
        return cast("Drafting", file.source).drafts(context)  # a draft always has a row: the document
    return map(without_bare, file.source.chunks(context))


def _left(source: Source) -> Unreadable | None:
    return cast("Leaves", source).left() if _is(type(source), Leaves) else None


@cache
def _is(kind: type, protocol: type) -> bool:
    """Asked once for a kind of source: Python looks through all its names, for each of ten thousand files."""
    return issubclass(kind, protocol)


def _told(passed: int, left: int, tell: Callable[[int], None]) -> int:
    # Pieces of packed files count more bytes than the file has: the bar never runs past its end.
    step = max(0, min(passed, left))
    tell(step)
    return step


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
