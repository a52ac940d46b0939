"""Rows of strings become rows of the shared tables, after a mapping; values that cannot be read become rejects.

It never drops a record: a record without key or person is rejected whole, a bad value empties its one cell.
"""

import json
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Of
from dataclasses import dataclass, field
from itertools import groupby

import polars as pl

from connectors.bare import RawOf, without_bare
from connectors.chunk import LONGEST_RAW, RECORDS, REJECTS, Chunk, Once
from connectors.connector import Context
from connectors.mapping import Mapping, RowsOf
from connectors.mapping_rules import Rule
from connectors.mapping_unfold import Tall, without
from connectors.readers import READERS, Reader, half_width
from connectors.readers.codes import mapped
from connectors.signs import CONTROLS, hold
from schemas.column import Column

LEVELS = {"organization": 1, "quality_result": 2, "patient": 4, "patient_identifier": 4}
CLINICAL_LEVEL = 3
SENSITIVE = r"^(?:F\d|B2[0-4]|A5\d|A6[0-4])"  # mental, HIV, sexually transmitted: ICD-10 F00-F99, B20-B24, A50-A64
_BY_TYPE: tuple[tuple[type[pl.DataType] | tuple[type[pl.DataType], ...], str], ...] = (
    ((pl.Int8, pl.Int16, pl.Int32, pl.Int64), "integer"),
    (pl.Float64, "number"),
    (pl.Decimal, "money"),
    (pl.Date, "date"),
    (pl.Datetime, "datetime"),
    (pl.Boolean, "code"),
)
_TO_ESCAPE = CONTROLS + b'"\\'
_ESCAPES = {"\\": "\\\\", '"': '\\"', **{chr(sign): f"\\u{sign:04x}" for sign in range(32)}}


@dataclass(frozen=True)
class Conformer:
    """A mapping applied to files with one header. `source_system` is kind/name."""

    mapping: Mapping
    header: tuple[str, ...]
    context: Context

    def chunk(
        self, cells: pl.DataFrame, places: pl.DataFrame, rejects: pl.DataFrame, raw_of: RawOf, *, read: int, size: int,
        lists: Of[str, pl.DataFrame] | None = None,
    ) -> Chunk:  # fmt: skip
        """Conformed rows of one piece: `cells` all String, one column a header name; `places` beside them.

        `raw_of(offset, length)` gives the bytes of a record, for those that are rejected. `lists` are the lists inside
        records: `_i` the row of the record in `cells`, `_n` the entry's number, and its cells, all String.
        """
        lists = lists or {}
        keyed = _Piece(self.mapping, self.header, self.context, cells, places, raw_of, lists)
        whole = keyed.unidentified()
        if whole.height:
            kept = ~places["position"].is_in(whole["position"].implode())
            some = cells.filter(kept), places.filter(kept)
            keyed = _Piece(self.mapping, self.header, self.context, *some, raw_of, _of_kept(lists, kept))
        tables = keyed.tables()
        rejects = pl.concat([rejects, whole, *keyed.rejects])
        return without_bare(Chunk(read, keyed.records(), tables, rejects, size, once=self._once()), raw_of)

    def _once(self) -> Once | None:
        about = self.mapping.about
        return None if about.history else Once("", (*about.key, *about.key_also))

    def nothing(self, rejects: pl.DataFrame, read: int, size: int) -> Chunk:
        """A piece in which no record could be read."""
        return Chunk(read, pl.DataFrame(schema=RECORDS), {}, rejects, size)


@dataclass
class _Piece:
    """One piece being conformed; what was read once of a source column is kept for all tables that ask for it."""

    mapping: Mapping
    header: tuple[str, ...]
    context: Context
    cells: pl.DataFrame
    places: pl.DataFrame
    raw_of: RawOf
    lists: Of[str, pl.DataFrame] = field(default_factory=dict)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    _said: dict[str, pl.Series] = field(default_factory=dict)
    _read: dict[object, pl.Series] = field(default_factory=dict)

    @property
    def height(self) -> int:
        return self.places.height

    def cell(self, name: str) -> pl.Series:
        """A source column without outer blanks; null where it is empty or the export has no such column."""
        if name not in self._said:
            if name in self.cells.columns:
                said = self.cells[name].str.strip_chars()
                self._said[name] = said.set(said == "", None) if (said == "").any() else said
            else:
                self._said[name] = pl.Series(name, [None], dtype=pl.String()).new_from_index(0, self.height)
        return self._said[name]

    def joined(self, names: Sequence[str]) -> pl.Series:
        """Key cells with `-` between them; null where one of them is empty or says nothing."""
        parts = [half_width(without(self.cell(name), self.mapping.about.nothing)) for name in names]
        return pl.select(pl.concat_str(parts, separator="-")).to_series()

    @property
    def key(self) -> pl.Series:
        return self._kept("key", self._key)

    def _key(self) -> pl.Series:
        key = self.joined(self.mapping.about.key)
        for name in self.mapping.about.key_also:
            key = key + "-" + half_width(self.cell(name)).fill_null("")
        return key

    @property
    def person(self) -> pl.Series:
        return self._kept("person", lambda: self.joined(self.mapping.about.person))

    @property
    def record_id(self) -> pl.Series:
        return self._kept("record", lambda: f"{self.mapping.source}|" + self.key)

    def _kept(self, name: str, make: Callable[[], pl.Series]) -> pl.Series:
        if name not in self._read:
            self._read[name] = make()
        return self._read[name]

    def unidentified(self) -> pl.DataFrame:
        """Records without key or person, rejected whole."""
        nobody = self.person.is_null() if self.mapping.about.person else pl.repeat(False, self.height, eager=True)
        lost = self.key.is_null() | nobody
        if not lost.any():
            return pl.DataFrame(schema=REJECTS)
        reason = pl.when(pl.lit(self.key.is_null())).then(pl.lit("no-key")).otherwise(pl.lit("no-person"))
        frame = self.places.with_columns(reason=reason).filter(lost)
        raw = [
            self.raw_of(offset, min(length, LONGEST_RAW)) for offset, length in frame.select("offset", "length").rows()
        ]
        return _as_rejects(frame.with_columns(raw=pl.Series(raw, dtype=pl.Binary())), whole=True)

    def records(self) -> pl.DataFrame:
        return self.places.with_columns(key=self.record_id).select(RECORDS.names())

    def tables(self) -> dict[str, pl.DataFrame]:
        made: dict[str, list[pl.DataFrame]] = {}
        with_extra = next((rows for rows in self.mapping.rows if rows.table.name == self.mapping.main), None)
        for rows in self.mapping.rows:
            frame = self._rows(rows, extra=rows is with_extra)
            made.setdefault(rows.table.name, []).append(frame)
        return {name: frames[0] if len(frames) == 1 else pl.concat(frames) for name, frames in made.items()}

    def _rows(self, rows: RowsOf, *, extra: bool) -> pl.DataFrame:
        tall = Tall.of(self, rows)
        columns: dict[str, pl.Series | pl.Expr] = {}
        for name, column in rows.table.columns.items():
            if name in rows.rules:
                columns[name] = self._value(tall, rows.rules[name], column)
            elif name == rows.table.person:
                columns[name] = tall.gather(self.person)
        columns |= self._common(tall, rows, columns, extra=extra)
        plain = {name: value for name, value in columns.items() if isinstance(value, pl.Series)}
        constant = [value.alias(name) for name, value in columns.items() if isinstance(value, pl.Expr)]
        frame = pl.DataFrame(plain).with_columns(constant)
        return frame.select(list(rows.table.columns))

    def _common(
        self, tall: Tall, rows: RowsOf, made: Of[str, pl.Series | pl.Expr], *, extra: bool
    ) -> dict[str, pl.Series | pl.Expr]:
        level = LEVELS.get(rows.table.name, CLINICAL_LEVEL)
        sensitive = made.get("code") if rows.table.name == "condition" else None
        levels: pl.Expr | pl.Series = pl.lit(level, pl.Int8())
        if isinstance(sensitive, pl.Series):
            hot = sensitive.str.contains(SENSITIVE).fill_null(False)
            levels = pl.select(pl.when(hot).then(pl.lit(5, pl.Int8())).otherwise(pl.lit(level, pl.Int8()))).to_series()
        return {
            "record_id": tall.ids(self.record_id),
            "org_code": pl.lit(self.context.site),
            "source_system": pl.lit(f"{self.mapping.about.kind}/{self.mapping.name}"),
            "source_table": pl.lit(self.mapping.source),
            "source_pk": tall.gather(self.key),
            "source_row_hash": tall.gather(self.places["hash"]),
            "source_file": pl.lit(self.context.file),
            "source_position": tall.gather(self.places["position"]),
            "batch_id": pl.lit(self.context.batch),
            "extra": tall.gather(self.extra()) if extra else pl.lit(None, pl.String()),
            "updated_at": made.get("updated_at", pl.lit(None, pl.Datetime("us"))),
            "deleted": made.get("deleted", pl.lit(False)),
            "sec_level": made.get("sec_level", levels),
        }

    def extra(self) -> pl.Series:
        """Cells of columns that no table uses, verbatim, as one JSON object a record; null where there is none."""
        used = set(self.mapping.sources)
        said = [(name, self.cells[name]) for name in self.header if name not in used]
        return _objects([(name, cells) for name, cells in said if cells.null_count() < len(cells)], self.height)

    def _value(self, tall: Tall, rule: Rule, column: Column) -> pl.Series | pl.Expr:
        if rule.absent is not None:
            return pl.lit(None, column.dtype)
        if rule.value is not None:
            return pl.lit(rule.value).cast(column.dtype) if column.dtype != pl.Boolean else pl.lit(rule.value == "true")
        if rule.number:
            return tall.number.cast(column.dtype)
        if rule.record:
            return tall.gather(self.record_id)
        if any(name.startswith("@") for name in rule.sources):
            return self._from_slots(tall, rule, column)
        return self._from_columns(tall, rule, column)

    def _from_columns(self, tall: Tall, rule: Rule, column: Column) -> pl.Series | pl.Expr:
        """Read once for all tables, then gathered: a discharge time dates the fees, too."""
        if not any(name in self.cells.columns for name in rule.sources):
            return pl.lit(rule.without, column.dtype) if rule.without else pl.lit(None, column.dtype)
        mark = (tuple(rule.sources), rule.read_as, str(rule.codes), rule.id_of, column.dtype, bool(column.codes))
        if mark not in self._read:
            cells = [self.cell(name) for name in rule.sources]
            value, bad = self._conformed(cells, rule, column)
            self._read[mark] = value
            if bad is not None:
                self._reject(bad, pl.Series([rule.sources[0]]).new_from_index(0, self.height), cells[0], None)
        return tall.gather(self._read[mark])

    def _from_slots(self, tall: Tall, rule: Rule, column: Column) -> pl.Series:
        cells = [
            tall.slots[name[1:]] if name.startswith("@") else tall.gather(self.cell(name)) for name in rule.sources
        ]
        value, bad = self._conformed(cells, rule, column)
        if bad is not None:
            self._reject(bad, tall.names(rule.sources[0][1:]), cells[0], tall)
        return value

    def _conformed(self, cells: Sequence[pl.Series], rule: Rule, column: Column) -> tuple[pl.Series, pl.Series | None]:
        """The typed column, and the reason of every cell that could not be read (null where it could)."""
        reader = READERS[_reader_of(rule, column)]
        given = [each if reader.keeps_nothing else without(each, self.mapping.about.nothing) for each in cells]
        value = reader.read(given)
        bad = _unread(given, value, reader.reason, reader) if reader.reason else None
        if rule.codes is not None:
            codes = self.mapping.about.codes[rule.codes] if isinstance(rule.codes, str) else rule.codes
            before, value = value, mapped(value, codes)
            flag = "bad-flag" if column.dtype == pl.Boolean else "unmapped-code"
            bad = _unread([before], value, flag) if bad is None else bad
        if rule.id_of is not None:
            value = f"{rule.id_of}|" + value
        if column.dtype == pl.Boolean and value.dtype == pl.String:
            value = value.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        if value.dtype == column.dtype:
            return value, bad
        typed = value.cast(column.dtype, strict=False)
        if typed.null_count() > value.null_count() and bad is None:
            bad = _unread([value], typed, "out-of-range")
        return typed, bad

    def _reject(self, bad: pl.Series, names: pl.Series, cells: pl.Series, tall: Tall | None) -> None:
        places = self.places if tall is None else self.places[tall.index]
        frame = places.with_columns(
            column=names, reason=bad, raw=cells.fill_null("").str.slice(0, LONGEST_RAW // 4).cast(pl.Binary)
        )
        self.rejects.append(_as_rejects(frame.filter(bad.is_not_null()), whole=False))


def _of_kept(lists: Of[str, pl.DataFrame], kept: pl.Series) -> dict[str, pl.DataFrame]:
    """The lists of the records that are kept, with the rows these have now."""
    row = kept.cast(pl.Int64).cum_sum() - 1
    now = {name: entries.filter(kept.gather(entries["_i"])) for name, entries in lists.items()}
    return {name: entries.with_columns(row.gather(entries["_i"]).alias("_i")) for name, entries in now.items()}


def _reader_of(rule: Rule, column: Column) -> str:
    if rule.read_as:
        return rule.read_as
    if column.dtype == pl.String:
        if len(rule.sources) > 1:
            return "joined"
        return "code" if column.codes or rule.codes is not None or rule.id_of is not None else "text"
    return next(reader for dtypes, reader in _BY_TYPE if isinstance(column.dtype, dtypes))


def _unread(
    cells: Sequence[pl.Series], value: pl.Series, reason: str, reader: Reader | None = None
) -> pl.Series | None:
    """The reason where a cell was given and no value came out; None where all were read."""
    if len(cells) == 1 and value.null_count() == cells[0].null_count():
        return None
    given = pl.select(pl.any_horizontal(*[cell.is_not_null() for cell in cells])).to_series()
    failed = given & value.is_null()
    if not failed.any():
        return None
    partly = cells[0].str.contains(reader.partly).fill_null(False) if reader and reader.partly else pl.lit(False)
    why = (
        pl.when(pl.lit(failed) & partly)
        .then(pl.lit(reader.partly_reason if reader else ""))
        .when(failed)
        .then(pl.lit(reason))
    )
    return pl.select(why).to_series()


def _as_rejects(frame: pl.DataFrame, *, whole: bool) -> pl.DataFrame:
    named = frame if "column" in frame.columns else frame.with_columns(column=pl.lit(""))
    return named.with_columns(whole=pl.lit(whole)).select(REJECTS.names()).cast(REJECTS)


def _objects(said: Sequence[tuple[str, pl.Series]], height: int) -> pl.Series:
    """One JSON object a row of the cells that say something; null where there is none.

    Neighbours that say something in every row are written as one piece: that is one copy of their text, not three.
    Where all do, nothing is copied twice.
    """
    groups = [(full, [*some]) for full, some in groupby(said, key=lambda each: _all_say(each[1]))]
    if not groups:
        return pl.Series("extra", [None], dtype=pl.String()).new_from_index(0, height)
    if len(groups) == 1 and groups[0][0]:
        return pl.select(pl.concat_str([pl.lit("{"), *_pairs(groups[0][1]), pl.lit("}")])).to_series()
    pieces: list[pl.Expr] = []
    for full, some in groups:
        if full:
            pieces.append(pl.concat_str(_pairs(some)))
            continue
        pieces += [pl.when(cells != "").then(pl.concat_str(_pairs([(name, cells)]))) for name, cells in some]
    return _braced(pl.select(pl.concat_str(pieces, separator=",", ignore_nulls=True)).to_series())


def _all_say(cells: pl.Series) -> bool:
    return not cells.has_nulls() and not (cells == "").any()


def _pairs(said: Sequence[tuple[str, pl.Series]]) -> list[pl.Expr | pl.Series]:
    """`"name":"cell"` after `"name":"cell"`, with commas between, in parts to be joined row by row."""
    parts: list[pl.Expr | pl.Series] = []
    for number, (name, cells) in enumerate(said):
        before = '",' if number else ""
        parts += [pl.lit(f'{before}{json.dumps(name, ensure_ascii=False)}:"'), _escaped(cells)]
    return [*parts, pl.lit('"')]


def _escaped(cells: pl.Series) -> pl.Series:
    if hold(cells, _TO_ESCAPE):
        return cells.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
    return cells


def _braced(inside: pl.Series) -> pl.Series:
    whole = pl.concat_str([pl.lit("{"), inside, pl.lit("}")])
    return pl.select(pl.when(pl.lit(inside) != "").then(whole)).to_series()
