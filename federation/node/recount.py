"""Asks the rows of recorded batches again: after a check was added or changed, and without reading any source again.

Each batch is judged as of the day it came; its counts are replaced whole, or stay as they were.
"""

from collections.abc import Callable

from federation.broker.site import find_site
from federation.node.batch import accepted
from federation.node.certify import day_of
from federation.node.durable import publish, writing
from federation.node.home import Home
from federation.node.journal import batches
from federation.node.library import library_of
from federation.node.lock import locked
from federation.quality.count import count


def recount(home: Home, site: str | None, tell: Callable[[int, int], None]) -> int:
    """Counts the batches of one site, or of all, anew and returns how many they were. Raises Usage, Unavailable."""
    checks = library_of(home).checks
    with home.engine.connect() as connection:
        if site is not None:
            find_site(connection, site)
        recorded = batches(connection, site)
    with writing(home.path), locked(home.path):
        for done, batch in enumerate(recorded, 1):
            final = home.score(batch.site, batch.id)
            final.parent.mkdir(mode=0o700, exist_ok=True)
            fresh = final.with_suffix(".tmp")
            count(accepted(home.batch(batch.site, batch.id)), day_of(batch), checks).write_parquet(fresh)
            publish(fresh, final)
            tell(done, len(recorded))
    return len(recorded)
