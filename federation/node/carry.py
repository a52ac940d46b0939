"""What the later version of a row leaves empty keeps what was said before; filled before anybody sees the batch.

Never fills columns that say where a row comes from, a column that was cleared, or a row that was withdrawn. Works from
what the records said, so that it can be run again after a crash, and after another batch came in between.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from connectors.chunk import GATHERED
from federation.node.batch import part_folders
from federation.node.events import CHAIN
from federation.node.fill import Fillable, fill, fillable
from federation.node.gathering import SAID, raw
from federation.node.parquet import spilling, text, written
from schemas.tables import TABLES

FILLED = "filled.parquet.tmp"
CELL = 64  # bytes that DuckDB holds for one cell of a group
AT_ONCE = 48 << 20  # bytes of groups held at once; the rest of its memory is for the join beside them

# A row's versions are followed back from the last as long as each message had the row and did not withdraw it.
_KEPT = """
CREATE OR REPLACE TEMP TABLE kept AS
WITH lined AS (
    SELECT chain.folder, rows.row, n, last, cleared, carries, grp, rows.deleted
    FROM ({rows}) AS rows JOIN chain USING (folder, source_file, source_position, source_table, source_pk)
), counted AS (
    SELECT *, dense_rank() OVER (PARTITION BY grp ORDER BY n DESC) - 1 AS back,
           max(CASE WHEN deleted THEN n END) OVER (PARTITION BY grp) AS withdrawn
    FROM lined
)
SELECT folder, row, n, last, carries, grp, n * 4294967296 + row AS ord, {barriers}
FROM counted WHERE last - n = back AND n > coalesce(withdrawn, 0)
QUALIFY min(n) OVER (PARTITION BY grp) < last
"""
_ROWS = """
SELECT source_file, source_position, source_table, source_pk, deleted, file_row_number AS row, {folder} AS folder,
       md5_number(concat_ws(chr(0), source_table, source_pk, record_id)) AS grp
FROM read_parquet({path}, file_row_number = true)
"""
_FILLED = """
INSERT INTO filled
WITH said AS (
    SELECT grp, {said} FROM ({rows}) AS rows JOIN kept USING (folder, row) WHERE grp % {slices} = {slice} GROUP BY grp
)
SELECT folder, row, said.* EXCLUDE (grp) FROM kept JOIN said USING (grp) WHERE carries
"""
_CELLS = (
    "SELECT {columns}, file_row_number AS row, {folder} AS folder FROM read_parquet({path}, file_row_number = true)"
)


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
    """Removes the copies of what the records said, once the batch is recorded and will not be filled again.

    They stay where later batches may gather versions with those of this one.
    """
    for part in part_folders(batch):
        if (told := part / "versions.parquet").exists() and GATHERED in pl.read_parquet(told, columns=["how"])["how"]:
            continue
        shutil.rmtree(part / SAID, ignore_errors=True)


def _carry(
    database: duckdb.DuckDBPyConnection, name: str, batch: Path, folders: Sequence[Path], clearing: Sequence[str]
) -> None:
    own = [path for part in part_folders(batch) if (path := _restored(part, name)).exists()]
    found = [folder for folder in folders if raw(folder, name).exists()]
    over = bool(database.execute("SELECT 1 FROM chain WHERE carries AND n < last LIMIT 1").fetchall())
    what = fillable(name, own, [raw(folder, name) for folder in found], over=over)
    if not what.any:
        return
    barriers = [_barrier(column) for column in what.columns if column in clearing]
    rows = " UNION ALL ".join(_ROWS.format(folder=text(str(at)), path=_path(at, name)) for at in found)
    database.execute(_KEPT.format(rows=rows, barriers=", ".join(barriers) or "0 AS none"))
    _fill(database, name, what, found, clearing)
    for path in own:
        _rewrite(database, name, path, what)


def _fill(
    database: duckdb.DuckDBPyConnection, name: str, what: Fillable, found: Sequence[Path], clearing: Sequence[str]
) -> None:
    """Makes the table `filled`: for each standing row with a version before it, the cells it has in the end."""
    columns = ", ".join(f'"{column}"' for column in what.all)
    cells = " UNION ALL ".join(
        _CELLS.format(columns=columns, folder=text(str(at)), path=_path(at, name)) for at in found
    )
    said = ", ".join(_said(column, column in clearing) for column in what.all)
    database.execute(f"CREATE OR REPLACE TEMP TABLE filled AS SELECT folder, row, {columns} FROM ({cells}) LIMIT 0")
    [(groups,)] = database.execute("SELECT count(*) FROM kept WHERE carries").fetchall()
    slices = 1 + groups * len(what.all) * CELL // AT_ONCE
    for one in range(slices if groups else 0):
        database.execute(_FILLED.format(said=said, rows=cells, slices=slices, slice=one))


def _rewrite(database: duckdb.DuckDBPyConnection, name: str, path: Path, what: Fillable) -> None:
    """The part's table with its filled cells; what the records said stays beside it."""
    mine = f"FROM filled WHERE folder = {text(str(path.parent))}"
    if not database.execute(f"SELECT 1 {mine} LIMIT 1").fetchall():
        return
    cells, said = path.parent / FILLED, path.parent / SAID / path.name
    written(database, f"SELECT * EXCLUDE (folder) {mine} ORDER BY row", cells)
    said.parent.mkdir(exist_ok=True, mode=0o700)
    if not said.exists():
        said.hardlink_to(path)  # the table keeps its name at every moment
    fill(name, path, cells, what)
    cells.unlink()


def _cleared(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Columns that any version of the batch empties on purpose."""
    words = "SELECT DISTINCT trim(unnest(string_split(cleared, ','))) FROM chain WHERE cleared IS NOT NULL ORDER BY 1"
    return [row[0] for row in database.execute(words).fetchall()]


def _barrier(column: str) -> str:
    """The last version that emptied the column: what was said before it does not count."""
    here = f"list_contains(string_split(replace(cleared, ' ', ''), ','), {text(column)})"
    return f'max(CASE WHEN {here} THEN n END) OVER (PARTITION BY grp) AS "barrier_{column}"'


def _said(column: str, cleared: bool) -> str:
    if column == "sec_level":
        return "max(sec_level) AS sec_level"
    only = f' FILTER (n >= coalesce("barrier_{column}", 0))' if cleared else ""
    return f'arg_max("{column}", ord){only} AS "{column}"'


def _restored(part: Path, name: str) -> Path:
    """The table as the records said it: what an earlier run filled is taken back first."""
    path, said = part / f"{name}.parquet", part / SAID / f"{name}.parquet"
    if said.exists():
        said.replace(path)
    return path


def _path(folder: Path, name: str) -> str:
    return text(str(raw(folder, name)))
