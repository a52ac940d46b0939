"""One FHIR file, read once: lines, a bundle, an array or a single resource, zipped or not.

It opens one file for reading and nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from connectors import json_strict as strict
from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.connector import Context
from connectors.errors import Unreadable
from connectors.fhir.blocks import LONGEST, Block, Bounds, blocks, bounds
from connectors.fhir.bundle import Cut, Document, is_bundle
from connectors.fhir.conform import HoldsBundles, Reader
from connectors.fhir.lines import PAD, RAW_KEPT, Ints, Lines
from connectors.fhir.resources import RESOURCES
from connectors.fhir.tombstone import tombstones

LONGEST_DOCUMENT = 4 * LONGEST
Withdrawn = tuple[pl.DataFrame, list[tuple[str, pl.DataFrame]]]
_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"')


@dataclass
class FhirSource:
    """A FHIR R4 file; profile is always empty, the mapping is this code."""

    path: Path
    profile: str = ""
    mapping_version: str = "fhir_r4/1"

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Chunks in file order; positions count resources from 1. Raises Unreadable for what is no JSON at all."""
        return _Reading(context).chunks(blocks(self.path))


class _Reading:
    """The state of reading one file: the next position, and the shapes met."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.reader = Reader(context)
        self.position = 1

    def chunks(self, pieces: Iterator[Block]) -> Iterator[Chunk]:
        first = next(pieces)
        whole = chain([first], pieces)
        if first.refused or not is_document(first):
            for block in whole:
                yield from self._block(block)
        else:
            yield from self._document(whole)

    def _block(self, block: Block) -> Iterator[Chunk]:
        """A block of lines; lines that are bundles are cut into their entries."""
        if block.refused:
            yield self._refused(block.refused, block.line, block.offset, bytes(block.buffer), len(block.buffer))
            return
        every = bounds(block.buffer, block.end)
        before = self.position
        try:
            yield self._lines(block, every, slice(0, len(every[0])), block.end - PAD, cut=False)
        except HoldsBundles:
            self.position = before
            yield from self._mixed(block, every)

    def _mixed(self, block: Block, every: Bounds) -> Iterator[Chunk]:
        """A block in which some lines are bundles, run by run; the last chunk counts the bytes."""
        starts, ends, numbers = every
        for at, stop, bundle in _runs(block, starts, ends):
            size = block.end - PAD if stop == len(starts) else 0
            if bundle:
                raw = bytes(memoryview(block.buffer)[starts[at] : ends[at]])
                yield self._cut(raw, block.line + int(numbers[at]), block.offset + int(starts[at]) - PAD, size)
            else:
                yield self._lines(block, every, slice(at, stop), size, cut=True)

    def _lines(self, block: Block, every: Bounds, inside: slice, size: int, *, cut: bool) -> Chunk:
        starts, ends, numbers = (each[inside] for each in every)
        return self.reader.chunk(Lines(
            block.buffer, starts, ends, self._positions(len(starts)), numbers + block.line,
            starts - PAD + block.offset, split=True,
        ), size, cut=cut)  # fmt: skip

    def _positions(self, count: int) -> Ints:
        made = np.arange(self.position, self.position + count)
        self.position += count
        return made

    def _document(self, pieces: Iterator[Block]) -> Iterator[Chunk]:
        """The whole file as one document; beyond LONGEST_DOCUMENT it is refused."""
        raw, size, line, offset, broken = bytearray(), 0, 1, 0, ""
        for block in pieces:
            offset = block.offset if not size else offset
            size += max(block.end - PAD, 0)
            if not block.refused and len(raw) <= LONGEST_DOCUMENT:
                raw += memoryview(block.buffer)[PAD : block.end]
            elif block.refused:
                broken = block.refused
                raw += block.buffer if block.refused == "truncated" else b""
        if len(raw) > LONGEST_DOCUMENT or broken == "too-long":
            yield self._refused("too-long", line, offset, bytes(raw[:RAW_KEPT]), size)
        else:
            yield self._cut(bytes(raw), line, offset, size)

    def _refused(self, reason: str, line: int, offset: int, raw: bytes, size: int) -> Chunk:
        row = [(self.position, line, offset, "", reason, True, raw[:RAW_KEPT])]
        self.position += 1
        rejects = pl.DataFrame(row, schema=REJECTS, orient="row")
        return Chunk(read=1, records=pl.DataFrame(schema=RECORDS), tables={}, rejects=rejects, bytes_read=size)

    def _cut(self, raw: bytes, line: int, offset: int, size: int) -> Chunk:
        """A document's resources as one chunk."""
        cuts = Document(raw.decode("latin-1")).cut()
        stops = np.flatnonzero(np.frombuffer(raw, np.uint8) == 10)
        positions = self._positions(len(cuts))
        numbers = line + np.searchsorted(stops, [cut.start for cut in cuts]) if cuts else np.empty(0, np.int64)
        kept = [at for at, cut in enumerate(cuts) if not cut.reason and cut.removed is None]
        chunk = self.reader.chunk(_lines(raw, [cuts[at] for at in kept], positions[kept], numbers[kept], offset), size)
        rejects = [(int(positions[at]), int(numbers[at]), offset + cut.start, "", _reason(cut), True,
                    raw[cut.start : min(cut.end, cut.start + RAW_KEPT)])
                   for at, cut in enumerate(cuts) if _reason(cut)]  # fmt: skip
        more = pl.DataFrame(rejects, schema=REJECTS, orient="row")
        gone = [(at, cut) for at, cut in enumerate(cuts) if cut.removed and not _reason(cut)]
        records, tables = self._withdrawn(raw, gone, positions, numbers, offset)
        return _joined(chunk, len(cuts), records, tables, more)

    def _withdrawn(
        self, raw: bytes, gone: list[tuple[int, Cut]], positions: Ints, numbers: Ints, offset: int
    ) -> Withdrawn:
        """Records and tombstone rows of DELETE entries."""
        made = pl.DataFrame(
            [(int(positions[at]), int(numbers[at]), offset + cut.start, cut.end - cut.start,
              sha256(raw[cut.start : cut.end]).hexdigest()[:32], "|".join(cut.removed or ()), *(cut.removed or ()))
             for at, cut in gone],
            schema=dict(RECORDS) | {"type": pl.String, "id": pl.String}, orient="row",
        )  # fmt: skip
        tables = [tombstones(self.context, str(source), rows.select("id", "hash", "position"))
                  for (source,), rows in made.group_by("type", maintain_order=True)]  # fmt: skip
        return made.select(RECORDS.names()), tables


def _reason(cut: Cut) -> str:
    return "no-shared-table" if cut.removed and cut.removed[0] not in RESOURCES else cut.reason


def _joined(chunk: Chunk, read: int, records: pl.DataFrame, tables: list[tuple[str, pl.DataFrame]],
            more: pl.DataFrame) -> Chunk:  # fmt: skip
    every = dict(chunk.tables)
    for table, rows in tables:
        every[table] = pl.concat([every[table], rows]) if table in every else rows
    return Chunk(
        read=read, records=pl.concat([chunk.records, records]).sort("position"), tables=every,
        rejects=pl.concat([chunk.rejects, more]).sort("position", maintain_order=True), bytes_read=chunk.bytes_read,
    )  # fmt: skip


def _lines(raw: bytes, cuts: list[Cut], positions: Ints, numbers: Ints, offset: int) -> Lines:
    """The cut resources, one after the other in a buffer of their own."""
    pieces = [raw[cut.start : cut.end] for cut in cuts]
    lengths = np.array([len(piece) for piece in pieces], np.int64)
    starts = PAD + np.concatenate([[0], np.cumsum(lengths + 1)[:-1]]).astype(np.int64) if pieces else lengths
    buffer = bytearray(PAD) + b"\n".join([*pieces, b""]) + bytearray(PAD)
    renamed = {cut.name: cut.known for cut in cuts if cut.name and cut.known and cut.name != cut.known}
    return Lines(
        buffer, starts, starts + lengths, positions, numbers,
        np.array([offset + cut.start for cut in cuts], np.int64),
        names=pl.Series([cut.name for cut in cuts], dtype=pl.String), renamed=tuple(renamed.items()),
    )  # fmt: skip


def _runs(block: Block, starts: Ints, ends: Ints) -> list[tuple[int, int, bool]]:
    """Runs of lines that are no bundles, and each bundle for itself: from, to, whether it is one."""
    places = [found.start() for found in _BUNDLE.finditer(block.buffer, PAD, block.end)]
    runs, done = [], 0
    for at in np.unique(np.searchsorted(ends, places, side="right")).tolist():
        if is_bundle(bytes(memoryview(block.buffer)[starts[at] : ends[at]])):
            runs += [(done, at, False)] * (done < at) + [(at, at + 1, True)]
            done = at + 1
    return runs + [(done, len(starts), False)] * (done < len(starts) or not runs)


def is_document(first: Block) -> bool:
    """Whether a file is one JSON document rather than lines. Raises Unreadable when it is neither.

    An array is a document. So is a text whose first line is no JSON value while the second does not start an object.
    """
    text = memoryview(first.buffer)[PAD : first.end]
    starts, ends, _ = bounds(first.buffer, first.end)
    if not len(starts):
        raise Unreadable("The file holds white space only. Export it again.")
    head = bytes(text[starts[0] - PAD : ends[0] - PAD]).lstrip()
    if head[:1] not in (b"{", b"["):
        raise Unreadable("The file is not JSON: it starts with neither { nor [. Run `guantong sniff` on it.")
    if head[:1] == b"[":
        return True
    if len(starts) == 1:
        return strict.reason(head) is not None and _BUNDLE.search(head[:4096]) is not None
    second = bytes(text[starts[1] - PAD : starts[1] - PAD + 64]).lstrip()
    return second[:1] != b"{" and strict.reason(head) is not None
