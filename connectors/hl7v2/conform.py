"""One block of messages as a chunk: every message accepted with its rows, or rejected with its reason.

Pure: bytes in, tables out. It looks at columns of segments; a message is an object nowhere.
"""

from collections.abc import Mapping
from hashlib import sha256

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.chunk import LONGEST_RAW, RECORDS, REJECTS, VERSIONS, Chunk
from connectors.connector import Context
from connectors.hl7v2.cells import Flags, Ints, among
from connectors.hl7v2.draft import Draft, Places
from connectors.hl7v2.extras import Extras, kept
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.messages import Messages, identified, messages
from connectors.hl7v2.owners import Owners, nearest
from connectors.hl7v2.tables import condition, cost, document, encounter, medication, observation, patient, procedure
from connectors.hl7v2.tables.orders import Orders
from connectors.hl7v2.times import NULL
from connectors.hl7v2.uniform import Uniform
from connectors.hl7v2.work import Work

# Segments that become rows, which others are kept with; PV1 only where it names its visit.
ROWS = ("PID", "PV1", "DG1", "PRB", "PR1", "OBX", "RXE", "RXO", "RXD", "RXA", "TXA", "FT1")
BEFORE = ("ORC", "OBR", "TQ1", "SPM", "SCH")  # of the row that follows, not of the one before
SILENT = ("MSH",)  # transport: the record's own bytes hold it


def chunk(found: Uniform, context: Context, position: int, offset: int, size: int) -> Chunk:
    """The block as a chunk; its first record has the given position and its first byte the given offset."""
    told = messages(found)
    refused = np.array([bool(each) for each in told.reason], np.bool_)
    places = _places(found, told, position, offset)
    draft = _draft(found, told, places, context)
    if not refused.all():
        _conform(_work(told, draft))
    rejects = [_whole(found, places, told.reason, refused), _findings(found, places, told.reason), *draft.rejects]
    every = pl.concat(rejects)
    return Chunk(
        read=len(found), records=_records(found, told, places, ~refused), tables=_joined(draft.tables),
        rejects=every.sort("position", maintain_order=True) if every.height else every, bytes_read=size,
        versions=pl.concat(draft.versions) if draft.versions else pl.DataFrame(schema=VERSIONS),
    )  # fmt: skip


def _conform(work: Work) -> None:
    orders = Orders(work)
    patient.conform(work)
    encounter.conform(work)
    condition.conform(work)
    procedure.conform(work)
    observation.conform(work, orders)
    medication.conform(work, orders)
    document.conform(work, orders)
    cost.conform(work)


def _draft(found: Uniform, told: Messages, places: Places, context: Context) -> Draft:
    signs, plain = found.signs, len(told.msh)  # each MSH-2 holds one backslash and one ampersand
    escaped = signs.escapes != plain
    nulls = signs.quotes > 0 and NULL.encode() in found.marks.text
    quoted = escaped or found.walked or signs.quotes + signs.controls > 0
    return Draft(context, found.marks, places, escaped, nulls, signs.ampersands != plain, quoted)


def _work(told: Messages, draft: Draft) -> Work:
    pid, pv1 = told.rows("PID"), told.rows("PV1")
    key = identified(pid, 3)
    for place in (2, 4):
        if key.null_count():
            key = key.zip_with(key.is_not_null(), identified(pid, place))
    persons = Owners(pid, draft.said(pid, "person_id", key))
    visits = Owners(pv1, _visits(draft, pv1, persons))
    return Work(told, draft, persons, visits, Extras(draft.marks, draft.quoted, _kept(told, draft, persons, visits)))


def _visits(draft: Draft, pv1: Rows, persons: Owners) -> pl.Series:
    """PV1-19, else PV1-50, else person and PV1-44; null where a visit cannot be told from others."""
    number = draft.first(pv1, "visit_no", (19, 1), (50, 1))
    if not number.null_count():
        return number
    start = pv1.part(44)
    made = persons.of(pv1) + "|" + start if start.null_count() < len(start) else start
    return number.zip_with(number.is_not_null(), made)


def _kept(told: Messages, draft: Draft, persons: Owners, visits: Owners) -> pl.DataFrame:
    """Segments that become no row, as JSON, with the row they are kept with."""
    anchors = among(told.codes, ROWS)
    anchors[visits.rows.lines[~visits.told | told.is_a(visits.rows, "SIU")]] = False
    anchors[persons.rows.lines[~persons.told]] = False
    silent = among(told.codes, ("", *SILENT))
    lines = np.flatnonzero(~anchors & ~silent)
    owners = draft.marks.rows(np.flatnonzero(anchors), told.of[anchors])
    rows = draft.marks.rows(lines, told.of[lines])
    at = nearest(rows, owners)
    ahead = among(told.codes[lines], BEFORE)
    following = np.minimum(at + 1, max(len(owners) - 1, 0))
    moves = ahead & (at >= 0) & (owners.lines[following] > lines) if len(owners) else ahead
    if moves.any():
        same = owners.message[following] == rows.message
        at = np.where(moves & same, following, at)
    fits = at >= 0
    return kept(draft.marks, lines[fits], owners.lines[at[fits]], draft.quoted)


def _places(found: Uniform, told: Messages, position: int, offset: int) -> Places:
    return Places(
        np.arange(position, position + len(found)), found.line, found.start + offset, _hashes(found), told.at
    )  # fmt: skip


def _hashes(found: Uniform) -> pl.Series:
    """source_row_hash of every record: the first 32 hex digits of the SHA-256 of its bytes."""
    view = memoryview(found.raw)
    digests = [sha256(view[s:e]).digest() for s, e in zip(found.start.tolist(), found.end.tolist(), strict=True)]
    joined = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)[:, :16].tobytes().hex().encode()
    offsets = np.arange(0, len(joined) + 1, 32, dtype=np.int32)
    made = pa.Array.from_buffers(pa.string(), len(digests), [None, pa.py_buffer(offsets), pa.py_buffer(joined)])
    return pl.Series(pl.from_arrow(made))


def _records(found: Uniform, told: Messages, places: Places, kept: Flags) -> pl.DataFrame:
    made = pl.DataFrame({
        "position": places.position, "line": places.line, "offset": places.offset, "length": found.end - found.start,
        "hash": places.hash, "key": "MSH|" + told.key,
    }, schema=RECORDS)  # fmt: skip
    return made if kept.all() else made.filter(pl.Series(kept))


def _whole(found: Uniform, places: Places, reason: list[str], refused: Flags) -> pl.DataFrame:
    at = np.flatnonzero(refused)
    return _rejects(found, places, at, [reason[each] for each in at.tolist()], "", whole=True)


def _findings(found: Uniform, places: Places, reason: list[str]) -> pl.DataFrame:
    """What MSH-18 claims against the bytes, of messages that are accepted."""
    some = [(at, why) for at, why in found.findings if not reason[at]]
    at = np.array([each for each, _ in some], np.int64)
    return _rejects(found, places, at, [why for _, why in some], "MSH-18", whole=False)


def _rejects(found: Uniform, places: Places, at: Ints, reasons: list[str], column: str, *, whole: bool) -> pl.DataFrame:
    if not len(at):
        return pl.DataFrame(schema=REJECTS)
    raw = [
        found.raw[start : min(end, start + LONGEST_RAW)]
        for start, end in zip(found.start[at], found.end[at], strict=True)
    ]
    return pl.DataFrame({
        "position": places.position[at], "line": places.line[at], "offset": places.offset[at],
        "column": pl.Series([column] * len(at), dtype=pl.String), "reason": pl.Series(reasons, dtype=pl.String),
        "whole": pl.Series([whole] * len(at)), "raw": pl.Series(raw, dtype=pl.Binary),
    }, schema=REJECTS)  # fmt: skip


def _joined(tables: Mapping[str, list[pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    return {
        name: frames[0] if len(frames) == 1 else pl.concat(frames, rechunk=False) for name, frames in tables.items()
    }
