"""Rows of one table of one file that share a key and do not say the same: the key does not tell records apart.

The last of them stands; those that say something else are rejected, each with its place, so that none is lost without a
word. Rows that say the same are duplicates, and rows of other files are versions: neither is looked at here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from federation.node.batch import REPEATS, sheets
from federation.node.parquet import listed, paths_listed, text, written

KEY_REPEATS, ONCE = "key-repeats", "once"

_REPEAT = """
CREATE TEMP TABLE repeat AS
WITH apart AS (
    SELECT each.*, once.place, once.columns FROM came AS each
    JOIN (SELECT k FROM came GROUP BY k HAVING count(*) > 1) USING (k)
    JOIN read_parquet({once}) AS once
    ON each.seq >> 40 = once.ordinal AND each.position BETWEEN once.first AND once.last
), stands AS (
    SELECT *, arg_max(kh, seq) OVER (PARTITION BY seq >> 40, place, k) AS last FROM apart
)
SELECT part, file, position, key, columns FROM stands WHERE kh <> last
"""
_NONE = "CREATE TEMP TABLE repeat AS SELECT part, file, position, key, key AS columns FROM came LIMIT 0"
_NOW = "CREATE TEMP VIEW now AS SELECT * FROM came ANTI JOIN repeat USING (part, file, position)"
_REJECTS = """
SELECT position, line, "offset", columns AS "column", '{reason}' AS reason, true AS whole, NULL::BLOB AS raw,
       file, ordinal
FROM read_parquet({records})
JOIN (SELECT file, position, columns FROM repeat WHERE part = {part}) USING (file, position)
ORDER BY file, position
"""
_WITHOUT = """
ANTI JOIN (
    SELECT parse_path(filename)[-3] AS batch, file, position FROM read_parquet({files}, filename = true)
) USING (batch, file, position)
"""


@dataclass(frozen=True)
class Repeats:
    """Rows of the file at `ordinal` that were rejected because `columns` are not all that its key needs."""

    ordinal: int
    columns: str
    rows: int

    def told(self) -> str:
        """For people: how many, of which key, and what to do."""
        rows = f"{self.rows} row{'s' * (self.rows > 1)}"
        return (
            f"The key {self.columns} does not tell records apart: {rows} rejected, because a later row of the file "
            "has the same key and says something else. Name more columns with `key` in the mapping (`guantong map` "
            "proposes them), or say `history = true` where later rows are later versions. "
            f"主键 {self.columns} 不足以区分记录，已退回 {self.rows} 行"
        )


def find(database: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> None:
    """Makes of the view `came` the table `repeat` and the view `now` without it; a `repeats.parquet` where it has any.

    The records of `came` are those of `parts`, whose files `once.parquet` say in which tables a key stands once.
    """
    said = [path for part in parts if (path := part / f"{ONCE}.parquet").exists()]
    database.execute(_REPEAT.format(once=paths_listed(said)) if said else _NONE)
    found = {name for (name,) in database.execute("SELECT DISTINCT part FROM repeat").fetchall()}
    database.execute(_NOW if found else "CREATE TEMP VIEW now AS SELECT * FROM came")
    for part in parts:
        (part / f"{REPEATS}.parquet").unlink(missing_ok=True)
        if part.name in found:
            rejects = _REJECTS.format(reason=KEY_REPEATS, records=listed([part], "records"), part=text(part.name))
            written(database, rejects, part / f"{REPEATS}.parquet")


def without(parts: Sequence[Path]) -> str:
    """Leaves the repeats of earlier batches out of a view of their records: what was rejected did not come before."""
    found = [path for part in parts if (path := part / f"{REPEATS}.parquet").exists()]
    return _WITHOUT.format(files=paths_listed(found)) if found else ""


def found(batch: Path) -> Iterator[Repeats]:
    """The repeats of a batch, file by file and key by key."""
    if not (paths := sheets(batch, REPEATS)):
        return
    counts = pl.scan_parquet(paths).group_by("ordinal", "column").len().sort("ordinal", "column")
    for ordinal, columns, rows in counts.collect(engine="streaming").iter_rows():
        yield Repeats(ordinal, columns, rows)
