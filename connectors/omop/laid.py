"""One CDM table as it lies on the disk: delimited text or Parquet, its header in the CDM's own spelling.

Reads rows of strings; what they mean is for the mapping.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from connectors.delimited.layout import HEAD, SPOKEN, Layout, look
from connectors.delimited.rows import Rows
from connectors.delimited.rows import rows as text_rows
from connectors.delimited.scan import records_in_head
from connectors.looked import Fact
from connectors.omop.table import Known, known
from connectors.parquet.rows import is_parquet, sheet
from connectors.parquet.rows import rows as parquet_rows
from schemas.exports.omop import cdm


@dataclass(frozen=True)
class Laid:
    """A file that is a CDM table. `layout` is None for Parquet."""

    path: Path
    known: Known
    layout: Layout | None
    facts: Sequence[Fact]
    records: int
    whole: bool

    def pieces(self) -> Iterator[Rows]:
        """Rows in file order, columns as CDM 5.4 calls them."""
        if self.layout is not None:
            found = text_rows(self.path, replace(self.layout, header=self.known.renamed))
        else:
            found = parquet_rows(self.path)
        for piece in found:
            if piece.cells.width:
                names = dict(zip(piece.cells.columns, self.known.renamed, strict=True))
                yield replace(piece, cells=_tidy(piece.cells.rename(names), self.known.table))
            else:
                yield piece


def laid(path: Path) -> Laid | None:
    """The file as a CDM table, None where it is none. Raises Unreadable where it cannot be opened."""
    if is_parquet(path):
        told = sheet(path)
        found = known(told.header)
        facts = (Fact("container", "容器", "Parquet"), Fact("row groups", "行组", str(told.groups)))
        return Laid(path, found, None, facts, told.rows, True) if found else None
    layout, head = look(path)
    found = known(layout.header)
    if found is None:
        return None
    facts = (Fact("encoding", "编码", layout.encoding.label), Fact("separator", "分隔符", SPOKEN[layout.separator]))
    return Laid(path, found, layout, facts, records_in_head(head, layout), len(head) < HEAD)


def _tidy(cells: pl.DataFrame, table: str) -> pl.DataFrame:
    """Whole numbers without `.0` and numbers and dates without `NA`: data frames of Python and R write them so."""
    fields = cdm()[table]
    made = []
    for name in cells.columns:
        if name not in fields or fields[name].dtype == pl.String:
            continue
        column = cells[name]
        if (column == "NA").any():
            column = column.set(column == "NA", None)
        if fields[name].dtype == pl.Int64 and column.str.contains(".", literal=True).any():
            column = column.str.replace(r"^(-?\d+)\.0*$", "$1")
        if column is not cells[name]:
            made.append(column)
    return cells.with_columns(made)
