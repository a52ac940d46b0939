"""The tables of a file as names and first rows, for proposing: delimited text, sheets of a workbook, dBase.

Reads no more than some thousand rows of each; keeps none of them.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from connectors.errors import UnknownFormat, Unreadable
from connectors.fitting import distinct
from connectors.propose.evidence import LOOKED_AT
from connectors.stranger import stranger

MOST_COLUMNS = 1000
TABULAR = ("workbook", "dbf", "delimited")


@dataclass(frozen=True)
class Seen:
    """One table of a file: its name, its first rows as strings, and how the text is laid out where it is text."""

    name: str
    cells: pl.DataFrame
    encoding: str = ""
    separator: str = ""


def tables(path: Path) -> Iterator[Seen]:
    """Every table of the file that has a header. Raises UnknownFormat or Unreadable."""
    from connectors.kinds import dbf, delimited, workbook

    found = [
        (guess.sure, make)
        for connector, make in ((workbook.CONNECTOR, _sheets), (dbf.CONNECTOR, _dbase), (delimited.CONNECTOR, _text))
        if (guess := connector.sniff(path)) is not None
    ]
    if not found:
        raise UnknownFormat(f"{path.name}: {stranger(path)[0]}")
    seen = [each for each in max(found, key=lambda pair: pair[0])[1](path) if each.cells.width]
    if not seen:
        raise Unreadable(f"{path.name} has no table with a header. Run `guantong sniff` on it.")
    yield from seen


def _must_be_narrow(path: Path, columns: int) -> None:
    """Raises Unreadable where there are more columns than anybody would go through."""
    if columns > MOST_COLUMNS:
        raise Unreadable(
            f"{path.name} has {columns:,} columns; a mapping is proposed for at most {MOST_COLUMNS:,}. Export those "
            "that are needed, or write the mapping by hand: docs/mapping.md says how."
        )


def _text(path: Path) -> Iterator[Seen]:
    from connectors.delimited.layout import SPOKEN, look
    from connectors.delimited.rows import rows

    layout, _ = look(path)
    _must_be_narrow(path, len(layout.header))
    cells = pl.DataFrame(schema=dict.fromkeys(layout.header, pl.String()))
    for piece in rows(path, layout, 1 << 20):
        if piece.cells.width:
            cells = piece.cells.head(LOOKED_AT)
            break
    yield Seen(path.stem, cells, layout.encoding.label, SPOKEN[layout.separator])


def _sheets(path: Path) -> Iterator[Seen]:
    from connectors.workbook import forms
    from connectors.workbook.header import likeliest
    from connectors.workbook.sheet import head

    parts = [part for part in forms.parts(path) if part.state == "visible"]
    for part in parts:
        header = likeliest(head(path, part))
        if header is None or sum(map(bool, header.names)) < 2:
            continue
        if len(header.names) > MOST_COLUMNS and len(parts) > 1:
            continue
        _must_be_narrow(path, len(header.names))
        names, pieces, read = distinct(header.names), [], 0
        for grid in forms.grids(path, part):
            some = {name: _place(grid.cells, place) for place, name in enumerate(names)}
            pieces.append(pl.DataFrame(some))
            read += len(grid.lines)
            if read > LOOKED_AT + header.below:
                break
        cells = pl.concat(pieces)[header.below :].head(LOOKED_AT)
        yield Seen(path.stem if len(parts) == 1 else f"{path.stem}_{part.name}", cells)


def _place(cells: pl.DataFrame, place: int) -> pl.Series:
    name = str(place)
    return cells[name] if name in cells.columns else pl.Series(name, [None] * cells.height, dtype=pl.String())


def _dbase(path: Path) -> Iterator[Seen]:
    from connectors.dbf.layout import look
    from connectors.dbf.rows import rows

    layout = look(path)
    cells = pl.DataFrame(schema=dict.fromkeys(layout.header, pl.String()))
    with suppress(StopIteration, Unreadable):
        cells = next(iter(rows(path, layout))).cells.head(LOOKED_AT)
    yield Seen(path.stem, cells, layout.encoding)
