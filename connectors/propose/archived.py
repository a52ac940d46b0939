"""The tables inside a ZIP archive, for proposing: which they are, which a profile knows already, and their first rows.

Unpacks one file at a time within the bounds of `connectors.archive`, and keeps none of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.archive.members import members, opened
from connectors.archive.unpacked import unpacking
from connectors.errors import ConnectorError
from connectors.kinds import archive
from connectors.looked import Part
from connectors.propose.looking import TABULAR, Seen, tables
from connectors.several import several

SHOWN = 12


@dataclass(frozen=True)
class Inside:
    """Names of the files inside: `open` are tables that no profile knows, `known` tables with their profile."""

    open: tuple[str, ...]
    known: tuple[tuple[str, str], ...]
    others: tuple[str, ...]

    def told(self) -> str:
        """All of it in a sentence."""
        read = [f"{name} ({profile})" for name, profile in self.known]
        parts = (("tables without a mapping", self.open), ("read without one", read), ("no tables", self.others))
        return "; ".join(f"{what}: {several(names, SHOWN)}" for what, names in parts if names)


def is_archive(path: Path) -> bool:
    """Whether the file is a ZIP of exports, and no workbook."""
    return archive.CONNECTOR.sniff(path) is not None


def inside(path: Path) -> Inside:
    """What the archive holds. Raises Unreadable where it cannot be opened."""
    from connectors.archive.looking import looked
    from connectors.kinds import kinds

    parts = looked(path, {name: each for name, each in kinds().items() if name != archive.CONNECTOR.kind}).parts
    known = tuple((part.name, part.profile) for part in parts if part.profile)
    free = tuple(part.name for part in parts if not part.profile and _is_table(part))
    return Inside(free, known, tuple(part.name for part in parts if not part.profile and part.name not in free))


def tables_inside(path: Path, names: Sequence[str]) -> Iterator[Seen]:
    """The tables of these members, each under a name of its own; one that breaks off is passed over."""
    taken: set[str] = set()
    with opened(path) as packed, unpacking(packed) as room:
        for member in members(packed):
            if member.name in names and not member.refused:
                with room.one(member) as unpacked:
                    for seen in _tables(unpacked.path):
                        name = seen.name if seen.name not in taken else f"{seen.name}_{member.number}"
                        taken.add(name)
                        yield replace(seen, name=name)


def _tables(path: Path) -> list[Seen]:
    try:
        return list(tables(path))
    except ConnectorError:
        return []


def _is_table(part: Part) -> bool:
    """A text of one column is a note for people."""
    return part.kind in TABULAR and ("columns", "1") not in [(fact.name, fact.value) for fact in part.looked.facts]
