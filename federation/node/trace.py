"""From a pooled row, or a record at its site, back to the file, the place and the text it was made from. Only reads."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from connectors.connector import Places
from connectors.errors import ConnectorError
from connectors.kinds import kinds
from federation.broker.ledger import Ledger
from federation.centre.snapshot import read_snapshot
from federation.errors import BadInput, Usage
from federation.node import journal
from federation.node.batch import part_folders, sheet, table_names
from federation.node.fate import Place, standing
from federation.node.home import Home
from federation.node.journal import FileRow
from federation.node.name import meant
from federation.node.raw import decoded, exact, slice_of, unchanged

TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Traced:
    """A record's way: `rows` are the shared rows made of it, `ledger` the entries about its batch, `raw` its text.

    `raw_base64` are its bytes where they are not UTF-8.

    `place` says in words where it stands in a file whose records have no bytes of their own (a workbook); else empty.
    """

    site: str
    batch: str
    at: str
    reading: str
    path: str
    digest: str
    unchanged: bool
    position: int
    line: int
    offset: int
    length: int
    hash: str
    standing: str
    rows: dict[str, list[str]]
    ledger: list[dict[str, Any]]
    place: str = ""
    raw: str | None = None
    raw_base64: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def trace(home: Home, record: str, raw: bool = False) -> list[Traced]:
    """The way of a record: `record` is a pooled row's `record_id`, or a `record_id` or record key at a site.

    With `raw` the text as well: the caller has made sure that the owner asks. Raises Usage where nothing has that name.
    """
    places = sorted(set(_pooled(home, record) if TOKEN.fullmatch(record) else _kept(home, record)), key=_order)
    if not places:
        raise Usage("No recorded row has this record_id. It may have been withdrawn, or belong to another home.")
    return [_traced(home, place, raw) for place in places]


def _order(place: Place) -> tuple[str, str, str, int]:
    return place.site, place.batch, place.file, place.position


def _pooled(home: Home, token: str) -> Iterator[Place]:
    with home.engine.connect() as connection:
        snapshot = read_snapshot(connection)
    for table, version in snapshot.items():
        hits = home.pool.scan(table, version).filter(pl.col("record_id") == token)
        yield from _places(hits.select("org_code", "batch_id", "source_file", "source_position"))


def _kept(home: Home, record: str) -> Iterator[Place]:
    with home.engine.connect() as connection:
        recorded = journal.batches(connection)
    for batch in recorded:
        folder = home.batch(batch.site, batch.id)
        of = (pl.lit(batch.site).alias("site"), pl.lit(batch.id).alias("batch"))
        if (records := sheet(folder, "records")) is not None:
            yield from _places(records.filter(pl.col("key") == record).select(*of, "file", "position"))
        for table in table_names(folder):
            rows = pl.scan_parquet(
                [part / f"{table}.parquet" for part in part_folders(folder) if (part / f"{table}.parquet").exists()]
            )
            hits = rows.filter(pl.col("record_id") == record)
            yield from _places(hits.select(*of, "source_file", "source_position"))


def _places(hits: pl.LazyFrame) -> Iterator[Place]:
    return (Place(*row) for row in hits.unique().collect(engine="streaming").iter_rows())


def _traced(home: Home, place: Place, raw: bool) -> Traced:
    folder = home.batch(place.site, place.batch)
    file, at, entries = _written(home, place)
    records = sheet(folder, "records")
    here = (pl.col("file") == place.file) & (pl.col("position") == place.position)
    found = [] if records is None else records.filter(here).collect(engine="streaming").to_dicts()
    if file is None or not found:
        raise BadInput(f"Batch {place.batch} of {place.site} is not whole on disk. Run `guantong reconcile`.")
    path = meant(file.path)
    same = unchanged(path, file.digest)
    connector = kinds().get(file.reading.partition("/")[0])
    own = connector if isinstance(connector, Places) else None
    line, offset, length = (found[0][name] for name in ("line", "offset", "length"))
    kept = _kept_bytes(path, own, line, offset, length) if raw and same else None
    return Traced(
        place.site,
        place.batch,
        at,
        file.reading,
        file.path,
        file.digest,
        same,
        place.position,
        line,
        offset,
        length,
        found[0]["hash"],
        standing(home, place),
        _rows(folder, place),
        entries,
        own.place(line, offset) if own else "",
        None if kept is None else decoded(kept),
        None if kept is None else exact(kept),
    )


def _kept_bytes(path: Path, own: Places | None, line: int, offset: int, length: int) -> bytes | None:
    try:
        return own.raw(path, line, offset, length) if own else slice_of(path, offset, length)
    except (ConnectorError, OSError, EOFError):
        return None  # the packing is damaged behind the record's place


def _written(home: Home, place: Place) -> tuple[FileRow | None, str, list[dict[str, Any]]]:
    with home.engine.connect() as connection:
        of_batch = journal.files(connection, place.site, place.batch)
        at = next((batch.at for batch in journal.batches(connection, place.site) if batch.id == place.batch), "")
        entries = [
            {"seq": entry.seq, "at": entry.at, "kind": entry.kind, **entry.document}
            for entry in Ledger(connection).entries()
            if entry.document.get("site") == place.site and entry.document.get("batch") == place.batch
        ]
    return next((row for row in of_batch if row.part and row.file == place.file), None), at, entries


def _rows(folder: Path, place: Place) -> dict[str, list[str]]:
    here = (pl.col("source_file") == place.file) & (pl.col("source_position") == place.position)
    made: dict[str, list[str]] = {}
    for table in table_names(folder):
        rows = sheet(folder, table)
        if rows is None:
            continue
        ids = rows.filter(here).select("record_id").collect(engine="streaming")["record_id"].to_list()
        if ids:
            made[table] = ids
    return made
