"""Which columns tell the rows of a table apart: the fewest, counted in the first rows. Says how many, never a value.

Never by what was found or what it cost; whose it is and when it was reported are tried last.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from connectors.propose.column import SourceColumn
from connectors.propose.lexicon import concepts

MOST = 3  # columns of a key
TRIED = 16  # columns of which keys are made
FEW = 20  # rows by which nobody can tell
_MEASURES = ("number", "money", "pressure")
_FIRST = ("item_code", "item", "sequence", "drug_code", "drug", "program")
_LAST = ("unit", "range", "name", "sex", "born", "address", "phone", "reported")


@dataclass(frozen=True)
class Key:
    """Columns, how many different values they have together, and in how many rows all of them say something."""

    columns: tuple[str, ...]
    values: int
    rows: int

    @property
    def unique(self) -> bool:
        """Whether they tell all rows apart."""
        return 0 < self.values == self.rows

    def told(self) -> str:
        """In words."""
        return f"{self.values:,} different value{'s' * (self.values != 1)} in {self.rows:,} row{'s' * (self.rows != 1)}"


def counted(cells: pl.DataFrame, columns: Sequence[str]) -> Key:
    """How far these columns tell rows apart; a row that stands twice counts once."""
    said = pl.all_horizontal(pl.col(columns).str.strip_chars().replace("", None).is_not_null())
    rows = cells.filter(said).unique()
    return Key(tuple(columns), rows.select(columns).n_unique() if rows.height else 0, rows.height)


def fewest(cells: pl.DataFrame, columns: Sequence[SourceColumn], first: Sequence[str]) -> Key | None:
    """The fewest columns that tell all rows apart, those in `first` among them; None where no three do.

    A few rows say nothing: there too None.
    """
    if cells.height < FEW:
        return None
    fit = [each for each in columns if each.evidence.said and each.name not in first and not _is_found(each)]
    others = [each.name for each in sorted(fit, key=_rank)]
    for some in _tried(others[:TRIED], max(0, MOST - len(first))):
        found = counted(cells, [*first, *some])
        if found.unique and found.rows >= FEW:
            return found
    return None


def _tried(others: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    for size in range(1, most + 1):
        yield from combinations(others, size)


def _rank(column: SourceColumn) -> tuple[int, float]:
    """What names a thing first; in between the more that differ, the sooner."""
    concept = column.best.concept if column.best else ""
    return 0 if concept in _FIRST else 2 if concept in _LAST else 1, -column.evidence.distinct


def _is_found(column: SourceColumn) -> bool:
    concept = column.best.concept if column.best else ""
    return concept == "value" or (concept in concepts() and concepts()[concept].expects in _MEASURES)
