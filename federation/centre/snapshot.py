"""Which version of every pool table can be seen: one row a table, changed in the transaction of the commit it shows.

Questions read these versions only, so a commit to many tables appears at once or not at all.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger, Column, Connection, String, Table, delete, insert, select

from federation.broker.database import METADATA

SNAPSHOT = Table(
    "snapshot",
    METADATA,
    Column("table", String, primary_key=True),
    Column("version", BigInteger, nullable=False),
)


def read_snapshot(connection: Connection) -> dict[str, int]:
    """Table -> visible Delta version; empty before anything was pooled."""
    return {row[0]: row[1] for row in connection.execute(select(SNAPSHOT).order_by(SNAPSHOT.c.table))}


def write_snapshot(connection: Connection, versions: Mapping[str, int]) -> None:
    """Makes exactly these versions visible once the caller's transaction commits."""
    connection.execute(delete(SNAPSHOT))
    if versions:
        connection.execute(insert(SNAPSHOT), [{"table": name, "version": at} for name, at in versions.items()])
