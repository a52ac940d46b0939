"""One file of NHSA JSON, read once: its records are grouped by interface and conformed with the profile of each.

It opens one file for reading and nothing else.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

import polars as pl

from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.conform import Conformer
from connectors.connector import Context
from connectors.looked import Fact, Looked
from connectors.mapping import Mapping as Rules
from connectors.nhsa.cut import RAW_KEPT, values
from connectors.nhsa.lay import laid_out
from connectors.nhsa.record import Record, records
from connectors.reach import reached

LOOKED_AT = 20  # records, to say what a file holds
NAME = re.compile(r"\w{1,60}", re.ASCII)  # what else stands as a key may be a value
MOST_BYTES, MOST_RECORDS = 8 << 20, 4096  # of one chunk


@dataclass
class NhsaFile:
    """A file with the profiles its records may need, by interface; `profile` is said where only one is."""

    path: Path
    rules: Mapping[str, Rules]
    profile: str
    mapping_version: str

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Chunks in file order; positions count records from 1. Raises Unreadable for what is no JSON at all."""
        encoding, found = values(self.path)
        position, begun = 1, 0
        held: list[Record] = []
        for record in chain.from_iterable(records(value, encoding) for value in found):
            held.append(record)
            begun += len(record.raw)
            if begun >= MOST_BYTES or len(held) >= MOST_RECORDS:
                yield self._chunk(held, position, context)
                position, begun, held = position + len(held), 0, []
        if held:
            yield self._chunk(held, position, context)

    def looked(self) -> Looked:
        """What the first records hold: interfaces, and the fields that reach the shared tables. Names only."""
        encoding, found = values(self.path)
        first = list(islice(chain.from_iterable(records(value, encoding) for value in found), LOOKED_AT))
        counts = Counter(record.interface or "unknown" for record in first)
        facts = [Fact("encoding", "编码", encoding)]
        facts += [Fact(name, "接口记录数", str(count)) for name, count in sorted(counts.items())]
        mapped: dict[str, Sequence[str]] = {}
        unmapped: dict[str, None] = {}
        for interface in sorted(self.rules.keys() & counts.keys()):
            ways = reached(self.rules[interface])
            for name in _names(record for record in first if record.interface == interface):
                if name in ways:
                    mapped[f"{interface} {name}"] = ways[name]
                else:
                    unmapped[f"{interface} {name}"] = None
        return Looked(facts, len(first), len(first) < LOOKED_AT, mapped, tuple(unmapped))

    def _chunk(self, held: Sequence[Record], first: int, context: Context) -> Chunk:
        groups: dict[str, list[tuple[int, Record]]] = {}
        for position, record in enumerate(held, first):
            known = record.interface in self.rules
            groups.setdefault(record.interface if known and not record.reason else "", []).append((position, record))
        made = [_refused(group) if not interface else _conformed(group, self.rules[interface], context)
                for interface, group in groups.items()]  # fmt: skip
        return _together(made, sum(len(record.raw) for record in held))


def _names(some: Iterable[Record]) -> list[str]:
    """Fields of the records and of the entries of their lists, each once, in the order of first sight."""
    names: dict[str, None] = {}
    for record in some:
        names |= dict.fromkeys(name for name in record.main if NAME.fullmatch(name))
        for node, held in record.nodes.items():
            entries = held if isinstance(held, list) else [held]
            names |= dict.fromkeys(f"{node}.{key}" for entry in entries if isinstance(entry, dict) for key in entry
                                   if NAME.fullmatch(node) and NAME.fullmatch(key))  # fmt: skip
    return list(names)


def _refused(group: Sequence[tuple[int, Record]]) -> Chunk:
    """Records refused already, and those of an interface that was not asked for."""
    rows = [(position, record.line, record.offset, "", record.reason or "no-shared-table", True, record.raw[:RAW_KEPT])
            for position, record in group]  # fmt: skip
    return Chunk(len(group), pl.DataFrame(schema=RECORDS), {}, pl.DataFrame(rows, schema=REJECTS, orient="row"))


def _conformed(group: Sequence[tuple[int, Record]], rules: Rules, context: Context) -> Chunk:
    some = [record for _, record in group]
    cells, lists = laid_out(some, rules)
    places = pl.DataFrame(
        [(position, each.line, each.offset, len(each.raw), sha256(each.raw).hexdigest()[:32])
         for position, each in group],
        schema={name: dtype for name, dtype in RECORDS.items() if name != "key"}, orient="row",
    )  # fmt: skip
    raw = {each.offset: each.raw for each in some}
    nothing = pl.DataFrame(schema=REJECTS)
    return Conformer(rules, tuple(cells.columns), context).chunk(
        cells, places, nothing, lambda offset, length: raw[offset][:length], read=len(some), size=0, lists=lists
    )


def _together(chunks: Sequence[Chunk], size: int) -> Chunk:
    """Chunks of the same stretch of the file as one, in file order."""
    tables: dict[str, list[pl.DataFrame]] = {}
    for chunk in chunks:
        for name, rows in chunk.tables.items():
            tables.setdefault(name, []).append(rows)
    return Chunk(
        sum(chunk.read for chunk in chunks),
        pl.concat([chunk.records for chunk in chunks]).sort("position"),
        {name: pl.concat(frames) for name, frames in tables.items()},
        pl.concat([chunk.rejects for chunk in chunks]).sort("position", maintain_order=True),
        size,
    )
