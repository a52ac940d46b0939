"""What a policy looks at, and what it may answer: objections, never grants."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from federation.consent.contract import Contract
from federation.consent.request import Request
from schemas.table import COMMON
from schemas.tables import TABLES


@dataclass(frozen=True)
class Objection:
    """A reason why something may not go: one column, or the whole request where `column` is None."""

    reason: str
    column: str | None = None


@dataclass(frozen=True)
class Case:
    """A request beside the contracts that there are, on the day on which it is decided."""

    request: Request
    contracts: tuple[Contract, ...]
    as_of: date

    @property
    def speaking(self) -> tuple[Contract, ...]:
        """The contracts that are about this request today."""
        return tuple(contract for contract in self.contracts if contract.speaks_of(self.request, self.as_of))


Policy = Callable[[Case], Iterable[Objection]]


def carried(table: str) -> tuple[str, ...]:
    """Columns that travel with any row of the table: whose it is and where it came from, as tokens and plain ids."""
    person = TABLES[table].person
    return tuple(name for name, column in COMMON.items() if column.leaves) + ((person,) if person else ())
