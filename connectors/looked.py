"""What a file is found to hold when it is only looked at: facts, and what of it would reach the shared tables.

Names of columns, resource types and segments only, never a value; what may be a patient's record stays unsaid.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

Tables = Mapping[str, tuple[str, ...]]  # a shared table's name -> names of its columns
_VALUE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\d{6}|\d{4}[-/]\d\d[-/]\d\d")  # numbers of persons, dates


def valued(name: str) -> bool:
    """Whether a name is written as values are: like a number of a person, a date, or with control signs."""
    return _VALUE.search(name) is not None


@dataclass(frozen=True)
class Fact:
    """One thing found out, said in both languages: `Fact("encoding", "编码", "gb18030")`."""

    name: str
    zh: str
    value: str


@dataclass(frozen=True)
class Looked:
    """What one file, or one part of it (a sheet, a member of an archive), holds.

    `records` were counted in the head, or in all of it where `whole`; None where they were not counted.
    `mapped` names each source column, resource type or segment that reaches the shared tables, with the columns (or
    the tables) that it reaches; `unmapped` those that reach none. `unnamed` counts names that are not said, because
    the line they stand in may be a patient's record. `nearest` is the profile that comes closest where none fits, and
    `missing` the columns it wants.
    """

    facts: Sequence[Fact] = ()
    records: int | None = None
    whole: bool = False
    mapped: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unmapped: Sequence[str] = ()
    unnamed: int = 0
    nearest: str = ""
    missing: Sequence[str] = ()
    parts: Sequence["Part"] = ()

    def __post_init__(self) -> None:
        """A damaged header may have swallowed a record: what is written like a value is counted, not said."""
        said = tuple(name for name in self.unmapped if not valued(name))
        object.__setattr__(self, "unnamed", self.unnamed + len(self.unmapped) - len(said))
        object.__setattr__(self, "unmapped", said)

    def fills(self) -> dict[str, int]:
        """Shared table -> how many of its columns are reached; 0 where only the table is known."""
        reached = {target for targets in self.mapped.values() for target in targets}
        tables = dict.fromkeys(sorted(target.partition(".")[0] for target in reached), 0)
        for target in reached:
            table, _, column = target.partition(".")
            tables[table] += bool(column)
        return tables


@dataclass(frozen=True)
class Part:
    """A sheet, or a member of an archive: its name, how it is read (`kind`, `profile`; empty: not at all), and why."""

    name: str
    kind: str
    profile: str
    looked: Looked
    why: str = ""
    why_zh: str = ""


@runtime_checkable
class Looks(Protocol):
    """A connector that can describe a file of its kind without reading all of it."""

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """What the file holds; reads no more than its head, whatever its size. Raises what `open` raises."""
        ...


@runtime_checkable
class Fills(Protocol):
    """A connector whose code says what columns mean: the columns of the shared tables that it can fill."""

    fills: Tables
