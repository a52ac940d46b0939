"""What each kind of database does in its own way: connecting, being gentle, a snapshot, names, limits, and its errors.

One file a database in `connectors/sql/dialects`. Nothing in here writes to a database, and no message shows what a
driver said: drivers quote values and addresses.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

from sqlalchemy.engine import URL

from connectors.errors import BadMapping, ConnectorError, Unreachable, Unreadable
from connectors.sql.lines import decoded, line, written

CONNECT_SECONDS = 10
Connection = Any  # of PEP 249; every driver has a class of its own


@dataclass(frozen=True)
class Manners:
    """How gently to ask. `name` is what the database's own monitor shows; `raw` that text comes as the bytes it is."""

    name: str
    statement_timeout: timedelta
    lock_timeout: timedelta
    raw: bool = False

    @property
    def timeout_ms(self) -> int:
        return max(1, int(self.statement_timeout.total_seconds() * 1000))

    @property
    def lock_ms(self) -> int:
        return max(1, int(self.lock_timeout.total_seconds() * 1000))


@dataclass(frozen=True)
class Seen:
    """A column as the database describes it: `of` is its type in the driver's words."""

    name: str
    of: str


class Dialect:
    """The common ground: standard SQL and PEP 249. What a database does otherwise stands in its own file."""

    name: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]]
    driver: ClassVar[str]
    grammar: ClassVar[str]  # as sqlglot calls it
    options: ClassVar[frozenset[str]] = frozenset()  # of the URL's query
    tried: ClassVar[bool] = False  # whether the tests run it against a real server
    quotes: ClassVar[tuple[str, str]] = ('"', '"')
    percent: ClassVar[bool] = True  # whether the driver takes `%` for the begin of a hole
    now: ClassVar[str] = "CURRENT_TIMESTAMP"
    texts: ClassVar[frozenset[str]] = frozenset()  # types of columns that hold text
    takes_bytes: ClassVar[bool] = False  # whether `Manners.raw` makes all text of the session come as bytes
    binary: ClassVar[frozenset[str]] = frozenset()  # types of columns that hold no text and no number

    def module(self) -> ModuleType:
        """The driver. Raises Unreachable where it is not installed."""
        try:
            return import_module(self.driver)
        except ImportError as error:
            raise Unreachable(
                f"Reading {self.name} needs the driver {self.driver}, which is not installed. "
                "Run: pip install 'guantong[databases]'"
            ) from error

    def arguments(self, url: URL, manners: Manners) -> dict[str, Any]:
        """What the driver's `connect` gets."""
        raise AssertionError(self.name)

    def connect(self, url: URL, manners: Manners) -> Connection:
        """One connection. Raises Unreachable, BadMapping for an option that this program does not pass on."""
        strange = sorted(set(url.query) - self.options)
        if strange:
            known = ", ".join(sorted(self.options)) or "none"
            raise BadMapping(
                f"the address of {self.name}", "it has an option that is not known", f"Known are: {known}."
            )
        driver = self.module()
        try:
            return driver.connect(**self.arguments(url, manners))
        except Exception as error:
            made = self.wrong(error)
        # What cannot be told apart here is a server that is not there: nothing was asked yet.
        raise Unreachable(f"{self.name} cannot be reached at the address.") if isinstance(made, Unreadable) else made

    def manners(self, manners: Manners) -> list[str]:
        """Statements that make the session gentle, before the transaction begins."""
        raise AssertionError(self.name)

    def snapshot(self) -> list[str]:
        """Statements that begin one read-only transaction which sees one moment."""
        raise AssertionError(self.name)

    def gentle(self, connection: Connection, manners: Manners) -> None:
        """Makes the session gentle; columns are looked at after this, and a look that fails harms nothing."""
        for statement in self.manners(manners):
            self.execute(connection, statement)

    def begin(self, connection: Connection) -> list[str]:
        """Begins the transaction; returns what whoever runs it should know."""
        for statement in self.snapshot():
            self.execute(connection, statement)
        return []

    def execute(self, connection: Connection, statement: str) -> None:
        """One statement without an answer. Raises as `wrong` says."""
        cursor = connection.cursor()
        try:
            cursor.execute(statement)
        except Exception as error:
            raise self.wrong(error) from None
        finally:
            cursor.close()

    def rows(self, connection: Connection, sql: str, binds: Sequence[Any] = ()) -> tuple[list[Seen], list[Any]]:
        """The answer to a question that has few rows, and its columns."""
        cursor = connection.cursor()
        try:
            cursor.execute(*self.asked(sql, binds))
            return [self.seen(each) for each in cursor.description], list(cursor.fetchall())
        except Exception as error:
            raise self.wrong(error) from None
        finally:
            cursor.close()

    def lines(
        self, connection: Connection, sql: str, binds: Sequence[Any], fetch: int, encoding: str
    ) -> Iterator[list[bytes]]:
        """The answer as lines of CSV, at most `fetch` in the driver's hands at a time. `encoding` is that of bytes."""
        text = decoded(encoding) if encoding else written
        cursor = self.streaming(connection)
        try:
            cursor.arraysize = fetch
            cursor.execute(*self.asked(sql, binds))
            while found := cursor.fetchmany(fetch):
                yield [line(row, text) for row in found]
        except Exception as error:
            raise self.wrong(error) from None
        finally:
            self.leave(cursor)

    def leave(self, cursor: Any) -> None:
        """Lets go of a cursor, at the end of its answer or before."""
        with suppress(Exception):  # the connection may be gone
            cursor.close()

    def streaming(self, connection: Connection) -> Any:
        """A cursor that does not gather the whole answer first."""
        return connection.cursor()

    def asked(self, sql: str, binds: Sequence[Any]) -> tuple[Any, ...]:
        """What `execute` gets; drivers differ in what they make of no values, so they get none at all."""
        if binds:
            return sql, tuple(binds)
        return (sql.replace("%%", "%") if self.percent else sql,)

    def close(self, connection: Connection) -> None:
        """Ends a connection that has nothing to do any more."""
        with suppress(Exception):  # it is gone, or about to be
            connection.close()

    def stop(self, connection: Connection) -> None:
        """Ends whatever the database is doing for us, and the connection."""
        self.close(connection)

    def quoted(self, name: str) -> str:
        """A name of the database, which cannot end early."""
        begin, end = self.quotes
        return begin + self.text(name.replace(end, end * 2)) + end

    def text(self, sql: str) -> str:
        """A piece of SQL that holds no hole."""
        return sql.replace("%", "%%") if self.percent else sql

    def asking_now(self) -> str:
        """The database's own clock."""
        return f"SELECT {self.now}"

    def hole(self, number: int) -> str:
        """Where the value of that number (from 0) goes."""
        return "%s"

    def limited(self, select: str, rows: int) -> str:
        """At most so many rows of it."""
        return f"{select} LIMIT {rows}"

    def derived(self, query: str) -> str:
        """A query in the place of a table."""
        return f"({self.text(query)}) asked"

    def expression(self, column: Seen, raw: bool) -> str:
        """How a column is selected; `raw` for the bytes of a text."""
        return self.quoted(column.name)

    def value(self, said: str, of: str) -> Any:
        """A watermark or key kept as text, as the driver takes it; `of` is datetime, integer or the column's type."""
        if of == "datetime":
            return datetime.fromisoformat(said)
        return int(said) if of == "integer" else said

    def seen(self, described: Sequence[Any]) -> Seen:
        """A column from the driver's description."""
        return Seen(str(described[0]), self.type_name(described[1]))

    def type_name(self, code: Any) -> str:
        """The driver's word for a type."""
        return getattr(code, "name", None) or str(code)

    def wrong(self, error: Exception) -> ConnectorError:
        """Which of our errors it is, in our words; what is neither the driver's nor the system's passes on."""
        if isinstance(error, ConnectorError):
            return error
        code = self.code(error)
        for codes, made, said in self.meanings():
            if code and any(code.startswith(each) for each in codes):
                return made(f"{said} ({self.name} {code}).")
        module = self.module()
        if isinstance(error, UnicodeError):
            return Unreadable(
                f"Text of the view is not in the encoding that {self.name} claims. Say `bytes_are`.", "undecodable"
            )
        if not isinstance(error, module.Error | OSError | ValueError):
            raise error
        lost = (module.OperationalError, module.InterfaceError, OSError)
        known = f" {code}" if code else ""
        if isinstance(error, lost):
            return Unreachable(
                f"The database does not answer, or stopped answering ({self.name}{known}). Ask again later."
            )
        return Unreadable(f"The database refused the question ({self.name}{known}, {type(error).__name__}).", "refused")

    def code(self, error: Exception) -> str:
        """The database's own number for an error; empty where there is none."""
        return ""

    def meanings(self) -> Sequence[tuple[Sequence[str], type[ConnectorError], str]]:
        """Beginnings of codes, the error they are, and the sentence for it."""
        return ()


class BadSource(BadMapping):
    """The description asks for what this database has not."""

    def __init__(self, said: str) -> None:
        super().__init__("the database", said.rstrip("."), "Nothing was read of it")


def option(url: URL, name: str) -> str | None:
    """One option of the URL."""
    said = url.query.get(name)
    return said if isinstance(said, str) or said is None else said[0]


def given(**arguments: Any) -> dict[str, Any]:
    """Only the arguments that say something."""
    return {name: value for name, value in arguments.items() if value is not None}
