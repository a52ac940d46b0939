"""Asks the rows of recorded batches again: after a check was added or changed, and without reading any source again.

Each row is judged as of the day its batch came; a batch's counts are replaced whole, or stay as they were.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from federation.broker.site import find_site
from federation.node.durable import publish, writing
from federation.node.gone import Came, came
from federation.node.home import Home
from federation.node.index import Index
from federation.node.journal import BatchRow, batches
from federation.node.library import library_of
from federation.node.lock import locked
from federation.node.rescore import rescored


def recount(home: Home, site: str | None, tell: Callable[[int, int], None]) -> int:
    """Counts the batches of one site, or of all, anew and returns how many they were. Raises Usage, Unavailable."""
    with home.engine.connect() as connection:
        if site is not None:
            find_site(connection, site)
        recorded = batches(connection, site)
    checks = library_of(home).checks
    with writing(home.path), locked(home.path):
        for done, (batch, earlier) in enumerate(_each(home, recorded), 1):
            final = home.score(batch.site, batch.id)
            final.parent.mkdir(mode=0o700, exist_ok=True)
            fresh, spill = final.with_suffix(".tmp"), home.staging / f"recount-{batch.id}.tmp"
            index = Index(home.index(batch.site))
            rescored(earlier[:-1], earlier[-1], checks, spill, index).write_parquet(fresh)
            publish(fresh, final)
            tell(done, len(recorded))
    return len(recorded)


def _each(home: Home, recorded: Sequence[BatchRow]) -> Iterator[tuple[BatchRow, list[Came]]]:
    """Every batch with those of its site up to it, itself last."""
    for _, own in groupby(recorded, key=lambda batch: batch.site):
        so_far = list(own)
        folders = came(home, so_far)
        for place, batch in enumerate(so_far, 1):
            yield batch, folders[:place]
