"""What a home remembers of each source that must be asked: how far it was read, in the transaction that records that.

Holds no address and no password: only what the feed itself wants to know again.
"""

import json
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Column, Connection, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from connectors.feed import State
from federation.broker.database import METADATA

FEEDS = Table(
    "feeds",
    METADATA,
    Column("site", String, primary_key=True),
    Column("feed", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("landed", BigInteger, nullable=False),
    Column("state", String, nullable=False),
)


@dataclass(frozen=True)
class Reached:
    """How far a feed was read: `landed` counts its recorded files, `state` is what it gave with the last."""

    landed: int = 0
    state: State = field(default_factory=dict)


def reached(connection: Connection, site: str, feed: str) -> Reached:
    """How far the feed was read; nothing where it never was."""
    row = connection.execute(select(FEEDS).where(FEEDS.c.site == site, FEEDS.c.feed == feed)).mappings().first()
    return Reached() if row is None else Reached(row["landed"], json.loads(row["state"]))


def put_reached(connection: Connection, site: str, feed: str, now: Reached, at: str) -> None:
    """Writes how far the feed was read, in the caller's transaction."""
    state = json.dumps(dict(now.state), ensure_ascii=False)
    words = {"site": site, "feed": feed, "at": at, "landed": now.landed, "state": state}
    statement = insert(FEEDS).values(words)
    connection.execute(statement.on_conflict_do_update(index_elements=["site", "feed"], set_=words))
