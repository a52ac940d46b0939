"""The rows that documents become, and the values of them that could not be had, until they leave as one chunk.

It types by the shared table and adds the columns every table has; it never looks at a document itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

import polars as pl

from connectors.cda.values import moment, number
from connectors.chunk import ENDED, GATHERED, LONGEST_RAW, RECORDS, REJECTS, VERSIONS, WHOLE, Chunk
from connectors.conform import CLINICAL_LEVEL, LEVELS
from connectors.connector import Context
from schemas.tables import TABLES

SYSTEM = "cda"
SOURCE_TABLE = "ClinicalDocument"
VISIT = "encompassingEncounter"  # source_table of a visit that several documents may name
Row = dict[str, Any]


@dataclass
class Place:
    """Where a record stands in its file, and its bytes."""

    position: int
    line: int
    offset: int
    raw: bytes

    @property
    def length(self) -> int:
        return len(self.raw)


@dataclass
class Document:
    """One document being read: whose it is, its key, and its rows so far; nothing counts until it is `taken`.

    `at` is when it was made, in microseconds; `visit` the key of the visit that it says together with others, empty
    where it names none; `replaces` the keys of documents that stand no more because of it.
    """

    place: Place
    key: str = ""
    person: str = ""
    at: int | None = None
    encounter: str | None = None
    visit: str = ""
    replaces: tuple[str, ...] = ()
    rows: dict[str, list[Row]] = field(default_factory=dict)
    columns: list[tuple[str, int, dict[str, list[Any]]]] = field(default_factory=list)  # table, height, columns
    lost: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, table: str, suffix: str, row: Row, level: int = 0) -> None:
        """A row of a shared table; `suffix` tells the document's rows apart."""
        row["record_id"] = f"{SOURCE_TABLE}|{self.key}|{suffix}" if suffix else f"{SOURCE_TABLE}|{self.key}"
        row["sec_level"] = level or LEVELS.get(table, CLINICAL_LEVEL)
        self.rows.setdefault(table, []).append(row)

    def add_columns(self, table: str, suffixes: list[str], columns: dict[str, list[Any]]) -> None:
        """Rows of a shared table at once, one for each suffix; they have their `sec_level` already."""
        columns["record_id"] = [f"{SOURCE_TABLE}|{self.key}|{suffix}" for suffix in suffixes]
        columns["encounter_id"] = [self.encounter] * len(suffixes)
        self.columns.append((table, len(suffixes), columns))

    def lose(self, column: str, reason: str, value: str) -> None:
        """Keeps a value that has no place in its column, with the reason."""
        self.lost.append((column, reason, value))

    def time(self, column: str, text: str | None) -> int | None:
        """Microseconds of a time column; see values.moment."""
        if text is None:
            return None
        read = moment(text)
        if read.micros is None and read.reason:
            self.lose(column, read.reason, text)
        return read.micros

    def day(self, column: str, text: str | None) -> int | None:
        """The day of a date column."""
        if text is None:
            return None
        read = moment(text)
        if read.day is None and read.reason:
            self.lose(column, read.reason, text)
        return read.day

    def number(self, column: str, text: str | None) -> float | None:
        """A number column."""
        if text is None:
            return None
        value = number(text)
        if value is None:
            self.lose(column, "bad-number", text)
        return value

    def numbers(self, column: str, texts: Sequence[str | None]) -> list[float | None]:
        """A number column of many rows."""
        values = [None if text is None else number(text) for text in texts]
        if None in values:
            for text, value in zip(texts, values, strict=True):
                if text is not None and value is None:
                    self.lose(column, "bad-number", text)
        return values

    def whole(self, column: str, text: str | None, most: int = 2**31 - 1) -> int | None:
        """A column of whole numbers; `3.0` is one, `3.5` is not."""
        value = self.number(column, text)
        if value is None or text is None:
            return None
        if value != int(value) or abs(value) > most:
            self.lose(column, "out-of-range" if value == int(value) else "bad-number", text)
            return None
        return int(value)

    def code(self, column: str, text: str | None, known: Mapping[str, str]) -> str | None:
        """A column of shared codes."""
        if text is None:
            return None
        found = known.get(text)
        if found is None:
            self.lose(column, "unmapped-code", text)
        return found


@dataclass
class Draft:
    """Documents of one file read so far. `take` and `refuse` count a record each."""

    context: Context
    read: int = 0
    rejected: int = 0
    bytes_read: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    columns: dict[str, list[tuple[int, dict[str, list[Any]]]]] = field(default_factory=dict)
    records: list[tuple[object, ...]] = field(default_factory=list)
    versions: list[tuple[object, ...]] = field(default_factory=list)
    rejects: list[tuple[object, ...]] = field(default_factory=list)

    def take(self, document: Document) -> None:
        """The document is accepted, with its rows."""
        place, mark = document.place, sha256(document.place.raw).hexdigest()[:32]
        self.read += 1
        self.records.append(
            (place.position, place.line, place.offset, place.length, mark, f"{SOURCE_TABLE}|{document.key}")
        )
        self.versions += ((place.position, key, document.at, None, how) for key, how in _said(document))
        for table, rows in document.rows.items():
            for row in rows:
                row.setdefault("source_pk", document.key)
                row["source_row_hash"], row["source_position"] = mark, place.position
                if table == "encounter":
                    row.setdefault("source_table", SOURCE_TABLE)
                if "person_id" in TABLES[table].columns:
                    row["person_id"] = document.person
            self.rows.setdefault(table, []).extend(rows)
        about = {"source_pk": document.key, "source_row_hash": mark, "source_position": place.position,
                 "person_id": document.person}  # fmt: skip
        for table, height, columns in document.columns:
            made = columns | {name: [value] * height for name, value in about.items()}
            self.columns.setdefault(table, []).append((height, made))
        for column, reason, value in document.lost:
            raw = value.encode("utf-8", "replace")[:LONGEST_RAW]
            self.rejects.append((place.position, place.line, place.offset, column, reason, False, raw))

    def refuse(self, place: Place, reason: str, line: int = 1) -> None:
        """The document is rejected; the place is the beginning of the line of it on which it breaks."""
        self.read += 1
        self.rejected += 1
        at = 0
        for _ in range(line - 1):
            at = place.raw.find(b"\n", at) + 1 or at
        raw = place.raw[at : at + LONGEST_RAW]
        self.rejects.append((place.position, place.line + line - 1, place.offset + at, "", reason, True, raw))

    @property
    def heights(self) -> tuple[int, int, int]:
        return len(self.records), len(self.rejects), len(self.versions)

    def joined(self, more: Sequence["Draft"]) -> Chunk:
        """One chunk of this draft and those after it, which may be of other files of the same batch."""
        every = (self, *more)
        names = dict.fromkeys(name for draft in every for name in (*draft.rows, *draft.columns))
        return Chunk(
            sum(draft.read for draft in every),
            _frame([record for draft in every for record in draft.records], RECORDS),
            {name: _table(name, every) for name in names},
            _frame([reject for draft in every for reject in draft.rejects], REJECTS),
            sum(draft.bytes_read for draft in every),
            _frame([version for draft in every for version in draft.versions], VERSIONS),
        )

    def block(self, table: str) -> tuple[int, dict[str, list[Any]]]:
        """Its rows of one table: how many, and the columns of which any of them says something."""
        rows, blocks = self.rows.get(table, []), self.columns.get(table, [])
        height = len(rows) + sum(size for size, _ in blocks)
        made: dict[str, list[Any]] = {}
        for column in set().union(*rows, *(block for _, block in blocks)):
            values = [row.get(column) for row in rows]
            for size, block in blocks:
                values += block.get(column) or [None] * size
            made[column] = values
        return height, made


def _said(document: Document) -> Iterator[tuple[str, str]]:
    """Keys of which the document brings a version, and how: its own, its visit's, and those of what it replaces."""
    yield f"{SOURCE_TABLE}|{document.key}", WHOLE
    if document.visit:
        yield f"{VISIT}|{document.visit}", GATHERED
    yield from ((f"{SOURCE_TABLE}|{key}", ENDED) for key in document.replaces)


def _table(name: str, drafts: Sequence[Draft]) -> pl.DataFrame:
    """Their rows, one draft after the other, typed; what no row says is empty."""
    blocks = [draft.block(name) for draft in drafts]
    height = sum(size for size, _ in blocks)
    said = set().union(*(block for _, block in blocks))
    made = [
        _series(column, _values(column, blocks), dtype) if column in said else same.new_from_index(0, height)
        for (column, dtype), same in zip(TABLES[name].schema().items(), _same(name, drafts[0].context), strict=True)
    ]
    marks = [draft.context.file for draft, (size, _) in zip(drafts, blocks, strict=True) for _ in range(size)]
    return pl.DataFrame(made).with_columns(pl.Series("source_file", marks, pl.String()))


def _values(column: str, blocks: list[tuple[int, dict[str, list[Any]]]]) -> list[Any]:
    values: list[Any] = []
    for size, block in blocks:
        values += block.get(column) or [None] * size
    return values


@lru_cache(maxsize=64)
def _same(table: str, about: Context) -> list[pl.Series]:
    """One cell of each column of the table, which says what is the same in all rows."""
    same = {
        "org_code": about.site,
        "batch_id": about.batch,
        "source_file": about.file,
        "deleted": False,
        "source_system": SYSTEM,
        "source_table": SOURCE_TABLE,
    }
    return [pl.Series(name, [same.get(name)], dtype) for name, dtype in TABLES[table].schema().items()]


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """A typed column: times are microseconds, days are days since 1970, money is text."""
    written = _WRITTEN.get(type(dtype))
    return pl.Series(name, values, dtype) if written is None else pl.Series(name, values, written).cast(dtype)


_WRITTEN: dict[type, pl.DataType] = {pl.Datetime: pl.Int64(), pl.Date: pl.Int32(), pl.Decimal: pl.String()}


def _frame(rows: list[tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * len(schema)
    return pl.DataFrame([
        _series(name, values, dtype) for (name, dtype), values in zip(schema.items(), columns, strict=True)
    ])  # fmt: skip
