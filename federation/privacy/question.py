"""A question that passed the gate, in our own words: what the emitter writes down, and nothing the asker wrote."""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.privacy.measures import Measure


@dataclass(frozen=True)
class Source:
    """A table of the question under its alias, the columns of it that are used, and how it is joined to the others.

    `on` is empty for the first table. `person` is the column that says whose the row is, or nothing.
    """

    alias: str
    table: str
    columns: tuple[str, ...]
    person: str | None
    on: str = ""


@dataclass(frozen=True)
class Question:
    """Cells of `keys` over `sources` where `where`, each with `measures`; `outputs`, `having`, `order` speak of those.

    In `outputs`, `having` and `order` a cell's keys are `k0, k1 ...` and its measures `m0, m1 ...`. `shape` is the
    question with its literals and names taken out, fit for the ledger.
    """

    sources: tuple[Source, ...]
    where: str
    keys: tuple[str, ...]
    measures: tuple[Measure, ...]
    outputs: tuple[tuple[str, str], ...]
    having: str
    order: str
    limit: str
    shape: str

    @property
    def used(self) -> Mapping[str, tuple[str, ...]]:
        """Table -> the columns of it that the question uses."""
        tables: dict[str, set[str]] = {}
        for source in self.sources:
            persons = {source.person} if source.person else {"org_code"}
            tables.setdefault(source.table, set()).update(source.columns, persons)
        return {name: tuple(sorted(columns)) for name, columns in tables.items()}
