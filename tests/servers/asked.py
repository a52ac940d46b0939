"""A description of a database, what comes of asking it, and a home to ingest it into: shared by the tests of databases."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.description import described
from connectors.sql.description import Description
from connectors.sql.feed import SqlFeed
from connectors.sql.lines import MARK, cells

DAY = datetime(2026, 3, 1, 12)


def rest_absent(table: str, columns: dict[str, str], about: str) -> str:
    """A mapping of a few columns; all others are said to be absent."""
    from schemas.table import COMMON
    from schemas.tables import TABLES

    shared = TABLES[table]
    lines = [about, f'target = "{table}"', "[columns]"]
    for name in shared.columns:
        if name in columns:
            lines.append(f"{name} = {columns[name]}")
        elif name not in COMMON and name != shared.person:
            lines.append(f'{name} = {{ absent = "Not in this database." }}')
    return "\n".join(lines) + "\n"


@dataclass
class Asked:
    """What landed: the rows of each file, and how far the feed is."""

    rows: list[list[str | None]] = field(default_factory=list)
    header: list[str | None] = field(default_factory=list)
    files: int = 0
    state: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: Exception | None = None


@dataclass
class Site:
    """A folder with a description `his.toml`; `ask` pulls it and remembers how far it came."""

    folder: Path
    url: str
    state: dict[str, str] = field(default_factory=dict)

    def describe(self, tables: str, head: str = "") -> Path:
        self.folder.mkdir(exist_ok=True)
        secret = self.folder / "his.url"
        secret.unlink(missing_ok=True)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
            out.write(self.url)
        path = self.folder / "his.toml"
        path.write_text(f'kind = "sql"\nname = "his"\nurl_file = "his.url"\n{head}\n{tables}')
        return path

    def feed(self, **more) -> SqlFeed:
        path = self.folder / "his.toml"
        return SqlFeed(path, described(path, Description, "docs"), **{"wall": lambda: DAY} | more)

    def ask(self, tables: str = "", head: str = "", tell=lambda _done, _whole: None, **more) -> Asked:
        if tables:
            self.describe(tables, head)
        landing, asked, feed = self.folder / "landing", Asked(), self.feed(**more)
        landing.mkdir(exist_ok=True)
        try:
            for landed in feed.pull(self.state, landing, tell):
                content = landed.path.read_bytes()
                assert content.startswith(MARK)
                first, *lines = split(content.removeprefix(MARK))
                asked.header, asked.files, asked.state = cells(first), asked.files + 1, dict(landed.state)
                asked.rows += [cells(line) for line in lines]
                landed.path.unlink()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            asked.error = error
        self.state = asked.state or self.state
        asked.notes = list(feed.notes)
        return asked


def split(content: bytes) -> list[bytes]:
    """Records of CSV: a line end inside of quotes belongs to its cell."""
    records, open_quote = [b""], False
    for line in content.splitlines(keepends=True):
        records[-1] += line
        open_quote ^= line.count(b'"') % 2 == 1
        if not open_quote:
            records.append(b"")
    return [record for record in records if record]
