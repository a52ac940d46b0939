"""What the later version of a row leaves empty keeps what was said before; filled before anybody sees the batch.

Never fills columns that say where a row comes from, a column that was cleared, or a row that was withdrawn. Works on a
copy of what the records said, so that it can be run again after a crash, and after another batch came in between.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from federation.node.batch import part_folders
from federation.node.events import CHAIN
from federation.node.parquet import spilling, text, written
from schemas.table import COMMON
from schemas.tables import TABLES

SAID = "said"  # folder in a part: its tables as the records said them, until the batch is recorded

# A row's versions are followed back from the last as long as each message had the row and did not withdraw it.
_LINED = """
CREATE OR REPLACE TEMP TABLE lined AS
SELECT chain.folder, chain.source_table, chain.source_pk, n, last, cleared, rows.record_id, rows.sec_level,
       rows.row, n * 4294967296 + rows.row AS ord, {columns},
       dense_rank() OVER (PARTITION BY chain.source_table, chain.source_pk, record_id ORDER BY n DESC) - 1 AS back,
       max(CASE WHEN rows.deleted THEN n END)
           OVER (PARTITION BY chain.source_table, chain.source_pk, record_id) AS withdrawn
FROM ({rows}) AS rows JOIN chain ON chain.folder = rows.folder AND chain.file = source_file
     AND chain.position = source_position AND chain.source_table = rows.source_table
     AND chain.source_pk = rows.source_pk
"""
_ROWS = """
SELECT *, file_row_number AS row, {folder} AS folder FROM read_parquet({path}, file_row_number = true)
"""
_FILLED = """
CREATE OR REPLACE TEMP TABLE filled AS
WITH kept AS (
    SELECT *, {barriers} FROM lined WHERE last - n = back AND n > coalesce(withdrawn, 0)
), said AS (
    SELECT source_table, source_pk, record_id, max(sec_level) AS sec_level, {said}
    FROM kept GROUP BY source_table, source_pk, record_id HAVING count(DISTINCT n) > 1
)
SELECT lined.folder, lined.row, said.* EXCLUDE (source_table, source_pk, record_id)
FROM lined JOIN said USING (source_table, source_pk, record_id) WHERE n = last
"""
_REWRITTEN = """
SELECT {columns} FROM read_parquet({path}, file_row_number = true) AS rows
LEFT JOIN (SELECT * FROM filled WHERE folder = {folder}) AS filled ON filled.row = rows.file_row_number
ORDER BY rows.file_row_number
"""


def carry(batch: Path, spill: Path) -> None:
    """Fills the standing rows of a staged batch from the versions before them; does nothing where there are none."""
    chain = batch / CHAIN
    if not chain.exists():
        return
    with spilling(spill) as database:
        database.execute(f"CREATE TEMP VIEW chain AS SELECT * FROM read_parquet({text(str(chain))})")
        folders = [Path(row[0]) for row in database.execute("SELECT DISTINCT folder FROM chain ORDER BY 1").fetchall()]
        clearing = _cleared(database)
        for name in TABLES:
            _carry(database, name, batch, folders, clearing)
    chain.unlink()


def forget_said(batch: Path) -> None:
    """Removes the copies of what the records said, once the batch is recorded and will not be filled again."""
    for part in part_folders(batch):
        shutil.rmtree(part / SAID, ignore_errors=True)


def _carry(
    database: duckdb.DuckDBPyConnection, name: str, batch: Path, folders: Sequence[Path], clearing: Sequence[str]
) -> None:
    own = [part for part in part_folders(batch) if _restored(part, name).exists()]
    found = [folder for folder in folders if (folder / f"{name}.parquet").exists()]
    if not own or not found:
        return
    columns = [column for column in TABLES[name].columns if column not in COMMON]
    sources = " UNION ALL ".join(_ROWS.format(folder=text(str(at)), path=_path(at, name)) for at in found)
    database.execute(_LINED.format(rows=sources, columns=", ".join(f'rows."{column}"' for column in columns)))
    barriers = [_barrier(column) for column in clearing if column in columns]
    said = [_said(column, column in clearing) for column in columns]
    database.execute(_FILLED.format(barriers=", ".join(barriers) or "0 AS none", said=", ".join(said)))
    touched = {row[0] for row in database.execute("SELECT DISTINCT folder FROM filled").fetchall()}
    for part in own:
        if str(part) in touched:
            _rewrite(database, name, part, columns)


def _cleared(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns that any version of the batch empties on purpose."""
    words = "SELECT DISTINCT trim(unnest(string_split(cleared, ','))) FROM chain WHERE cleared IS NOT NULL ORDER BY 1"
    return [row[0] for row in database.execute(words).fetchall()]


def _barrier(column: str) -> str:
    """The last version that emptied the column: what was said before it does not count."""
    return (
        f"max(CASE WHEN list_contains(list_transform(string_split(cleared, ','), lambda one: trim(one)), "
        f"{text(column)}) THEN n END) OVER (PARTITION BY source_table, source_pk, record_id) AS barrier_{column}"
    )


def _said(column: str, cleared: bool) -> str:
    only = f" FILTER (n >= coalesce(barrier_{column}, 0))" if cleared else ""
    return f'arg_max("{column}", ord){only} AS "{column}"'


def _rewrite(database: duckdb.DuckDBPyConnection, name: str, part: Path, columns: Sequence[str]) -> None:
    path, said = part / f"{name}.parquet", part / SAID / f"{name}.parquet"
    said.parent.mkdir(exist_ok=True, mode=0o700)
    if not said.exists():
        os.link(path, said)  # the table keeps its name at every moment
    chosen = ", ".join(_chosen(column, column in columns) for column in TABLES[name].columns)
    written(database, _REWRITTEN.format(columns=chosen, path=text(str(said)), folder=text(str(part))), path)


def _chosen(column: str, carries: bool) -> str:
    if column == "sec_level":
        return "greatest(rows.sec_level, filled.sec_level) AS sec_level"
    return f'coalesce(rows."{column}", filled."{column}") AS "{column}"' if carries else f'rows."{column}"'


def _restored(part: Path, name: str) -> Path:
    """The table as the records said it: what an earlier run filled is taken back first."""
    path, said = part / f"{name}.parquet", part / SAID / f"{name}.parquet"
    if said.exists():
        said.replace(path)
    return path


def _path(folder: Path, name: str) -> str:
    return text(str(folder / f"{name}.parquet"))
