"""Databases of hospitals, asked as a description in TOML says: PostgreSQL, MySQL, SQL Server, Oracle, DM8, Kingbase.

What they answer lands as delimited text and is read by the kind `delimited`; nothing is ever written to them.
"""

from dataclasses import dataclass
from pathlib import Path

from connectors.connector import Sniffed, Source
from connectors.description import described, kind_of
from connectors.errors import ConnectorError, UnknownFormat
from connectors.feed import Feed

DOCS = "docs/databases.md"


@dataclass(frozen=True)
class Sql:
    """The connector."""

    kind: str = "sql"
    means: str = "Databases: read-only views of PostgreSQL, MySQL/MariaDB, SQL Server, Oracle, DM8 and Kingbase."
    zh: str = "数据库只读视图：PostgreSQL、MySQL/MariaDB、SQL Server、Oracle、达梦、人大金仓"
    takes_mapping: bool = False

    def sniff(self, path: Path) -> Sniffed | None:
        """A description whose kind is `sql`; says which tables it asks for. Opens no connection."""
        if kind_of(path) != self.kind:
            return None
        from connectors.sql.description import Description

        try:
            about = described(path, Description, DOCS)
        except ConnectorError as error:
            return Sniffed(self.kind, "", 1.0, f"A database to be asked. {error}", "数据库描述文件，内容有误")
        tables = ", ".join(
            table.name + (f" (new by {table.watermark.column})" if table.watermark else " (all of it)")
            for table in about.table
        )
        return Sniffed(
            self.kind, "", 1.0, f"A database to be asked, `{about.name}`: {tables}.",
            f"待查询的数据库 {about.name}：{len(about.table)} 张表",
        )  # fmt: skip

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:  # noqa: ARG002
        """A description holds no records: raises UnknownFormat."""
        raise UnknownFormat(
            f"{path.name} describes a database. Ingest it; there is nothing to read in the file itself."
        )

    def feed(self, path: Path, at_most: int | None = None) -> Feed:
        """The database it describes. Raises BadMapping."""
        from connectors.sql.description import Description
        from connectors.sql.feed import SqlFeed

        return SqlFeed(path, described(path, Description, DOCS), at_most)


CONNECTOR = Sql()
