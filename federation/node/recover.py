"""Puts a home back to what its registry says, after a run that was cut short at any moment.

Finished parts of an unrecorded batch are kept for the next run; what is half written goes. Safe to run again.
"""

import shutil

from federation.centre.snapshot import read_snapshot
from federation.node import journal
from federation.node.durable import flush
from federation.node.home import Home
from federation.node.persons import persons


def recover(home: Home) -> None:
    """The caller holds the home's lock. Raises Unavailable where the home cannot be written."""
    with home.engine.connect() as connection:
        snapshot = read_snapshot(connection)
        recorded = {(batch.site, batch.id) for batch in journal.batches(connection)}
    home.pool.rollback(snapshot)
    for fresh in [*home.staging.glob("*.tmp"), *home.staging.glob("*/*.tmp")]:
        shutil.rmtree(fresh) if fresh.is_dir() else fresh.unlink()
    for folder in sorted((home.path / "sites").glob("*")):
        _unplace(home, folder.name, {batch for site, batch in recorded if site == folder.name})


def _unplace(home: Home, site: str, recorded: set[str]) -> None:
    for batch in home.site(site).glob("batches/*"):
        if batch.name not in recorded:
            shutil.rmtree(home.staging / batch.name, ignore_errors=True)
            batch.rename(home.staging / batch.name)
            flush(home.staging)
    for score in home.site(site).glob("scores/*"):
        if score.name.removesuffix(".parquet") not in recorded:
            score.unlink()
    if (home.site(site) / "persons.db").exists():
        with persons(home.site(site), site, home.tokens) as known:
            known.forget(recorded)
