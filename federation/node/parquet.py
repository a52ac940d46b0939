"""DuckDB over a batch's Parquet files: names as SQL literals, results written whole. Holds 192 MB at most."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

MEMORY = "192MB"
ROW_GROUP = 131_072


@contextmanager
def spilling(folder: Path, ordered: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that puts what does not fit into `folder`."""
    with duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "temp_directory": str(folder),
            "threads": 2,
            "preserve_insertion_order": ordered,
        }
    ) as database:
        yield database


def listed(folders: Sequence[Path], name: str) -> str:
    """The files of that name in the folders, as an SQL list."""
    return paths_listed([folder / f"{name}.parquet" for folder in folders])


def paths_listed(paths: Sequence[Path]) -> str:
    """The files as an SQL list."""
    return "[" + ", ".join(text(str(path)) for path in paths) + "]"


def text(words: str) -> str:
    """An SQL literal."""
    return "'" + words.replace("'", "''") + "'"


def written(database: duckdb.DuckDBPyConnection, query: str, final: Path) -> None:
    """The answer as a Parquet file that is there whole or not at all."""
    fresh = final.with_name(final.name + ".tmp")
    database.execute(
        f"COPY ({query}) TO {text(str(fresh))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    fresh.rename(final)
