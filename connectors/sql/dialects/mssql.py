"""Microsoft SQL Server: snapshot isolation where the database allows it, read committed where not, which is said.

Never reads uncommitted rows. Held by text and by the driver's contract only: no such server runs in the tests.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import URL

from connectors.errors import ConnectorError, Unreachable, Unreadable
from connectors.sql import sentences
from connectors.sql.dialect import CONNECT_SECONDS, BadSource, Connection, Dialect, Manners, Seen, given, option

ALLOWED = "SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()"
NO_SNAPSHOT = (
    "This SQL Server database does not allow snapshot isolation: each question sees its own moment, and writers may be "
    "waited for. Its keeper can allow it with ALTER DATABASE ... SET ALLOW_SNAPSHOT_ISOLATION ON."
)


class SQLServer(Dialect):
    """SQL Server 2012 and later."""

    name = "SQL Server"
    schemes = ("mssql", "sqlserver")
    driver = "pymssql"
    grammar = "tsql"
    options = frozenset({"charset", "tds_version", "encryption"})
    quotes = ("[", "]")
    texts = frozenset({"1"})
    now = "SYSDATETIME()"

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """The driver itself stops a question after the timeout; the server has no setting for it."""
        return given(
            server=url.host, port=str(url.port or 1433), user=url.username, password=url.password,
            database=url.database, login_timeout=CONNECT_SECONDS, appname=manners.name,
            timeout=max(1, manners.timeout_ms // 1000),
            autocommit=True,
            **{"charset": "UTF-8", **{name: option(url, name) for name in self.options if option(url, name)}},
        )  # fmt: skip

    def manners(self, manners: Manners) -> list[str]:
        """A deadlock is lost by us, never by the hospital."""
        return [f"SET LOCK_TIMEOUT {manners.lock_ms}", "SET DEADLOCK_PRIORITY LOW", "SET DATEFORMAT ymd"]

    def snapshot(self) -> list[str]:
        """One moment for all views."""
        return ["SET TRANSACTION ISOLATION LEVEL SNAPSHOT", "BEGIN TRANSACTION"]

    def begin(self, connection: Connection) -> list[str]:
        """Asks whether snapshots are allowed; reads committed rows and says so where they are not."""
        allowed = [row[0] for row in self.rows(connection, ALLOWED)[1]] == [1]
        levels = self.snapshot() if allowed else ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED"]
        for statement in levels:
            self.execute(connection, statement)
        return [] if allowed else [NO_SNAPSHOT]

    def limited(self, select: str, rows: int) -> str:
        """TOP, which needs no order."""
        return select.replace("SELECT ", f"SELECT TOP ({rows}) ", 1)

    def expression(self, column: Seen, raw: bool) -> str:
        """Bytes of a text are asked for as bytes."""
        name = self.quoted(column.name)
        return f"CAST({name} AS VARBINARY(MAX)) AS {name}" if raw else name

    def code(self, error: Exception) -> str:
        """The server's error number, or DB-Library's."""
        number = error.args[0] if error.args else 0
        number = number[0] if isinstance(number, tuple) and number else number
        return str(number) if isinstance(number, int) and number else ""

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """Numbers of sys.messages and of DB-Library."""
        return (
            (("18456", "18452"), Unreachable, sentences.REFUSED),
            (("229", "230", "916"), BadSource, sentences.NOT_ALLOWED),
            (("207", "208", "4060"), BadSource, sentences.NO_VIEW),
            (("20003", "-2"), Unreachable, sentences.TOO_SLOW),
            (("1222", "1205"), Unreachable, sentences.LOCKED),
            (("3960", "3961"), Unreachable, sentences.TOO_OLD),
            (("102", "156", "195"), BadSource, sentences.NO_SENSE),
            (("245", "241", "8114"), Unreadable, sentences.BAD_DATA),
        )


DIALECT = SQLServer()
