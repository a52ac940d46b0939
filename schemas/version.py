"""The version of the shared tables, and what may change between two versions.

    patch   words, targets and notes change; no reader notices
    minor   something nullable is added: a table, a column, a code; old readers go on reading
    major   something is removed, renamed or retyped, loses a code, or may leave a site when it could not before

Works on the documents of `schemas.exports.json_schema.document`; it reads no data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = "1.0.0"

SIZES = ("none", "patch", "minor", "major")
BREAKING = ("dtype", "references", "unit", "token", "leaves", "codes")  # of a column: what old readers rely on
KEY = "x-guantong"

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One change between two versions: how large, where (`table` or `table.column`), and what, in a sentence."""

    size: str
    where: str
    what: str


@dataclass(frozen=True)
class Compatibility:
    """All changes from an old version to a new one. `size` is the largest of them, `none` where nothing changed."""

    old: str
    new: str
    differences: tuple[Difference, ...]

    @property
    def size(self) -> str:
        """The part of the version that has to rise: none, patch, minor or major."""
        return max((difference.size for difference in self.differences), key=SIZES.index, default="none")

    @property
    def readable(self) -> bool:
        """Whether programs written for the old version can read data of the new one."""
        return self.size != "major"

    @property
    def honest(self) -> bool:
        """Whether the new version number rose by at least what the differences ask for."""
        return _rise(self.old, self.new) >= SIZES.index(self.size)


def compatible(old: Document, new: Document) -> Compatibility:
    """Compares two exported schemas, table by table and column by column."""
    return Compatibility(old[KEY]["version"], new[KEY]["version"], tuple(_tables(old["$defs"], new["$defs"])))


def _rise(old: str, new: str) -> int:
    before, after = (tuple(int(part) for part in version.split(".")) for version in (old, new))
    if after <= before:
        return 0
    return 3 - next(place for place in range(3) if after[place] != before[place])


def _tables(old: Document, new: Document) -> Iterator[Difference]:
    for name in old.keys() - new.keys():
        yield Difference("major", name, "The table was removed.")
    for name in new.keys() - old.keys():
        yield Difference("minor", name, "The table was added.")
    for name in sorted(old.keys() & new.keys()):
        yield from _columns(name, old[name]["properties"], new[name]["properties"])
        if _words(old[name]) != _words(new[name]):
            yield Difference("patch", name, "Its words changed.")


def _columns(table: str, old: Document, new: Document) -> Iterator[Difference]:
    gone, come = sorted(old.keys() - new.keys()), sorted(new.keys() - old.keys())
    for name in gone:
        heirs = [heir for heir in come if old[name][KEY]["zh"] == new[heir][KEY]["zh"]]
        what = f"The column was renamed to `{heirs[0]}`." if heirs else "The column was removed."
        yield Difference("major", f"{table}.{name}", what)
    for name in come:
        yield Difference("minor", f"{table}.{name}", "The column was added.")
    for name in sorted(old.keys() & new.keys()):
        yield from _column(f"{table}.{name}", old[name], new[name])


def _column(where: str, old: Document, new: Document) -> Iterator[Difference]:
    before, after = old[KEY], new[KEY]
    for fact in BREAKING:
        if before.get(fact) != after.get(fact):
            yield Difference("major", where, f"Its {fact} changed from {before.get(fact)} to {after.get(fact)}.")
    if before.get("codes") == after.get("codes"):
        yield from _codes(where, set(old.get("enum", ())), set(new.get("enum", ())))
    if before.get("required") != after.get("required"):
        what = "It is now counted by completeness." if after.get("required") else "Completeness no longer counts it."
        yield Difference("minor", where, what)
    if _words(old) != _words(new):
        yield Difference("patch", where, "Its words changed.")


def _codes(where: str, old: set[str | None], new: set[str | None]) -> Iterator[Difference]:
    if lost := len(old - new):
        yield Difference("major", where, f"{lost} codes were removed.")
    if added := len(new - old):
        yield Difference("minor", where, f"{added} codes were added.")


def _words(part: Document) -> tuple[Any, ...]:
    return part.get("description"), *(part[KEY].get(word) for word in ("zh", "element", "fhir", "omop", "level"))
