"""A site's own rows, or rows of the pool, as an OMOP CDM 5.4: decided, recorded, and written whole or not at all.

Rows of a site are for its owner; rows of the pool only as far as contracts let the purpose and the recipient have them,
and names of persons and records only as the tokens that the pool holds. Spills to disk, in a folder of its own.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from federation.broker.canonical import Json
from federation.broker.contracts import active_contracts
from federation.broker.recording import recording
from federation.broker.site import all_sites
from federation.centre.snapshot import read_snapshot
from federation.consent.decide import decide
from federation.consent.purpose import purposes
from federation.consent.request import Decision, Request
from federation.errors import Refused, Usage
from federation.node import journal
from federation.node.batch import gone_of, rows_of, table_names
from federation.node.durable import publish, writing
from federation.node.home import Home
from federation.node.pooling import NEEDED
from federation.node.raw import must_own
from federation.node.sheets import Sheets
from schemas.exports.omop import VERSION, VERSION_CONCEPT, cdm
from schemas.exports.omop_sql import SELECTS, STEPS, TABLES, shaped
from schemas.tables import TABLES as SHARED

MEMORY = "512MB"
FROM = (
    "patient",
    "encounter",
    "condition",
    "procedure",
    "observation",
    "medication",
    "document",
    "cost",
    "organization",
)
SITE, POOLED = "site", "pooled"


@dataclass(frozen=True)
class Wanted:
    """What to export: `site` is an id, or None for the pool; `purpose` and `recipient` are asked for the pool only."""

    site: str | None
    at: datetime
    purpose: str = ""
    recipient: str = ""
    as_format: str = "csv"


@dataclass(frozen=True)
class Exported:
    """`tables`: CDM table -> rows; `left_out`: shared table -> rows without a person, a birth year or a date that the
    CDM requires; `cut`: field -> values longer than the CDM allows; `sites`: whose rows are in, and why others are not.
    """

    folder: str
    tables: Mapping[str, int]
    left_out: Mapping[str, int]
    cut: Mapping[str, int]
    sites: Sequence[str]
    outside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ledger: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def export_cdm(home: Home, out: Path, wanted: Wanted) -> Exported:
    """Writes the folder `out`, which must not be there yet, and records it in the ledger.

    Raises Refused (recorded as well) where nothing may leave or the home is another's, Usage where `out` exists or
    the site has no rows, Unavailable where the disk is full.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Usage(f"{out} is there already. Name a folder that is not, or an empty one.")
    try:
        must_own(home)
        gathered = _of_site(home, wanted) if wanted.site else _of_pool(home, wanted)
    except Refused as error:
        _record(home, wanted, {"outcome": "refused", "reasons": [str(error)]})
        raise
    rows, sites, outside = gathered
    fresh = out.with_name(f"{out.name}.tmp")
    with writing(out.parent):
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            made = _made(fresh, rows, wanted, sites)
            seq = _record(home, wanted, {"outcome": "exported", "sites": list(sites), "tables": dict(made.tables)})
            if out.exists():
                out.rmdir()
            publish(fresh, out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return Exported(str(out), made.tables, made.left_out, made.cut, sites, outside, seq)


Rows = Iterator[tuple[str, pl.DataFrame]]
Gathered = tuple[Rows, tuple[str, ...], Mapping[str, Sequence[str]]]


def _of_site(home: Home, wanted: Wanted) -> Gathered:
    site = str(wanted.site)
    with home.engine.connect() as connection:
        batches = [home.batch(site, batch.id) for batch in journal.batches(connection, site)]
    if not batches:
        raise Usage(f"Nothing of {site} was ingested here. `guantong site list` names the sites.")

    def rows() -> Rows:
        for at, folder in enumerate(batches):
            gone = gone_of(folder, batches[at:])
            for table in table_names(folder):
                if table in FROM:
                    yield from ((table, each) for each in rows_of(folder, table, gone, list(SHARED[table].columns)))

    return rows(), (site,), {}


def _of_pool(home: Home, wanted: Wanted) -> Gathered:
    if wanted.purpose not in purposes():
        raise Refused([f"The purpose is unknown, so the answer is no. There are: {', '.join(purposes())}."])
    with home.engine.connect() as connection:
        contracts, snapshot = active_contracts(connection), read_snapshot(connection)
        sites = sorted({site.id for site in all_sites(connection)} | {each.site for each in contracts})
    tables = [table for table in FROM if table in snapshot]
    asked = {(site, table): decide(_request(site, table, wanted), contracts, wanted.at.date())
             for site in sites for table in tables}  # fmt: skip
    inside = tuple(site for site in sites if any(asked[site, table].columns for table in tables))
    outside = {site: _why(asked[site, table] for table in tables) for site in sites if site not in inside}
    if not inside:
        raise Refused([f"No site lets {wanted.recipient} have rows for {wanted.purpose}.",
                       *(f"{site}: {'; '.join(why)}." for site, why in outside.items())])  # fmt: skip

    def rows() -> Rows:
        for table in tables:
            for site in inside:
                columns = asked[site, table].columns
                if columns:
                    names = [name for name in SHARED[table].columns if name in {*NEEDED, *columns}]
                    found = home.pool.scan(table, snapshot[table]).filter(pl.col("org_code") == site).select(names)
                    yield table, found.collect(engine="streaming")

    return rows(), inside, outside


def _request(site: str, table: str, wanted: Wanted) -> Request:
    return Request(site, table, tuple(SHARED[table].leaving()), wanted.purpose, wanted.recipient)


def _why(answers: Iterable[Decision]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason for answer in answers for reason in answer.reasons))


def _record(home: Home, wanted: Wanted, outcome: dict[str, Json]) -> int:
    body: dict[str, Json] = {"what": "omop", "of": wanted.site or POOLED, **outcome}
    if not wanted.site:
        body |= {"by": wanted.recipient, "purpose": wanted.purpose if wanted.purpose in purposes() else "unknown"}
    with recording(home.engine, home.path) as ledger:
        return ledger.append("export", body, wanted.at).seq


def _made(folder: Path, rows: Rows, wanted: Wanted, sites: Sequence[str]) -> Exported:
    folder.mkdir(mode=0o700, parents=True)
    work = folder / "work"
    (work / "shared").mkdir(parents=True)
    with Sheets(work / "shared") as sheets:
        for table in FROM:
            sheets.add(table, pl.DataFrame(schema=SHARED[table].schema()))
        for table, frame in rows:
            sheets.add(table, _whole(table, frame))
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(work / "spill"),
        "threads": 2,
    }
    with duckdb.connect(str(work / "cdm.duckdb"), config=config) as base:
        for table in FROM:
            base.execute(f'CREATE VIEW "{table}" AS FROM read_parquet({_text(work / "shared" / f"{table}.parquet")})')
        for name, select in STEPS:
            base.execute(f"CREATE TABLE {name} AS {select}")
        cut: dict[str, int] = {}
        for table in TABLES:
            base.execute(f"CREATE VIEW raw_{table} AS {SELECTS[table]}")
            columns = {row[0] for row in base.execute(f"DESCRIBE raw_{table}").fetchall()}
            cut |= _cut(base, table, columns)
            base.execute(f"CREATE TABLE cdm_{table} AS {shaped(table, columns)}")
        base.execute(f"CREATE TABLE cdm_cdm_source AS {_source(wanted, sites)}")
        counts = {table: _written(base, table, folder, wanted.as_format) for table in [*TABLES, "cdm_source"]}
        left = _left_out(base)
    shutil.rmtree(work)
    return Exported(str(folder), counts, left, cut, sites)


def _whole(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """All columns of the shared table; those that may not leave are empty."""
    schema = SHARED[table].schema()
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in frame.columns]
    return frame.with_columns(missing).select(list(schema)).cast(schema)


def _cut(base: duckdb.DuckDBPyConnection, table: str, columns: set[str]) -> dict[str, int]:
    bounded = [each for each in cdm()[table].values() if each.name in columns and each.longest]
    if not bounded:
        return {}
    counts = ", ".join(f'count(*) FILTER (length(CAST("{each.name}" AS VARCHAR)) > {each.longest})' for each in bounded)
    found = base.execute(f"SELECT {counts} FROM raw_{table}").fetchone() or ()
    return {f"{table}.{each.name}": n for each, n in zip(bounded, found, strict=True) if n}


def _written(base: duckdb.DuckDBPyConnection, table: str, folder: Path, as_format: str) -> int:
    how = "FORMAT parquet, COMPRESSION zstd" if as_format == "parquet" else "FORMAT csv, HEADER"
    order = "ORDER BY 1" if table != "cdm_source" else ""
    path = _text(folder / f"{table}.{as_format}")
    base.execute(f"COPY (SELECT * FROM cdm_{table} {order}) TO {path} ({how})")
    return int((base.execute(f"SELECT count(*) FROM cdm_{table}").fetchone() or (0,))[0])


_COUNTED: tuple[tuple[str, str], ...] = (
    ("patient", "SELECT count(DISTINCT person_id) FROM patient WHERE NOT deleted"),
    ("encounter", "SELECT count(*) FROM encounter WHERE NOT deleted"),
    ("condition", "SELECT count(*) FROM condition WHERE NOT deleted"),
    ("procedure", "SELECT count(*) FROM procedure WHERE NOT deleted"),
    ("observation", "SELECT count(*) FROM observation WHERE NOT deleted"),
    ("medication", "SELECT count(*) FROM medication WHERE NOT deleted"),
    ("document", "SELECT count(*) FROM document WHERE NOT deleted"),
    ("cost", "SELECT count(*) FROM cost WHERE NOT deleted"),
)
_KEPT: Mapping[str, tuple[str, ...]] = {
    "patient": ("person",), "encounter": ("visit_occurrence", "visit_detail"), "condition": ("condition_occurrence",),
    "procedure": ("procedure_occurrence",), "observation": ("measurement", "observation"),
    "medication": ("drug_exposure",), "document": ("note",), "cost": ("cost",),
}  # fmt: skip


def _left_out(base: duckdb.DuckDBPyConnection) -> dict[str, int]:
    found = {}
    for table, select in _COUNTED:
        there = (base.execute(select).fetchone() or (0,))[0]
        kept = sum((base.execute(f"SELECT count(*) FROM cdm_{name}").fetchone() or (0,))[0] for name in _KEPT[table])
        if there != kept:
            found[table] = there - kept
    return found


def _source(wanted: Wanted, sites: Sequence[str]) -> str:
    name = wanted.site or POOLED
    day = f"DATE '{wanted.at.date().isoformat()}'"
    values = {
        "cdm_source_name": f"'Guantong {name}'", "cdm_source_abbreviation": f"'{name[:25]}'",
        "cdm_holder": f"'{(wanted.site or 'city-centre')}'", "source_description": f"'Sites: {', '.join(sites)}'",
        "source_release_date": day, "cdm_release_date": day, "cdm_version": f"'{VERSION}'",
        "cdm_version_concept_id": str(VERSION_CONCEPT), "vocabulary_version": "'local concepts only'",
    }  # fmt: skip
    kinds = {"date": "DATE", "integer": "BIGINT"}
    fields = [f'CAST({values.get(name, "NULL")} AS {kinds.get(each.type, "VARCHAR")}) AS "{name}"'
              for name, each in cdm()["cdm_source"].items()]  # fmt: skip
    return f"SELECT {', '.join(fields)}"


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
