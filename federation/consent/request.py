"""Who asks what for which purpose, and the answer with its reasons. Plain values; nothing is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CENTRE = "city-centre"  # the recipient a contract names where it allows the city's pool itself to be asked


@dataclass(frozen=True)
class Request:
    """`recipient` asks for `columns` of `table` of `site`, for `purpose` (a code of purposes.csv)."""

    site: str
    table: str
    columns: tuple[str, ...]
    purpose: str
    recipient: str


@dataclass(frozen=True)
class Decision:
    """What may go (`columns`, a part of those asked for) and why the rest may not (`refused`: column -> reason).

    `reasons` says it all in sentences; `contracts` are the ids that granted something.
    """

    request: Request
    columns: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether something was asked for and all of it may go."""
        return bool(self.columns) and not self.refused
