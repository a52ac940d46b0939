"""Brings a site's rows into the pool: what a contract covers now, of a new batch or of one withheld before.

Shows nothing and records nothing by itself; the caller does both in one transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from federation.consent.request import Decision
from federation.node.batch import KEY, Gone, gone_of, rows_of, said_again
from federation.node.home import Home
from federation.node.persons import Persons
from federation.node.release import released, source_keys

# They go with whatever else may go, tokens and counters only: without them a pooled row could be neither traced nor
# counted once nor replaced by its next version.
NEEDED = (
    "record_id",
    "org_code",
    "source_table",
    "source_pk",
    "source_file",
    "source_position",
    "batch_id",
    "deleted",
    "sec_level",
)


@dataclass(frozen=True)
class Pooled:
    """What became of one table of one batch: `rows` went into the pool; none did where `decision` grants no column."""

    batch: str
    table: str
    rows: int
    decision: Decision

    @property
    def allowed(self) -> bool:
        """Whether a contract covers any of the table."""
        return bool(self.decision.columns)


@dataclass(frozen=True)
class Pooling:
    """One site's way into the pool. `order` holds the ids of its batches, oldest first."""

    home: Home
    site: str
    order: Sequence[str]
    persons: Persons
    decide: Callable[[str], Decision]
    wider: frozenset[tuple[str, str]] = frozenset()  # (batch, table) pooled before, of which more columns may go now

    def release(self, batch: str, tables: Iterable[str]) -> Iterator[Pooled]:
        """Decides each table of the batch and pools what may leave; earlier versions go in the same commit."""
        gone, keys = self.gone(batch), self._replaced(batch)
        for table in tables:
            decision = self.decide(table)
            rows = self._pooled(batch, table, decision.columns, gone, keys) if decision.columns else 0
            yield Pooled(batch, table, rows, decision)

    def gone(self, batch: str) -> Gone:
        """What does not stand: duplicates, records and rows of which a later version has come."""
        return gone_of(self.home.batch(self.site, batch), self._since(batch))

    def _pooled(self, batch: str, table: str, columns: Sequence[str], gone: Gone, keys: pl.DataFrame) -> int:
        wanted = tuple(dict.fromkeys([*NEEDED, *columns]))
        folder = self.home.batch(self.site, batch)
        if (batch, table) in self.wider:
            keys = pl.concat([keys, self._own(folder, table, gone)]).unique()
        rows = rows_of(folder, table, gone, wanted)
        frames = released(
            table, rows, wanted, self.site, self.home.tokens, lambda names: self.persons.column(batch, names)
        )
        return self.home.pool.append(table, frames, superseded={self.site: keys})

    def _own(self, folder: Path, table: str, gone: Gone) -> pl.DataFrame:
        """Keys of the records that stand: their rows in the pool are replaced by the same rows with more columns."""
        keys = pl.concat_str(pl.col("source_table", "source_pk"), separator="|")
        found = [rows.select(keys.unique()).to_series() for rows in rows_of(folder, table, gone, NEEDED)]
        return source_keys(pl.concat([pl.Series(dtype=pl.String), *found]), self.site, self.home.tokens)

    def _since(self, batch: str) -> list[Path]:
        return [self.home.batch(self.site, each) for each in self.order[self.order.index(batch) :]]

    def _replaced(self, batch: str) -> pl.DataFrame:
        """Keys of earlier batches' records and rows of which this batch has the standing version, as the pool knows."""
        own, *newer = self._since(batch)
        records = pl.scan_parquet(own / "superseded.parquet").filter(pl.col("batch") != batch).select("key").unique()
        if newer:
            later = pl.scan_parquet([folder / "superseded.parquet" for folder in newer])
            records = records.join(later.filter(pl.col("batch") == batch).select("key"), on="key", how="anti")
        rows = said_again([own]).join(said_again(newer), on=KEY, how="anti")
        keys = pl.concat([records, rows.select(pl.concat_str(KEY, separator="|").alias("key"))])
        return source_keys(keys.unique().collect(engine="streaming")["key"], self.site, self.home.tokens)
