"""What did not conform: every reject of recorded batches with its reason and place. Only reads.

Raw text is in the frame as bytes; who may see it is decided by `raw.must_own`.
"""

from collections.abc import Sequence

import polars as pl
from sqlalchemy import Connection

from connectors.reason import REASONS
from federation.broker.site import find_site
from federation.errors import Usage
from federation.node import journal
from federation.node.batch import REPEATS, sheets
from federation.node.home import Home
from federation.node.joint import PART_REJECTS
from federation.node.journal import FileRow

PLACES = pl.Schema({"site": pl.String(), "batch": pl.String(), "file": pl.String(), "path": pl.String()})
BY = {"reason": ["reason"], "file": ["site", "batch", "path", "reason"], "column": ["column", "reason"]}
EACH = ["site", "batch", "path", "position", "line", "offset", "column", "reason", "whole"]


def rejects(
    home: Home, *, site: str | None = None, batch: str | None = None, file: str | None = None, reason: str | None = None
) -> pl.LazyFrame:
    """One row a reject: the columns of a part's rejects, with `site`, `batch` and `path`; raises nothing when empty.

    `file` is the end of a path or the mark of a file. Raises Usage for a site, batch or reason that there is not:
    none found would look like none there.
    """
    if reason is not None and reason not in REASONS:
        raise Usage(f"There is no reason `{reason}`. docs/rejects.md lists them all.")
    with home.engine.connect() as connection:
        _must_be_there(connection, site, batch)
        read = [row for row in journal.files(connection, site, batch) if row.part and _is(row, file)]
    places = pl.LazyFrame([(row.site, row.batch, row.file, row.path) for row in read], schema=PLACES, orient="row")
    found = [
        pl.scan_parquet(path).with_columns(pl.lit(of).alias("site"), pl.lit(name).alias("batch"))
        for of, name in sorted({(row.site, row.batch) for row in read})
        for path in [*sheets(home.batch(of, name), "rejects"), *sheets(home.batch(of, name), REPEATS)]
    ]
    empty = pl.LazyFrame(schema={**PART_REJECTS, "site": pl.String(), "batch": pl.String()})
    every = pl.concat([empty, *found]).join(places, on=["site", "batch", "file"], how="inner")
    return every if reason is None else every.filter(pl.col("reason") == reason)


def grouped(found: pl.LazyFrame, by: str | None) -> pl.LazyFrame:
    """How many rejects, by `reason`, `file` or `column`, most first; by their place where `by` is None."""
    keys = EACH if by is None else BY[by]
    counts = found.group_by(keys).agg(pl.len().alias("count"), pl.col("raw").first())
    order = ["site", "batch", "path", "position", "column", "reason"] if by is None else ["count", *keys]
    return counts.sort(order, descending=[name == "count" for name in order])


def unreadable(home: Home, site: str | None = None, batch: str | None = None) -> Sequence[FileRow]:
    """Files of recorded batches that could not be read, or not to their end."""
    with home.engine.connect() as connection:
        return [row for row in journal.files(connection, site, batch) if row.message]


def _must_be_there(connection: Connection, site: str | None, batch: str | None) -> None:
    if site is not None:
        find_site(connection, site)
    if batch is not None and batch not in {row.id for row in journal.batches(connection, site)}:
        raise Usage(f"There is no batch `{batch}` here. `guantong reconcile` lists them.")


def _is(row: FileRow, file: str | None) -> bool:
    return file is None or row.path.endswith(file) or row.file == file
