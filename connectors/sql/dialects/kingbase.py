"""KingbaseES (人大金仓), a relative of PostgreSQL with a driver like psycopg2.

Held by text and by the driver's contract only: no such server runs in the tests.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.engine import URL

from connectors.sql.dialect import CONNECT_SECONDS, Connection, Dialect, Manners, given, option
from connectors.sql.dialects.postgresql import PostgreSQL


class Kingbase(PostgreSQL):
    """KingbaseES V8 and later, in PostgreSQL or Oracle mode; rows by a cursor at the server."""

    name = "KingbaseES"
    schemes = ("kingbase", "kingbase8")
    driver = "ksycopg2"
    options = frozenset({"sslmode", "sslrootcert"})
    tried = False

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """As psycopg2 takes them."""
        return given(
            host=url.host, port=url.port or 54321, user=url.username, password=url.password, dbname=url.database,
            connect_timeout=CONNECT_SECONDS, application_name=manners.name,
            client_encoding="SQL_ASCII" if manners.raw else "UTF8",
            **{name: option(url, name) for name in self.options if option(url, name) is not None},
        )  # fmt: skip

    def gentle(self, connection: Connection, manners: Manners) -> None:
        """Outside of any transaction."""
        connection.autocommit = True
        super().gentle(connection, manners)

    def snapshot(self) -> list[str]:
        """One moment for all views; the driver begins the transaction itself."""
        return ["SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"]

    def begin(self, connection: Connection) -> list[str]:
        """The driver's cursors at the server live in its own transactions only."""
        said = super().begin(connection)
        connection.autocommit = False
        return said

    def lines(
        self, connection: Connection, sql: str, binds: Sequence[Any], fetch: int, encoding: str
    ) -> Iterator[list[bytes]]:
        """By a cursor at the server."""
        return Dialect.lines(self, connection, sql, binds, fetch, encoding)

    def streaming(self, connection: Connection) -> Any:
        """A named cursor."""
        return connection.cursor("guantong")

    def stop(self, connection: Connection) -> None:
        """Has the server cancel first."""
        with suppress(Exception):  # it is gone, or about to be
            connection.cancel()
        Dialect.stop(self, connection)

    def type_name(self, code: Any) -> str:
        """Built-in types have PostgreSQL's numbers."""
        known = _TYPES.get(code)
        return known if known is not None else f"type {code}"

    def code(self, error: Exception) -> str:
        """SQLSTATE."""
        return getattr(error, "pgcode", None) or ""


_TYPES = {16: "bool", 17: "bytea", 20: "int8", 21: "int2", 23: "int4", 25: "text", 1042: "bpchar", 1043: "varchar",
          1082: "date", 1114: "timestamp", 1184: "timestamptz", 1700: "numeric"}  # fmt: skip

DIALECT = Kingbase()
