"""A city read as its sites would read it, and everything they were told about it: what was refused, what a check doubts.

It reads through the steps of `ingest` and keeps nothing; no count and no score is made.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from connectors.kinds import kinds
from federation.city import City
from federation.city.sites import BY_ID
from federation.node import steps
from federation.node.batch import accepted, sheet, superseded_places
from federation.node.home import Home, make_home
from federation.node.run import Run
from federation.node.sources import Sources
from federation.quality.check import Check
from federation.quality.count import answerable, passes_of
from federation.quality.library import all_checks
from federation.quality.pairs import AND, DECLARED, count_pairs, culprits

AS_OF = date(2026, 11, 1)
NOW = datetime(2026, 11, 1)
STEPS = (steps.gather, steps.digest, steps.read, steps.match)
KEYS = ("record_id", "person_id", "encounter_id", "part_of")  # made the site's own, so that all sites are asked at once
PLACE = ["file", "record"]
REFUSED = pl.Schema({"file": pl.String(), "record": pl.Int64(), "kind": pl.String(), "by": pl.String()})
DOUBTED = pl.Schema({"table": pl.String(), "record_id": pl.String(), "by": pl.String()})


@dataclass(frozen=True)
class Reading:
    """`tables` hold the accepted rows of all sites; `refused` records and cells (columns REFUSED), in no table or null.

    In `tables` the column `source_file` is the path that the truth file names, and keys begin with the site.
    """

    truth: pl.DataFrame
    tables: dict[str, pl.DataFrame]
    refused: pl.DataFrame


def read(city: City, folder: Path, sites: Collection[str] = tuple(BY_ID)) -> Reading:
    """Writes the city and reads what the sites named export, one batch a site."""
    city.write(folder / "city", per_file=10**9)
    home = make_home(folder / "home")
    every = pl.read_parquet(folder / "city" / "truth.parquet")
    truth = every.filter(pl.col("site").is_in(list(sites))).with_row_index("error")
    tables: dict[str, list[pl.DataFrame]] = {}
    refused = [pl.DataFrame(schema=REFUSED)]
    for exports in (folder / "city" / "exports" / site for site in sorted(sites)):
        run = _run(home, exports, folder / "city" / "mappings")
        named = {file.mark: str(file.path.relative_to(folder / "city")) for file in run.fresh}
        older = superseded_places(run.batch, [run.staged])
        for name, rows in accepted(run.staged).items():
            kept = rows.join(older, on=["source_file", "source_position"], how="anti")
            tables.setdefault(name, []).append(_own(kept, exports.name, named).collect())
        refused += [rows.with_columns(pl.col("file").replace_strict(named)).cast(REFUSED) for rows in _refused(run)]
    return Reading(truth, {name: pl.concat(parts) for name, parts in tables.items()}, pl.concat(refused))


def _run(home: Home, exports: Path, mappings: Path) -> Run:
    run = Run(home, exports.name, [exports], Sources(kinds(), None, None, mappings), NOW, _silent, _silent)
    for step in STEPS:
        step(run)
    assert not run.unreadable, [left.message for left in run.unreadable]
    return run


def _silent(*_said: object) -> None:
    """Tells nobody."""


def _own(rows: pl.LazyFrame, site: str, named: dict[str, str]) -> pl.LazyFrame:
    keys = [name for name in KEYS if name in rows.collect_schema()]
    return rows.with_columns(
        *(pl.concat_str(pl.lit(f"{site}|"), name).alias(name) for name in keys),
        pl.col("source_file").replace_strict(named),
    )


def _refused(run: Run) -> Iterator[pl.DataFrame]:
    """Rejected records and cells, records that came before, and later versions of a record."""
    place = (pl.col("file"), pl.col("position").alias("record"))
    kind = pl.when("whole").then(pl.lit("reject")).otherwise(pl.lit("value")).alias("kind")
    if (rows := sheet(run.staged, "rejects")) is not None:
        # A type that no shared table holds is turned away unread: that finds no error.
        wanted = rows.filter(pl.col("reason") != "no-shared-table")
        yield wanted.select(*place, kind, pl.col("reason").alias("by")).unique().collect()
    again = pl.lit("duplicate").alias("kind")
    if (rows := sheet(run.staged, "duplicates")) is not None:
        yield rows.select(*place, again, pl.lit("duplicate").alias("by")).collect()
    records, older = sheet(run.staged, "records"), pl.scan_parquet(run.staged / "superseded.parquet")
    if records is not None:
        twice = records.join(older, on="key", how="semi").join(older, on=["file", "position"], how="anti")
        yield twice.select(*place, again, pl.lit("superseded").alias("by")).collect()


def doubted(tables: dict[str, pl.DataFrame], checks: tuple[Check, ...] | None = None) -> pl.DataFrame:
    """Columns DOUBTED: every row that fails a check, and the check."""
    lazy = {name: rows.lazy() for name, rows in tables.items()}
    found = [pl.DataFrame(schema=DOUBTED)]
    for asked in passes_of(all_checks() if checks is None else checks):
        if asked[0].table in tables:
            rows, able = answerable(asked, lazy, AS_OF)
            failed = [each.failed.alias(each.id) for each in able]
            some = rows.select("record_id", *failed).filter(pl.any_horizontal(each.id for each in able))
            wide = some.collect(engine="streaming")
            long = wide.unpivot(index="record_id", variable_name="by", value_name="failed").filter("failed")
            found.append(long.select(pl.lit(asked[0].table).alias("table"), "record_id", "by").cast(DOUBTED))
    return pl.concat([*found, *_odd_pairs(lazy)]).unique()


def _odd_pairs(tables: dict[str, pl.LazyFrame]) -> Iterator[pl.DataFrame]:
    """Rows whose code nearly always goes with another name or unit at their site, as the score tells beside its checks."""
    odd = culprits(count_pairs(tables))
    for pair in DECLARED:
        if pair.table in tables:
            key = pl.concat_str([pl.col(name).fill_null("") for name in pair.of], separator=AND).alias("key")
            value = pl.col(pair.decides).str.strip_chars().alias("value")
            rows = tables[pair.table].select("record_id", "org_code", key, value)
            of_pair = odd.filter((pl.col("table") == pair.table) & (pl.col("decides") == pair.decides))
            found = rows.join(of_pair.lazy(), on=["org_code", "key", "value"], how="semi").collect()
            by = pl.lit(f"pairs {pair.table} {pair.decides}").alias("by")
            yield found.select(pl.lit(pair.table).alias("table"), "record_id", by).cast(DOUBTED)
