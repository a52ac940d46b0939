"""A source that must be asked: a database, a FHIR server. Its answers land as files and are then read like any other.

A feed never reads what it lands, and never calls a file landed before all of it is on the disk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

State = Mapping[str, str]


@dataclass(frozen=True)
class Landed:
    """One file of answers, complete on the disk. `state` is what the feed wants to know when it is asked again.

    The state is kept in the transaction that records the batch the file is read in: an answer that was landed and not
    recorded is asked for again, and what comes twice is a duplicate by its content.
    """

    path: Path
    kind: str
    state: State
    profile: str | None = None
    mapping: Path | None = None


class Feed(Protocol):
    """One source at a site, described by a TOML file whose `kind` names a connector that asks."""

    @property
    def name(self) -> str:
        """Under this name a site's home remembers it."""
        ...

    @property
    def kind(self) -> str:
        """The connector that asks."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What whoever runs it should know, once it was pulled: sentences without a value."""
        ...

    def pull(self, state: State, landing: Path, tell: Callable[[int, int], None]) -> Iterator[Landed]:
        """Asks for what is new since `state` (empty at first) and lands it in the folder `landing`.

        `tell` gets records done and records in all (0 where that is not known). Raises Unreadable where the answer
        cannot be used, BadMapping where the description contradicts itself, Unreachable where the source does not
        answer: then what had landed before stays usable.

        `landing` is empty, unless the feed has a `resumes` that is true: then it is as an earlier pull left it.
        """
        ...
