"""Who reads a file: the kind that was asked for, or the one that is surest of knowing it.

Kinds are found by walking `connectors/kinds`; nothing is guessed where none is sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.connector import Connector, Sniffed, Source
from connectors.errors import NoSuchKind, UnknownFormat
from connectors.stranger import stranger


@dataclass(frozen=True)
class Sources:
    """Opens files as the caller asked: `kind`, `profile` and `mapping` are found from the file where not given."""

    kinds: Mapping[str, Connector]
    kind: str | None = None
    profile: str | None = None
    mapping: Path | None = None

    def __post_init__(self) -> None:
        if self.kind is not None and self.kind not in self.kinds:
            raise NoSuchKind(f"There is no kind `{self.kind}`. Known are {', '.join(sorted(self.kinds))}.")

    def open(self, path: Path) -> tuple[str, Source]:
        """The kind and the opened file. Raises UnknownFormat, Unreadable, NoSuchKind or BadMapping."""
        if self.kind is not None:
            return self.kind, self.kinds[self.kind].open(path, self.profile, self.mapping)
        kind = self._surest(path)
        connector = self.kinds[kind]
        # A site's folder mixes kinds: what is said for its tables does not concern its FHIR files.
        said = (self.profile, self.mapping) if connector.takes_mapping else (None, None)
        return kind, connector.open(path, *said)

    def _surest(self, path: Path) -> str:
        sniffed = self.sniffed(path)
        if sniffed is None:
            raise UnknownFormat(f"{path}: {stranger(path)[0]}")
        return sniffed.kind

    def sniffed(self, path: Path) -> Sniffed | None:
        """What the file looks like to the kind that is surest of it; None where none knows it."""
        sniffed = [found for kind in sorted(self.kinds) if (found := self.kinds[kind].sniff(path)) is not None]
        return max(sniffed, key=lambda found: found.sure, default=None)
