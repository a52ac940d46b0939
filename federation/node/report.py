"""What a run of `ingest` tells: how many records were read and what became of them. Counts only, never a value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from federation.errors import Unbalanced
from federation.node.collect import Left


@dataclass(frozen=True)
class Withheld:
    """Rows of one table of one batch that stayed at the site, and why."""

    batch: str
    table: str
    rows: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """`tables` counts rows of accepted records, `pooled` rows that went into the pool, `reasons` rejects by reason."""

    batch: str
    site: str
    kind: str
    profile: str
    files: int
    bytes: int
    read: int
    accepted: int
    rejected: int
    duplicate: int
    superseded: int = 0
    tables: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    pooled: Mapping[str, int] = field(default_factory=dict)
    withheld: tuple[Withheld, ...] = ()
    unreadable: tuple[Left, ...] = ()
    skipped: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    dry_run: bool = False
    seconds: float = 0.0
    asked: int = 0  # databases and servers
    unreachable: tuple[Left, ...] = ()
    unkeyed: tuple[Left, ...] = ()  # files with rows rejected because their key repeats

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.rejected + self.duplicate:
            raise Unbalanced(
                f"{self.read} records were read, but {self.accepted} accepted, {self.rejected} rejected and "
                f"{self.duplicate} found to be duplicates. Nothing was kept; this is a fault of the program."
            )

    @property
    def complete(self) -> bool:
        """Whether there was something to read and all of it could be read."""
        return (self.files > 0 or self.asked > 0) and not self.unreadable and not self.unreachable

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)
