"""What is counted beside the checks over a home's own rows: site by site, then added up. Only reads.

Whoever asks gets counts; values of pairs and codes are in them, so the face decides who may see those.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

import polars as pl

from federation.node.gone import Came, came
from federation.node.home import Home
from federation.node.journal import BatchRow
from federation.node.site_rows import as_of, site_rows, table_files, written
from federation.quality.delay import ENDS, count_delays, merge_delays
from federation.quality.frame import AS_OF, Tables
from federation.quality.pairs import count_pairs, merge_pairs
from federation.quality.settling import SETTLED, settled
from federation.quality.shift import count_bins, merge_bins
from schemas.tables import TABLES

Tell = Callable[[int, int], None]  # done, all
SEEN = "seen"  # when a version was first known: as the source says, else the day its batch came
HISTORY = pl.Schema({"org_code": pl.String(), "table": pl.String(), "records": pl.Int64()})
ROWS = 1_000_000  # versions looked at together; more are taken in turns, so that memory stays bounded


def pairs_of(home: Home, recorded: Sequence[BatchRow], tables: Collection[str], tell: Tell) -> pl.DataFrame:
    """Columns PAIRS of the rows of these tables that stand at the sites of these batches."""
    return merge_pairs(_counted(home, recorded, tables, count_pairs, tell))


def bins_of(home: Home, recorded: Sequence[BatchRow], tables: Collection[str], tell: Tell) -> pl.DataFrame:
    """Columns BINS of the rows of these tables that stand at the sites of these batches."""
    return merge_bins(_counted(home, recorded, tables, count_bins, tell))


def settled_of(
    home: Home, recorded: Sequence[BatchRow], tables: Collection[str], watched: int, tell: Tell
) -> pl.DataFrame:
    """Columns SETTLED over all versions that ever came, of events at least `watched` days before the last batch came.

    A version of which the source says no time is seen when its batch came; of events before the site's first batch it
    cannot then be known when, and they are left out.
    """
    sites = list(_sites(home, recorded))
    parts = [pl.DataFrame(schema=SETTLED)]
    for done, folders in enumerate(sites, 1):
        until = max(each.day for each in folders) - timedelta(days=watched)
        dated = [name for name in table_files(folders) if name in tables and TABLES[name].when is not None]
        parts += [_settled(name, folders, until) for name in dated]
        tell(done, len(sites))
    return pl.concat(parts)


def delays_of(
    home: Home, recorded: Sequence[BatchRow], tables: Collection[str], tell: Tell
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns DELAYS of records by the day their first version came, and columns HISTORY of those left out.

    What happened before the site's first batch was loaded as history, and says nothing of how long records take.
    """
    sites = list(_sites(home, recorded))
    counted, old = [], [pl.DataFrame(schema=HISTORY)]
    for done, folders in enumerate(sites, 1):
        first = min(each.day for each in folders)
        for name, versions in written(folders).items():
            event = ENDS.get(name, TABLES[name].when or "")
            if name not in tables or not event:
                continue
            records = _first_came(versions.with_columns(as_of(folders)), event)
            lately = pl.col(event).cast(pl.Date) >= first
            counted.append(count_delays({name: records.filter(lately)}, AS_OF))
            before = records.filter(lately.not_() & ~pl.col("deleted").fill_null(value=False))
            by_site = before.group_by("org_code").agg(pl.len().alias("records"), pl.lit(name).alias("table"))
            old.append(by_site.select(HISTORY.names()).cast(HISTORY).collect(engine="streaming"))
        tell(done, len(sites))
    return merge_delays(counted), pl.concat(old).sort(HISTORY.names())


def _first_came(versions: pl.LazyFrame, event: str) -> pl.LazyFrame:
    """One row per record: its event and whether it was withdrawn as last said, and the day it first came."""
    last = [pl.col(name).sort_by(AS_OF).last() for name in (event, "deleted")]
    return versions.group_by("org_code", "record_id").agg(*last, pl.col(AS_OF).min())


def _sites(home: Home, recorded: Sequence[BatchRow]) -> Iterator[list[Came]]:
    for _, own in groupby(recorded, key=lambda batch: batch.site):
        yield came(home, list(own))


def _counted(
    home: Home,
    recorded: Sequence[BatchRow],
    tables: Collection[str],
    count: Callable[[Tables], pl.DataFrame],
    tell: Tell,
) -> Iterator[pl.DataFrame]:
    sites = list(_sites(home, recorded))
    for done, folders in enumerate(sites, 1):
        yield count({name: rows for name, rows in site_rows(folders).items() if name in tables})
        tell(done, len(sites))


def _settled(name: str, folders: Sequence[Came], until: date) -> pl.DataFrame:
    versions = seen(name, folders)
    number = sum(pl.scan_parquet(path).select(pl.len()).collect().item() for path in table_files(folders)[name])
    turns = number // ROWS + 1
    of_turn = pl.col("record_id").hash() % turns
    parts = [settled(versions.filter(of_turn == turn), TABLES[name], SEEN, until) for turn in range(turns)]
    return pl.concat(parts)


def seen(name: str, folders: Sequence[Came]) -> pl.LazyFrame:
    """All versions of a table's rows, oldest batch first, with SEEN; null where it cannot be known."""
    event, first = pl.col(TABLES[name].when or "").cast(pl.Date), min(each.day for each in folders)
    versions = written(folders)[name].with_columns(as_of(folders))
    came_then = pl.when(event >= first).then(pl.col(AS_OF).cast(pl.Datetime("us")))
    return versions.with_columns(pl.coalesce("updated_at", came_then).alias(SEEN))
