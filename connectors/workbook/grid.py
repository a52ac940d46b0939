"""A piece of a sheet: rows of strings by their numbers in the sheet, and the cells whose value is not known.

It knows nothing of headers or mappings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

FAULTS = pl.Schema(
    {
        "line": pl.Int64(),  # row number in the sheet, from 1
        "place": pl.Int64(),  # column, from 0
        "reason": pl.String(),  # a code of connectors.reason
        "raw": pl.String(),  # what the file holds instead of a value
    }
)
MOST_COLUMNS = 16_384  # of a sheet, by ECMA-376
ROWS = 4096
Told = tuple[str | None, str | None, str]  # text, reason why there is none, and what the file holds


@dataclass(frozen=True)
class Grid:
    """`cells` has one String column a column of the sheet, named by its place (`0`, `1`, ...), null where empty."""

    lines: npt.NDArray[np.int64]
    cells: pl.DataFrame
    faults: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAULTS))
    bytes_read: int = 0


def gathered(rows: Iterable[tuple[int, Mapping[int, Told]]], most: int = ROWS) -> Iterator[Grid]:
    """Grids of rows that come one by one, as row number and column -> cell; a break later gives what came before."""
    pending: list[tuple[int, Mapping[int, Told]]] = []
    try:
        for row in rows:
            pending.append(row)
            if len(pending) >= most:
                yield _grid(pending)
                pending = []
    except Exception:
        if pending:
            yield _grid(pending)
        raise
    if pending:
        yield _grid(pending)


def _grid(rows: list[tuple[int, Mapping[int, Told]]]) -> Grid:
    places = sorted({place for _, cells in rows for place in cells})
    columns, faults = {}, []
    for place in places:
        texts: list[str | None] = []
        for line, cells in rows:
            text, why, raw = cells.get(place, (None, None, ""))
            texts.append(text)
            if why:
                faults.append((line, place, why, raw))
        columns[str(place)] = pl.Series(texts, dtype=pl.String())
    frame = pl.DataFrame(columns or {"0": pl.Series([None] * len(rows), dtype=pl.String())})
    lines = np.array([line for line, _ in rows], dtype=np.int64)
    return Grid(lines, frame, pl.DataFrame(faults, schema=FAULTS, orient="row"))
