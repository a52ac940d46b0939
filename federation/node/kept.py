"""The counts that are kept with recorded batches, added up, and when they came. Only reads, each file once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from federation.node.home import Home
from federation.node.journal import BatchRow
from federation.quality.arrival import arrivals_of, every_arrival
from federation.quality.count import merge


@dataclass(frozen=True)
class Kept:
    """`states` (columns STATES) of all the batches; `arrivals` (columns ARRIVALS), what each of them added."""

    states: pl.DataFrame
    arrivals: pl.DataFrame


def kept(home: Home, recorded: Iterable[BatchRow]) -> pl.DataFrame:
    """What the batches changed in the counts of their sites (columns STATES); one without counts changed nothing."""
    return merge(states for _, states in _parts(home, recorded))


def kept_with_arrivals(home: Home, recorded: Iterable[BatchRow]) -> Kept:
    """The same, and when it came."""
    parts = list(_parts(home, recorded))
    came = (arrivals_of(states, batch.id, date.fromisoformat(batch.at[:10])) for batch, states in parts)
    return Kept(merge(states for _, states in parts), every_arrival(came))


def _parts(home: Home, recorded: Iterable[BatchRow]) -> Iterator[tuple[BatchRow, pl.DataFrame]]:
    for batch in recorded:
        path = home.score(batch.site, batch.id)
        if path.is_file():
            yield batch, pl.read_parquet(path)
