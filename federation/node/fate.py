"""What became of a record: whether it stands, came again, or gave way to a later version, whole or in part.

Only reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from federation.node import journal
from federation.node.batch import REPEATS, sheet
from federation.node.events import REPLACED, STANDING, VERSIONS
from federation.node.home import Home


@dataclass(frozen=True)
class Place:
    """Where a record stands: site, batch, file mark, position in the file."""

    site: str
    batch: str
    file: str
    position: int

    @property
    def here(self) -> pl.Expr:
        """True where `file` and `position` are the record's."""
        return (pl.col("file") == self.file) & (pl.col("position") == self.position)


def standing(home: Home, place: Place) -> str:
    """Whether the record stands, is a duplicate, was rejected, or was replaced, and by which batch."""
    duplicates = sheet(home.batch(place.site, place.batch), "duplicates")
    if duplicates is not None and duplicates.filter(place.here).collect().height:
        return "duplicate"
    repeats = sheet(home.batch(place.site, place.batch), REPEATS)
    if repeats is not None and repeats.filter(place.here).collect().height:
        return "rejected: a later row of its file has the same key"
    with home.engine.connect() as connection:
        order = [batch.id for batch in journal.batches(connection, place.site)]
    for batch in order:
        replaced = pl.scan_parquet(home.batch(place.site, batch) / "superseded.parquet")
        if replaced.filter(place.here & (pl.col("batch") == place.batch)).collect().height:
            return f"replaced by a later version in batch {batch}"
    return _in_part(home, place, order[order.index(place.batch) :])


def _in_part(home: Home, place: Place, since: Sequence[str]) -> str:
    """The same for a record that names versions: each of its keys may have given way to another record."""
    versions = sheet(home.batch(place.site, place.batch), VERSIONS)
    if versions is None:
        return "stands"
    keys = set(versions.filter(place.here).select("key").collect()["key"])
    outdone, late, by = _in_its_batch(home, place)
    for batch in since[1:]:
        path = home.batch(place.site, batch) / STANDING
        again = pl.scan_parquet(path).filter("again", pl.col("key").is_in(sorted(keys))) if path.exists() else None
        if again is not None and (later := set(again.select("key").collect()["key"])):
            outdone, by = outdone | later, batch
    return _said(keys, outdone, late, by)


def _in_its_batch(home: Home, place: Place) -> tuple[set[str], set[str], str]:
    replaced = sheet(home.batch(place.site, place.batch), REPLACED)
    if replaced is None:
        return set(), set(), place.batch
    found = replaced.filter(place.here).collect()
    keys = found.select(pl.concat_str("source_table", "source_pk", separator="|")).to_series()
    return set(keys), set(keys.filter(found["late"])), place.batch


def _said(keys: set[str], outdone: set[str], late: set[str], by: str) -> str:
    if not outdone:
        return "stands"
    if keys == late:
        return f"older than what stood when it came in batch {by}"
    how = "replaced" if keys == outdone else "replaced in part"
    return f"{how} by a later version in batch {by}"
