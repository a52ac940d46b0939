"""What a file is found to be, and what would become of it: its kind says it, and a first piece of it is read for trial.

Keeps nothing, and tells names and counts only, never a value. A big file is looked at, not read through.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from connectors.connector import Context, Source
from connectors.errors import ConnectorError, UnknownFormat
from connectors.looked import Looked, Looks
from connectors.stranger import stranger
from federation.node.collect import Collected, collect
from federation.node.sources import Sources
from schemas.table import COMMON

TRIED_UP_TO = 64 << 20  # bytes of a file that is read for trial
NOBODY = Context("trial", "trial", "trial")


@dataclass(frozen=True)
class Tried:
    """What came of the first piece of a file (of all of it where `whole`): records, rejects by reason, rows by table.

    `tables` holds the rows of each shared table and the names of its own columns that hold something.
    """

    records: int
    whole: bool
    rejects: Mapping[str, int]
    tables: Mapping[str, tuple[int, tuple[str, ...]]]


@dataclass(frozen=True)
class Found:
    """One file: kind and profile are empty where nobody knows it; `trouble` says why it could not be opened."""

    path: Path
    kind: str
    profile: str
    sure: float
    why: str
    why_zh: str
    looked: Looked = field(default_factory=Looked)
    tried: Tried | None = None
    trouble: str = ""


def sniff(paths: Sequence[Path], sources: Sources) -> tuple[Collected, Iterator[Found]]:
    """The files under `paths` as `ingest` would take them, and each of them looked at. Raises Usage."""
    found = collect(paths)
    return found, (look(path, sources) for path in found.files)


def look(path: Path, sources: Sources) -> Found:
    """One file. Raises only what the caller asked wrongly: NoSuchKind, or BadMapping of a mapping that is broken."""
    guess = sources.sniffed(path)
    if guess is None:
        return Found(path, "", "", 0.0, *stranger(path))
    connector = sources.kinds[guess.kind]
    said = (sources.profile, sources.mapping) if connector.takes_mapping else (None, None)
    looked, profile, tried, trouble = Looked(), guess.profile, None, ""
    try:
        looked = connector.look(path, *said) if isinstance(connector, Looks) else Looked()
        source = connector.open(path, *said)
        profile = source.profile or guess.profile
        tried = _tried(source) if not looked.parts and path.stat().st_size <= TRIED_UP_TO else None
    except UnknownFormat:
        pass  # the kind is known and says itself which profile comes nearest
    except ConnectorError as error:
        trouble = str(error)
    except OSError as error:
        trouble = f"It cannot be read: {error.strerror}."
    return Found(path, guess.kind, profile, guess.sure, guess.why, guess.why_zh, looked, tried, trouble)


def _tried(source: Source) -> Tried:
    chunks = source.chunks(NOBODY)
    first = next(chunks, None)
    if first is None:
        return Tried(0, True, {}, {})
    rejects = Counter(first.rejects["reason"].to_list())
    tables = {
        name: (rows.height, tuple(each for each in rows.columns if each not in COMMON and _says(rows[each])))
        for name, rows in sorted(first.tables.items())
        if rows.height
    }
    return Tried(first.read, next(chunks, None) is None, dict(sorted(rejects.items())), tables)


def _says(column: pl.Series) -> bool:
    return column.null_count() < len(column)
