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
from federation.node.pick import AT, HELD, Picked, pieces
from federation.node.site_rows import as_of, table_files
from federation.quality.frame import AS_OF
from federation.quality.links import Link, Some
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
        self._came = Gone({}).also(batch)
        self.files = table_files([batch])
        self.fresh = {name: self._fresh(name) for name in self.files}
        self.gone = {name: self.picked(name, spots) for name, spots in self._gone().items()}

    def affected(self, table: str, links: Sequence[Link]) -> Spots:
        """Rows of the table that the batch replaces, or that are linked with rows that it brings or replaces."""
        own = self.gone[table].spots if table in self.gone else Spots()
        return together([own, *(self._linked(table, each) for each in links)])

    def there(self, table: str) -> bool:
        """Whether any of the earlier batches has a file of the table."""
        return self.index.find(Family(table, ("record_id",)), self._folders, _NO_KEYS).there

    def beside(self, link: Link, rows: Sequence[pl.LazyFrame]) -> Spots:
        """Earlier rows that the link puts beside the rows."""
        return self.index.find(
            Family(link.table, link.key, only=link.only), self._folders, keys(rows, link.own, link.only)
        )

    def picked(self, table: str, spots: Spots) -> Picked:
        """The rows, standing or not."""
        return Picked(table, spots, self._numbers, self.spill / str(len(list(self.spill.glob("*")))))

    def judged(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The earlier rows with AS_OF."""
        return rows.with_columns(as_of(self.earlier))

    def marks(self, spots: Spots) -> pl.Series:
        """What AT says of the spots."""
        numbers = [np.uint64(self._numbers[path] << 32) + rows for path, rows in spots.rows.items()]
        return pl.Series(AT, np.concatenate([np.empty(0, np.uint64), *numbers]))

    def standing(self, rows: Sequence[Picked]) -> tuple[pl.Series, pl.Series]:
        """Of all these earlier rows of a table AT of those that stand before the batch came, and that stand after."""
        keyed = self._came.again is not None or self._any(SAID_AGAIN) or self._any(OUTDONE)
        places = pl.concat([each.rows([*HERE, *(KEY if keyed else ())]) for each in rows])
        gone = self._gone_of(places, keyed)
        left = [each.left(places).select(AT).collect(engine="streaming")[AT] for each in (gone, gone.also(self.batch))]
        return left[0], left[1]

    def _fresh(self, name: str) -> pl.LazyFrame:
        rows = pl.scan_parquet(self.files[name])
        left = self._came.left(rows)
        return held(left.with_columns(pl.lit(self.batch.day).alias(AS_OF)))

    def _linked(self, table: str, link: Link) -> Spots:
        asked = (Family(table, link.own, only=link.only), link.table, link.key)
        if asked not in self._found:
            self._found[asked] = self.index.find(asked[0], self._folders, self._changed(link))
        return self._found[asked]

    def _changed(self, link: Link) -> pl.Series:
        """What of rows that the batch brings or replaces the link looks up."""
        read = {*link.key, *(link.only.true.meta.root_names() if link.only else ())}
        old, fresh = self.gone.get(link.table), self.fresh.get(link.table)
        rows = [each for each in (fresh, None if old is None else old.rows(read)) if each is not None]
        return keys(rows, link.key, link.only)

    def _any(self, family: Family) -> bool:
        return self.index.find(family, self._folders, _NO_KEYS).filled

    def _gone(self) -> dict[str, Spots]:
        """Rows of earlier batches that the batch may replace."""
        whole = pl.scan_parquet(self.batch.folder / "superseded.parquet").filter(pl.col(BATCH) != self.batch.id)
        places = keys([whole], (BATCH, *SHEETS))
        again = keys([] if self._came.again is None else [self._came.again], KEY)
        found = {}
        for name in TABLES if places.len() or again.len() else ():
            spots = [self.index.find(Family(name, tuple(HERE)), self._folders, places)] if places.len() else []
            spots += [self.index.find(Family(name, tuple(KEY)), self._folders, again)] if again.len() else []
            found[name] = together(spots)
        return {name: spots for name, spots in found.items() if spots.rows}

    def _gone_of(self, rows: pl.LazyFrame, keyed: bool) -> Gone:
        places = keys([rows], HERE)
        said = keys([rows.select(pl.concat_str(KEY, separator="|").alias("key"))], ("key",)) if keyed else _NO_KEYS
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
            found += [piece.with_columns(column) for piece in pieces(path, rows)]
        return pl.concat(found) if found else None


_NO_KEYS = pl.Series(dtype=pl.UInt64())


def keys(rows: Sequence[pl.LazyFrame], columns: Sequence[str], only: Some | None = None) -> pl.Series:
    """What the rows, or those among `only`, are looked up by (UInt64), each once."""
    chosen = rows if only is None else [each.filter(only.true) for each in rows]
    parts = [each.select(key_of(columns).alias("key")).drop_nulls().unique() for each in chosen]
    return pl.concat(parts).unique().collect(engine="streaming")["key"] if parts else _NO_KEYS


def together(spots: Sequence[Spots]) -> Spots:
    """All of the spots, each once."""
    found: dict[Path, list[np.ndarray]] = {}
    for each in spots:
        for path, rows in each.rows.items():
            found.setdefault(path, []).append(rows)
    once = {path: rows[0] if len(rows) == 1 else np.unique(np.concatenate(rows)) for path, rows in found.items()}
    return Spots(once, any(each.there for each in spots), any(each.filled for each in spots))


def held(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, in memory where they are few: they are asked more than once."""
    some = rows.head(HELD + 1).collect(engine="streaming")
    return some.lazy() if some.height <= HELD else rows


def _keys_again(rows: pl.DataFrame, order: dict[str, int]) -> pl.LazyFrame:
    last = pl.col(BATCH).replace_strict(order, return_dtype=pl.Int64()).alias(LAST)
    return rows.lazy().filter("again").select(KEY_CUT, last).unnest("key")
