"""Which table of the CDM a header belongs to, in which version, and the mapping that reads it.

By the whole header and never by the file's name: exporters call files as they like.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connectors.mapping import Mapping, load
from schemas.exports.omop import DERIVED, NEW, RENAMED, VOCABULARY, cdm

MAPPINGS = Path(__file__).parent / "mappings"
SHARE = 0.6  # of the header's names that must be the table's, and of the table's required fields that must be there


@dataclass(frozen=True)
class Known:
    """A header that is a CDM table's: `renamed` are its columns as 5.4 calls them, in the file's order."""

    table: str
    version: str
    renamed: tuple[str, ...]

    @property
    def mapping(self) -> Mapping | None:
        """How its rows become rows of the shared tables; None where no shared table holds them."""
        return mappings().get(self.table)

    @property
    def is_reference(self) -> bool:
        """Whether it is about the database rather than about patients: vocabulary, eras, metadata."""
        return self.table in {*VOCABULARY, *DERIVED}


@cache
def mappings() -> dict[str, Mapping]:
    """CDM table -> its mapping."""
    return {path.stem: load(path) for path in sorted(MAPPINGS.glob("*.toml"))}


def known(header: Sequence[str]) -> Known | None:
    """The CDM table whose fields the header holds, written in capitals or not; None where it is none."""
    written = [name.lower() for name in header]
    names = tuple(RENAMED.get(name, name) for name in written)
    if len(set(names)) < len(names):
        return None
    table = max(cdm(), key=lambda each: (_is(each, names), _shared(each, names)))
    if not _is(table, names):
        return None
    old, new = bool(set(written) & set(RENAMED)), bool(set(written) & NEW)
    return Known(table, "5.3" if old else "5.4" if new else "5.3/5.4", names)


def _shared(table: str, names: Iterable[str]) -> int:
    return len(set(names) & set(cdm()[table]))


def _is(table: str, names: Sequence[str]) -> bool:
    fields = cdm()[table].values()
    required = {field.name for field in fields if field.required}
    needed = {field.name for field in fields if field.key or field.name == "person_id"} or required
    return (
        needed <= set(names)
        and len(required & set(names)) >= SHARE * len(required)
        and _shared(table, names) >= SHARE * len(names)
    )
