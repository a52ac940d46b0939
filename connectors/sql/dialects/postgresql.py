"""PostgreSQL: COPY in one repeatable-read, read-only transaction; text exactly as the server writes it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.engine import URL

from connectors.errors import ConnectorError, Unreachable, Unreadable
from connectors.sql import sentences
from connectors.sql.dialect import CONNECT_SECONDS, BadSource, Connection, Dialect, Manners, Seen, given, option
from connectors.sql.lines import recoded

CITY = "Asia/Shanghai"  # times with a zone are told as the city's clocks show them


class PostgreSQL(Dialect):
    """PostgreSQL 12 and later."""

    name = "PostgreSQL"
    schemes = ("postgresql", "postgres")
    driver = "psycopg"
    grammar = "postgres"
    options = frozenset({"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "service", "target_session_attrs"})
    tried = True
    takes_bytes = True
    now = "LOCALTIMESTAMP"
    binary = frozenset({"bytea"})

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """Keeps asking the network whether the server is still there: a dead line ends in two minutes."""
        return given(
            host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database,
            connect_timeout=CONNECT_SECONDS, application_name=manners.name, keepalives_idle=30, keepalives_interval=10,
            keepalives_count=9, client_encoding="SQL_ASCII" if manners.raw else "UTF8", autocommit=True,
            **{name: option(url, name) for name in self.options if option(url, name) is not None},
        )  # fmt: skip

    def manners(self, manners: Manners) -> list[str]:
        """Timeouts that the server keeps."""
        return [
            f"SET statement_timeout = {manners.timeout_ms}",
            f"SET lock_timeout = {manners.lock_ms}",
            f"SET idle_in_transaction_session_timeout = {manners.timeout_ms * 2}",
            "SET default_transaction_read_only = on",
            f"SET TimeZone = '{CITY}'",
            "SET DateStyle = 'ISO, YMD'",
            "SET IntervalStyle = 'iso_8601'",
            "SET extra_float_digits = 1",
        ]

    def snapshot(self) -> list[str]:
        """One moment for all views."""
        return ["BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"]

    def lines(
        self, connection: Connection, sql: str, binds: Sequence[Any], fetch: int, encoding: str
    ) -> Iterator[list[bytes]]:
        """COPY: the server writes CSV itself, NULL as nothing and an empty text as `""`; one message holds one row."""
        from psycopg import ClientCursor

        try:
            asked = ClientCursor(connection).mogrify(*self.asked(sql, binds))
            with connection.cursor().copy(f"COPY ({asked}) TO STDOUT (FORMAT csv)") as copy:
                found: list[bytes] = []
                for row in copy:
                    found.append(recoded(bytes(row), encoding) if encoding else bytes(row))
                    if len(found) >= fetch:
                        yield found
                        found = []
            yield found
        except (GeneratorExit, KeyboardInterrupt):
            self.stop(connection)
            raise
        except Exception as error:
            raise self.wrong(error) from None

    def stop(self, connection: Connection) -> None:
        """Has the server cancel first: a closed line is noticed late."""
        with suppress(Exception):  # it is gone, or about to be
            connection.cancel_safe(timeout=CONNECT_SECONDS)
        super().stop(connection)

    def expression(self, column: Seen, raw: bool) -> str:
        """Truth as true and false, times with a zone as the city's wall clock, bytes as hexadecimal digits."""
        name = self.quoted(column.name)
        written = {"bool": f"{name}::text", "timestamptz": f"({name} AT TIME ZONE '{CITY}')",
                   "bytea": f"encode({name}, 'hex')"}.get(column.of, name)  # fmt: skip
        return written if written == name else f"{written} AS {name}"

    def value(self, said: str, of: str) -> Any:
        """A literal without a type: it takes that of the column."""
        return said

    def type_name(self, code: Any) -> str:
        """The name of a type; its number where it is none of the built-in ones."""
        from psycopg.postgres import types

        known = types.get(code)
        return known.name if known is not None else f"type {code}"

    def code(self, error: Exception) -> str:
        """SQLSTATE; a refused password comes without one."""
        return getattr(error, "sqlstate", None) or ("28P01" if "password authentication failed" in str(error) else "")

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """SQLSTATEs, appendix A of the manual."""
        return (
            (("28",), Unreachable, sentences.REFUSED),
            (("42501",), BadSource, sentences.NOT_ALLOWED),
            (("42P01", "42703", "3F000", "3D000"), BadSource, sentences.NO_VIEW),
            (("57014",), Unreachable, sentences.TOO_SLOW),
            (("55P03",), Unreachable, sentences.LOCKED),
            (("72000", "40001", "25P03"), Unreachable, sentences.TOO_OLD),
            (("57P", "08", "53"), Unreachable, sentences.STOPPED),
            (("42601", "42883", "42804"), BadSource, sentences.NO_SENSE),
            (("22",), Unreadable, sentences.BAD_DATA),
        )


DIALECT = PostgreSQL()
