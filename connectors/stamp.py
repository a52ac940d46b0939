"""Rows of a shared table with every column it has: those that were read, and those that say where the rows come from.

It types nothing and reads nothing; a column that nobody names is empty.
"""

from collections.abc import Mapping
from functools import cache, lru_cache

import polars as pl

from connectors.connector import Context
from schemas.tables import TABLES


def stamped(
    table: str, columns: Mapping[str, pl.Series], same: Mapping[str, object], context: Context, height: int
) -> pl.DataFrame:
    """`height` rows of the shared table `table`, exactly its columns and dtypes.

    `columns` are Series of that height, cast where the dtype differs (a value that does not fit raises); `same` are
    single values for all rows, at least `source_system` and `source_table`. The site, the file, the batch and
    `deleted = False` are filled in unless told; `record_id`, `source_pk`, `source_row_hash`, `source_position` and
    `sec_level` are for the caller to give.
    """
    about = {"org_code": context.site, "source_file": context.file, "batch_id": context.batch, "deleted": False, **same}
    schema = _schema(table)
    strangers = {*columns, *same} - schema.keys()
    assert not strangers, f"`{table}` has no column {', '.join(sorted(strangers))}"
    return pl.DataFrame([
        _column(name, columns.get(name), about.get(name), dtype, height)
        for name, dtype in schema.items()
    ])  # fmt: skip


@cache
def _schema(table: str) -> pl.Schema:
    return TABLES[table].schema()


def _column(name: str, made: pl.Series | None, same: object, dtype: pl.DataType, height: int) -> pl.Series:
    if made is None:
        return _one(name, same, dtype).new_from_index(0, height)
    assert len(made) == height, f"`{name}` was not spread over the rows"
    return made.alias(name) if made.dtype == dtype else made.cast(dtype).alias(name)


@lru_cache(1024)  # a block of messages asks for some hundred, the next block for the same
def _one(name: str, same: object, dtype: pl.DataType) -> pl.Series:
    return pl.Series(name, [same], dtype=dtype)
