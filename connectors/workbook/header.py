"""Where the header of a sheet stands, and what its columns are called.

Title lines stand above it, and merged cells make it two or three rows deep: `收缩压` over `第一次` and `第二次` becomes
`收缩压/第一次` and `收缩压/第二次`. A header that fits a mapping is taken before one that only looks like a header.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LOOKED_AT = 40  # rows from the top
DEEPEST = 3
_SPACES = re.compile(r"\s+")
_VALUE = re.compile(r"[\d\s.,:/%+\-<>=]*\d[\d\s.,:/%+\-<>=]*")
Row = Sequence[str | None]


@dataclass(frozen=True)
class Header:
    """`names` by column from the first of the sheet; empty where a column has none. Records begin `below` that row."""

    names: tuple[str, ...]
    top: int  # index of its first row among those looked at
    depth: int

    @property
    def below(self) -> int:
        return self.top + self.depth


def offers(rows: Sequence[Row]) -> Iterator[Header]:
    """Every place at which a header may stand: the likeliest by its looks first, then from the top."""
    first = likeliest(rows)
    if first is not None:
        yield first
    for top in range(len(rows)):
        for depth in range(1, DEEPEST + 1):
            if top + depth <= len(rows) and (made := read(rows, top, depth)) and made != first:
                yield made


def read(rows: Sequence[Row], top: int, depth: int) -> Header | None:
    """The header that begins at this row; None where it names no column."""
    names = _joined([[_clean(cell) for cell in row] for row in rows[top : top + depth]])
    return Header(names, top, depth) if sum(map(bool, names)) else None


def _joined(rows: list[list[str]]) -> tuple[str, ...]:
    """Names from top to bottom with `/` between; a merged cell says its name once, and means all columns below."""
    width = max(map(len, rows))
    full = [row + [""] * (width - len(row)) for row in rows]
    for above, below in pairwise(full):
        for place in range(1, width):
            if not above[place] and below[place]:
                above[place] = above[place - 1]
    names = ["/".join(dict.fromkeys(part for part in column if part)) for column in zip(*full, strict=True)]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def likeliest(rows: Sequence[Row]) -> Header | None:
    """The first row that names most of the columns in use and holds no values, with the rows that fill its gaps."""
    widest = max((_filled(row) for row in rows), default=0)
    if not widest:
        return None
    for top, row in enumerate(rows):
        if _filled(row) >= max(2 if widest > 1 else 1, widest * 0.5) and not _values(row):
            return read(rows, top, _depth(rows, top))
    top = next(place for place, row in enumerate(rows) if _filled(row) >= max(1, widest * 0.5))
    return read(rows, top, 1)


def _depth(rows: Sequence[Row], top: int) -> int:
    """A further row belongs to the header where it speaks under gaps of the row above, and holds no values."""
    depth = 1
    while depth < DEEPEST and top + depth < len(rows):
        above, below = rows[top + depth - 1], rows[top + depth]
        gaps = [place for place, cell in enumerate(below) if _clean(cell) and not _clean(_at(above, place))]
        under = [place for place, cell in enumerate(below) if not _clean(cell) and _clean(_at(above, place))]
        if not gaps or not under or _values(below):
            break
        depth += 1
    return depth


def _at(row: Row, place: int) -> str | None:
    return row[place] if place < len(row) else None


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell and cell.strip())


def _values(row: Row) -> bool:
    """Whether a fifth of its cells are numbers, dates or marks: a row of names has hardly any."""
    said = [cell.strip() for cell in row if cell and cell.strip()]
    return sum(1 for cell in said if _VALUE.fullmatch(cell)) > len(said) / 5


def _clean(cell: str | None) -> str:
    """Line breaks and blanks inside a name are how it was fitted into its cell."""
    text = _SPACES.sub(" ", cell or "").strip("\ufeff ")
    return re.sub(r"(?<=[\u4e00-\u9fff（）()/]) | (?=[\u4e00-\u9fff（）()/])", "", text)
