"""MySQL and MariaDB: an unbuffered cursor in one consistent, read-only snapshot; text as the server writes it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import URL

from connectors.errors import ConnectorError, Unreachable, Unreadable
from connectors.sql import sentences
from connectors.sql.dialect import CONNECT_SECONDS, BadSource, Connection, Dialect, Manners, Seen, given, option

NUMBERS = frozenset({"TINY", "SHORT", "LONG", "LONGLONG", "INT24", "YEAR"})


class MySQL(Dialect):
    """MySQL 5.7 and later, MariaDB 10.3 and later."""

    name = "MySQL"
    schemes = ("mysql", "mariadb")
    driver = "pymysql"
    grammar = "mysql"
    options = frozenset({"unix_socket", "ssl_ca", "ssl_cert", "ssl_key", "charset"})
    tried = True
    quotes = ("`", "`")
    texts = frozenset({"STRING", "VAR_STRING", "VARCHAR", "BLOB", "LONG_BLOB", "MEDIUM_BLOB", "TINY_BLOB"})
    now = "NOW(6)"

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """No decoders: numbers and dates come as the text that the server wrote, also 0000-00-00."""
        from pymysql import converters

        return given(
            host=url.host, port=url.port or 3306, user=url.username, password=url.password or "", database=url.database,
            connect_timeout=CONNECT_SECONDS, read_timeout=int(manners.statement_timeout.total_seconds()) + 60,
            write_timeout=60, program_name=manners.name, conv=dict(converters.encoders), autocommit=True,
            **{"charset": "utf8mb4", **{name: option(url, name) for name in self.options if option(url, name)}},
        )  # fmt: skip

    def gentle(self, connection: Connection, manners: Manners) -> None:
        """The two servers count the timeout by different names and units."""
        maria = "MariaDB" in str(connection.get_server_info())
        seconds = max(1, round(manners.timeout_ms / 1000))
        timeout = f"max_statement_time = {seconds}" if maria else f"max_execution_time = {manners.timeout_ms}"
        self.execute(connection, f"SET SESSION {timeout}")
        super().gentle(connection, manners)

    def manners(self, manners: Manners) -> list[str]:
        """What both know."""
        seconds = max(1, round(manners.lock_ms / 1000))
        return [
            f"SET SESSION lock_wait_timeout = {seconds}",
            f"SET SESSION innodb_lock_wait_timeout = {seconds}",
            f"SET SESSION net_write_timeout = {max(60, round(manners.timeout_ms / 1000))}",
            "SET SESSION time_zone = '+08:00'",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        ]

    def snapshot(self) -> list[str]:
        """One moment for all InnoDB tables; other engines have none."""
        return ["START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"]

    def streaming(self, connection: Connection) -> Any:
        """Rows are read as they come."""
        from pymysql.cursors import SSCursor

        return connection.cursor(SSCursor)

    def leave(self, cursor: Any) -> None:
        """Leaves what is still to come where it is: the driver would read all of it first, or try when it is gone."""
        left = getattr(cursor, "_result", None)
        if left is not None:
            left.unbuffered_active = False
        super().leave(cursor)

    def expression(self, column: Seen, raw: bool) -> str:
        """Bytes of a text are asked for as bytes, before the server translates them."""
        name = self.quoted(column.name)
        if raw:
            return f"CAST({name} AS BINARY) AS {name}"
        return f"({name} + 0) AS {name}" if column.of == "BIT" else name

    def value(self, said: str, of: str) -> Any:
        """Whole numbers as such: a text compared with a number would go through a float."""
        return int(said) if of == "integer" or (of in NUMBERS and said.lstrip("-").isdigit()) else said

    def seen(self, described: Sequence[Any]) -> Seen:
        """Text and bytes share their types' numbers; the driver tells them apart by the character set alone."""
        return Seen(str(described[0]), self.type_name(described[1]))

    def type_name(self, code: Any) -> str:
        """The protocol's name of a type."""
        from pymysql.constants import FIELD_TYPE

        names = {number: name for name, number in vars(FIELD_TYPE).items() if isinstance(number, int)}
        return str(names.get(code, f"type {code}"))

    def code(self, error: Exception) -> str:
        """The server's or the client's error number."""
        number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
        return f"{number:04}" if number else ""

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """Numbers of the server's and client's error reference."""
        return (
            (("1044", "1142", "1143", "1227", "1370"), BadSource, sentences.NOT_ALLOWED),
            (("1045", "1698", "1251"), Unreachable, sentences.REFUSED),
            (("1049", "1054", "1146", "1356"), BadSource, sentences.NO_VIEW),
            (("1969", "3024", "1317"), Unreachable, sentences.TOO_SLOW),
            (("1205", "1213"), Unreachable, sentences.LOCKED),
            (("1412",), Unreachable, sentences.TOO_OLD),
            (("2006", "2013", "1053", "1927", "1080"), Unreachable, sentences.STOPPED),
            (("1060", "1064", "1305"), BadSource, sentences.NO_SENSE),
            (("1264", "1292", "1366", "1300"), Unreadable, sentences.BAD_DATA),
        )


DIALECT = MySQL()
