"""The rows of one view, from where the last run ended, as files of bounded size that know how far they go.

Holds a few thousand rows at most. When the line breaks, what came before is a good file with a good position.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Self

from connectors.errors import Unreadable
from connectors.feed import Landed
from connectors.sql.dialect import Connection, Dialect
from connectors.sql.garbled import SAMPLE, garbled
from connectors.sql.lines import cells, header, written
from connectors.sql.pace import Pace
from connectors.sql.position import Position
from connectors.sql.question import Question
from connectors.sql.view import View

FILE_ROWS, FILE_BYTES = 500_000, 1 << 28
PAGES_A_MINUTE = 30  # of slowed reading: a question each two seconds


@dataclass
class Reading:
    """One view being read. `cap` is the most rows of this run, a `trial` or not; `open_hours`: may reading go on."""

    dialect: Dialect
    connection: Connection
    view: View
    landing: Path
    cap: int
    fetch: int
    pace: Pace
    open_hours: Callable[[], bool]
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    trial: bool = False

    def files(self) -> Iterator[tuple[Landed, Position]]:
        """Each file with the position it ends at; the feed adds its state. Raises what the database raises."""
        question, position, safe = self._bounded()
        if question is None:
            return
        more, broken = self._more(question), None
        with _File(self.landing / f"{self.view.table.name}.csv", question) as file:
            while True:
                try:
                    lines = next(more, None)
                except Exception as error:  # noqa: BLE001 - what came before is landed, then it goes on its way
                    lines, broken = None, error
                if lines is None:
                    break
                file.write(lines)
                if file.is_full:
                    position = self._reached(position, file, safe, cut=True)
                    yield self._landed(file), position
                    file.again()
            if file.rows:
                cut = broken is not None or self.rows >= self.cap or not self.open_hours()
                yield self._landed(file), self._reached(position, file, safe, cut=cut)
        if broken is not None:
            raise broken

    def _bounded(self) -> tuple[Question | None, Position, str | None]:
        """The question with its bounds, where it begins, and the watermark up to which all is certainly visible."""
        position, question, mark = self.view.position, self.view.question, self.view.table.watermark
        if mark is None:
            return question.beginning_at(position), position, None
        if self._ask(question.unmarked()):
            self.notes.append(
                f"{self._where}: rows have no `{mark.column}` and are never read. Ask for a filled column."
            )
        until = self._until(question)
        top = self._one(*question.top(until))
        if top is None:
            return None, position, None
        if mark.type == "integer" and mark.lag:
            until = mark.before(top, mark.lag)
            top = self._one(*question.top(until))
            if top is None:
                return None, position, None
        if position.sure is not None and self._less(top, position.sure):
            self.notes.append(
                f"{self._where}: the highest `{mark.column}` is lower than when it was read last, as after a restore. "
                "All of it is read again; what is known already counts as duplicate."
            )
            position = Position(columns=position.columns)
        safe = mark.before(top, mark.overlap)
        return replace(question.beginning_at(position), until=until), position, safe

    def _until(self, question: Question) -> str | None:
        """The moment up to which rows are read, by the database's own clock; rows of later days would hide others."""
        mark = self.view.table.watermark
        assert mark is not None
        if mark.type == "integer":
            return None
        now = self._one(self.dialect.asking_now(), [])
        assert now is not None
        if self._ask(*question.later(now)):
            self.notes.append(f"{self._where}: rows are marked later than the database's clock; they wait until then.")
        return mark.before(now, mark.lag)

    def _more(self, question: Question) -> Iterator[list[bytes]]:
        """Lines, counted, slowed and stopped as the description says."""
        sample: list[bytes] = []
        asked = self._pages(question) if self.pace.per_second else self._stream(question, self.cap)
        for lines in asked:
            if len(sample) < SAMPLE:
                sample += islice(lines, SAMPLE)
                self._look_for_garbled(question, sample)
            self.rows += len(lines)
            yield lines
            if not self.open_hours():
                self.notes.append(
                    f"{self._where}: the hours in which it may be asked are over. The rest comes next time."
                )
                return
            self.pace.after(len(lines))
        if self.rows >= self.cap and self.trial:
            self.notes.append(f"{self._where}: {self.rows} rows were asked for, as a trial.")
        elif self.rows >= self.cap:
            self.notes.append(f"{self._where}: `row_cap` was reached. The rest comes next time.")
            self._must_go_on(question)

    def _stream(self, question: Question, limit: int) -> Iterator[list[bytes]]:
        sql, binds = question.sql(limit)
        values = [self.dialect.value(text, of) for text, of in binds]
        yield from (
            lines
            for lines in self.dialect.lines(self.connection, sql, values, self.fetch, self.view.table.bytes_are)
            if lines
        )

    def _pages(self, question: Question) -> Iterator[list[bytes]]:
        """One short question after another, each from the last row on; rows met twice at a border are dropped."""
        assert self.pace.per_second is not None
        size = page = max(1, min(self.fetch, self.pace.per_second * 60 // PAGES_A_MINUTE))
        border: set[bytes] = set()
        left = self.cap
        while left > 0:
            asked = page + len(border)
            found = [line for lines in self._stream(question, asked) for line in lines]
            fresh = [line for line in found if line not in border]
            yield fresh[:left]
            left -= len(fresh)
            if len(found) < asked or not (question.key or question.mark):
                return
            place = question.place(cells(found[-1]))
            if place == question.since:
                page *= 2  # a whole page of one watermark and key: look further
            else:
                page, question = size, replace(question, since=place)
            border = {line for line in [*border, *found] if question.place(cells(line)) == place}

    def _must_go_on(self, question: Question) -> None:
        """Raises Unreadable where the rest could never be reached."""
        if question.mark is None and not question.key:
            raise Unreadable(
                f"{self._where}: it has more rows than `row_cap`, and neither `watermark` nor `key` to go on from. "
                "Say one of them, or raise `row_cap`.", "too-many-rows",
            )  # fmt: skip

    def _reached(self, position: Position, file: "_File", safe: str | None, *, cut: bool) -> Position:
        mark, key = file.question.place(cells(file.last))
        at_cap = self.rows >= self.cap and not self.trial
        if cut and (mark, key) == file.question.since != (None, ()) and at_cap:
            raise Unreadable(
                f"{self._where}: more than `row_cap` rows have one watermark and key. Raise it, or name a finer `key`.",
                "too-many-rows",
            )
        if self.view.table.watermark is None and not cut:
            mark, key = None, ()
        return position.after(mark, key, cut=cut, safe=safe, less=self._less)

    def _landed(self, file: "_File") -> Landed:
        file.close()
        table = self.view.table
        return Landed(file.path, "delimited", {}, table.profile, self.view.mapping)

    def _look_for_garbled(self, question: Question, sample: list[bytes]) -> None:
        if self.view.table.bytes_are:
            return
        names = garbled([each.name for each in question.columns], [cells(line) for line in sample])
        if names:
            self.notes.append(
                f"{self._where}: {', '.join(names)} look like GBK bytes read as Latin-1. "
                'Say bytes_are = "gb18030", and which columns with `bytes_in`.'
            )

    def _ask(self, sql: str, binds: list[tuple[str, str]] | None = None) -> list[Any]:
        values = [self.dialect.value(text, of) for text, of in binds or []]
        return self.dialect.rows(self.connection, sql, values)[1]

    def _one(self, sql: str, binds: list[tuple[str, str]]) -> str | None:
        return written(self._ask(sql, binds)[0][0])

    def _less(self, one: str, other: str) -> bool:
        mark = self.view.table.watermark
        if mark is not None and mark.type == "integer":
            return int(one) < int(other)
        return datetime.fromisoformat(one) < datetime.fromisoformat(other)

    @property
    def _where(self) -> str:
        return f"Table `{self.view.table.name}`"


class _File:
    """A file of answers that is being written; one after the other under the same name. What nobody takes goes."""

    def __init__(self, path: Path, question: Question) -> None:
        self.path, self.question = path, question
        self.again()

    def again(self) -> None:
        """A new file with its header."""
        self.rows, self.size, self.last = 0, 0, b""
        self._out = self.path.open("wb", buffering=1 << 20)
        self._out.write(header(each.name for each in self.question.columns))

    @property
    def is_full(self) -> bool:
        """Whether it is large enough to be landed."""
        return self.rows >= FILE_ROWS or self.size >= FILE_BYTES

    def write(self, lines: list[bytes]) -> None:
        """Appends whole lines."""
        if lines:
            self._out.writelines(lines)
            self.rows += len(lines)
            self.size += sum(map(len, lines))
            self.last = lines[-1]

    def close(self) -> None:
        """All of it is with the operating system; whoever takes it makes sure of the disk."""
        self._out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._out.closed:
            self._out.close()
            self.path.unlink()
