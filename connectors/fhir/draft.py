"""The rows that the resources of one type in one block become, and the values of them that could not be had.

It adds the columns every shared table has; it never reads a resource itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from connectors.chunk import REJECTS
from connectors.connector import Context
from connectors.fhir import values
from connectors.fhir.lines import RAW_KEPT
from connectors.fhir.rows import Rows
from connectors.stamp import stamped
from schemas.tables import TABLES

SYSTEM = "fhir_r4"


@dataclass
class Draft:
    """Resources of one type: `rows` one each, with `id`, `person`, `hash` and `renamed` keys of bundle entries.

    `times`, `days`, `numbers` and `codes` type a column and keep a reject for each value lost; `add` makes table rows.
    """

    context: Context
    type: str
    rows: Rows
    id: pl.Series
    person: pl.Series
    hash: pl.Series
    updated: pl.Series
    renamed: Mapping[str, str] = field(default_factory=dict)
    tables: dict[str, list[pl.DataFrame]] = field(default_factory=dict)
    rejects: list[pl.DataFrame] = field(default_factory=list)
    links: pl.DataFrame | None = None  # source_pk of observations and the report_id they get

    def __post_init__(self) -> None:
        self.key = self.type + "|" + self.id
        self.position = pl.Series(self.rows.lines.position[self.rows.line])

    def times(self, rows: Rows, column: str, *paths: str) -> pl.Series:
        """A time column; see values.times."""
        texts = rows.text(*paths)
        return self.kept(rows, column, texts, values.times(texts))

    def days(self, rows: Rows, column: str, *paths: str) -> pl.Series:
        """A day column; see values.days."""
        texts = rows.text(*paths)
        return self.kept(rows, column, texts, values.days(texts))

    def numbers(self, rows: Rows, column: str, path: str, dtype: pl.DataType | None = None) -> pl.Series:
        """A number column, Float64 unless said otherwise."""
        texts = rows.bare(path)
        return self.kept(rows, column, texts, values.numbers(texts, dtype or pl.Float64()))

    def typed(self, rows: Rows, column: str, texts: pl.Series, dtype: pl.DataType) -> pl.Series:
        """A number column from texts at hand; see values.numbers."""
        return self.kept(rows, column, texts, values.numbers(texts, dtype))

    def codes(self, rows: Rows, column: str, texts: pl.Series, known: dict[str, str]) -> pl.Series:
        """A column of shared codes; see values.codes."""
        return self.kept(rows, column, texts, values.codes(texts, known))

    def kept(self, rows: Rows, column: str, texts: pl.Series, typed: values.Typed) -> pl.Series:
        """The typed values, with a reject noted for each that has a reason."""
        if typed.reasons is not None:
            lost = typed.reasons.is_not_null().arg_true()
            line = rows.line[lost.to_numpy()]
            source = rows.lines
            raw = texts.gather(lost).cast(pl.Binary).bin.slice(0, RAW_KEPT)
            made = {"position": source.position[line], "line": source.line[line], "offset": source.offset[line]}
            frame = pl.DataFrame(made).with_columns(
                pl.lit(column).alias("column"), typed.reasons.gather(lost).alias("reason"),
                pl.lit(value=False).alias("whole"), raw.alias("raw"),
            )  # fmt: skip
            self.rejects.append(frame.select(REJECTS.names()).cast(REJECTS))
        return typed.values

    def reference(self, rows: Rows, path: str, kind: str | None = None) -> pl.Series:
        """See `referred`."""
        return referred(rows, path, self.renamed, kind)

    def encounter(self, rows: Rows, path: str) -> pl.Series:
        """The record_id of the encounter a reference names."""
        return "Encounter|" + self.reference(rows, path, "Encounter")

    def of(self, rows: Rows, column: pl.Series) -> pl.Series:
        """A column of the resources, repeated for rows found inside them."""
        return column if rows is self.rows else column.gather(rows.root)

    def add(
        self, table: str, rows: Rows, columns: Mapping[str, pl.Series], suffix: pl.Series | None = None,
        sec_level: pl.Series | int = 3,
    ) -> None:  # fmt: skip
        """Rows of a shared table, one for each of `rows`; columns not named are null, `suffix` tells rows apart."""
        if not len(rows):
            return
        height = len(rows)
        key = self.of(rows, self.key)
        made: dict[str, pl.Series] = dict(columns) | {
            "record_id": key if suffix is None else key + "|" + suffix, "source_pk": self.of(rows, self.id),
            "source_row_hash": self.of(rows, self.hash), "source_position": self.of(rows, self.position),
            "updated_at": self.of(rows, self.updated),
        }  # fmt: skip
        if TABLES[table].person:
            made.setdefault("person_id", self.of(rows, self.person))
        same: dict[str, object] = {"source_system": SYSTEM, "source_table": self.type}
        if isinstance(sec_level, pl.Series):
            made["sec_level"] = sec_level
        else:
            same["sec_level"] = sec_level
        self.tables.setdefault(table, []).append(stamped(table, made, same, self.context, height))


def referred(rows: Rows, path: str, renamed: Mapping[str, str], kind: str | None = None) -> pl.Series:
    """The id a reference names, or the value of its logical identifier; never followed.

    An empty path means that the rows are references themselves; `kind` as in values.reference.
    """
    path = f"{path}." if path else ""
    texts = rows.text(f"{path}reference")
    ids = values.reference(texts, kind)
    if renamed:
        ids = ids.replace(dict(renamed))
    if rows.has(f"{path}identifier.value"):
        ids = ids.zip_with(texts.is_not_null(), rows.text(f"{path}identifier.value"))
    return ids


def numbered(rows: Rows, letter: str) -> pl.Series:
    """Suffixes `c1`, `c2` after the place of each row in its list."""
    return letter + pl.Series(rows.nth).cast(pl.String)
