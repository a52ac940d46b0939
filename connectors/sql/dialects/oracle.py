"""Oracle, with the thin driver: one read-only transaction; numbers as exact decimals, never through a float.

Held by text and by the driver's contract only: no such server runs in the tests.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import URL

from connectors.errors import ConnectorError, Unreachable, Unreadable
from connectors.sql import sentences
from connectors.sql.dialect import CONNECT_SECONDS, BadSource, Connection, Dialect, Manners, Seen, given, option

NUMBERS = frozenset({"DB_TYPE_NUMBER"})


class Oracle(Dialect):
    """Oracle 12.1 and later; the thin driver does not speak with older ones."""

    name = "Oracle"
    schemes = ("oracle",)
    driver = "oracledb"
    grammar = "oracle"
    options = frozenset({"service_name", "sid", "protocol", "wallet_location"})
    percent = False
    now = "LOCALTIMESTAMP"
    texts = frozenset({"DB_TYPE_VARCHAR", "DB_TYPE_CHAR"})
    binary = frozenset({"DB_TYPE_BLOB", "DB_TYPE_RAW", "DB_TYPE_LONG_RAW", "DB_TYPE_BFILE"})

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """The path of the URL is the service, where no `sid` or `service_name` is said."""
        named = option(url, "sid") or option(url, "service_name")
        return given(
            host=url.host, port=url.port or 1521, user=url.username, password=url.password,
            tcp_connect_timeout=CONNECT_SECONDS, program=manners.name, expire_time=1,
            **{"service_name": None if named else url.database,
               **{name: option(url, name) for name in self.options if option(url, name)}},
        )  # fmt: skip

    def gentle(self, connection: Connection, manners: Manners) -> None:
        """The driver breaks off a question that takes too long, at the server as well."""
        driver = self.module()
        driver.defaults.fetch_decimals, driver.defaults.fetch_lobs = True, False
        connection.call_timeout = manners.timeout_ms
        connection.module = manners.name[:48]
        super().gentle(connection, manners)

    def manners(self, manners: Manners) -> list[str]:
        """Reading takes no locks here."""
        return ["ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'"]

    def snapshot(self) -> list[str]:
        """One moment for all views, by clause of the SQL reference: such a transaction cannot write."""
        return ["SET TRANSACTION READ ONLY"]

    def asking_now(self) -> str:
        """From the table that has one row."""
        return f"SELECT {self.now} FROM DUAL"

    def hole(self, number: int) -> str:
        """Numbered."""
        return f":{number + 1}"

    def limited(self, select: str, rows: int) -> str:
        """The row-limiting clause of 12.1."""
        return f"{select} FETCH FIRST {rows} ROWS ONLY"

    def expression(self, column: Seen, raw: bool) -> str:
        """Bytes of a text, before the driver translates them: GBK in a US7ASCII database."""
        name = self.quoted(column.name)
        return f"UTL_RAW.CAST_TO_RAW({name}) AS {name}" if raw else name

    def value(self, said: str, of: str) -> Any:
        """Exact types: an implicit conversion would pass over the index."""
        if of == "datetime" or of in {"DB_TYPE_DATE", "DB_TYPE_TIMESTAMP"}:
            return datetime.fromisoformat(said)
        return int(said) if of == "integer" or (of in NUMBERS and said.lstrip("-").isdigit()) else said

    def code(self, error: Exception) -> str:
        """ORA- and DPY- codes."""
        first = error.args[0] if error.args else None
        return str(getattr(first, "full_code", ""))

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """Codes of the error reference."""
        return (
            (("ORA-01017", "ORA-28000", "ORA-28001"), Unreachable, sentences.REFUSED),
            (("ORA-01031", "ORA-01045", "ORA-41900"), BadSource, sentences.NOT_ALLOWED),
            (("ORA-00942", "ORA-00904", "ORA-04043"), BadSource, sentences.NO_VIEW),
            (("ORA-03136", "DPY-4024", "ORA-01013"), Unreachable, sentences.TOO_SLOW),
            (("ORA-00054", "ORA-00060", "ORA-30006"), Unreachable, sentences.LOCKED),
            (("ORA-01555", "ORA-22924"), Unreachable, sentences.TOO_OLD),
            (("ORA-00028", "ORA-03113", "ORA-03135", "DPY-4011", "DPY-1001"), Unreachable, sentences.STOPPED),
            (("ORA-00936", "ORA-00933", "ORA-00923", "ORA-00918"), BadSource, sentences.NO_SENSE),
            (("ORA-01722", "ORA-01841", "ORA-01858"), Unreadable, sentences.BAD_DATA),
        )


DIALECT = Oracle()
