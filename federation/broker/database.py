"""The registry's database: one SQLite file in the home, tables declared beside the nouns that own them.

An effect and its ledger entry are written in one transaction of this database, or not at all.
"""

import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.pool import NullPool

METADATA = MetaData()


def _own(path: Path) -> None:
    """Its owner's alone, before the first byte is in it; its journals take their rights from it."""
    with suppress(PermissionError):  # somebody else's home: what its owner allows is the owner's to say
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)


def open_database(path: Path) -> Engine:
    """The engine of a home's database; creates missing tables. WAL, full sync, foreign keys on."""
    _own(path)
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _pragmas(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA busy_timeout = 10000")

    METADATA.create_all(engine)
    return engine
