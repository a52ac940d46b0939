"""The rows one record unfolds into, before they are typed: diagnosis by diagnosis, fee by fee, stay by stay.

Only strings are moved here; nothing is read as a value.
"""

from collections import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from connectors.mapping import Mapping, RowsOf


class Cells(Protocol):
    """Records as strings, column by column."""

    mapping: Mapping
    cells: pl.DataFrame
    lists: abc.Mapping[str, pl.DataFrame]

    @property
    def height(self) -> int: ...

    def cell(self, name: str) -> pl.Series:
        """A source column; null where it is empty or the export has no such column."""
        ...


@dataclass(frozen=True)
class Tall:
    """Rows of one shared table before they are typed: which record each is of, its number, its `@` cells."""

    index: pl.Series
    whole: bool
    number: pl.Series
    instance: pl.Series
    slots: dict[str, pl.Series]
    suffix: str
    rows: RowsOf

    @staticmethod
    def of(piece: Cells, rows: RowsOf) -> "Tall":
        if rows.spec.split:
            frame = _split(piece, rows)
        elif rows.repeat:
            frame = _repeated(piece, rows)
        elif rows.spec.entries:
            frame = _entries(piece, rows)
        else:
            frame = pl.select(_i=pl.int_range(piece.height, eager=False), _n=pl.lit(1)) if piece.height else _nothing()
            if rows.spec.when:
                frame = frame.filter(_said(piece, rows.spec.when))
            frame = frame.with_columns(_k=pl.lit(0))
        slots = {name: frame[name] for name in frame.columns if not name.startswith("_")}
        whole = frame.height == piece.height and not rows.spec.many
        return Tall(frame["_i"], whole, frame["_n"], frame["_k"], slots, rows.spec.suffix, rows)

    def gather(self, of_records: pl.Series) -> pl.Series:
        return of_records if self.whole else of_records.gather(self.index)

    def ids(self, record_ids: pl.Series) -> pl.Series:
        """Record ids: plain for the main row, with the suffix and the number for the others."""
        own = self.gather(record_ids)
        if not self.suffix:
            return own
        if not self.rows.spec.many:
            return own + f"|{self.suffix}"
        return own + f"|{self.suffix}" + self.number.cast(pl.String).str.zfill(2)

    def names(self, slot: str) -> pl.Series:
        """The source column behind a cell of `repeat`, row by row."""
        if self.rows.spec.split:
            return pl.Series([self.rows.spec.split.cell]).new_from_index(0, len(self.index))
        if self.rows.spec.entries:
            return pl.Series([f"{self.rows.spec.entries.of}.{slot}"]).new_from_index(0, len(self.index))
        assert self.rows.repeat is not None
        columns = pl.Series([each.get(slot, "") for each in self.rows.repeat.instances()], dtype=pl.String())
        return columns.gather(self.instance)


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"_i": pl.Int64(), "_n": pl.Int32()})


def _said(piece: Cells, names: Sequence[str]) -> pl.Series:
    """Where at least one of the cells holds something."""
    nothing = piece.mapping.about.nothing
    return pl.select(
        pl.any_horizontal(*[without(piece.cell(name), nothing).is_not_null() for name in names])
    ).to_series()


def _repeated(piece: Cells, rows: RowsOf) -> pl.DataFrame:
    """All repeated rows below each other, made only where one of the cells in `when` (else any) says something."""
    assert rows.repeat is not None
    slots = [slot for slot in rows.repeat.as_ if not slot.startswith("=")]
    asked = [name.removeprefix("@") for name in rows.spec.when] or slots
    every = pl.int_range(piece.height, dtype=pl.Int64, eager=True)
    frames = []
    for k, instance in enumerate(rows.repeat.instances()):
        if not any(instance[slot] in piece.cells.columns for slot in asked):
            continue
        said = _said(piece, [instance[slot] for slot in asked])
        if not said.any():
            continue
        made = {slot: piece.cell(instance[slot]).filter(said) for slot in slots}
        frame = pl.DataFrame({"_i": every.filter(said), **made})
        constants = {
            slot[1:]: pl.lit(text or None, pl.String()) for slot, text in instance.items() if slot.startswith("=")
        }
        frames.append(
            frame.with_columns(
                _n=pl.lit(k + rows.repeat.number_from, pl.Int32()), _k=pl.lit(k, pl.Int32()), **constants
            )
        )
    if frames:
        return pl.concat(frames, rechunk=True)
    names = [slot.removeprefix("=") for slot in rows.repeat.as_]
    return _nothing().with_columns(_k=pl.lit(0, pl.Int32()), **dict.fromkeys(names, pl.lit("", pl.String())))


def _entries(piece: Cells, rows: RowsOf) -> pl.DataFrame:
    """Entries of one list below each other, in the order of the records; cells that no entry has are null."""
    entries = rows.spec.entries
    assert entries is not None
    asked = [name.removeprefix("@") for name in rows.spec.when] or entries.as_
    there = piece.lists.get(entries.of)
    if there is None:
        return _nothing().with_columns(_k=pl.lit(0, pl.Int32()), **dict.fromkeys(entries.as_, pl.lit("", pl.String())))
    cells = [_trimmed(there, name) for name in entries.as_]
    nothing = piece.mapping.about.nothing
    said = [without(each, nothing).is_not_null() for each in cells if each.name in asked]
    frame = there.select("_i", "_n").with_columns(cells).filter(pl.any_horizontal(said))
    return frame.with_columns(_k=pl.lit(0, pl.Int32()))


def _trimmed(there: pl.DataFrame, name: str) -> pl.Series:
    """A cell of the entries without outer blanks; null where it is empty."""
    if name not in there.columns:
        return pl.Series(name, [None], dtype=pl.String()).new_from_index(0, there.height)
    said = there[name].str.strip_chars()
    return said.set(said == "", None) if (said == "").any() else said


def _split(piece: Cells, rows: RowsOf) -> pl.DataFrame:
    split = rows.spec.split
    assert split is not None
    said = without(piece.cell(split.cell), piece.mapping.about.nothing)
    frame = pl.DataFrame({"_i": pl.int_range(piece.height, dtype=pl.Int64, eager=True), split.as_: said}).drop_nulls()
    signs = list(split.by)
    values = frame.with_columns(pl.col(split.as_).str.replace_many(signs, [signs[0]] * len(signs)).str.split(signs[0]))
    flat = values.explode(split.as_).with_columns(pl.col(split.as_).str.strip_chars()).filter(pl.col(split.as_) != "")
    return flat.with_columns(_n=pl.col("_i").cum_count().over("_i").cast(pl.Int32), _k=pl.lit(0, pl.Int32()))


def without(cells: pl.Series, nothing: Sequence[str]) -> pl.Series:
    """Cells that mean "nothing to record" as null."""
    for word in nothing:
        same = cells == word
        if same.any():
            cells = cells.set(same, None)
    return cells
