"""What every kind and every profile can fill of the shared tables: from its mappings, or from what its code declares.

Says what can be filled, not what a site's export does fill; `guantong score` says that.
"""

from dataclasses import dataclass

from connectors.kinds import kinds
from connectors.landing import mapping as landing
from connectors.looked import Fills, Tables
from connectors.profiles import profiles
from connectors.reach import filled
from schemas.table import COMMON
from schemas.tables import TABLES


@dataclass(frozen=True)
class Covered:
    """One line of the matrix: a kind whose code knows its columns (`profile` is empty), or a profile of a kind."""

    kind: str
    profile: str
    fills: Tables

    @property
    def name(self) -> str:
        """As people look for it."""
        return self.profile or self.kind

    def share(self, table: str) -> tuple[int, int]:
        """Own columns of the table that can be filled, of how many."""
        return len(self.fills.get(table, ())), len(own_columns(table))


def own_columns(table: str) -> list[str]:
    """The table's columns without those that every table has."""
    return [name for name in TABLES[table].columns if name not in COMMON]


def coverage() -> list[Covered]:
    """Kinds first, then profiles, each in alphabetical order."""
    coded = [Covered(name, "", each.fills) for name, each in kinds().items() if isinstance(each, Fills)]
    mapped = [Covered(each.about.kind, name, filled(each)) for name, each in sorted(profiles().items())]
    named = Covered("delimited", landing.NAME, landing.fills())
    return coded + sorted([*mapped, named], key=lambda each: each.profile)


def together() -> Covered:
    """What can be filled by any of them."""
    found: dict[str, set[str]] = {}
    for each in coverage():
        for table, columns in each.fills.items():
            found.setdefault(table, set()).update(columns)
    return Covered("", "any of them", {table: tuple(sorted(columns)) for table, columns in sorted(found.items())})
