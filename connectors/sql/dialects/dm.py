"""DM8 (达梦), which speaks Oracle's SQL in most things.

Held by text and by the driver's contract only: no such server runs in the tests.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import URL

from connectors.errors import ConnectorError, Unreachable
from connectors.sql import sentences
from connectors.sql.dialect import CONNECT_SECONDS, BadSource, Dialect, Manners, Seen, given


class DM8(Dialect):
    """DM 8."""

    name = "DM8"
    schemes = ("dm", "dameng")
    driver = "dmPython"
    grammar = "oracle"
    percent = False
    now = "LOCALTIMESTAMP"
    texts = frozenset({"STRING", "FIXED_STRING", "VARCHAR", "CHAR"})
    binary = frozenset({"BLOB", "BINARY", "VARBINARY", "LONGVARBINARY", "BFILE"})

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """A read-only session that takes UTF-8, whatever the database is written in; it counts the time itself."""
        driver = self.module()
        return given(
            server=url.host, port=url.port or 5236, user=url.username, password=url.password,
            schema=url.database,
            app_name=manners.name,
            login_timeout=CONNECT_SECONDS, connection_timeout=max(1, manners.timeout_ms // 1000),
            local_code=driver.PG_UTF8, access_mode=driver.DSQL_MODE_READ_ONLY, autoCommit=False,
        )  # fmt: skip

    def manners(self, manners: Manners) -> list[str]:
        """Dates as ISO writes them."""
        return ["ALTER SESSION SET NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'"]

    def snapshot(self) -> list[str]:
        """One moment for all views: DM knows two isolation levels that readers never wait in."""
        return ["SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET TRANSACTION READ ONLY"]

    def asking_now(self) -> str:
        """From the table that has one row."""
        return f"SELECT {self.now} FROM DUAL"

    def hole(self, number: int) -> str:
        """A question mark."""
        return "?"

    def expression(self, column: Seen, raw: bool) -> str:
        """Bytes of a text, before the driver translates them."""
        name = self.quoted(column.name)
        return f"UTL_RAW.CAST_TO_RAW({name}) AS {name}" if raw else name

    def code(self, error: Exception) -> str:
        """The server's number, where the driver gives one."""
        number = getattr(error.args[0], "code", error.args[0]) if error.args else 0
        return str(number) if isinstance(number, int) and number else ""

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """Numbers of V$ERR_INFO."""
        return (
            (("-2501",), Unreachable, sentences.REFUSED),
            (("-5504", "-5505", "-5506"), BadSource, sentences.NOT_ALLOWED),
            (("-2106", "-2111", "-2103"), BadSource, sentences.NO_VIEW),
            (("-7172",), Unreachable, sentences.TOO_SLOW),
            (("-6403", "-6407"), Unreachable, sentences.LOCKED),
        )


DIALECT = DM8()
