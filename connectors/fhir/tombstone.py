"""Rows that say only that a source withdrew a record: `deleted` is true, all but the keys is null.

A tombstone names no person: the source does not say whose the record was.
"""

import polars as pl

from connectors.connector import Context
from connectors.fhir.resources import RESOURCES
from schemas.tables import TABLES


def tombstones(context: Context, source: str, removed: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """The table and rows for withdrawn resources of one type; `removed` has columns id, hash, position."""
    table = RESOURCES[source].table
    rows = removed.select(
        record_id=source + "|" + pl.col("id"), org_code=pl.lit(context.site), source_system=pl.lit("fhir_r4"),
        source_table=pl.lit(source), source_pk=pl.col("id"), source_row_hash=pl.col("hash"),
        source_file=pl.lit(context.file), source_position=pl.col("position"), batch_id=pl.lit(context.batch),
        deleted=pl.lit(value=True), sec_level=pl.lit(4 if table == "patient" else 3, pl.Int8()),
    )  # fmt: skip
    schema = TABLES[table].schema()
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    return table, rows.with_columns(absent).select(schema.names()).cast(schema)
