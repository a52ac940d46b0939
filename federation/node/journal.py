"""What a home remembers of every batch: its files, its counts, and what of it went into the pool.

A batch stands here only once everything of it is on disk; what is not here does not exist for a reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, String, Table, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from federation.broker.database import METADATA

POOLED, WITHHELD = "pooled", "withheld"
READ, SEEN, UNREADABLE = "read", "seen", "unreadable"

BATCHES = Table(
    "batches",
    METADATA,
    Column("site", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("ordinal", BigInteger, nullable=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("profile", String, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("duplicate", BigInteger, nullable=False),
)
FILES = Table(
    "files",
    METADATA,
    Column("site", String, primary_key=True),
    Column("batch", String, primary_key=True),
    Column("ordinal", BigInteger, primary_key=True),
    Column("part", String, nullable=False),
    Column("file", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("path", String, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("reading", String, nullable=False),
    Column("state", String, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("first_batch", String, nullable=False),
    Column("message", String, nullable=False),
)
RELEASES = Table(
    "releases",
    METADATA,
    Column("site", String, primary_key=True),
    Column("batch", String, primary_key=True),
    Column("table", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("pooled", BigInteger, nullable=False),
    Column("reasons", String, nullable=False),
)


@dataclass(frozen=True)
class BatchRow:
    """A recorded batch; `ordinal` is its place among the site's batches, from 1."""

    site: str
    id: str
    ordinal: int
    at: str
    kind: str
    profile: str
    read: int
    accepted: int
    rejected: int
    duplicate: int


@dataclass(frozen=True)
class FileRow:
    """A file of a batch. `reading` is kind, profile and mapping version; `state` is read, seen or unreadable.

    A seen file was read before, in `first_batch`: `read` counts its records, all of them duplicates now.
    """

    ordinal: int
    part: str
    file: str
    digest: str
    path: str
    bytes: int
    reading: str
    state: str
    read: int
    rejected: int
    first_batch: str
    message: str
    site: str = ""
    batch: str = ""


@dataclass(frozen=True)
class ReleaseRow:
    """One table of a batch: `rows` of accepted records, and how many of them went into the pool."""

    site: str
    batch: str
    table: str
    state: str
    rows: int
    pooled: int
    reasons: str


def batches(connection: Connection, site: str | None = None) -> list[BatchRow]:
    """Recorded batches, oldest first."""
    wanted = select(BATCHES).order_by(BATCHES.c.site, BATCHES.c.ordinal)
    wanted = wanted if site is None else wanted.where(BATCHES.c.site == site)
    return [BatchRow(**row) for row in connection.execute(wanted).mappings()]


def files(connection: Connection, site: str | None = None, batch: str | None = None) -> list[FileRow]:
    """Files of recorded batches, in the order in which they were read."""
    wanted = select(FILES).order_by(FILES.c.site, FILES.c.batch, FILES.c.ordinal)
    wanted = wanted if site is None else wanted.where(FILES.c.site == site)
    wanted = wanted if batch is None else wanted.where(FILES.c.batch == batch)
    return [FileRow(**row) for row in connection.execute(wanted).mappings()]


def seen(connection: Connection, site: str, digest: str, reading: str) -> FileRow | None:
    """The file as it was read before in the same way, whole if ever; None where it is new."""
    row = (
        connection.execute(
            select(FILES)
            .join(BATCHES, (BATCHES.c.site == FILES.c.site) & (BATCHES.c.id == FILES.c.batch))
            .where(FILES.c.site == site, FILES.c.digest == digest, FILES.c.reading == reading, FILES.c.state == READ)
            .order_by(FILES.c.message != "", BATCHES.c.ordinal.desc())
        )
        .mappings()
        .first()
    )
    return None if row is None else FileRow(**row)


def read_otherwise(connection: Connection, site: str, digest: str, reading: str) -> bool:
    """Whether the file was read before in another way: by another kind, or after another mapping."""
    same = select(FILES.c.ordinal).where(FILES.c.site == site, FILES.c.digest == digest, FILES.c.state == READ)
    return connection.execute(same.where(FILES.c.reading != reading).limit(1)).first() is not None


def releases(connection: Connection, site: str | None = None, state: str | None = None) -> list[ReleaseRow]:
    """What became of the tables of recorded batches, oldest batch first."""
    wanted = (
        select(RELEASES)
        .join(BATCHES, (BATCHES.c.site == RELEASES.c.site) & (BATCHES.c.id == RELEASES.c.batch))
        .order_by(RELEASES.c.site, BATCHES.c.ordinal, RELEASES.c.table)
    )
    wanted = wanted if site is None else wanted.where(RELEASES.c.site == site)
    wanted = wanted if state is None else wanted.where(RELEASES.c.state == state)
    return [ReleaseRow(**row) for row in connection.execute(wanted).mappings()]


def next_ordinal(connection: Connection, site: str) -> int:
    """The place of the site's next batch."""
    known = connection.execute(select(func.max(BATCHES.c.ordinal)).where(BATCHES.c.site == site)).scalar()
    return int(known or 0) + 1


def add_batch(connection: Connection, batch: BatchRow, of_batch: Sequence[FileRow]) -> None:
    """Writes a batch and its files."""
    connection.execute(insert(BATCHES), [vars(batch)])
    if of_batch:
        connection.execute(insert(FILES), [vars(file) | {"site": batch.site, "batch": batch.id} for file in of_batch])


def put_release(connection: Connection, release: ReleaseRow) -> None:
    """Writes what became of one table of a batch, in the place of what was withheld before."""
    words = vars(release)
    connection.execute(
        upsert(RELEASES).values(words).on_conflict_do_update(index_elements=["site", "batch", "table"], set_=words)
    )
