"""The city's pool: one Delta table a shared table, in 64 person buckets, written by one committer at a time.

Never shows anything by itself: a new version is seen only once the registry's snapshot names it. No deletion
vectors, no column that may not leave a site.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow.dataset as ds
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from federation.centre.bucket import BUCKET, bucketed, pool_schema
from federation.centre.delta_log import drop_after
from federation.centre.sheaf import Sheaf, arrow_schema, bucket_of, files_of
from federation.centre.storage import storing
from federation.errors import Tampered
from schemas.tables import TABLES

Keys = pl.Series | pl.DataFrame
KEYS = ("org_code", "source_table", "source_pk")
FILE = "file of the pool"
MANY_FILES = 12  # a bucket with this many files is rewritten as one by the commit that touches it next
CHECKPOINT_EVERY = 20  # versions; keeps opening a table cheap


class Pool:
    """The pool in one folder. Methods that write expect the caller to hold the home's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def versions(self) -> dict[str, int]:
        """Table -> newest version on disk, whether or not the snapshot shows it yet."""
        return {name: self._open(name).version() for name in TABLES if self._exists(name)}

    def rollback(self, snapshot: Mapping[str, int]) -> list[str]:
        """Takes every table back to the version in `snapshot`; a table not in it goes altogether.

        Removes what an interrupted commit left, so that it can be made again. Returns the tables it mended.
        """
        with storing(self.path):
            return [name for name in TABLES if drop_after(self.path / name, snapshot.get(name))]

    def append(
        self, table: str, frames: Iterable[pl.DataFrame], *, superseded: Mapping[str, Keys] | None = None
    ) -> int:
        """Adds rows in one Delta commit and returns how many; the rows of superseded records go in the same commit.

        `frames`: released rows of the shared table `table`; columns that no contract covers may be absent, columns
        that may not leave a site raise ValueError. `superseded`: org_code -> `source_pk` tokens whose rows are
        replaced or withdrawn, or a frame of `source_table` and `source_pk`. Memory stays bounded whatever the number
        of rows. Raises Unavailable where the disk is full or read-only; the snapshot then still shows what it did.
        """
        keys = _keys(superseded or {})
        with storing(self.path):
            delta = self._open_or_create(table)
            old = files_of(delta)
            with Sheaf(self.path / table, pool_schema(table)) as sheaf:
                for frame in frames:
                    sheaf.add(bucketed(table, frame))
                rows = sheaf.rows
                gone = sorted(self._holding(table, old, keys) | _crowded(old, sheaf.buckets))
                for path in gone:
                    sheaf.add(self._kept(table, path, keys))
                sheaf.commit(delta, gone)
            if delta.version() % CHECKPOINT_EVERY == 0:
                delta.create_checkpoint()
        return rows

    def scan(self, table: str, version: int) -> pl.LazyFrame:
        """All rows of the table as they were at `version`, with their `bucket`. Raises Tampered as `whole` does."""
        schema, paths = pool_schema(table), files_of(self.whole(table, version))
        if not paths:
            return pl.LazyFrame(schema=schema)
        # By plain paths, not through the Delta reader: it looks for a folder with a blank or Chinese in its name by
        # its percent-encoded name.
        files = [self.path / table / path for path in paths]
        return pl.scan_parquet(files, schema=schema, hive_schema={BUCKET: schema[BUCKET]}, missing_columns="insert")

    def dataset(self, table: str, version: int) -> ds.Dataset:
        """The same as a PyArrow dataset, for DuckDB."""
        return self._open(table, version).to_pyarrow_dataset()

    def whole(self, table: str, version: int) -> DeltaTable:
        """The table at `version`; raises Tampered where a file of it is gone or has another size than was committed."""
        try:
            delta = self._open(table, version)
        except TableNotFoundError:
            raise Tampered(f"The pool's table `{table}` is gone. Put the pool back from a copy.") from None
        added = pl.DataFrame(delta.get_add_actions())
        wrong = sum(not _is(self.path / table / path, size) for path, size in added["path", "size_bytes"].iter_rows())
        if wrong:
            raise Tampered(
                f"{wrong} files of the pool's table `{table}` are not those that were committed. "
                "Put the pool back from a copy."
            )
        return delta

    def _exists(self, table: str) -> bool:
        return DeltaTable.is_deltatable(str(self.path / table))

    def _open(self, table: str, version: int | None = None) -> DeltaTable:
        return DeltaTable(self.path / table, version=version)

    def _open_or_create(self, table: str) -> DeltaTable:
        if self._exists(table):
            return self._open(table)
        self.path.mkdir(exist_ok=True)
        return DeltaTable.create(self.path / table, arrow_schema(pool_schema(table)), partition_by=[BUCKET])

    def _rows(self, table: str, paths: Sequence[str]) -> pl.LazyFrame:
        files = [self.path / table / path for path in paths]
        return pl.scan_parquet(files, include_file_paths=FILE, hive_partitioning=False)

    def _holding(self, table: str, paths: Sequence[str], keys: pl.DataFrame | None) -> set[str]:
        """The files that hold a row of a superseded record."""
        if keys is None or not paths:
            return set()
        hits = self._rows(table, paths).select(*KEYS, FILE).join(keys.lazy(), on=keys.columns, how="semi")
        found = hits.select(FILE).unique().collect(engine="streaming")[FILE]
        return {"/".join(str(file).rsplit("/", 2)[-2:]) for file in found}

    def _kept(self, table: str, path: str, keys: pl.DataFrame | None) -> pl.DataFrame:
        rows = self._rows(table, [path]).drop(FILE)
        if keys is not None:
            rows = rows.join(keys.lazy(), on=keys.columns, how="anti")
        return rows.with_columns(pl.lit(bucket_of(path), dtype=pl.Int32).alias(BUCKET)).collect()


def _is(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size


def _keys(superseded: Mapping[str, Keys]) -> pl.DataFrame | None:
    """The keys of superseded records as rows of org_code, source_pk and, where told, source_table."""
    frames = [
        (keys.to_frame("source_pk") if isinstance(keys, pl.Series) else keys.select("source_table", "source_pk"))
        .with_columns(pl.lit(org).alias("org_code"))
        .unique()
        for org, keys in superseded.items()
        if len(keys)
    ]
    return pl.concat(frames) if frames else None


def _crowded(paths: Sequence[str], buckets: set[int]) -> set[str]:
    """Files of buckets that get new rows and have many files already: time to make one file of them."""
    count = Counter(bucket_of(path) for path in paths)
    return {path for path in paths if bucket_of(path) in buckets and count[bucket_of(path)] >= MANY_FILES}
