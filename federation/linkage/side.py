"""The encodings of one site (or of many) made ready to be compared: a shelf a salting, and who has which identifier.

Rows are places of records, 0..count-1; whose they are is known to who holds the rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from federation.linkage.shelf import Shelf
from federation.linkage.spec import Spec

CROWD = 8  # records of one side that share an identifier, from which on it belongs to nobody: a family has fewer


@dataclass(frozen=True)
class Side:
    """`shelves` by salting; `tokens` by exact salting: (count,) UInt64, 0 where the record has none that is its own."""

    count: int
    shelves: Mapping[str, Shelf]
    tokens: Mapping[str, NDArray[np.uint64]]
    crowded: Mapping[str, int]  # identifiers left out because too many records share them, by salting

    @classmethod
    def of(cls, encodings: pl.DataFrame, count: int, spec: Spec) -> Self:
        """ENCODINGS of `count` records."""
        return cls.read_from(lambda salting: encodings.filter(pl.col("salting") == salting), count, spec)

    @classmethod
    def read_from(cls, encodings: Callable[[str], pl.DataFrame], count: int, spec: Spec) -> Self:
        """The same from ENCODINGS that are got a salting at a time, so that not all of them are held twice."""
        shelves, crowded = {}, {}
        for salting in spec.saltings:
            shelf = Shelf.of(encodings(salting.name))
            if salting.exact:
                whole, shelf = len(np.unique(shelf.keys)), shelf.thinned(CROWD)
                crowded[salting.name] = whole - len(np.unique(shelf.keys))
            shelves[salting.name] = shelf
        return cls(count, shelves, {name: shelves[name].by_row(count) for name in spec.exact}, crowded)
