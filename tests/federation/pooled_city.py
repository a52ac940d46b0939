"""A small pooled city for tests: three sites, one of them without a contract, and rows whose counts are known."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl

from federation.broker.contracts import sign
from federation.broker.home import registry
from federation.broker.recording import recording
from federation.broker.site import Site, add_sites
from federation.centre.bucket import pool_schema
from federation.centre.pool import Pool
from federation.centre.snapshot import write_snapshot
from federation.consent.contract import parse

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
SITES = ("A", "B", "C")
CONTRACT = """
id = "{id}"
site = "{site}"
effect = "{effect}"
tables = {tables}
purposes = ["PUBHLTH", "HRESCH"]
recipients = ["city-centre"]
from = 2025-01-01
until = 2999-12-31
signed_by = "the director"
"""


def contract_text(site: str, tables: str, name: str = "", effect: str = "allow") -> str:
    return CONTRACT.format(id=name or f"C-{site}", site=site, tables=tables, effect=effect)


def token(word: object) -> str:
    return sha256(str(word).encode()).hexdigest()[:32]


def persons(site: str, count: int) -> list[str]:
    return [token((site, n)) for n in range(count)]


def frame(table: str, columns: dict[str, object], height: int) -> pl.DataFrame:
    """Rows of a pool table from some of its columns; the rest is empty."""
    schema = {name: dtype for name, dtype in pool_schema(table).items() if name != "bucket"}
    given = {name: value if isinstance(value, list) else [value] * height for name, value in columns.items()}
    return pl.DataFrame(given, schema_overrides={name: schema[name] for name in given}, strict=False)


def encounters(site: str, count: int) -> pl.DataFrame:
    """One stay a person: every fifth in intensive care, three of them rare, dates spread over a year."""
    people = persons(site, count)
    starts = [datetime(2024, 1, 1, 8) + timedelta(days=3 * n % 360) for n in range(count)]
    columns: dict[str, object] = {
        "record_id": [token(("visit", person)) for person in people],
        "person_id": people,
        "org_code": site,
        "source_table": "VISIT",
        "source_pk": [token(("key", person)) for person in people],
        "class_code": ["RARE" if n < 3 else "ICU" if n % 5 == 0 else "IMP" for n in range(count)],
        "start_time": starts,
        "end_time": [start + timedelta(days=1 + n % 9) for n, start in enumerate(starts)],
        "deleted": False,
    }
    return frame("encounter", columns, count)


def conditions(site: str, count: int) -> pl.DataFrame:
    """Two diagnoses a person: hypertension for all, and a second one that only some share."""
    people = persons(site, count) * 2
    columns: dict[str, object] = {
        "record_id": [token(("dx", n, person)) for n, person in enumerate(people)],
        "person_id": people,
        "encounter_id": [token(("visit", person)) for person in people],
        "org_code": site,
        "source_table": "DX",
        "source_pk": [token(("key", person)) for person in people],
        "code": ["I10" if n < count else "E11" if n % 3 else "J45" for n in range(2 * count)],
        "rank": [1 if n < count else 2 for n in range(2 * count)],
        "deleted": False,
    }
    return frame("condition", columns, 2 * count)


def costs(site: str, count: int) -> pl.DataFrame:
    """One cost a person; the first person's at A is far larger than all others together."""
    people = persons(site, count)
    columns: dict[str, object] = {
        "record_id": [token(("cost", person)) for person in people],
        "person_id": people,
        "org_code": site,
        "source_table": "COST",
        "source_pk": [token(("key", person)) for person in people],
        "amount": [9_999_999 if n == 0 and site == "A" else 100 + n for n in range(count)],
        "fee_class_code": ["TOTAL" if n % 2 == 0 else "SELF" for n in range(count)],
        "deleted": False,
    }
    return frame("cost", columns, count)


def make(home: Path, persons_of: dict[str, int] | None = None) -> Path:
    """A home with sites A, B and C pooled; A and B have contracts, C has none."""
    engine = registry(home, make=True)
    sizes = persons_of or {"A": 120, "B": 90, "C": 60}
    pool = Pool(home / "pool")
    for table, rows in (("encounter", encounters), ("condition", conditions), ("cost", costs)):
        pool.append(table, [rows(site, size) for site, size in sizes.items()])
    with recording(engine, home) as ledger:
        add_sites(ledger.connection, [Site(id=site, name=f"Hospital {site}") for site in SITES])
        for site in ("A", "B"):
            text = contract_text(site, '["encounter", "condition", "cost"]')
            sign(ledger, parse(text, "test"), text, NOW)
        write_snapshot(ledger.connection, pool.versions())
        ledger.append("made", {"sites": len(SITES), "on": str(date(2025, 6, 1))}, NOW)
    return home
