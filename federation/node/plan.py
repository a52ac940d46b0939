"""What a batch will read: every file's digest, who reads it, whether it was read before, and the parts to make.

The batch's name follows from its content and from how it is read, so a run that was cut short finds its own parts.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from connectors.connector import Source
from connectors.errors import DoesNotFit, UnknownFormat, Unreadable
from federation.node.collect import Left
from federation.node.name import spoken
from federation.node.sources import Sources

MARK = 16  # hex digits of a digest that name a file in a row
PART_BYTES = 1 << 28  # small files share a part up to this size: ten thousand bundles are not ten thousand folders
PART_FILES = 512


@dataclass(frozen=True)
class File:
    """A file to read. `reading` is kind, profile and mapping version: another one makes other rows of it."""

    ordinal: int
    path: Path
    digest: str
    bytes: int
    kind: str
    reading: str
    source: Source

    @property
    def mark(self) -> str:
        """The file's name in rows and rejects."""
        return self.digest[:MARK]


@dataclass(frozen=True)
class Part:
    """Some files whose rows are written together, all or none."""

    name: str
    files: tuple[File, ...]


def examined(paths: Iterable[Path], sources: Callable[[Path], Sources]) -> Iterator[File | Left]:
    """Each file with its digest and its reader, or why it cannot be read; `sources` says how a file is opened."""
    for ordinal, path in enumerate(paths, 1):
        try:
            yield _file(ordinal, path, sources(path))
        except (Unreadable, UnknownFormat, DoesNotFit) as error:
            yield Left(spoken(path), getattr(error, "reason", "unknown-format"), spoken(str(error)))
        except OSError as error:
            yield Left(spoken(path), "no-access", f"It cannot be opened: {os.strerror(error.errno or 0)}.")


def _file(ordinal: int, path: Path, sources: Sources) -> File:
    with path.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
        size = os.fstat(content.fileno()).st_size
    kind, source = sources.open(path)
    reading = f"{kind}/{source.profile}/{source.mapping_version}"
    return File(ordinal, path, digest, size, kind, reading, source)


def batch_id(site: str, files: Sequence[File], after: Sequence[str] = ()) -> str:
    """16 hex digits that follow from the site, the files' content and order, and how they are read.

    `after` are the batches that hold a first part of some of the files.
    """
    lines = [site, *(f"{file.digest} {file.reading}" for file in files), *after]
    return sha256("\n".join(lines).encode()).hexdigest()[:16]


def parts(files: Sequence[File]) -> list[Part]:
    """The files in their order, in parts of bounded size; the same files make the same parts."""
    made: list[list[File]] = []
    size = 0
    for file in files:
        if not made or size + file.bytes > PART_BYTES or len(made[-1]) >= PART_FILES:
            made.append([])
            size = 0
        made[-1].append(file)
        size += file.bytes
    return [Part(f"p{number:05}", tuple(some)) for number, some in enumerate(made, 1)]
