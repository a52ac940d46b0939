"""Rows that many records say together, in whatever order they come: which row of a batch carries what all of them say.

A visit is said by the documents written in it. Their versions are put in the order of `at`, then of coming; what
records say that no longer stand counts no more. Looks only at keys that the batch touches; rewrites nothing.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from connectors.chunk import ENDED, GATHERED, WHOLE
from federation.node.parquet import listed, text, written
from schemas.tables import TABLES

SAID = "said"  # folder in a part: its tables as the records said them, before what others say was filled in
AGAIN = "p-again"  # part with rows that stand again because the record is gone that had replaced them

# Versions as they were written; those of batches from before there were several ways do not say how.
HEARD_IN = """
SELECT NULL::VARCHAR AS how WHERE false
UNION ALL BY NAME
SELECT * FROM read_parquet({files}, filename = true, file_row_number = true, union_by_name = true)
"""
_PAST = """
CREATE TEMP VIEW past AS
SELECT md5_number(key) AS k, key, "at", how, b, folder, (nr::HUGEINT << 40) + file_row_number AS n, file, position
FROM ({heard}) AS v JOIN (VALUES {parts}) AS parts (path, b, nr, folder) ON path = filename
WHERE NOT EXISTS (
    SELECT 1 FROM read_parquet({duplicates}, filename = true) AS d
    WHERE d.file = v.file AND d.position = v.position AND parse_dirpath(d.filename) = parse_dirpath(path)
)
"""
_NO_PAST = """
CREATE TEMP VIEW past AS
SELECT k, key, "at", how, 0 AS b, part AS folder, seq AS n, file, position FROM said LIMIT 0
"""
_EVERY = """
CREATE TEMP VIEW every AS
SELECT * FROM past
UNION ALL SELECT k, key, "at", how, {b} AS b, {own} || '/' || part AS folder, seq AS n, file, position FROM said
"""
# Keys named now, and those that records name whose own key is said anew or ended now.
_HEARD = """
CREATE TEMP TABLE heard AS
WITH anew AS (SELECT DISTINCT k FROM said WHERE how IN ('{WHOLE}', '{ENDED}')),
places AS (SELECT b, folder, file, position FROM every SEMI JOIN anew USING (k) WHERE how = '{WHOLE}'),
touched AS (
    SELECT k FROM said WHERE how = '{GATHERED}'
    UNION SELECT k FROM every SEMI JOIN places USING (b, folder, file, position) WHERE how = '{GATHERED}'
)
SELECT k, key, "at", b, folder, n, file, position FROM every SEMI JOIN touched USING (k) WHERE how = '{GATHERED}'
"""
_TIME = 'coalesce("at", max("at") OVER (PARTITION BY k ORDER BY b, n ROWS UNBOUNDED PRECEDING))'
_DEAD = """
CREATE TEMP TABLE dead AS
WITH own AS (SELECT * FROM every SEMI JOIN heard USING (b, folder, file, position) WHERE how = '{WHOLE}'),
timed AS (SELECT *, {time} AS t FROM every SEMI JOIN own USING (k) WHERE how IN ('{WHOLE}', '{ENDED}'))
SELECT b, folder, file, position FROM (
    SELECT *, bool_or(how = '{ENDED}') OVER (PARTITION BY k) AS gone,
           row_number() OVER (PARTITION BY k ORDER BY t DESC NULLS LAST, b DESC, n DESC) AS back
    FROM timed
) WHERE how = '{WHOLE}' AND (gone OR back > 1)
"""
_LIVE = """
CREATE TEMP TABLE live AS
SELECT *, row_number() OVER (PARTITION BY k ORDER BY t NULLS FIRST, b, n) AS o, count(*) OVER (PARTITION BY k) AS last,
       max(t) OVER (PARTITION BY k) AS until
FROM (SELECT *, {time} AS t FROM heard ANTI JOIN dead USING (b, folder, file, position))
"""
# The row that carries what all say: the last that this batch has.
_CARRIER = """
CREATE TEMP TABLE carrier AS SELECT k, max(o) AS o FROM live WHERE b = {b} GROUP BY k
"""
# Keys of which the batch has no row though a row before it is gone: the last of those that stay is said again.
_AGAIN = """
CREATE TEMP TABLE again AS
SELECT k, key, folder, file, position, until, last FROM live ANTI JOIN carrier USING (k)
SEMI JOIN (SELECT k FROM heard SEMI JOIN dead USING (b, folder, file, position) WHERE b < {b}) AS gone USING (k)
WHERE o = last
"""
# Whose place such rows have: a record of the batch that does not name their keys itself.
_BRINGER = """
CREATE TEMP TABLE bringer AS
SELECT part, file, position FROM said
ANTI JOIN (
    SELECT part, file, position FROM said SEMI JOIN again USING (k) WHERE how = '{GATHERED}'
) AS own USING (part, file, position)
WHERE how = '{WHOLE}' ORDER BY seq DESC LIMIT 1
"""
_REPLACED = """
SELECT said.file, said.position, {key}, false AS late
FROM said LEFT JOIN (SELECT k, file, position FROM live JOIN carrier USING (k, o)) AS stays USING (k, file, position)
WHERE how = '{GATHERED}' AND part = {part} AND stays.k IS NULL
"""
_STANDING = """
SELECT key, until AS "at", parse_filename(folder) AS part, file, position, EXISTS (
    SELECT 1 FROM heard WHERE heard.k = live.k AND b < {b}
) AS again FROM live SEMI JOIN carrier USING (k, o)
UNION ALL
SELECT key, until, bringer.part, bringer.file, bringer.position, true FROM again, bringer
UNION ALL
SELECT DISTINCT key, NULL::TIMESTAMP, one.part, one.file, one.position, true
FROM heard ANTI JOIN live USING (k), (SELECT part, file, position FROM said ORDER BY seq DESC LIMIT 1) AS one
WHERE b < {b}
"""
_CHAIN = """
SELECT live.folder, live.file AS source_file, live.position AS source_position, {key}, live.o AS n, live.last,
       NULL AS cleared, live.o = carrier.o AS carries
FROM live JOIN carrier USING (k) WHERE live.last > 1
UNION ALL
SELECT live.folder, live.file, live.position, {key}, live.o, live.last + 1, NULL, false
FROM live SEMI JOIN again USING (k)
UNION ALL
SELECT {again}, bringer.file, bringer.position, {again_key}, last + 1, last + 1, NULL, true FROM again, bringer
"""
_ROWS = """
SELECT rows.* REPLACE ({batch} AS batch_id, bringer.file AS source_file, bringer.position AS source_position)
FROM read_parquet({path}) AS rows
JOIN again ON rows.source_file = again.file AND rows.source_position = again.position AND again.folder = {folder}
          AND rows.source_table || '|' || rows.source_pk = again.key,
bringer
"""


def without_again(batch: Path) -> None:
    """Takes back what a run that was cut short said again."""
    shutil.rmtree(batch / AGAIN, ignore_errors=True)


def gather(database: duckdb.DuckDBPyConnection, batch: Path, earlier: Sequence[Path]) -> None:
    """Makes the tables that the queries of this module need, from `said` of events.

    Writes the part with rows that stand again, where there are any.
    """
    b = len(earlier)
    database.execute(_past(earlier))
    database.execute(_EVERY.format(b=b, own=text(str(batch))))
    words = {"WHOLE": WHOLE, "GATHERED": GATHERED, "ENDED": ENDED, "time": _TIME, "b": b}
    for step in (_HEARD, _DEAD, _LIVE, _CARRIER, _AGAIN, _BRINGER):
        database.execute(step.format(**words))
    for name in TABLES:
        _say_again(database, batch, name)


def replaced(part: str, key: str) -> str:
    """Places and keys of the part's rows that do not carry what all say. `part` is an SQL literal."""
    return _REPLACED.format(part=part, key=key, GATHERED=GATHERED)


def standing(b: int) -> str:
    """The row that carries each key, and keys of which none is left; `b` is how many batches came before."""
    return _STANDING.format(b=b)


def chain(own: str, key: str) -> str:
    """The versions of each key in their order; `own` is the batch's folder as an SQL literal, `key` splits a key."""
    again = f"{own} || '/{AGAIN}'"
    return _CHAIN.format(key=key.format("live.key"), again_key=key.format("again.key"), again=again)


def raw(folder: Path, name: str) -> Path:
    """The table of a part, or of its folder of tables as the records said them."""
    path = folder / f"{name}.parquet"
    return path if path.exists() or folder.name != SAID else folder.parent / f"{name}.parquet"


def _past(earlier: Sequence[Path]) -> str:
    parts = [
        (path, b, nr, path.parent / SAID if (path.parent / SAID).exists() else path.parent)
        for b, folder in enumerate(earlier)
        for nr, path in enumerate(sorted(folder.glob("p*/versions.parquet")))
    ]
    if not parts:
        return _NO_PAST
    heard = HEARD_IN.format(files=listed([path.parent for path, *_ in parts], "versions"))
    duplicates = listed([path.parent for path, *_ in parts], "duplicates")
    values = ", ".join(f"({text(str(path))}, {b}, {nr}, {text(str(folder))})" for path, b, nr, folder in parts)
    return _PAST.format(heard=heard, parts=values, duplicates=duplicates)


def _say_again(database: duckdb.DuckDBPyConnection, batch: Path, name: str) -> None:
    folders = [Path(row[0]) for row in database.execute("SELECT DISTINCT folder FROM again ORDER BY folder").fetchall()]
    found = " UNION ALL BY NAME ".join(
        _ROWS.format(batch=text(batch.name), path=text(str(path)), folder=text(str(folder)))
        for folder in folders
        if (path := raw(folder, name)).exists()
    )
    if found and database.execute(f"SELECT 1 FROM ({found}) LIMIT 1").fetchall():
        (batch / AGAIN).mkdir(exist_ok=True, mode=0o700)
        written(database, found, batch / AGAIN / f"{name}.parquet")
