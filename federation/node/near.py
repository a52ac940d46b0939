"""Rows of earlier batches that a new batch bears on, by the links that frames and needs declare; found by the index.

Reads no other rows of history. May give more than asked for, since an index only says where something may stand: a row
too many answers alike before and after. Rewrites nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from federation.node.batch import KEY, KEY_CUT, PLACE
from federation.node.events import REPLACED, STANDING
from federation.node.gone import HERE, LAST, Came, Gone
from federation.node.index import BATCH, Family, Index, Spots
from federation.node.pick import AT, HELD, picked, pieces
from federation.node.site_rows import as_of, table_files
from federation.quality.frame import AS_OF
from federation.quality.links import Link
from federation.quality.need import key_of
from schemas.tables import TABLES

SHEETS = ("file", "position")
SUPERSEDED = Family("superseded", (BATCH, *SHEETS), beside=True)
SAID_AGAIN = Family(STANDING.removesuffix(".parquet"), ("key",), beside=True)
DUPLICATES, OUTDONE = Family("duplicates", (BATCH, *SHEETS)), Family(REPLACED, (BATCH, *SHEETS))


class Near:
    """The batch and what is near it. `spill` is a folder for rows that are too many to be held."""

    def __init__(self, earlier: Sequence[Came], batch: Came, index: Index, spill: Path) -> None:
        self.earlier, self.batch, self.index, self.spill = earlier, batch, index, spill
        self._folders = [each.folder for each in earlier]
        self._numbers: dict[Path, int] = {}
        self._found: dict[tuple[Family, str, tuple[str, ...]], Spots] = {}
        self.files = table_files([batch])
        self.fresh = {name: self._fresh(name) for name in self.files}
        self.gone = self._gone()
        self.changed = {name: self._changed(name) for name in {*self.fresh, *self.gone}}

    def affected(self, table: str, links: Sequence[Link]) -> Spots:
        """Rows of the table that the batch replaces, or that are linked with rows that it brings or replaces."""
        return together([self.gone.get(table, Spots()), *(self._linked(table, each) for each in links)])

    def there(self, table: str) -> bool:
        """Whether any of the earlier batches has a file of the table."""
        return self.index.find(Family(table, ("record_id",)), self._folders, _NO_KEYS).there

    def beside(self, link: Link, rows: pl.LazyFrame) -> Spots:
        """Earlier rows that the link puts beside the rows."""
        return self.index.find(Family(link.table, link.key), self._folders, keys(rows, link.own))

    def rows(self, table: str, spots: Spots) -> pl.LazyFrame:
        """The rows, standing or not, with AT and AS_OF."""
        found = picked(table, spots, self._numbers, self.spill / str(len(list(self.spill.glob("*")))))
        return found.with_columns(as_of(self.earlier))

    def marks(self, spots: Spots) -> pl.Series:
        """What AT says of the spots."""
        numbers = [np.uint64(self._numbers[path] << 32) + rows for path, rows in spots.rows.items()]
        return pl.Series(AT, np.concatenate([np.empty(0, np.uint64), *numbers]))

    def standing(self, rows: pl.LazyFrame) -> tuple[pl.LazyFrame, pl.LazyFrame]:
        """Those of the earlier rows that stand before the batch came, and those that stand after."""
        gone = self._gone_of(rows)
        return held(gone.left(rows)), held(gone.also(self.batch).left(rows))

    def _fresh(self, name: str) -> pl.LazyFrame:
        rows = pl.scan_parquet(self.files[name])
        left = Gone({}).also(self.batch).left(rows)
        return held(left.with_columns(pl.lit(self.batch.day).alias(AS_OF)))

    def _linked(self, table: str, link: Link) -> Spots:
        if link.table not in self.changed:
            return Spots()
        asked = (Family(table, link.own), link.table, link.key)
        if asked not in self._found:
            self._found[asked] = self.index.find(asked[0], self._folders, keys(self.changed[link.table], link.key))
        return self._found[asked]

    def _changed(self, name: str) -> pl.LazyFrame | None:
        old = self.rows(name, self.gone[name]).drop(AT) if name in self.gone else None
        fresh = self.fresh.get(name)
        if fresh is None or old is None:
            return old if fresh is None else fresh  # one of them is there
        return pl.concat([fresh.select(old.collect_schema().names()), old])

    def _gone(self) -> dict[str, Spots]:
        """Rows of earlier batches that the batch may replace."""
        whole = pl.scan_parquet(self.batch.folder / "superseded.parquet").filter(pl.col(BATCH) != self.batch.id)
        places = keys(whole, (BATCH, *SHEETS))
        again = keys(Gone({}).also(self.batch).again, KEY)
        found = {}
        for name in TABLES if places.len() or again.len() else ():
            spots = [self.index.find(Family(name, tuple(HERE)), self._folders, places)] if places.len() else []
            spots += [self.index.find(Family(name, tuple(KEY)), self._folders, again)] if again.len() else []
            found[name] = together(spots)
        return {name: spots for name, spots in found.items() if spots.rows}

    def _gone_of(self, rows: pl.LazyFrame) -> Gone:
        places, said = keys(rows, HERE), keys(rows.select(pl.concat_str(KEY, separator="|").alias("key")), ("key",))
        order = {each.id: place for place, each in enumerate(self.earlier)}
        gone = [self._sheet(family, places) for family in (DUPLICATES, SUPERSEDED)]
        lost = [each.rename({BATCH: "batch_id", **PLACE}).select(HERE) for each in gone if each is not None]
        outdone, again = self._sheet(OUTDONE, places), self._sheet(SAID_AGAIN, said)
        return Gone(
            order,
            pl.concat(lost).lazy() if lost else None,
            None if outdone is None else outdone.rename({BATCH: "batch_id", **PLACE}).select(*HERE, *KEY).lazy(),
            None if again is None else _keys_again(again, order),
        )

    def _sheet(self, family: Family, looked_up: pl.Series) -> pl.DataFrame | None:
        spots = self.index.find(family, self._folders, looked_up)
        found = []
        for path, rows in spots.rows.items():
            batch = path.parents[0 if family.beside else 1].name
            column = [] if family is SUPERSEDED else [pl.lit(batch).alias(BATCH)]
            found += [piece.with_columns(column) for piece, _ in pieces(path, rows)]
        return pl.concat(found) if found else None


_NO_KEYS = pl.Series(dtype=pl.UInt64())


def keys(rows: pl.LazyFrame | None, columns: Sequence[str]) -> pl.Series:
    """What the rows are looked up by (UInt64), each once."""
    if rows is None:
        return _NO_KEYS
    return rows.select(key_of(columns).alias("key")).drop_nulls().unique().collect(engine="streaming")["key"]


def together(spots: Sequence[Spots]) -> Spots:
    """All of the spots, each once."""
    found: dict[Path, list[np.ndarray]] = {}
    for each in spots:
        for path, rows in each.rows.items():
            found.setdefault(path, []).append(rows)
    once = {path: rows[0] if len(rows) == 1 else np.unique(np.concatenate(rows)) for path, rows in found.items()}
    return Spots(once, any(each.there for each in spots))


def held(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, in memory where they are few: they are asked more than once."""
    some = rows.head(HELD + 1).collect(engine="streaming")
    return some.lazy() if some.height <= HELD else rows


def _keys_again(rows: pl.DataFrame, order: dict[str, int]) -> pl.LazyFrame:
    last = pl.col(BATCH).replace_strict(order, return_dtype=pl.Int64()).alias(LAST)
    return rows.lazy().filter("again").select(KEY_CUT, last).unnest("key")
