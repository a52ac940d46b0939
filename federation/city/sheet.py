"""A sheet: rows of cells as one site exports them, and how a row becomes a line of its file.

A sheet knows nothing of errors; `spoil` makes them, `shelf` writes the lines.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from federation.city.chance import Chance
from federation.city.faults import Fault
from federation.city.lives import Lives
from federation.city.sites import Site

Rows = Callable[[Lives, Site, Chance], pl.DataFrame]
_HOLE = re.compile("«([^»]+)»")


def woven(template: str) -> pl.Expr:
    """`{"id":"«id»"}` as an expression: text between the marks is a column's name."""
    parts = _HOLE.split(template)
    pieces = [pl.lit(part) if place % 2 == 0 else pl.col(part) for place, part in enumerate(parts) if part]
    return pl.concat_str(pieces)


@dataclass(frozen=True)
class Sheet:
    """One series of files of one site. `rows` gives String cells, `key` (UInt64) in file order.

    `header` is the first line of every file, empty for none; `multiline` says that a cell may hold line breaks.
    """

    site: Site
    stem: str
    suffix: str
    rows: Rows
    line: pl.Expr
    faults: Sequence[Fault]
    header: str = ""
    encoding: str = "utf-8"
    bom: bool = False
    multiline: bool = False

    @property
    def eol(self) -> str:
        """Delimited exports come from Windows."""
        return "\n" if self.suffix == ".ndjson" else "\r\n"

    @property
    def name(self) -> str:
        """What draws of this sheet hang on, and what its files are called."""
        return f"{self.site.id}/{self.stem}"


def delimited(cells: Sequence[str], separator: str, quote: bool = False) -> pl.Expr:
    """A line of cells, each a column's name, or empty for a cell without anything."""
    mark = '"' if quote else ""
    return woven(separator.join(f"{mark}«{name}»{mark}" if name else mark * 2 for name in cells))
