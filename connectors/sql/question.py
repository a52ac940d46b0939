"""The one SELECT with which a view is asked: built from names and places, never from values; values are bound.

Begins where the last run ended, in the order of watermark and key: never by counting rows (OFFSET).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connectors.sql.dialect import Dialect, Seen
from connectors.sql.position import Position

Bind = tuple[str, str]  # the text of a value, and what it is: datetime, integer, or the type of its column


@dataclass(frozen=True)
class Question:
    """Columns of a view in an order. `since` (watermark, key) is included; `until` is a watermark, included as well."""

    dialect: Dialect
    source: str
    columns: tuple[Seen, ...]
    mark: Seen | None = None
    mark_type: str = ""
    key: tuple[Seen, ...] = ()
    raw: frozenset[str] = frozenset()
    since: tuple[str | None, tuple[str | None, ...]] = (None, ())
    until: str | None = None

    def beginning_at(self, position: Position) -> "Question":
        """The same question, from a position on."""
        return replace(self, since=position.begin)

    def sql(self, limit: int | None = None) -> tuple[str, list[Bind]]:
        """The text and the values for its holes."""
        chosen = ", ".join(self.dialect.expression(each, each.name in self.raw) for each in self.columns)
        select = f"SELECT {chosen} FROM {self.source}"
        where, binds = self._where()
        select += f" WHERE {where}" if where else ""
        order = [self.dialect.quoted(each.name) for each in self._order()]
        select += f" ORDER BY {', '.join(order)}" if order else ""
        return (select if limit is None else self.dialect.limited(select, limit)), binds

    def top(self, until: str | None) -> tuple[str, list[Bind]]:
        """The highest watermark, up to `until`."""
        assert self.mark is not None
        mark = self.dialect.quoted(self.mark.name)
        at_most = f" WHERE {mark} <= {self.dialect.hole(0)}" if until is not None else ""
        return f"SELECT MAX({mark}) FROM {self.source}{at_most}", [] if until is None else [(until, self.mark_type)]

    def unmarked(self) -> str:
        """Whether any row has no watermark."""
        assert self.mark is not None
        return self.dialect.limited(
            f"SELECT 1 FROM {self.source} WHERE {self.dialect.quoted(self.mark.name)} IS NULL", 1
        )

    def later(self, than: str) -> tuple[str, list[Bind]]:
        """Whether any row is marked later than a moment."""
        assert self.mark is not None
        mark = self.dialect.quoted(self.mark.name)
        select = f"SELECT 1 FROM {self.source} WHERE {mark} > {self.dialect.hole(0)}"
        return self.dialect.limited(select, 1), [(than, self.mark_type)]

    def place(self, cells: Sequence[str | None]) -> tuple[str | None, tuple[str | None, ...]]:
        """Watermark and key of a row."""
        names = [each.name for each in self.columns]
        mark = cells[names.index(self.mark.name)] if self.mark else None
        return mark, tuple(cells[names.index(each.name)] for each in self.key)

    def _order(self) -> list[Seen]:
        """A key that is the watermark as well orders nothing further."""
        marks = [self.mark] if self.mark else []
        return [*marks, *(each for each in self.key if each != self.mark)]

    def _where(self) -> tuple[str, list[Bind]]:
        conditions: list[str] = []
        binds: list[Bind] = []
        mark, key = self.since
        if self.mark is not None and mark is not None:
            conditions.append(f"{self.dialect.quoted(self.mark.name)} >= {self._hole(binds, mark, self.mark_type)}")
        if key and all(each is not None for each in key):
            conditions.append(f"({self._from_key(mark, [each or '' for each in key], binds)})")
        if self.mark is not None and self.until is not None:
            conditions.append(
                f"{self.dialect.quoted(self.mark.name)} <= {self._hole(binds, self.until, self.mark_type)}"
            )
        return " AND ".join(conditions), binds

    def _from_key(self, mark: str | None, key: Sequence[str], binds: list[Bind]) -> str:
        """Rows at `mark` from the key on, and all later ones: `m > ? OR k > ? OR (k = ? AND ...)`; without key: all."""
        if self.mark is not None and mark is not None:
            later = f"{self.dialect.quoted(self.mark.name)} > {self._hole(binds, mark, self.mark_type)}"
            return f"{later} OR {self._rest(key, 0, binds)}"
        return self._rest(key, 0, binds)

    def _rest(self, key: Sequence[str], at: int, binds: list[Bind]) -> str:
        name, of = self.dialect.quoted(self.key[at].name), self.key[at].of
        none = f"{name} IS NULL"  # where such rows stand in the order differs between databases
        if at == len(key) - 1:
            return f"{name} >= {self._hole(binds, key[at], of)} OR {none}"
        more = f"{name} > {self._hole(binds, key[at], of)}"
        same = f"{name} = {self._hole(binds, key[at], of)}"
        return f"{more} OR {none} OR ({same} AND ({self._rest(key, at + 1, binds)}))"

    def _hole(self, binds: list[Bind], text: str, of: str) -> str:
        binds.append((text, of))
        return self.dialect.hole(len(binds) - 1)
