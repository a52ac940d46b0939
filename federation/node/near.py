"""Rows of earlier batches that a new batch may bear on: those that share a person, a stay, a key or a number with it.

Streams through the earlier batches' files; what does not fit in memory spills. Rewrites nothing.

Two steps are taken: rows that share a link with the batch, or that it replaces, may answer otherwise now; rows that
share a link with these are what they are asked beside.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from federation.node.events import STANDING
from federation.node.parquet import paths_listed, spilling, text, written
from federation.node.site_rows import Came, table_files
from federation.quality.links import links
from schemas.tables import TABLES

_GONE = """
SELECT * FROM {earlier} AS rows WHERE (batch_id, source_file, source_position) IN
    (SELECT (batch, file, position) FROM read_parquet({superseded}))
"""
_AGAIN = """
UNION ALL SELECT * FROM {earlier} AS rows WHERE source_table || '|' || source_pk IN
    (SELECT key FROM read_parquet({standing}) WHERE again)
"""
_KEYS = "SELECT DISTINCT hash(unnest([{links}])) AS k FROM ({rows})"
_SHARES = "SELECT * FROM {earlier} AS rows WHERE {shares}"


def near(earlier: Sequence[Came], batch: Came, spill: Path) -> dict[str, pl.LazyFrame]:
    """Table -> rows of the earlier batches, standing or not, written into `spill`; no rows where none is near."""
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = table_files(earlier)
    with spilling(spill / "tmp") as database:
        database.execute("CREATE TEMP TABLE keys (k UBIGINT)")
        _learn(database, {name: f"SELECT * FROM {_read(paths)}" for name, paths in table_files([batch]).items()})
        _learn(database, {name: _gone(batch.folder, paths) for name, paths in files.items()})
        _learn(database, {name: _sharing(name, paths) for name, paths in files.items()})
        for name, paths in files.items():
            written(database, _sharing(name, paths), spill / f"{name}.parquet")
    return {name: pl.scan_parquet(spill / f"{name}.parquet").cast(TABLES[name].schema()) for name in files}


def _learn(database: duckdb.DuckDBPyConnection, rows: dict[str, str]) -> None:
    """Adds the links of the rows to the keys; all of them are looked up by the keys that were there before."""
    if not rows:
        return
    every = " UNION ".join(_KEYS.format(links=_names(name), rows=query) for name, query in rows.items())
    database.execute(f"CREATE TEMP TABLE more AS SELECT k FROM ({every}) WHERE k IS NOT NULL AND k NOT IN (FROM keys)")
    database.execute("INSERT INTO keys FROM more")
    database.execute("DROP TABLE more")


def _gone(batch: Path, paths: Sequence[Path]) -> str:
    """Rows of which the batch brought a later version."""
    query = _GONE.format(earlier=_read(paths), superseded=text(str(batch / "superseded.parquet")))
    if (batch / STANDING).exists():
        query += _AGAIN.format(earlier=_read(paths), standing=text(str(batch / STANDING)))
    return query


def _sharing(name: str, paths: Sequence[Path]) -> str:
    shares = " OR ".join(f'hash("{link}") IN (FROM keys)' for link in links(name))
    return _SHARES.format(earlier=_read(paths), shares=shares)


def _names(name: str) -> str:
    return ", ".join(f'"{link}"' for link in links(name))


def _read(paths: Sequence[Path]) -> str:
    return f"read_parquet({paths_listed(paths)})"
