"""Which rows of records stand where a source sends events: each message brings versions of parts of what was said.

Joins only the keys that the batch touches; what does not fit in memory spills. Rewrites nothing.

Of the versions of one key the one with the latest `at` stands; one without `at` counts as said when it came. What is
older than what stands when it comes never stands. Duplicates of whole messages say nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from connectors.chunk import ENDED, GATHERED
from federation.node import gathering
from federation.node.parquet import listed, paths_listed, text, written

# Every key that a record of the batch says anew, and the version that stood before the batch came.
_SAID = """
CREATE TEMP TABLE said AS
SELECT md5_number(v.key) AS k, v.key, string_agg(v.cleared, ',') AS cleared, max(v.how) AS how,
       CASE WHEN bool_or(v.how = '{ENDED}') THEN {NEVER} ELSE max(v."at") END AS "at",
       standing.seq, part, file, position
FROM (SELECT *, parse_filename(parse_path(filename)[-2]) AS part FROM ({heard})) AS v
JOIN standing USING (part, file, position)
GROUP BY v.key, standing.seq, part, file, position
"""
_BEFORE = """
CREATE TEMP TABLE before AS
SELECT md5_number(key) AS k, arg_max("at", ordinal) AS "at", max(ordinal) AS ordinal, any_value(key) AS key,
       arg_max(parse_dirpath(path) || '/' || part, ordinal) AS folder,
       arg_max(file, ordinal) AS file, arg_max(position, ordinal) AS position
FROM read_parquet({files}, filename = true) JOIN (VALUES {order}) AS batches (path, ordinal) ON path = filename
WHERE md5_number(key) IN (SELECT k FROM said WHERE how IS DISTINCT FROM '{GATHERED}')
GROUP BY k
"""
_NO_BEFORE = """
CREATE TEMP TABLE before AS
SELECT k, "at", seq AS ordinal, key, part AS folder, file, position FROM said LIMIT 0
"""
# `so_far` is the time of what stands after each version came; one that is older than that did not stand.
_LINED = """
CREATE TEMP TABLE lined AS
SELECT k, seq, max("at") OVER so_far AS "at",
       CASE WHEN "at" IS NULL THEN max("at") OVER so_far IS DISTINCT FROM {NEVER}
            ELSE "at" = max("at") OVER so_far END AS stood
FROM (
    SELECT k, seq, "at" FROM said WHERE how IS DISTINCT FROM '{GATHERED}' UNION ALL SELECT k, -1, "at" FROM before
)
WINDOW so_far AS (PARTITION BY k ORDER BY seq ROWS UNBOUNDED PRECEDING)
"""
_ENDED = "CREATE TEMP TABLE ended AS SELECT k, max(seq) AS last FROM lined WHERE stood GROUP BY k"
_REPLACED = """
SELECT file, position, {key}, NOT stood AS late
FROM said JOIN lined USING (k, seq) JOIN ended USING (k)
WHERE seq <> last AND part = {part}
"""
_STANDING = """
SELECT said.key, lined."at", part, said.file, said.position, before.ordinal IS NOT NULL AS again
FROM said JOIN lined USING (k, seq) JOIN ended USING (k) LEFT JOIN before USING (k)
WHERE seq = last
"""
_CHAIN = """
WITH stood AS (
    SELECT k, seq, row_number() OVER (PARTITION BY k ORDER BY seq) AS n, count(*) OVER (PARTITION BY k) AS last
    FROM lined JOIN ended USING (k) SEMI JOIN (SELECT k FROM said WHERE how IS NULL) AS kept USING (k)
    WHERE stood AND last >= 0
), placed AS (
    SELECT k, seq, {own} || '/' || part AS folder, file, position, key, cleared FROM said
    UNION ALL SELECT k, -1, folder, file, position, key, NULL FROM before
)
SELECT folder, file AS source_file, position AS source_position, {key}, n, last, cleared, n = last AS carries
FROM stood JOIN placed USING (k, seq) WHERE last > 1
"""
_KEY = "left({0}, instr({0}, '|') - 1) AS source_table, substr({0}, instr({0}, '|') + 1) AS source_pk"

NEVER = "TIMESTAMP '9999-12-31 00:00:00'"  # rows of a key that was ended stand never again
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
    words = {"ENDED": ENDED, "GATHERED": GATHERED, "NEVER": NEVER}
    heard = gathering.HEARD_IN.format(files=listed(saying, VERSIONS))
    database.execute(_SAID.format(heard=heard, **words))
    database.execute(_before([path for batch in earlier if (path := batch / STANDING).exists()]))
    for step in (_LINED, _ENDED):
        database.execute(step.format(**words))
    gathering.gather(database, batch := parts[0].parent, earlier)
    said, own = _KEY.format("said.key"), text(str(batch))
    for part in saying:
        name = text(part.name)
        replaced = [_REPLACED.format(part=name, key=said), gathering.replaced(name, said)]
        written(database, _together(replaced, "file, position"), part / f"{REPLACED}.parquet")
    written(database, _together([_STANDING, gathering.standing(len(earlier))], "key"), batch / STANDING)
    chains = [_CHAIN.format(own=own, key=_KEY.format("placed.key")), gathering.chain(own, _KEY)]
    written(database, _together(chains, "folder, source_file, source_position"), batch / CHAIN)


def _together(queries: Sequence[str], order: str) -> str:
    return " UNION ALL ".join(f"SELECT * FROM ({query})" for query in queries) + f" ORDER BY {order}"


def _before(files: Sequence[Path]) -> str:
    if not files:
        return _NO_BEFORE
    order = ", ".join(f"({text(str(path))}, {ordinal})" for ordinal, path in enumerate(files))
    return _BEFORE.format(files=paths_listed(files), order=order, GATHERED=GATHERED)
