"""New Parquet files of one Delta commit, one a bucket, written in bounded memory and committed together.

A sheaf that is not committed takes its files away again; after a crash, `delta_log.drop_after` does.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, PostCommitHookProperties
from deltalake.transaction import AddAction, RemoveAction

from federation.centre.bucket import BUCKET

HELD = 96 << 20  # bytes of rows kept in memory before they are written out
PENDING = "_pending"
QUIET = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


class Sheaf:
    """Rows on their way into one pool table; `rows` counts what was added."""

    def __init__(self, path: Path, schema: pl.Schema) -> None:
        self.path, self.run, self.rows = path, uuid4().hex, 0
        self.schema = arrow_schema(schema).remove(len(schema) - 1)
        self._held: dict[int, list[pl.DataFrame]] = defaultdict(list)
        self._bytes = 0
        self._writers: dict[int, pq.ParquetWriter] = {}
        self._counts: dict[int, int] = defaultdict(int)

    def __enter__(self) -> Self:
        (self.path / PENDING).write_text(self.run, "ascii")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            remove_run(self.path, self.run, keep=frozenset())

    @property
    def buckets(self) -> set[int]:
        """The buckets that rows were added to."""
        return set(self._counts) | set(self._held)

    def add(self, rows: pl.DataFrame) -> None:
        """Adds rows that hold `bucket`; writes some out where too many are held."""
        for (bucket,), part in rows.partition_by(BUCKET, as_dict=True, include_key=False).items():
            self._held[bucket].append(part)
        self.rows += rows.height
        self._bytes += int(rows.estimated_size())
        if self._bytes > HELD:
            self.flush()

    def flush(self) -> None:
        """Writes every held row, one row group a bucket."""
        for bucket in sorted(self._held):
            rows = pl.concat(self._held[bucket]).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(self.schema)
            self._writer(bucket).write_table(rows)
            self._counts[bucket] += rows.num_rows
        self._held.clear()
        self._bytes = 0

    def commit(self, delta: DeltaTable, gone: Iterable[str]) -> None:
        """Closes the files and commits them with the removal of `gone` (paths in the table): all or nothing."""
        self.flush()
        for writer in self._writers.values():
            writer.close()
        now = int(time.time() * 1000)
        added = [self._added(bucket, now) for bucket in sorted(self._counts)]
        removed = [RemoveAction(path, True, now, None, {BUCKET: str(bucket_of(path))}) for path in gone]
        if added or removed:
            delta.create_write_transaction(
                [*added, *removed], "append", delta.schema(), [BUCKET], post_commithook_properties=QUIET
            )
            delta.update_incremental()

    def _writer(self, bucket: int) -> pq.ParquetWriter:
        if bucket not in self._writers:
            target = self.path / self._name(bucket)
            target.parent.mkdir(exist_ok=True)
            self._writers[bucket] = pq.ParquetWriter(target, self.schema, compression="zstd")
        return self._writers[bucket]

    def _name(self, bucket: int) -> str:
        return f"{BUCKET}={bucket}/{self.run}.parquet"

    def _added(self, bucket: int, now: int) -> AddAction:
        name, stats = self._name(bucket), json.dumps({"numRecords": self._counts[bucket]})
        return AddAction(name, (self.path / name).stat().st_size, {BUCKET: str(bucket)}, now, True, stats)


def arrow_schema(schema: pl.Schema) -> pa.Schema:
    """The schema as Parquet and Delta have it: plain strings, naive microseconds."""
    return pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.oldest()).schema


def remove_run(path: Path, run: str, keep: frozenset[str]) -> None:
    """Takes away the files a run wrote into a table, except those in `keep` (paths relative to the table)."""
    for found in path.glob(f"{BUCKET}=*/{run}.parquet"):
        if found.relative_to(path).as_posix() not in keep:
            found.unlink(missing_ok=True)


def bucket_of(path: str) -> int:
    """The bucket a file of the pool lies in, from its path relative to the table."""
    return int(path.split("/", 1)[0].removeprefix(f"{BUCKET}="))


def files_of(delta: DeltaTable) -> list[str]:
    """The files of an open table, relative to it (`bucket=7/<run>.parquet`), sorted."""
    return sorted("/".join(uri.rsplit("/", 2)[-2:]) for uri in delta.file_uris())
