"""What a name that a person once had stands for today: itself, another, or the several that it was split into.

Told from who moved, record by record; no name is ever given to anybody else.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from federation.errors import Usage
from federation.linkage.component import Numbers
from federation.linkage.roll import GONE

CURRENT = pl.Schema({"old": pl.Int64, "person": pl.Int64, "records": pl.Int64})


def current(old: Sequence[int], held: Numbers, moves: pl.DataFrame) -> pl.DataFrame:
    """CURRENT: for each old name the persons who hold its records now and how many each; by `old` and `person`.

    `held`: person per seat now. `moves`: MOVES of all steps so far, in any order. A name whose records have all left
    stands for whoever they had been found to be the same as (`records` 0), and for nobody where there is none. Raises
    Usage where a name was never given.
    """
    asked = pl.Series("old", sorted(set(old)), dtype=pl.Int64)
    known = _known(asked, held, moves)
    if not known.all():
        raise Usage(f"{int((~known).sum())} of {len(asked)} persons were never called so.")
    now = _now(asked, held, moves)
    lost = asked.filter(~asked.is_in(now["old"].to_list()))
    later = [_later(name, held, moves) for name in lost]
    return pl.concat([now, *later]).sort("old", "person")


def _known(asked: pl.Series, held: Numbers, moves: pl.DataFrame) -> pl.Series:
    ever = np.concatenate([held, moves["from"].to_numpy(), moves["to"].drop_nulls().to_numpy()])
    return pl.Series(np.isin(asked.to_numpy(), ever) & (asked.to_numpy() >= 0), dtype=pl.Boolean)


def _now(asked: pl.Series, held: Numbers, moves: pl.DataFrame) -> pl.DataFrame:
    """By the records that ever had the name and are there."""
    seats = np.flatnonzero(np.isin(held, asked.to_numpy()))
    own = pl.DataFrame({"old": held[seats], "seat": seats}, {"old": pl.Int64, "seat": pl.Int64})
    was = moves.filter(pl.col("from").is_in(asked.to_list())).select(old="from", seat="seat")
    became = moves.filter(pl.col("to").is_in(asked.to_list())).select(old="to", seat="seat")
    both = pl.concat([own, was, became]).unique()
    both = both.with_columns(person=pl.Series(held[both["seat"].to_numpy()], dtype=pl.Int64))
    there = both.filter(pl.col("person") != GONE)
    return there.group_by("old", "person").agg(records=pl.len().cast(pl.Int64)).cast(CURRENT)


def _later(name: int, held: Numbers, moves: pl.DataFrame) -> pl.DataFrame:
    """By names: who is called today what the name's records were called after it."""
    seen, waiting = {name}, [name]
    while waiting:
        onward = moves.filter(pl.col("from").is_in(waiting))["to"].drop_nulls().unique().to_list()
        waiting = [each for each in onward if each not in seen]
        seen.update(waiting)
    living = sorted(seen & set(held[np.isin(held, list(seen))].tolist()))
    return pl.DataFrame({"old": [name] * len(living), "person": living, "records": [0] * len(living)}, CURRENT)
