"""Whether a text is a dump of a database: statements that would rebuild it. They are never run here."""

import re

_FIRST = re.compile(
    rb"(?im)^\s*(--\s+(MySQL|MariaDB|PostgreSQL|SQLite) .*dump|/\*!\d{5} |SET (FOREIGN_KEY_CHECKS|NAMES)\b"
    rb"|(CREATE|DROP) (TABLE|DATABASE|SCHEMA) |INSERT INTO )"
)
MEANS = (
    "It is a dump of a database. Restore it into one of its own and describe that, or save its tables as CSV.",
    "是数据库备份脚本（SQL）。请恢复到独立数据库后按 docs/databases.md 描述接入，或将各表导出为 CSV",
)


def is_dump(head: bytes) -> bool:
    """From the first few thousand bytes."""
    return _FIRST.search(head) is not None
