"""One sheet as records: what stands above, between and below them is told apart from them, and nothing is dropped.

A row of sums, or the header printed again on a new page, is rejected with its reason; an empty row is no record.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS, Chunk
from connectors.conform import Conformer
from connectors.connector import Context
from connectors.errors import Unreadable
from connectors.fitting import distinct
from connectors.mapping import Mapping
from connectors.workbook import forms
from connectors.workbook.grid import Grid
from connectors.workbook.header import LOOKED_AT, Header, Row
from connectors.workbook.package import Part

TOTALS = r"^(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|(?i:(?:grand )?total|subtotal|sum))\s*[:：]?\s*$"
HEAD = 1 << 17  # bytes of a sheet's XML, in which its header is looked for first
_NUMERIC = (pl.Float64, pl.Decimal)
_IDENTIFIES = ("identifier", "resident-id-ok")
_ROUNDED = r"^\d(?:\.\d+)?[eE]\+?1\d$"  # an identifier that a spreadsheet has shown as a power of ten


def head(path: Path, part: Part) -> list[Row]:
    """The first rows of a sheet; rows that the file leaves out are not among them. Raises Unreadable for no row."""
    rows: list[Row] = []
    try:
        for grid in forms.grids(path, part, HEAD):
            width = max(int(name) for name in grid.cells.columns) + 1
            rows += _wide(grid.cells.head(LOOKED_AT - len(rows)), width).rows()
            if len(rows) >= LOOKED_AT:
                break
    except Unreadable:
        if not rows:
            raise  # else the break is told when it is come to
    return rows


def _wide(cells: pl.DataFrame, width: int) -> pl.DataFrame:
    return cells.select(_column(cells, place).alias(str(place)) for place in range(width))


def _column(cells: pl.DataFrame, place: int) -> pl.Series:
    name = str(place)
    if name in cells.columns:
        return cells[name]
    return pl.Series(name, [None], dtype=pl.String()).new_from_index(0, cells.height)


@dataclass(frozen=True)
class Sheet:
    """A sheet whose header is known, and the mapping it is read with. `number` is its ordinal in the workbook."""

    path: Path
    part: Part
    number: int
    header: Header
    mapping: Mapping

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, made distinct."""
        return distinct(self.header.names)

    def chunks(self, context: Context, read: int) -> Iterator[Chunk]:
        """Conformed pieces; `read` records were read of the workbook before. Raises Unreadable."""
        conformer = Conformer(self.mapping, self.columns, context)
        above = self.header.below
        for grid in forms.grids(self.path, self.part):
            below = _from(grid, above)
            above = max(0, above - len(grid.lines))
            piece = self._piece(below, read)
            read += piece.read
            yield piece.conformed(conformer, self.number)

    def _piece(self, grid: Grid, read: int) -> "_Piece":
        names = self.columns
        cells = pl.DataFrame({name: _column(grid.cells, place) for place, name in enumerate(names)})
        beyond = [name for name in grid.cells.columns if int(name) >= len(names)]
        said = _speaking(grid)
        lines = grid.lines[said.to_numpy()]
        cells, kept_beyond = cells.filter(said), grid.cells.filter(said).select(beyond)
        position = read + 1 + np.arange(len(lines), dtype=np.int64)
        faults = self._faults(cells, grid.faults, kept_beyond, lines)
        cells = self._restored(cells, grid.faults, lines)
        lost = _no_records(cells, names)
        return _Piece(cells, lines, position, faults, lost, grid.bytes_read)

    def _restored(self, cells: pl.DataFrame, faults: pl.DataFrame, lines: np.ndarray) -> pl.DataFrame:
        """Numbers of many digits stand again in columns that hold amounts: there the first fifteen are what counts."""
        wide = faults.filter(pl.col("reason") == "lost-digits")
        for place in wide["place"].unique().to_list():
            if place < cells.width and cells.columns[place] in self._amounts:
                some = wide.filter(pl.col("place") == place)
                at = np.searchsorted(lines, some["line"].to_numpy())
                cells = cells.with_columns(cells[cells.columns[place]].scatter(at, some["raw"]))
        for name in self._identifiers & set(cells.columns):
            if (rounded := cells[name].str.contains(_ROUNDED)).any():
                cells = cells.with_columns(cells[name].set(rounded.fill_null(False), None))
        return cells

    def _faults(
        self, cells: pl.DataFrame, found: pl.DataFrame, beyond: pl.DataFrame, lines: np.ndarray
    ) -> pl.DataFrame:
        """Cells without a value, and cells under no name: line, column, reason, raw."""
        names = self.columns
        columns = [names[place] if place < len(names) else "" for place in found["place"].to_list()]
        amount = pl.Series([name in self._amounts for name in columns], dtype=pl.Boolean())
        kept = found.with_columns(column=pl.Series(columns, dtype=pl.String())).filter(
            ~((pl.col("reason") == "lost-digits") & amount) & (pl.col("column") != "")
        )
        frames = [kept.select("line", "column", "reason", "raw")]
        every = pl.Series(lines, dtype=pl.Int64())
        frames += [
            _of(every, beyond[name], _said(beyond[name]), f"column {int(name) + 1}", "no-header")
            for name in beyond.columns
        ]
        for name in sorted(self._identifiers & set(cells.columns)):
            rounded = cells[name].str.contains(_ROUNDED).fill_null(False)
            frames.append(_of(every, cells[name], rounded, name, "lost-digits"))
        return pl.concat(frames)

    @property
    def _amounts(self) -> set[str]:
        """Source columns of which only numbers are made."""
        made: dict[str, set[bool]] = {}
        for rows in self.mapping.rows:
            for name, rule in rows.rules.items():
                amount = isinstance(rows.table.columns[name].dtype, _NUMERIC) and rule.id_of is None
                for source in rule.sources:
                    made.setdefault(source, set()).add(amount)
        return {name for name, amounts in made.items() if amounts == {True}} - {*self.mapping.about.key}

    @property
    def _identifiers(self) -> set[str]:
        about = self.mapping.about
        named = {
            source
            for rows in self.mapping.rows
            for rule in rows.rules.values()
            if rule.read_as in _IDENTIFIES or rule.id_of
            for source in rule.sources
        }
        return {*about.key, *about.person, *named}


def _said(cells: pl.Series) -> pl.Series:
    return (cells.str.strip_chars() != "").fill_null(False)


def _speaking(grid: Grid) -> pl.Series:
    """Rows of which a cell says something, or should."""
    first = grid.cells.select(pl.coalesce(pl.all()).alias("first")).to_series()
    said = _said(first)
    if (first.is_not_null() & ~said).any():  # a blank cell in front: the others are asked, too
        said = grid.cells.select(pl.any_horizontal(pl.all().str.strip_chars() != "").fill_null(False)).to_series()
    return said | pl.Series(grid.lines).is_in(grid.faults["line"].implode()) if grid.faults.height else said


def _of(lines: pl.Series, cells: pl.Series, which: pl.Series, column: str, reason: str) -> pl.DataFrame:
    some = pl.DataFrame({"line": lines.filter(which), "raw": cells.filter(which)})
    return some.select("line", pl.lit(column).alias("column"), pl.lit(reason).alias("reason"), "raw")


def _from(grid: Grid, above: int) -> Grid:
    """The grid without its first `above` rows."""
    if not above:
        return grid
    lines = grid.lines[above:]
    first = lines[0] if len(lines) else np.iinfo(np.int64).max
    return Grid(lines, grid.cells[above:], grid.faults.filter(pl.col("line") >= first), grid.bytes_read)


def _no_records(cells: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Why a row is no record: it holds sums, or is the header once more; null where it is one."""
    first = cells.select(pl.coalesce(pl.all()).str.strip_chars().alias("first")).to_series()
    sums = first.str.contains(TOTALS).fill_null(False)
    why = pl.select(pl.when(sums).then(pl.lit("totals-row"))).to_series()
    maybe = (first.is_in(list(names)) & ~sums).arg_true()
    if len(maybe):
        same = [(pl.col(name).str.strip_chars().fill_null("").is_in(["", name])) for name in names]
        again = cells[maybe].select(pl.all_horizontal(same).alias("again")).to_series()
        why = why.scatter(maybe.filter(again), "header-again")
    return why


@dataclass(frozen=True)
class _Piece:
    """Rows of a sheet that say something; `lost` is why a row is no record, `faults` the cells without a value."""

    cells: pl.DataFrame
    lines: np.ndarray
    position: np.ndarray
    faults: pl.DataFrame
    lost: pl.Series
    bytes_read: int

    @property
    def read(self) -> int:
        return len(self.lines)

    def conformed(self, conformer: Conformer, number: int) -> Chunk:
        """Until the end, `offset` is the row's place in this piece: it is how the row is found for a reject."""
        kept = self.lost.is_null()
        places = pl.DataFrame({
            "position": self.position, "line": self.lines, "offset": np.arange(self.read, dtype=np.int64),
            "length": np.zeros(self.read, dtype=np.int64),
        }).with_columns(hash=self._hashes())  # fmt: skip
        rejects = self._rejects(places, kept)
        if kept.any():
            chunk = conformer.chunk(
                self.cells.filter(kept), places.filter(kept), rejects, self._raw, read=self.read, size=self.bytes_read
            )
        else:
            chunk = conformer.nothing(rejects, self.read, self.bytes_read)
        sheet = pl.lit(number, pl.Int64()).alias("offset")
        return Chunk(
            chunk.read,
            chunk.records.with_columns(sheet),
            chunk.tables,
            chunk.rejects.with_columns(sheet),
            chunk.bytes_read,
            once=None if chunk.once is None else replace(chunk.once, table=str(number)),
        )

    def _hashes(self) -> pl.Series:
        if not self.read:
            return pl.Series([], dtype=pl.String())
        whole = self.cells.select(pl.concat_str(pl.all().fill_null(""), separator="\x1f")).to_series()
        _, ends, content = whole.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()
        bounds, view = np.frombuffer(ends, dtype=np.int64)[: self.read + 1].tolist(), memoryview(content)
        return pl.Series([sha256(view[a:b]).hexdigest()[:32] for a, b in pairwise(bounds)], dtype=pl.String())

    def _rejects(self, places: pl.DataFrame, kept: pl.Series) -> pl.DataFrame:
        lost = places.with_columns(column=pl.lit(""), reason=self.lost, whole=pl.lit(True)).filter(~kept)
        raw = [self._raw(offset, 0) for offset in lost["offset"].to_list()]
        rows = lost.with_columns(raw=pl.Series(raw, dtype=pl.Binary()))
        cells = places.join(self.faults, on="line", how="inner", maintain_order="left").with_columns(
            whole=pl.lit(False), raw=pl.col("raw").str.slice(0, LONGEST_RAW // 4).cast(pl.Binary)
        )
        return pl.concat([frame.select(REJECTS.names()).cast(REJECTS) for frame in (rows, cells)])

    def _raw(self, offset: int, _length: int) -> bytes:
        return as_csv(self.cells.row(offset))


def as_csv(row: Sequence[str | None]) -> bytes:
    """A row as a line of CSV, which is as near as a row of a workbook comes to having a text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(["" if cell is None else cell for cell in row])
    return text.getvalue().encode()[:LONGEST_RAW]
