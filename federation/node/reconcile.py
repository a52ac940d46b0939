"""Proves that no record was lost or doubled: journal, files on disk, pool and ledger are counted apart and compared.

Only reads. Says which batch differs in what, never which record.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from federation.broker.ledger import Ledger
from federation.broker.site import find_site
from federation.centre.snapshot import read_snapshot
from federation.node import journal
from federation.node.batch import PLACE, REPEATS, duplicate_places, sheet, sheets, standing, superseded_places
from federation.node.home import Home
from federation.node.journal import POOLED, READ, WITHHELD, BatchRow, FileRow, ReleaseRow
from federation.node.key import must_be_the_key

Counts = Mapping[tuple[str, str, str], int]  # site, batch, table -> rows


@dataclass(frozen=True)
class Line:
    """One comparison: `expected` of one place against `found` in another."""

    site: str
    batch: str
    what: str
    expected: int
    found: int

    @property
    def agrees(self) -> bool:
        """Whether both places say the same."""
        return self.expected == self.found


@dataclass(frozen=True)
class Books:
    """What registry and ledger say of the batches looked at."""

    batches: Sequence[BatchRow]
    files: Mapping[tuple[str, str], Sequence[FileRow]]
    releases: Mapping[tuple[str, str], Sequence[ReleaseRow]]
    ledger: Mapping[tuple[str, str], Mapping[str, Any]]
    released: Counts
    snapshot: Mapping[str, int]


def reconcile(home: Home, site: str | None = None) -> list[Line]:
    """Every comparison, batch by batch, for one site or all.

    Raises Usage where nobody registered the site, Tampered where the person key is another one.
    """
    must_be_the_key(home)
    if site is not None:
        with home.engine.connect() as connection:
            find_site(connection, site)
    books = _books(home, site)
    pooled = _pooled(home, books.snapshot)
    lines = [line for batch in books.batches for line in _batch(home, books, batch)]
    lines += [line for batch in books.batches for line in _pool(home, books, batch, pooled)]
    known = {(batch.site, batch.id) for batch in books.batches}
    strays = {key: rows for key, rows in pooled.items() if key[:2] not in known and site in {None, key[0]}}
    return lines + [
        Line(of, batch, f"{table}: pooled rows of no recorded batch", 0, rows)
        for (of, batch, table), rows in sorted(strays.items())
    ]


def _books(home: Home, site: str | None) -> Books:
    files, releases = defaultdict(list), defaultdict(list)
    with home.engine.connect() as connection:
        for file in journal.files(connection, site):
            files[file.site, file.batch].append(file)
        for release in journal.releases(connection, site):
            releases[release.site, release.batch].append(release)
        told, released = {}, {}
        for entry in Ledger(connection).entries():
            said = entry.document
            if entry.kind == "ingest":
                told[said["site"], said["batch"]] = said
            elif entry.kind == "release":
                released[said["site"], said["batch"], said["table"]] = said["rows"]
        return Books(journal.batches(connection, site), files, releases, told, released, read_snapshot(connection))


def _batch(home: Home, books: Books, batch: BatchRow) -> Iterator[Line]:
    def line(what: str, expected: int, found: int) -> Line:
        return Line(batch.site, batch.id, what, expected, found)

    folder, files = home.batch(batch.site, batch.id), books.files.get((batch.site, batch.id), ())
    fresh = [file for file in files if file.state == READ]
    again = sum(file.read for file in files if file.state != READ)
    repeated = _height(sheets(folder, "duplicates"))
    yield line("read = accepted + rejected + duplicate", batch.read, batch.accepted + batch.rejected + batch.duplicate)
    yield line("read = sum of its files", batch.read, sum(file.read for file in files))
    repeats = _height(sheets(folder, REPEATS))
    kept = sum(file.read - file.rejected for file in fresh)
    yield line("records on disk", kept + repeats, _height(sheets(folder, "records")))
    yield line(
        "places of records are distinct", _height(sheets(folder, "records")), _distinct(sheet(folder, "records"))
    )
    yield line("rejected records on disk", batch.rejected, _whole(sheet(folder, "rejects")) + repeats)
    yield line("duplicates on disk and of whole files", batch.duplicate, repeated + again)
    for part in sorted({file.part for file in fresh}):
        yield line(f"part {part} is there", 1, int((folder / part / "part.json").exists()))
    said = books.ledger.get((batch.site, batch.id), {})
    for name in ("read", "accepted", "rejected", "duplicate"):
        yield line(f"ledger: {name}", getattr(batch, name), said.get(name, -1))


def _pool(home: Home, books: Books, batch: BatchRow, pooled: Counts) -> Iterator[Line]:
    for release in books.releases.get((batch.site, batch.id), ()):
        key = (batch.site, batch.id, release.table)
        if release.state == POOLED:
            yield Line(*key[:2], f"{release.table}: ledger of release", release.pooled, books.released.get(key, -1))
        standing = _standing(home, books, batch, release.table) if release.state == POOLED else 0
        yield Line(*key[:2], f"{release.table}: rows in the pool", standing, pooled.get(key, 0))


def _standing(home: Home, books: Books, batch: BatchRow, table: str) -> int:
    """Rows of the batch that the pool must show: neither duplicates nor replaced by a later version that went there."""
    rows = sheet(home.batch(batch.site, batch.id), table)
    if rows is None:
        return 0
    held = {
        row.batch
        for rows_ in books.releases.values()
        for row in rows_
        if (row.site, row.table, row.state) == (batch.site, table, WITHHELD)
    }
    since = [each.id for each in books.batches if each.site == batch.site and each.ordinal >= batch.ordinal]
    later = [home.batch(batch.site, each) for each in since if each not in held]
    gone = pl.concat([duplicate_places(home.batch(batch.site, batch.id)), superseded_places(batch.id, later)])
    kept = rows.join(gone, on=list(PLACE.values()), how="anti")
    kept = standing(home.batch(batch.site, batch.id), kept, [folder for folder in later if folder.name != batch.id])
    return int(kept.select(pl.len()).collect(engine="streaming").item())


def _pooled(home: Home, snapshot: Mapping[str, int]) -> dict[tuple[str, str, str], int]:
    counts: dict[tuple[str, str, str], int] = {}
    for table, version in snapshot.items():
        rows = home.pool.scan(table, version).group_by("org_code", "batch_id").len().collect(engine="streaming")
        counts |= {(site, batch, table): count for site, batch, count in rows.iter_rows()}
    return counts


def _height(paths: Sequence[Any]) -> int:
    return sum(pq.read_metadata(path).num_rows for path in paths)


def _distinct(records: pl.LazyFrame | None) -> int:
    if records is None:
        return 0
    places = records.select("file", "position").unique().select(pl.len())
    return int(places.collect(engine="streaming").item())


def _whole(rejects: pl.LazyFrame | None) -> int:
    return 0 if rejects is None else int(rejects.select(pl.col("whole").sum()).collect(engine="streaming").item())
