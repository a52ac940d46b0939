"""A database that is asked as its description says: gently, in one moment, for what is new.

It never writes, never shows an address or a password, and never asks outside of the hours it was given.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.errors import BadMapping, ConnectorError, Unreachable
from connectors.feed import Landed, State
from connectors.secret import secret
from connectors.sql.description import Description
from connectors.sql.dialect import Connection, Dialect, Manners
from connectors.sql.dialects import dialects
from connectors.sql.pace import Pace
from connectors.sql.position import position
from connectors.sql.reading import Reading
from connectors.sql.view import View, view

Tell = Callable[[int, int], None]


def local_time() -> datetime:
    """The machine's wall clock: hours in which a database may be asked are meant by it."""
    return datetime.now()  # noqa: DTZ005


@dataclass
class SqlFeed:
    """`at_most` rows of each table, for a trial. The clocks are the machine's unless others are handed in."""

    path: Path
    description: Description
    at_most: int | None = None
    wall: Callable[[], datetime] = local_time
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    kind: str = "sql"
    notes: list[str] = field(default_factory=list)
    refused: list[ConnectorError] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As the description says."""
        return self.description.name

    def pull(self, state: State, landing: Path, tell: Tell) -> Iterator[Landed]:
        """One file or more a table that has something new. Raises Unreachable, Unreadable or BadMapping."""
        if not self._open_hours():
            raise Unreachable(
                f"{self.path.name} may be asked at {self.description.allowed} only, and it is {self.wall():%H:%M}."
            )
        dialect, url = self._address()
        manners = Manners(f"guantong/{self.name}", self.description.statement_timeout, self.description.lock_timeout,
                          any(table.bytes_are for table in self.description.table))  # fmt: skip
        connection = dialect.connect(url, manners)
        try:
            yield from self._tables(dialect, connection, manners, dict(state), landing, tell)
        except BaseException:
            dialect.stop(connection)
            raise
        dialect.close(connection)
        if self.refused:
            raise self.refused[0]

    def _tables(
        self,
        dialect: Dialect,
        connection: Connection,
        manners: Manners,
        state: dict[str, str],
        landing: Path,
        tell: Tell,
    ) -> Iterator[Landed]:
        """All tables in one transaction; one that is refused takes nothing from the others."""
        dialect.gentle(connection, manners)
        views = self._views(dialect, connection, state)
        self.notes += dialect.begin(connection) if views else []
        done = 0
        cap = self.description.row_cap
        trial = self.at_most is not None and self.at_most < cap
        for each in views:
            self.notes += each.notes
            reading = Reading(
                dialect, connection, each, landing, min(cap, self.at_most or cap), self.description.fetch,
                Pace(self.description.rows_per_second, self.clock, self.sleep), self._open_hours, notes=self.notes,
                trial=trial,
            )  # fmt: skip
            for landed, reached in reading.files():
                state[each.table.name] = reached.written()
                yield replace(landed, state=dict(state))
                tell(done + reading.rows, 0)
            done += reading.rows

    def _views(self, dialect: Dialect, connection: Connection, state: State) -> list[View]:
        """Every table's columns are looked at before a row is read."""
        views = []
        for table in self.description.table:
            before = position(state, table.name)
            try:
                views.append(view(dialect, connection, self.description, table, before, self.path.parent))
            except Unreachable:
                raise
            except ConnectorError as error:
                self.refused.append(error)
        return views

    def _address(self) -> tuple[Dialect, URL]:
        file = str(self.path.parent / self.description.url_file) if self.description.url_file else ""
        text = secret(self.path.name, self.description.url_env, file)
        try:
            url = make_url(text)
        except (ArgumentError, ValueError):
            raise BadMapping(
                self.path.name, "the address is not one of a database", "Write it as dialect://user:password@host/name."
            ) from None
        scheme = url.drivername.split("+")[0].lower()
        if scheme not in dialects():
            known = ", ".join(sorted(dialects()))
            raise BadMapping(self.path.name, "the address begins with a database that is not known", f"Known: {known}.")
        return dialects()[scheme], url

    def _open_hours(self) -> bool:
        return self.description.allowed is None or self.wall().time() in self.description.allowed
