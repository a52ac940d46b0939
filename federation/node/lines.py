"""On which line of its file a record begins, for whoever has to find it there. Only reads."""

from collections.abc import Sequence

import polars as pl

from federation.node.batch import PLACE, sheets
from federation.node.home import Home
from federation.node.journal import BatchRow

LINES = pl.Schema({"source_file": pl.String(), "source_position": pl.Int64(), "line": pl.Int64()})


def lines_of(home: Home, recorded: Sequence[BatchRow], places: pl.DataFrame) -> pl.DataFrame:
    """The lines (columns LINES) of the places asked for (`source_file`, `source_position`), each once."""
    found = [path for each in recorded for path in sheets(home.batch(each.site, each.id), "records")]
    if not found:
        return pl.DataFrame(schema=LINES)
    records = pl.scan_parquet(found).select("file", "position", "line").rename(PLACE)
    here = records.join(places.lazy(), on=list(PLACE.values()), how="semi").unique(list(PLACE.values()))
    return here.collect(engine="streaming").cast(LINES)
