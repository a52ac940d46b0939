"""Which records of a batch the site has sent before, and which take the place of an earlier version.

Joins stream through files and spill to disk: history may be of any length. Rewrites nothing.

A record is a duplicate when the same key came with the same content, read in the same way, at any time before. Of
several versions of one key the one that came last stands, within a batch as across batches. Rows of one table of one
file are no versions of each other, where the reader says so: see `repeats`. What a file said that is read again in
another way gives way to what it is read as now, whatever keys that makes.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb
import polars as pl

from federation.node import repeats
from federation.node.batch import part_folders
from federation.node.events import VERSIONS, settle
from federation.node.gathering import AGAIN, without_again
from federation.node.parquet import listed, paths_listed, spilling, text, written

DUPLICATES = pl.Schema({"file": pl.String(), "position": pl.Int64()})
SUPERSEDED = pl.Schema({"batch": pl.String(), "file": pl.String(), "position": pl.Int64(), "key": pl.String()})

# One number orders the records of a batch: files in their order, then places in the file.
_RECORDS = """
SELECT file, position, key, reading, md5_number(key) AS k, md5_number(concat_ws(chr(0), key, hash, reading)) AS kh,
       (ordinal::HUGEINT << 40) + position AS seq, parse_filename(parse_path(filename)[-2]) AS part
FROM read_parquet({files}, filename = true)
"""
_EARLIER = """
SELECT md5_number(key) AS k, md5_number(concat_ws(chr(0), key, hash, reading)) AS kh, key, reading, file, position,
       parse_path(filename)[-3] AS batch
FROM read_parquet({files}, filename = true)
"""
_NOTHING = """
SELECT 0::UHUGEINT AS k, 0::UHUGEINT AS kh, '' AS key, '' AS reading, '' AS file, 0::BIGINT AS position, '' AS batch
LIMIT 0
"""
_DUPLICATE = """
CREATE TEMP TABLE duplicate AS
WITH again AS (SELECT kh, min(seq) AS first FROM several GROUP BY kh HAVING count(*) > 1)
SELECT part, file, position FROM several JOIN again USING (kh) WHERE seq <> first
UNION
SELECT part, file, position FROM now SEMI JOIN earlier USING (kh)
"""
# Only among records that share a key there are duplicates, versions and repeats.
_SEVERAL = """
CREATE TEMP TABLE several AS SELECT * FROM now SEMI JOIN (SELECT k FROM now GROUP BY k HAVING count(*) > 1) USING (k)
"""
_STANDING = "CREATE TEMP VIEW standing AS SELECT * FROM now ANTI JOIN duplicate USING (part, file, position)"
# Records that name versions say anew what their versions name and nothing else: their own key replaces nothing.
_SAYING = """
CREATE TEMP VIEW {name} AS
SELECT DISTINCT regexp_replace(parse_path(filename)[-3], '[.]tmp$', '') AS batch,
       parse_filename(parse_path(filename)[-2]) AS part, file, position
FROM read_parquet({files}, filename = true)
"""
_WHOLE = "CREATE TEMP VIEW whole AS SELECT * FROM standing {without}"
_SUPERSEDED = """
CREATE TEMP TABLE superseded AS
WITH newer AS (SELECT k, max(seq) AS last FROM whole GROUP BY k HAVING count(*) > 1)
SELECT '{batch}' AS batch, file, position, key FROM whole JOIN newer USING (k) WHERE seq <> last
UNION ALL
SELECT '{batch}', file, position, key FROM repeat
UNION ALL
SELECT batch, file, position, key FROM ({before}) {without}
"""
_BEFORE = "SELECT batch, file, position, key FROM earlier SEMI JOIN whole USING (k)"
_ANEW = """
UNION SELECT batch, earlier.file, position, key FROM earlier JOIN (
    SELECT DISTINCT file, {source} AS source, reading FROM whole WHERE file IN ({files})
) AS anew ON earlier.file = anew.file AND {source} = anew.source AND earlier.reading <> anew.reading
"""
_SOURCE = "left(key, instr(key, '|'))"
# Those that stood: what gave way or came twice before is not replaced once more.
_STOOD = """
SELECT count(*) FROM superseded {without}
ANTI JOIN (SELECT '{batch}' AS batch, file, position FROM repeat) AS own USING (batch, file, position)
"""
_GONE = """
CREATE TEMP VIEW gone AS
SELECT batch, file, position FROM read_parquet({superseded})
UNION ALL SELECT parse_path(filename)[-3], file, position FROM read_parquet({duplicates}, filename = true)
"""


def compare(parts: Sequence[Path], earlier: Sequence[Path], batch: str, spill: Path, anew: Collection[str] = ()) -> int:
    """How many records that stood, of this batch and those before, give way to later versions.

    Writes `duplicates.parquet` and `repeats.parquet` into each part's folder and `superseded.parquet` beside them, and
    what `settle` says. `parts` are the batch's part folders, `earlier` the site's recorded batches, oldest first;
    `spill` is a folder for what does not fit in memory; `anew` are marks of files that were read before in another way.
    """
    without_again(parts[0].parent)
    parts = [part for part in parts if part.name != AGAIN]
    before = [part for folder in earlier for part in part_folders(folder) if part.name != AGAIN]
    with spilling(spill) as database:
        database.execute(f"CREATE TEMP VIEW came AS {_RECORDS.format(files=listed(parts, 'records'))}")
        repeats.find(database, parts)
        database.execute(f"CREATE TEMP VIEW earlier AS {_earlier(before)}")
        database.execute(_SEVERAL)
        database.execute(_DUPLICATE)
        database.execute(_STANDING)
        database.execute(_WHOLE.format(without=_without(database, "said_now", parts, "part, file, position")))
        without = _without(database, "said_before", before, "batch, file, position")
        versions = _BEFORE + (_anew(anew) if before and anew else "")
        database.execute(_SUPERSEDED.format(batch=batch, without=without, before=versions))
        for part in parts:
            wanted = f"SELECT file, position FROM duplicate WHERE part = {text(part.name)} ORDER BY file, position"
            written(database, wanted, part / "duplicates.parquet")
        written(
            database, "SELECT * FROM superseded ORDER BY batch, file, position", parts[0].parent / "superseded.parquet"
        )
        settle(database, parts, earlier)
        return _stood(database, before, earlier, batch)


def _stood(database: duckdb.DuckDBPyConnection, before: Sequence[Path], earlier: Sequence[Path], batch: str) -> int:
    superseded = [path for folder in earlier if (path := folder / "superseded.parquet").exists()]
    if before and superseded:
        database.execute(_GONE.format(superseded=paths_listed(superseded), duplicates=listed(before, "duplicates")))
    without = "ANTI JOIN gone USING (batch, file, position)" if before and superseded else ""
    [(count,)] = database.execute(_STOOD.format(without=without, batch=batch)).fetchall()
    return int(count)


def _anew(marks: Collection[str]) -> str:
    return _ANEW.format(source=_SOURCE, files=", ".join(map(text, sorted(marks))))


def _earlier(parts: Sequence[Path]) -> str:
    if not parts:
        return _NOTHING
    return f"SELECT * FROM ({_EARLIER.format(files=listed(parts, 'records'))}) {repeats.without(parts)}"


def _without(database: duckdb.DuckDBPyConnection, name: str, parts: Sequence[Path], places: str) -> str:
    """Leaves records out that name versions; nothing to do where none of the parts has any."""
    saying = [part for part in parts if (part / f"{VERSIONS}.parquet").exists()]
    if not saying:
        return ""
    database.execute(_SAYING.format(name=name, files=listed(saying, VERSIONS)))
    return f"ANTI JOIN {name} USING ({places})"
