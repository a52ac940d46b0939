"""What every kind of source offers: say whether a file is of this kind, and read it piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from connectors.chunk import Chunk
from connectors.errors import Unreadable
from connectors.feed import Feed


@dataclass(frozen=True)
class Context:
    """Who reads: constant columns of every row made. `file` is the source_file mark."""

    site: str
    batch: str
    file: str


@dataclass(frozen=True)
class Sniffed:
    """What a file looks like: kind, profile (empty when the kind needs none), how sure, and why, in a sentence each."""

    kind: str
    profile: str
    sure: float
    why: str
    why_zh: str


class Source(Protocol):
    """One file opened by a connector; iterating reads it once, in bounded memory."""

    profile: str
    mapping_version: str

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Conformed pieces in file order. Raises Unreadable when the file as a whole cannot be read."""
        ...


@runtime_checkable
class Leaves(Protocol):
    """A source of several files, some of which nobody may be able to read while the others are."""

    def left(self) -> Unreadable | None:
        """Which were not read, why, and what to do; None where all were. Known when `chunks` has ended."""
        ...


class Draft(Protocol):
    """A piece that was read and is not made into frames yet: making frames costs as much for one row as for thousands.

    `heights` are its rows in `records`, `rejects` and `versions`.
    """

    read: int
    rejected: int
    bytes_read: int

    @property
    def heights(self) -> tuple[int, int, int]: ...

    def joined(self, more: Sequence[Self]) -> Chunk:
        """One chunk of this piece and those after it, of whatever files: row by row what each alone would be."""
        ...


@runtime_checkable
class Drafting(Protocol):
    """A source whose pieces can become frames together with those of other files: thousands of small files.

    `Source.chunks` gives the same, each piece by itself.
    """

    def drafts(self, context: Context) -> Iterator[Draft]:
        """Pieces in file order, bounded as chunks are. Raises Unreadable when the file as a whole cannot be read."""
        ...


class Connector(Protocol):
    """One kind of source; one module in `connectors/kinds`, found by walking the folder."""

    kind: str
    means: str
    zh: str
    takes_mapping: bool  # whether a mapping says what its columns mean

    def sniff(self, path: Path) -> Sniffed | None:
        """What the file looks like, from its first 64 KiB, or None when it is surely not of this kind."""
        ...

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """The file, ready to be read; `mapping` is a file, or a folder of which the fitting one is taken.

        Raises UnknownFormat, BadMapping, NoSuchKind or Unreadable.
        """
        ...


@runtime_checkable
class Places(Protocol):
    """A connector whose records have no bytes of their own: rows of a workbook. `offset` is then what it says it is."""

    def place(self, line: int, offset: int) -> str:
        """Where a record stands, in words."""
        ...

    def raw(self, path: Path, line: int, offset: int, length: int) -> bytes:
        """The record as text, read again from the file; empty where it is not there. Raises Unreadable."""
        ...


@runtime_checkable
class Asker(Protocol):
    """A connector whose files are descriptions of a source that must be asked. Its `open` raises UnknownFormat."""

    def feed(self, path: Path, at_most: int | None = None) -> Feed:
        """What the description at `path` describes; asked for a trial only, at most `at_most` records, where given.

        Opens no connection. Raises BadMapping where the description contradicts itself, Unreadable where it cannot
        be read.
        """
        ...
