"""A functional dependency: columns that decide another one, declared by whoever knows the table, or found in it.

`hospital -> city` says that one hospital lies in one city; it does not say which of two cities is the wrong one.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import polars as pl

from federation.errors import BadInput

HOLDS = 0.85  # share of rows, among those whose key comes more than once, that agree with the most frequent value
GAIN = 0.7  # how much of the way from always guessing the most frequent value to always being right
REPEATED = 0.5  # share of rows whose key comes more than once; fewer say nothing
FEWEST_KEYS = 3
DOCS = "docs/cells.md"


@dataclass(frozen=True)
class Dependency:
    """`of` decides `decides`: rows that agree on all columns of `of` should agree on `decides`."""

    of: tuple[str, ...]
    decides: str

    def __str__(self) -> str:
        return f"{' + '.join(self.of)} -> {self.decides}"


def declared(path: Path, columns: Sequence[str]) -> list[Dependency]:
    """The dependencies of a TOML file: `[[dependency]]` with `of = ["a", "b"]` and `decides = "c"`.

    Raises BadInput where the file cannot be read, or names a column that `columns` has not.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path.name} is no TOML in UTF-8 that can be read. Correct it; see {DOCS}.") from error
    entries = document.get("dependency")
    if not isinstance(entries, list) or not entries:
        raise BadInput(f"{path.name} declares nothing. Write a [[dependency]] with `of` and `decides`; see {DOCS}.")
    return [_of_entry(path.name, entry, columns) for entry in entries]


def _of_entry(name: str, entry: Any, columns: Sequence[str]) -> Dependency:
    of, decides = (entry.get("of"), entry.get("decides")) if isinstance(entry, dict) else (None, None)
    if not isinstance(of, list) or not of or not isinstance(decides, str) or not all(isinstance(e, str) for e in of):
        raise BadInput(f'{name}: a [[dependency]] says of = ["column", ...] and decides = "column".')
    unknown = [each for each in [*of, decides] if each not in columns]
    if unknown or decides in of:
        what = f"there is no column `{unknown[0]}`" if unknown else f"`{decides}` decides itself"
        raise BadInput(f"{name}: {what}. Correct the dependency of `{decides}`.")
    return Dependency(tuple(of), decides)


def found(cells: pl.DataFrame) -> list[Dependency]:
    """Dependencies of one column on one other that nearly hold in `cells` (all String; null where empty).

    One that a constant column would hold as well is none: it must say more than the most frequent value does.
    """
    varied = [name for name in cells.columns if cells[name].n_unique() > 1]
    pairs = [Dependency((of,), decides) for of, decides in permutations(varied, 2)]
    return [each for each in pairs if _nearly_holds(cells, each)]


def _nearly_holds(cells: pl.DataFrame, dependency: Dependency) -> bool:
    rows = cells.select(*dependency.of, dependency.decides).drop_nulls()
    if rows.is_empty():
        return False
    of_value = rows.group_by(rows.columns).len("times")
    of_key = of_value.group_by(dependency.of).agg(pl.col("times").sum().alias("all"), pl.col("times").max())
    again = of_key.filter(pl.col("all") > 1)
    asked, agree = int(again["all"].sum()), int(again["times"].sum())
    guess = rows[dependency.decides].value_counts()["count"].max()
    usual = (int(guess) if isinstance(guess, int) else 0) / rows.height
    if of_key.height < FEWEST_KEYS or asked < REPEATED * rows.height or usual >= 1:
        return False
    return agree / asked >= HOLDS and (agree / asked - usual) / (1 - usual) >= GAIN
