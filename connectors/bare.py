"""Records of which nothing reached a shared table: they are refused and kept, so that `accepted` means what it says.

A record that names versions says something even without a row: that there are no such rows any more.
"""

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS, Chunk

RawOf = Callable[[int, int], bytes]


def without_bare(chunk: Chunk, raw_of: RawOf | None = None) -> Chunk:
    """The chunk with its bare records among the whole-record rejects, as `no-rows`; `read` stays what it was.

    `raw_of(offset, length)` gives the bytes of a record; where it is not given their raw text is null.
    """
    said = [rows["source_position"] for rows in chunk.tables.values() if rows.height]
    placed = pl.concat([*said, chunk.versions["position"]]).unique()
    if placed.len() >= chunk.records.height:
        return chunk
    bare = chunk.records["position"].is_in(placed.implode()).not_()
    refused = _refused(chunk.records.filter(bare), raw_of)
    return replace(chunk, records=chunk.records.filter(~bare), rejects=pl.concat([chunk.rejects, refused]))


def _refused(records: pl.DataFrame, raw_of: RawOf | None) -> pl.DataFrame:
    places = records.select("offset", "length").rows()
    raw = [None if raw_of is None else raw_of(offset, min(length, LONGEST_RAW)) for offset, length in places]
    told = records.with_columns(
        pl.lit("").alias("column"),
        pl.lit("no-rows").alias("reason"),
        pl.lit(value=True).alias("whole"),
        pl.Series("raw", raw, dtype=pl.Binary()),
    )
    return told.select(REJECTS.names()).cast(REJECTS)
