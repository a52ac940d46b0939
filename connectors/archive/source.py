"""An archive read member by member: each by the kind that knows it; what cannot be opened is one record, rejected.

Positions run through the whole archive; what was read of a member is the same record as when it lay there by itself.
An offset is the member's number times 2^40, and the place in the member. One
of which nothing can be read is as unreadable as its files are without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import polars as pl

from connectors.archive.members import Member, members, opened
from connectors.archive.unpacked import Unpacked, Unpacking, unpacking
from connectors.archive.unread import unread
from connectors.chunk import RECORDS, REJECTS, Chunk
from connectors.connector import Connector, Context, Sniffed, Source
from connectors.errors import BadMapping, ConnectorError, DoesNotFit, NoSuchKind, UnknownFormat, Unreadable

SHIFT = 40
SELF = "archive"


@dataclass(frozen=True)
class Asked:
    """What the caller said about the tables inside."""

    profile: str | None = None
    mapping: Path | None = None


@dataclass
class ArchiveFile:
    """One archive; iterating reads it once."""

    path: Path
    kinds: Mapping[str, Connector]
    asked: Asked
    profile: str = ""
    mapping_version: str = ""
    _left: list[tuple[str, str]] = field(default_factory=list)  # names of members not read, and why
    _files: int = 0
    _any: bool = False  # whether some member was read

    def __post_init__(self) -> None:
        self.profile = self.asked.profile or ""
        self.mapping_version = every_version() + _version(self.asked.mapping)

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Conformed pieces, members in their order. Raises Unreadable where no member, or not the archive, is read."""
        done, waiting = 0, []
        self._left, self._any = [], False
        with opened(self.path) as archive, unpacking(archive) as room:
            inside = list(members(archive))
            self._files = len(inside)
            kept = {member.number: room.keep(member) for member in beside(inside, self.kinds)}
            for member in inside:
                before = done
                for chunk in self._member(member, room, kept.get(member.number), context):
                    done += chunk.read
                    waiting.append(shifted(chunk, before, member.number))
                    if self._any:  # until then there are only rejects of whole members
                        yield from waiting
                        waiting = []
        if not self._any:
            raise unread(self.path.name, self._left, self._files)
        yield from waiting

    def left(self) -> Unreadable | None:
        """The members that were not read."""
        return unread(self.path.name, self._left, self._files) if self._left else None

    def _member(self, member: Member, room: Unpacking, kept: Unpacked | None, context: Context) -> Iterator[Chunk]:
        if member.refused:
            yield self._refused(member, member.refused)
        elif kept is not None:
            yield from self._read(member, kept, context)
        else:
            with room.one(member) as unpacked:
                yield from self._read(member, unpacked, context)

    def _read(self, member: Member, unpacked: Unpacked, context: Context) -> Iterator[Chunk]:
        count = 0
        if unpacked.damage == "unsafe-member":
            yield self._refused(member, unpacked.damage)
            return
        try:
            kind, source = self._opened(unpacked.path)
            reading = f"{kind}/{source.profile}/{source.mapping_version}"
            for chunk in source.chunks(context):
                count, self._any = count + chunk.read, True
                yield replace(chunk, reading=reading)
            self._any = True
            if unpacked.damage:
                yield self._refused(member, unpacked.damage, count)
        except Unreadable as error:
            yield self._refused(member, unpacked.damage or error.reason, count)
        except (DoesNotFit, UnknownFormat):
            yield self._refused(member, unpacked.damage or "no-mapping", count)
        except (BadMapping, NoSuchKind):
            raise
        except ConnectorError:
            yield self._refused(member, unpacked.damage or "unread-member", count)

    def _refused(self, member: Member, reason: str, after: int = 0) -> Chunk:
        self._left.append((member.name, reason))
        return refused(member, reason, after)

    def _opened(self, path: Path) -> tuple[str, Source]:
        guess = surest(path, self.kinds)
        if guess is None:
            raise Unreadable(f"{path.name} is of no known kind.", "unread-member")
        connector = self.kinds[guess.kind]
        said = (self.asked.profile, self.asked.mapping) if connector.takes_mapping else (None, None)
        return guess.kind, connector.open(path, *said)


def surest(path: Path, kinds: Mapping[str, Connector]) -> Sniffed | None:
    """The kind that is surest of the file."""
    guesses = [guess for kind in sorted(kinds) if (guess := kinds[kind].sniff(path)) is not None]
    return max(guesses, key=lambda guess: guess.sure, default=None)


def beside(inside: Sequence[Member], kinds: Mapping[str, Connector]) -> list[Member]:
    """Members that others are read with, by the names that some kind wants beside a table."""
    wanted = {name for connector in kinds.values() for name in getattr(connector, "beside", ())}
    return [member for member in inside if not member.refused and member.base.lower().split(".")[0] in wanted]


def refused(member: Member, reason: str, after: int = 0) -> Chunk:
    """One record for a member, or the rest of one, that cannot be read; its name is for the owner."""
    place = (after + 1, after + 1, 0, "", reason, True, member.name.encode("utf-8", "replace"))
    rejects = pl.DataFrame([place], schema=REJECTS, orient="row")
    return Chunk(1, pl.DataFrame(schema=RECORDS), {}, rejects)


def shifted(chunk: Chunk, before: int, number: int) -> Chunk:
    """The chunk with positions and offsets of the archive; `before` records were read of the members before it."""
    position, moved = pl.col("position") + before, pl.col("offset") + (number << SHIFT)
    return replace(
        chunk, records=chunk.records.with_columns(position, moved), rejects=chunk.rejects.with_columns(position, moved),
        tables={name: rows.with_columns(pl.col("source_position") + before) for name, rows in chunk.tables.items()},
        versions=chunk.versions.with_columns(position),
        once=None if chunk.once is None else replace(chunk.once, table=f"{number} {chunk.once.table}"),
    )  # fmt: skip


@cache
def every_version() -> str:
    """Twelve hex digits that change when any mapping of this program does: what is inside is read by one of them."""
    folder = Path(__file__).parent.parent
    texts = [path.read_bytes() for path in sorted(folder.rglob("*.toml"))]
    return sha256(b"\0".join(texts)).hexdigest()[:12]


def _version(mapping: Path | None) -> str:
    if mapping is None:
        return ""
    files = sorted(mapping.glob("*.toml")) if mapping.is_dir() else [mapping]
    return "-" + sha256(b"\0".join(file.read_bytes() for file in files if file.is_file())).hexdigest()[:8]
