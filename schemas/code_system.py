"""The code lists that are shipped: one CSV in `schemas/codes` each, read when first asked for, and never changed.

`schemas/code_lists.csv` says what each list is and where it comes from. ICD and other licensed lists are not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

from schemas.errors import NoSuchCodeSystem

FOLDER = Path(__file__).parent / "codes"
TITLES = Path(__file__).parent / "code_lists.csv"


@dataclass(frozen=True)
class CodeSystem:
    """A list of codes. `rows` holds code, means, zh, all String.

    `division` also says `since` and `until`, the first and last revision that has the code, as `YYYYMM`:
    `198012` is 1980 or before, an empty `until` is a code in use.
    """

    name: str
    means: str
    zh: str
    source: str

    @property
    def rows(self) -> pl.DataFrame:
        """The list as it is written, one row a code."""
        return _rows(self.name)

    @property
    def codes(self) -> pl.Series:
        """The codes alone, as String."""
        return self.rows["code"]

    @property
    def labels(self) -> Mapping[str, tuple[str, str]]:
        """Code -> (meaning in English, meaning in Chinese)."""
        return _labels(self.name)

    def contains(self, column: pl.Expr) -> pl.Expr:
        """Whether each value of a String column is a code of the list; null stays null. Nothing is trimmed."""
        return column.is_in(self.codes.implode())


@cache
def _titles() -> Mapping[str, CodeSystem]:
    rows = pl.read_csv(TITLES, infer_schema=False).iter_rows()
    return MappingProxyType({name: CodeSystem(name, means, zh, source) for name, means, zh, source in rows})


@cache
def _rows(name: str) -> pl.DataFrame:
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False)


@cache
def _labels(name: str) -> Mapping[str, tuple[str, str]]:
    rows = _rows(name).select("code", "means", "zh").iter_rows()
    return MappingProxyType({code: (means, zh) for code, means, zh in rows})


def names() -> tuple[str, ...]:
    """Names of the lists there are, in order."""
    return tuple(_titles())


def code_system(name: str) -> CodeSystem:
    """The list called `name`; raises NoSuchCodeSystem, which says the nearest name."""
    if name not in _titles():
        near = get_close_matches(name, names(), n=1)
        hint = f"Did you mean `{near[0]}`?" if near else "`guantong export codes` lists those there are."
        raise NoSuchCodeSystem(f"There is no code list `{name}`. {hint}")
    return _titles()[name]


def codes(name: str) -> pl.Series:
    """The codes of the list called `name`, as String; raises NoSuchCodeSystem."""
    return code_system(name).codes
