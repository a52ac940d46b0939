"""The registry's database: one SQLite file in the home, tables declared beside the nouns that own them.

An effect and its ledger entry are written in one transaction of this database, or not at all.
"""

from pathlib import Path

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.pool import NullPool

METADATA = MetaData()


def open_database(path: Path) -> Engine:
    """The engine of a home's database; creates missing tables. WAL, full sync, foreign keys on."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _pragmas(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 10000")

    METADATA.create_all(engine)
    return engine
