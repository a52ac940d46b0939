"""A home to ingest into, contracts, and what the pool holds afterwards: shared by the tests of the node."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import polars as pl

from federation.broker.contracts import sign
from federation.broker.recording import recording
from federation.centre.snapshot import read_snapshot
from federation.consent.contract import Contract
from federation.node.home import Home, make_home
from federation.node.ingest import ingest
from tests.federation.node_events import KINDS as EVENTS
from tests.federation.node_lines import KINDS as LINES

NOW = datetime(2026, 3, 1, 12)
KEY = bytes(range(32))
KINDS = {**LINES, **EVENTS}


def city(tmp_path: Path, *sites: str) -> Home:
    """A home in which each of the sites lets its observations and identifiers into the pool."""
    home = make_home(tmp_path / "home", KEY)
    for site in sites:
        allow(home, site)
    return home


def allow(home: Home, site: str, *tables: str) -> None:
    contract = Contract(
        id=f"C-{site}-{'-'.join(tables) or 'all'}",
        site=site,
        tables={name: ["*"] for name in tables or ("observation", "patient_identifier")},
        purposes=["TREAT"],
        recipients=["*"],
        since=date(2026, 1, 1),
        until=date(2027, 1, 1),
        signed_by="director",
    )
    with recording(home.engine, home.path) as ledger:
        sign(
            ledger,
            contract,
            f"""
            id = "{contract.id}"
            site = "{site}"
            tables = {list(contract.tables)}
            purposes = ["TREAT"]
            recipients = ["*"]
            from = 2026-01-01
            until = 2027-01-01
            signed_by = "director"
        """,
            NOW,
        )


def drawn(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lines"
    path.write_text("".join(f"{line.strip()}\n" for line in text.strip().splitlines()))
    return path


def take(home: Home, *paths: Path, site: str = "A", **more):
    return ingest(home, list(paths), site, **{"now": NOW, "kinds": KINDS} | more)


def pooled(home: Home, table: str = "observation") -> pl.DataFrame:
    """What the pool shows of a table."""
    with home.engine.connect() as connection:
        snapshot = read_snapshot(connection)
    if table not in snapshot:
        return pl.DataFrame(schema={"record_id": pl.String(), "person_id": pl.String(), "value_text": pl.String()})
    return home.pool.scan(table, snapshot[table]).collect().sort("org_code", "record_id", "source_position")


def content(home: Home) -> dict[str, str]:
    """A digest of everything the pool shows, table by table."""
    with home.engine.connect() as connection:
        snapshot = read_snapshot(connection)
    return {name: sha256(pooled(home, name).write_csv().encode()).hexdigest() for name in snapshot}
