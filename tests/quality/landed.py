"""A home with batches drawn as pictures: their rows stand as an ingest would have left them, with their counts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from federation.broker.site import Site, add_sites
from federation.node.home import Home, make_home
from federation.node.journal import BatchRow, add_batch
from federation.quality.check import Check
from federation.quality.count import count

Rows = Callable[[str], dict[str, pl.LazyFrame]]


def home_with(path: Path, tiers: Mapping[str, str]) -> Home:
    """An empty home with these sites registered, site -> tier."""
    home = make_home(path / "home", b"k" * 32)
    with home.engine.begin() as connection:
        add_sites(connection, [Site(id=site, name=f"Site {site}", tier=tier) for site, tier in tiers.items()])
    return home


def land(
    home: Home,
    site: str,
    day: str,
    tables: Mapping[str, pl.LazyFrame],
    checks: Sequence[Check] = (),
    anew: bool = False,
) -> str:
    """Records one batch of the site on that day; its rows are asked the checks. With `anew` they have keys of their own."""
    folder = home.site(site) / "batches"
    number = len(list(folder.glob("*"))) + 1 if folder.exists() else 1
    batch = f"{site}{number}"
    part = home.batch(site, batch) / "p1"
    part.mkdir(parents=True)
    stamped = {name: _stamped(rows, site, batch, anew) for name, rows in tables.items()}
    for name, rows in stamped.items():
        rows.write_parquet(part / f"{name}.parquet")
    pl.DataFrame(schema={"file": pl.String(), "position": pl.Int64()}).write_parquet(part / "duplicates.parquet")
    if checks:
        score = home.score(site, batch)
        score.parent.mkdir(parents=True, exist_ok=True)
        count({name: rows.lazy() for name, rows in stamped.items()}, date.fromisoformat(day), checks).write_parquet(
            score
        )
    read = sum(rows.height for rows in stamped.values())
    with home.engine.begin() as connection:
        add_batch(connection, BatchRow(site, batch, number, f"{day}T08:00:00", "k", "p", read, read, 0, 0), [])
    return batch


def _stamped(rows: pl.LazyFrame, site: str, batch: str, anew: bool) -> pl.DataFrame:
    key = pl.concat_str(pl.lit(batch if anew else ""), "record_id").alias("record_id")
    own = (pl.lit(site).alias("org_code"), pl.lit(batch).alias("batch_id"), key)
    return rows.with_columns(*own).collect()
