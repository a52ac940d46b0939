"""Who reads a file: the kind that was asked for, or the one that is surest of knowing it.

Kinds are found by walking `connectors/kinds`; nothing is guessed where none is sure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import connectors.kinds
from connectors.connector import Connector, Source
from connectors.errors import NoSuchKind, UnknownFormat


@cache
def known_kinds() -> dict[str, Connector]:
    """Kind -> connector, one for each module of `connectors/kinds`."""
    modules = (import_module(f"connectors.kinds.{found.name}") for found in iter_modules(connectors.kinds.__path__))
    found: list[Connector] = [module.CONNECTOR for module in modules if hasattr(module, "CONNECTOR")]
    return {connector.kind: connector for connector in found}


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
        kind = self.kind or self._surest(path)
        return kind, self.kinds[kind].open(path, self.profile, self.mapping)

    def _surest(self, path: Path) -> str:
        sniffed = [found for kind in sorted(self.kinds) if (found := self.kinds[kind].sniff(path)) is not None]
        if not sniffed:
            raise UnknownFormat(
                f"{path}: no kind of source knows it. Name one with --kind, or see `guantong connectors`."
            )
        return max(sniffed, key=lambda found: found.sure).kind
