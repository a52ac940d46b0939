"""The rows that documents become, and the values of them that could not be had, until they leave as one chunk.

It types by the shared table and adds the columns every table has; it never looks at a document itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import polars as pl

from connectors.cda.values import moment, number
from connectors.chunk import RECORDS, REJECTS, VERSIONS, Chunk
from connectors.conform import CLINICAL_LEVEL, LEVELS, LONGEST_RAW
from connectors.connector import Context
from schemas.tables import TABLES

SYSTEM = "cda"
SOURCE_TABLE = "ClinicalDocument"
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
    """One document being read: whose it is, its key, and its rows so far; nothing counts until it is `taken`."""

    place: Place
    key: str = ""
    person: str = ""
    encounter: str | None = None
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
    """Documents read so far. `taken` and `refuse` count a record each."""

    context: Context
    read: int = 0
    bytes_read: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    columns: dict[str, list[tuple[int, dict[str, list[Any]]]]] = field(default_factory=dict)
    records: list[tuple[object, ...]] = field(default_factory=list)
    rejects: list[tuple[object, ...]] = field(default_factory=list)

    def take(self, document: Document) -> None:
        """The document is accepted, with its rows."""
        place, mark = document.place, sha256(document.place.raw).hexdigest()[:32]
        self.read += 1
        self.records.append(
            (place.position, place.line, place.offset, place.length, mark, f"{SOURCE_TABLE}|{document.key}")
        )
        for table, rows in document.rows.items():
            for row in rows:
                row["source_pk"], row["source_row_hash"], row["source_position"] = document.key, mark, place.position
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
        at = 0
        for _ in range(line - 1):
            at = place.raw.find(b"\n", at) + 1 or at
        raw = place.raw[at : at + LONGEST_RAW]
        self.rejects.append((place.position, place.line + line - 1, place.offset + at, "", reason, True, raw))

    def chunk(self) -> Chunk:
        """What was read, and an empty draft again."""
        made = Chunk(
            self.read, _frame(self.records, RECORDS),
            {name: self._table(name) for name in dict.fromkeys([*self.rows, *self.columns])},
            _frame(self.rejects, REJECTS), self.bytes_read, _no_versions(),
        )  # fmt: skip
        self.read = self.bytes_read = 0
        self.rows, self.columns, self.records, self.rejects = {}, {}, [], []
        return made

    def _table(self, name: str) -> pl.DataFrame:
        """A copy of a frame that says only what all rows share, with the columns put in that have values."""
        rows, blocks, columns = self.rows.get(name, []), self.columns.get(name, []), _dtypes(name)
        height = len(rows) + sum(size for size, _ in blocks)
        made = _blank(name, height, self.context.site, self.context.batch).clone()
        for column in set().union(*rows, *(block for _, block in blocks)):
            values = [row.get(column) for row in rows]
            for size, block in blocks:
                values += block.get(column) or [None] * size
            if values.count(None) < height:
                place, dtype = columns[column]
                made.replace_column(place, _series(column, values, dtype))
        place, dtype = columns["source_file"]
        return made.replace_column(
            place, pl.Series("source_file", [self.context.file], dtype).new_from_index(0, height)
        )


@cache
def _dtypes(table: str) -> dict[str, tuple[int, pl.DataType]]:
    return {name: (place, dtype) for place, (name, dtype) in enumerate(TABLES[table].schema().items())}


@lru_cache(maxsize=512)
def _blank(table: str, height: int, site: str, batch: str) -> pl.DataFrame:
    """`height` rows of the table in which only what is the same in all of them is said."""
    same = {
        "org_code": site,
        "batch_id": batch,
        "deleted": False,
        "source_system": SYSTEM,
        "source_table": SOURCE_TABLE,
    }
    schema = TABLES[table].schema()
    return pl.DataFrame([
        pl.Series(name, [same.get(name)], dtype).new_from_index(0, height) for name, dtype in schema.items()
    ])  # fmt: skip


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """A typed column: times are microseconds, days are days since 1970, money is text."""
    written = _WRITTEN.get(type(dtype))
    return pl.Series(name, values, dtype) if written is None else pl.Series(name, values, written).cast(dtype)


_WRITTEN: dict[type, pl.DataType] = {pl.Datetime: pl.Int64(), pl.Date: pl.Int32(), pl.Decimal: pl.String()}


def _frame(rows: list[tuple[object, ...]], schema: pl.Schema) -> pl.DataFrame:
    made = _empty(schema is RECORDS, len(rows)).clone()
    for place, ((name, dtype), values) in enumerate(zip(schema.items(), zip(*rows, strict=True), strict=False)):
        made.replace_column(place, pl.Series(name, values, dtype))
    return made


@cache
def _no_versions() -> pl.DataFrame:
    return pl.DataFrame(schema=VERSIONS)


@lru_cache(maxsize=256)
def _empty(records: bool, height: int) -> pl.DataFrame:
    """A frame of records or of rejects without anything in it."""
    schema = RECORDS if records else REJECTS
    return pl.DataFrame([pl.Series(name, [None], dtype).new_from_index(0, height) for name, dtype in schema.items()])
