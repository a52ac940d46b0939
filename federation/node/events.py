"""Which rows of records stand where a source sends events: each message brings versions of parts of what was said.

Joins only the keys that the batch touches; what does not fit in memory spills. Rewrites nothing.

Of the versions of one key the one with the latest `at` stands; one without `at` counts as said when it came. What is
older than what stands when it comes never stands. Duplicates of whole messages say nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from federation.node.parquet import listed, text, written

# Every key that a record of the batch says anew, and the version that stood before the batch came.
_SAID = """
CREATE TEMP TABLE said AS
SELECT md5_number(v.key) AS k, v.key, max(v."at") AS "at", string_agg(v.cleared, ',') AS cleared,
       standing.seq, part, file, position
FROM (SELECT *, parse_filename(parse_path(filename)[-2]) AS part FROM read_parquet({files}, filename = true)) AS v
JOIN standing USING (part, file, position)
GROUP BY v.key, standing.seq, part, file, position
"""
_BEFORE = """
CREATE TEMP TABLE before AS
SELECT md5_number(key) AS k, arg_max("at", ordinal) AS "at", max(ordinal) AS ordinal, any_value(key) AS key,
       arg_max(parse_dirpath(path) || '/' || part, ordinal) AS folder,
       arg_max(file, ordinal) AS file, arg_max(position, ordinal) AS position
FROM read_parquet({files}, filename = true) JOIN (VALUES {order}) AS batches (path, ordinal) ON path = filename
WHERE md5_number(key) IN (SELECT k FROM said)
GROUP BY k
"""
_NO_BEFORE = """
CREATE TEMP TABLE before AS
SELECT k, "at", seq AS ordinal, key, part AS folder, file, position FROM said LIMIT 0
"""
# `so_far` is the time of what stands after each version came; one that is older than that did not stand.
_LINED = """
CREATE TEMP TABLE lined AS
SELECT k, seq, max("at") OVER so_far AS "at", "at" IS NULL OR "at" = max("at") OVER so_far AS stood
FROM (SELECT k, seq, "at" FROM said UNION ALL SELECT k, -1, "at" FROM before)
WINDOW so_far AS (PARTITION BY k ORDER BY seq ROWS UNBOUNDED PRECEDING)
"""
_ENDED = "CREATE TEMP TABLE ended AS SELECT k, max(seq) AS last FROM lined WHERE stood GROUP BY k"
_REPLACED = """
SELECT file, position, {key}, NOT stood AS late
FROM said JOIN lined USING (k, seq) JOIN ended USING (k)
WHERE seq <> last AND part = {part} ORDER BY file, position, said.key
"""
_STANDING = """
SELECT said.key, lined."at", part, said.file, said.position, before.ordinal IS NOT NULL AS again
FROM said JOIN lined USING (k, seq) JOIN ended USING (k) LEFT JOIN before USING (k)
WHERE seq = last
ORDER BY said.key
"""
_CHAIN = """
WITH stood AS (
    SELECT k, seq, row_number() OVER (PARTITION BY k ORDER BY seq) AS n, count(*) OVER (PARTITION BY k) AS last
    FROM lined JOIN ended USING (k) WHERE stood AND last >= 0
), placed AS (
    SELECT k, seq, {own} || '/' || part AS folder, file, position, key, cleared FROM said
    UNION ALL SELECT k, -1, folder, file, position, key, NULL FROM before
)
SELECT folder, file AS source_file, position AS source_position, {key}, n, last, cleared
FROM stood JOIN placed USING (k, seq) WHERE last > 1 ORDER BY folder, file, position
"""
_KEY = "left({0}, instr({0}, '|') - 1) AS source_table, substr({0}, instr({0}, '|') + 1) AS source_pk"

VERSIONS, REPLACED, STANDING, CHAIN = "versions", "replaced", "standing.parquet", "chain.parquet.tmp"


def settle(database: duckdb.DuckDBPyConnection, parts: Sequence[Path], earlier: Sequence[Path]) -> None:
    """Says which rows stand, where any record of the batch names versions; else does nothing.

    Writes `replaced.parquet` into each part (rows that a version of the same batch or an earlier one outdoes),
    `standing.parquet` beside them (the version of each key that stands now) and `chain.parquet.tmp` (the versions one
    after the other, for `carry`). `database` has the table `duplicate` and the view `standing` of compare; `earlier`
    are folders of recorded batches, oldest first.
    """
    saying = [part for part in parts if (part / f"{VERSIONS}.parquet").exists()]
    if not saying:
        return
    database.execute(_SAID.format(files=listed(saying, VERSIONS)))
    database.execute(_before([path for batch in earlier if (path := batch / STANDING).exists()]))
    for step in (_LINED, _ENDED):
        database.execute(step)
    key, batch = _KEY.format("said.key"), parts[0].parent
    for part in saying:
        written(database, _REPLACED.format(part=text(part.name), key=key), part / f"{REPLACED}.parquet")
    written(database, _STANDING, batch / STANDING)
    written(database, _CHAIN.format(own=text(str(batch)), key=_KEY.format("placed.key")), batch / CHAIN)


def _before(files: Sequence[Path]) -> str:
    if not files:
        return _NO_BEFORE
    paths = [text(str(path)) for path in files]
    order = ", ".join(f"({path}, {ordinal})" for ordinal, path in enumerate(paths))
    return _BEFORE.format(files="[" + ", ".join(paths) + "]", order=order)
