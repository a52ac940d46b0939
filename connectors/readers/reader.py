"""What a reader is, and the one rule all readers share: try the cell as it stands, then in half-width signs.

Chinese input methods write digits, letters and punctuation in full width; both mean the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

FULL = [chr(sign) for sign in range(0xFF01, 0xFF5F)] + ["\u3000", "−", "〇"]
HALF = [chr(sign - 0xFEE0) for sign in range(0xFF01, 0xFF5F)] + [" ", "-", "0"]
_WIDE = "[" + "".join(FULL) + "]"
Read = Callable[[Sequence[pl.Series]], pl.Series]


@dataclass(frozen=True)
class Reader:
    """`read` makes one Series of as many cells as it `takes`; null for what it cannot read.

    `reason` is the code of connectors.reason for such a cell; empty where not being readable is no fault (a lab
    result that is a word). `partly` marks cells to which `partly_reason` belongs instead.
    `keeps_nothing`: a cell that means "nothing to record" (`-`) stays as it is written.
    """

    read: Read
    means: str
    zh: str
    dtypes: tuple[type[pl.DataType], ...]
    takes: int = 1
    reason: str = ""
    keeps_nothing: bool = False
    partly: str = ""
    partly_reason: str = ""


def half_width(cells: pl.Series) -> pl.Series:
    """Full-width digits, letters, punctuation and blanks as their ASCII twins; outer blanks gone."""
    if cells.str.contains(_WIDE).any():  # to replace a hundred signs costs a hundred times as much as to look for them
        cells = cells.str.replace_many(FULL, HALF)
    return cells.str.strip_chars()


def again(cells: Sequence[pl.Series], read: Read) -> pl.Series:
    """`read`, and once more in half width for the cells that it could not read."""
    value = read(cells)
    failed = cells[0].is_not_null() & value.is_null()
    if not failed.any():
        return value
    second = read([half_width(each.filter(failed)) for each in cells])
    if second.null_count() == len(second):
        return value
    return value.scatter(failed.arg_true(), second)
