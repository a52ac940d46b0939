"""The ledger: every effect and refusal as one entry of a Merkle log, in the transaction of the effect itself.

An entry never holds a patient's value, and is never changed or removed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, insert, select, text, update

from federation.broker import merkle
from federation.broker.canonical import Json, canonical
from federation.broker.database import METADATA
from federation.errors import Usage

LEDGER = Table(
    "ledger",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", String, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
)
HEAD = Table(
    "ledger_head",
    METADATA,
    Column("one", BigInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One entry: `seq` from 1, `at` as ISO 8601 text, `body` as canonical JSON text, `leaf` its RFC 6962 leaf hash."""

    seq: int
    at: str
    kind: str
    body: str
    leaf: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The body as an object."""
        document: dict[str, Any] = json.loads(self.body)
        return document

    def rehashed(self) -> bytes:
        """The leaf hash that this entry's words give; differs from `leaf` where one of them was changed."""
        return leaf_of(self.seq, self.at, self.kind, self.body)


@dataclass(frozen=True)
class Checkpoint:
    """How long the ledger was and what its root was: enough to notice any later change of those entries."""

    size: int
    root: bytes


EMPTY = Checkpoint(0, merkle.EMPTY_ROOT)


@dataclass(frozen=True)
class Ledger:
    """The ledger as seen through one open transaction; what is appended commits or vanishes with it."""

    connection: Connection

    def append(self, kind: str, body: Mapping[str, Json], at: datetime) -> Entry:
        """Adds one entry. `body` may hold text, whole numbers, truth, nothing, lists and objects of these."""
        size, frontier = self._lock()
        words = (size + 1, at.isoformat(), kind, canonical(body))
        entry = Entry(*words, leaf_of(*words))
        self.connection.execute(insert(LEDGER).values(vars(entry)))
        edge = b"".join(merkle.grown(frontier, size, entry.leaf))
        self.connection.execute(update(HEAD).values(size=entry.seq, frontier=edge))
        return entry

    def _lock(self) -> tuple[int, list[bytes]]:
        # A write comes first, so that the database's write lock is ours before the size is read.
        claim = "INSERT INTO ledger_head (one, size, frontier) VALUES (1, 0, x'') ON CONFLICT (one) DO UPDATE SET one=1"
        self.connection.execute(text(claim))
        return self._head()

    def _head(self) -> tuple[int, list[bytes]]:
        found = self.connection.execute(select(HEAD.c.size, HEAD.c.frontier)).first()
        size, edge = (found[0], found[1]) if found else (0, b"")
        return size, [edge[at : at + 32] for at in range(0, len(edge), 32)]

    def checkpoint(self) -> Checkpoint:
        """Size and root as the ledger keeps them; `verify` compares them with the entries."""
        size, frontier = self._head()
        return Checkpoint(size, merkle.folded(frontier))

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Entries with `seq` above `after`, in order, a thousand at a time."""
        rows = self.connection.execute(
            select(LEDGER).where(LEDGER.c.seq > after).order_by(LEDGER.c.seq).execution_options(yield_per=1000)
        )
        return (Entry(*row) for row in rows)

    def entry(self, seq: int) -> Entry:
        """The entry `seq`; raises Usage where there is none."""
        row = self.connection.execute(select(LEDGER).where(LEDGER.c.seq == seq)).first()
        if row is None:
            raise Usage(f"The ledger has no entry {seq}. `guantong ledger show` lists them.")
        return Entry(*row)

    def leaves(self, size: int | None = None) -> list[bytes]:
        """The stored leaf hashes of the first `size` entries, or of all."""
        rows = self.connection.execute(select(LEDGER.c.leaf).order_by(LEDGER.c.seq).limit(size))
        return [bytes(row[0]) for row in rows]


def leaf_of(seq: int, at: str, kind: str, body: str) -> bytes:
    """The leaf hash over place, time, kind and body: moving an entry changes it as surely as rewriting it."""
    return merkle.leaf_hash(canonical({"at": at, "body": body, "kind": kind, "seq": seq}).encode())
