"""Which records of a batch the site has sent before, and which take the place of an earlier version.

Joins stream through files and spill to disk: history may be of any length. Rewrites nothing.

A record is a duplicate when the same key came with the same content, read in the same way, at any time before. Of
several versions of one key the one that came last stands, within a batch as across batches.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

MEMORY = "192MB"
DUPLICATES = pl.Schema({"file": pl.String(), "position": pl.Int64()})
SUPERSEDED = pl.Schema({"batch": pl.String(), "file": pl.String(), "position": pl.Int64(), "key": pl.String()})

# One number orders the records of a batch: files in their order, then places in the file.
_RECORDS = """
SELECT file, position, key, md5_number(key) AS k, md5_number(concat_ws(chr(0), key, hash, reading)) AS kh,
       (ordinal::HUGEINT << 40) + position AS seq, parse_filename(parse_path(filename)[-2]) AS part
FROM read_parquet({files}, filename = true)
"""
_EARLIER = """
SELECT md5_number(key) AS k, md5_number(concat_ws(chr(0), key, hash, reading)) AS kh, key, file, position,
       parse_path(filename)[-3] AS batch
FROM read_parquet({files}, filename = true)
"""
_NOTHING = """
SELECT 0::UHUGEINT AS k, 0::UHUGEINT AS kh, '' AS key, '' AS file, 0::BIGINT AS position, '' AS batch LIMIT 0
"""
_DUPLICATE = """
CREATE TEMP TABLE duplicate AS
WITH again AS (SELECT kh, min(seq) AS first FROM now GROUP BY kh HAVING count(*) > 1)
SELECT part, file, position FROM now JOIN again USING (kh) WHERE seq <> first
UNION
SELECT part, file, position FROM now SEMI JOIN earlier USING (kh)
"""
_STANDING = "CREATE TEMP VIEW standing AS SELECT * FROM now ANTI JOIN duplicate USING (part, file, position)"
_SUPERSEDED = """
CREATE TEMP TABLE superseded AS
WITH newer AS (SELECT k, max(seq) AS last FROM standing GROUP BY k HAVING count(*) > 1)
SELECT '{batch}' AS batch, file, position, key FROM standing JOIN newer USING (k) WHERE seq <> last
UNION ALL
SELECT batch, file, position, key FROM earlier SEMI JOIN standing USING (k)
"""


def compare(parts: Sequence[Path], earlier: Sequence[Path], batch: str, spill: Path) -> None:
    """Writes `duplicates.parquet` into each part's folder and `superseded.parquet` beside them.

    `parts` are the batch's part folders, `earlier` those of the site's recorded batches; `spill` is a folder for what
    does not fit in memory.
    """
    with duckdb.connect(
        config={"memory_limit": MEMORY, "temp_directory": str(spill), "threads": 2, "preserve_insertion_order": False}
    ) as database:
        database.execute(f"CREATE TEMP VIEW now AS {_RECORDS.format(files=_listed(parts))}")
        database.execute(f"CREATE TEMP VIEW earlier AS {_earlier(earlier)}")
        database.execute(_DUPLICATE)
        database.execute(_STANDING)
        database.execute(_SUPERSEDED.format(batch=batch))
        for part in parts:
            wanted = f"SELECT file, position FROM duplicate WHERE part = {_text(part.name)} ORDER BY file, position"
            _written(database, wanted, part / "duplicates.parquet")
        _written(
            database, "SELECT * FROM superseded ORDER BY batch, file, position", parts[0].parent / "superseded.parquet"
        )


def _earlier(parts: Sequence[Path]) -> str:
    return _EARLIER.format(files=_listed(parts)) if parts else _NOTHING


def _listed(parts: Sequence[Path]) -> str:
    return "[" + ", ".join(_text(str(part / "records.parquet")) for part in parts) + "]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _written(database: duckdb.DuckDBPyConnection, query: str, final: Path) -> None:
    fresh = final.with_name(final.name + ".tmp")
    database.execute(f"COPY ({query}) TO {_text(str(fresh))} (FORMAT parquet, COMPRESSION zstd)")
    fresh.rename(final)
