"""What a block's segments give, while it is being made: rows of the shared tables, rejects, and versions of parts.

A value that cannot be had leaves its cell empty and is noted with its raw text; nothing here knows a segment's meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS, VERSIONS
from connectors.connector import Context
from connectors.hl7v2 import times as clock
from connectors.hl7v2.cells import Flags, Ints, Words, code, indices, nothing
from connectors.hl7v2.escapes import resolved
from connectors.hl7v2.marks import Marks, Rows
from connectors.hl7v2.spellings import spellings
from connectors.hl7v2.times import NULL
from connectors.readers import half_width
from connectors.readers.numbers import READERS as NUMBERS
from connectors.stamp import stamped

SYSTEM = "hl7v2"


@dataclass(frozen=True)
class Places:
    """Of each record of the block: where it stands, its digest, and when its event was recorded (EVN-2, else MSH-7)."""

    position: Ints
    line: Ints
    offset: Ints
    hash: pl.Series
    at: pl.Series


@dataclass
class Draft:
    """The tables of one block. `escaped`, `nulls` and `parted`: whether a backslash, `""` or `&` stands in it."""

    context: Context
    marks: Marks
    places: Places
    escaped: bool
    nulls: bool
    parted: bool
    quoted: bool  # something stands in the block that JSON must escape
    tables: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    versions: list[pl.DataFrame] = field(default_factory=list)

    def text(self, rows: Rows, column: str, place: int, part: int = 1) -> pl.Series:
        """A component as text, escapes resolved; `""` empties the column on purpose."""
        return self.said(rows, column, rows.part(place, part))

    def sub(self, rows: Rows, column: str, place: int, part: int = 1) -> pl.Series:
        """The first subcomponent of a component; see `text`."""
        texts = rows.part(place, part)
        if self.parted and texts.str.contains("&", literal=True).any():
            texts = texts.str.replace(r"(?s)&.*$", "").replace("", None)
        return self.said(rows, column, texts)

    def first(self, rows: Rows, column: str, *cells: tuple[int, int]) -> pl.Series:
        """The first of several components that is given."""
        value = self.text(rows, column, *cells[0])
        for cell in cells[1:]:
            if not value.null_count():
                break
            value = value.zip_with(value.is_not_null(), self.text(rows, column, *cell))
        return value

    def said(self, rows: Rows, column: str, texts: pl.Series) -> pl.Series:
        """Texts at hand with escapes resolved; see `text`."""
        if texts.null_count() == len(texts):
            return texts
        if self.nulls:
            gone = (texts == NULL).fill_null(value=False)
            if gone.any():
                rows.cleared.append((column, gone.to_numpy()))
                texts = texts.zip_with(~gone, texts.clear(len(texts)))
        return resolved(texts) if self.escaped else texts

    def times(self, rows: Rows, column: str, place: int, part: int = 1) -> pl.Series:
        """A time column from a component; see connectors.hl7v2.times."""
        cut = rows.cut(place, part)
        if not self.marks.parts.filled.take(cut).any():
            return nothing(len(rows), pl.Datetime("us"))
        values, reasons = clock.times(self.marks.parts, cut)
        if self.nulls:
            self.said(rows, column, rows.part(place, part))
        self.note(rows, column, reasons, lambda: rows.part(place, part))
        return values

    def first_time(self, rows: Rows, column: str, *cells: tuple[int, int]) -> pl.Series:
        """The first of several times that is given."""
        value = self.times(rows, column, *cells[0])
        for cell in cells[1:]:
            if not value.null_count():
                break
            value = value.zip_with(value.is_not_null(), self.times(rows, column, *cell))
        return value

    def numbers(
        self, rows: Rows, column: str, texts: pl.Series, reader: str = "number", dtype: pl.DataType | None = None
    ) -> pl.Series:
        """A number column from texts at hand; `reader` is number, integer or money of connectors.readers."""
        wanted = dtype or pl.Float64()
        if texts.null_count() == len(texts):
            return nothing(len(rows), wanted)
        value = NUMBERS[reader].read([texts])
        bad = texts.is_not_null() & value.is_null()
        typed = value.cast(wanted, strict=False)
        far = value.is_not_null() & typed.is_null()
        self.flag(rows, column, bad, "bad-number", texts)
        self.flag(rows, column, far, "out-of-range", texts)
        return typed

    def codes(self, rows: Rows, column: str, texts: pl.Series, known: Mapping[str, str]) -> pl.Series:
        """Source codes as shared codes; one that is not known leaves the cell empty and is noted."""
        if texts.null_count() == len(texts):
            return texts
        spelled = spellings(texts)
        plain = half_width(pl.Series(spelled, dtype=pl.String)).str.to_uppercase()
        meant = pl.Series([known.get(each) for each in plain.to_list()], dtype=pl.String)
        value = texts.replace_strict(spelled, meant, default=None, return_dtype=pl.String)
        self.flag(rows, column, texts.is_not_null() & value.is_null(), "unmapped-code", texts)
        return value

    def coded(self, rows: Rows, column: str, place: int, known: Mapping[str, str]) -> pl.Series:
        """`codes` of a field's first component; codes of up to four bytes are told apart as numbers."""
        small = rows.short(place)
        keys, meant = _table(known)
        at = np.searchsorted(keys, small).clip(max=len(keys) - 1)
        hit = keys.take(at) == small
        if (hit | ~rows.given(place)).all():
            return meant[indices(np.where(hit, at, len(keys)))]
        return self.codes(rows, column, self.text(rows, column, place), known)

    def flag(self, rows: Rows, column: str, bad: pl.Series, reason: str, raw: pl.Series) -> None:
        """Notes `reason` for the rows that are `bad`, with the raw text beside it."""
        if bad.any():
            lost = bad.arg_true()
            self._reject(
                rows.message[lost.to_numpy()], column, pl.repeat(reason, len(lost), eager=True), raw.gather(lost)
            )

    def note(self, rows: Rows, column: str, reasons: pl.Series | None, raw: "object") -> None:
        """Notes a reason for each row that has one."""
        if reasons is not None and reasons.null_count() < len(reasons):
            lost = reasons.is_not_null().arg_true()
            texts = raw() if callable(raw) else raw
            assert isinstance(texts, pl.Series)
            self._reject(rows.message[lost.to_numpy()], column, reasons.gather(lost), texts.gather(lost))

    def _reject(self, message: Ints, column: str, reasons: pl.Series, raw: pl.Series) -> None:
        at = self.places
        made = pl.DataFrame({
            "position": at.position[message], "line": at.line[message], "offset": at.offset[message],
            "reason": reasons, "raw": raw.fill_null("").str.slice(0, LONGEST_RAW // 4).cast(pl.Binary),
        }).with_columns(column=pl.lit(column), whole=pl.lit(value=False))  # fmt: skip
        self.rejects.append(made.select(REJECTS.names()).cast(REJECTS))

    def add(
        self, table: str, source: str, rows: Rows, columns: Mapping[str, pl.Series], pk: pl.Series, *,
        suffix: pl.Series | None = None, level: pl.Series | int = 3, same: Mapping[str, object] | None = None,
        versioned: bool = True,
    ) -> None:  # fmt: skip
        """Rows of a shared table, one for each of `rows`. `pk` is the source's key of the part that they say anew."""
        if not len(rows):
            return
        key = prefixed(f"{source}|", pk)
        made = dict(columns) | {
            "record_id": key if suffix is None else prefixed("", key, "|", suffix), "source_pk": pk,
            "source_row_hash": self.of(rows, self.places.hash), "source_position": self.of_position(rows),
            "updated_at": self.of(rows, self.places.at),
        }  # fmt: skip
        constant: dict[str, object] = {"source_system": SYSTEM, "source_table": source, **(same or {})}
        if isinstance(level, pl.Series):
            made["sec_level"] = level
        else:
            constant["sec_level"] = level
        frame = stamped(table, made, constant, self.context, len(rows))
        self.tables.setdefault(table, []).append(frame)
        if versioned:
            self.say_anew(rows, key)

    def of(self, rows: Rows, column: pl.Series) -> pl.Series:
        """A column of the records, for the rows made of them."""
        return column[rows.of]

    def of_position(self, rows: Rows) -> pl.Series:
        """The position of each row's record."""
        return pl.Series(self.places.position[rows.message])

    def say_anew(self, rows: Rows, key: pl.Series) -> None:
        """Each of the rows brings a later version of what `key` names."""
        self.versions.append(pl.DataFrame({
            "position": self.of_position(rows), "key": key, "at": self.of(rows, self.places.at),
            "cleared": _cleared(rows), "how": nothing(len(rows)),
        }, schema=VERSIONS))  # fmt: skip


_TABLES: dict[int, tuple[Words, pl.Series]] = {}


def _table(known: Mapping[str, str]) -> tuple[Words, pl.Series]:
    """Codes of up to four bytes as sorted numbers, and what they mean, then null; made once for each list."""
    if id(known) not in _TABLES:
        short = sorted((code(each), meant) for each, meant in known.items() if len(each.encode()) <= 4)
        keys = np.array([each for each, _ in short], np.uint64)
        _TABLES[id(known)] = keys, pl.Series([*(meant for _, meant in short), None], dtype=pl.String)
    return _TABLES[id(known)]


def _cleared(rows: Rows) -> pl.Series:
    """Names of the columns that each row empties on purpose, with commas between; null for none."""
    if not rows.cleared:
        return nothing(len(rows))
    names: dict[int, list[str]] = {}
    for column, where in rows.cleared:
        for at in np.flatnonzero(where).tolist():
            if column not in names.setdefault(at, []):
                names[at].append(column)
    made = pl.Series([",".join(names[at]) for at in names], dtype=pl.String)
    return nothing(len(rows)).scatter(list(names), made) if names else nothing(len(rows))


def prefixed(*parts: str | pl.Series) -> pl.Series:
    """Constants and columns joined; null where one of the columns is."""
    return pl.select(pl.concat_str([pl.lit(part) for part in parts if not isinstance(part, str) or part])).to_series()


def chosen(flags: Flags, one: pl.Series, other: pl.Series) -> pl.Series:
    """`one` where the flag is set, else `other`."""
    return one.zip_with(pl.Series(flags), other)
