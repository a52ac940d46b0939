"""Which cells of a record were emptied on reading, and why, put beside its rows: why something is missing.

Only reads.
"""

from collections.abc import Mapping

import polars as pl

from federation.node.batch import PLACE, sheets
from federation.node.gone import Came
from federation.quality.causes.attribute import REFUSED
from federation.quality.causes.shape import shape

MOST = 2_000_000  # emptied cells that are looked at; a site with more of them has one cause, and `rejects` shows it


def with_refused(tables: Mapping[str, pl.LazyFrame], came: list[Came], shapes: bool) -> dict[str, pl.LazyFrame]:
    """The tables with the column REFUSED: `RYSJ bad-date 99/99/9999`, several with commas; null where none was.

    The shape of what stood there is for the owner of the rows alone.
    """
    paths = [path for each in came for path in sheets(each.folder, "rejects")]
    emptied = pl.scan_parquet(paths).filter(~pl.col("whole")) if paths else None
    if emptied is None or not 0 < emptied.select(pl.len()).collect(engine="streaming").item() <= MOST:
        return dict(tables)
    text = pl.concat_str("column", "reason", separator=" ")
    written = shape(pl.col("raw").cast(pl.String, strict=False)).fill_null("?")
    each = (
        emptied.select(*PLACE, pl.concat_str(text, written, separator=" ") if shapes else text).rename(PLACE).unique()
    )
    told = each.group_by(list(PLACE.values())).agg(pl.col("column").sort().str.join(", ").alias(REFUSED))
    by_place = told.collect(engine="streaming").lazy()
    return {name: rows.join(by_place, on=list(PLACE.values()), how="left") for name, rows in tables.items()}
