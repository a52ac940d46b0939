"""The 64 person buckets of the pool: all rows of one person lie in one bucket of every table.

Erasing a person then rewrites one bucket; the bucket itself says nothing that the token does not.
"""

import polars as pl

from schemas.tables import table as shared

BUCKET = "bucket"
BUCKETS = 64


def pool_schema(table: str) -> pl.Schema:
    """Columns of the pooled table: those that may leave a site, then `bucket` (Int32)."""
    declared = shared(table)
    own = {name: declared.columns[name].dtype for name in declared.leaving()}
    return pl.Schema({**own, BUCKET: pl.Int32()})


def bucketed(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in the pool's columns with their bucket; absent columns become empty, unknown ones raise ValueError.

    The bucket is the first two hex digits of the person's token modulo 64; 0 where the table or row has no person.
    """
    schema = pool_schema(table)
    alien = sorted(set(rows.columns) - set(schema))
    if alien:
        raise ValueError(f"`{table}`: {', '.join(alien)} may not enter the pool")
    person = shared(table).person
    absent = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in schema.items() if name not in rows.columns]
    whole = rows.with_columns(absent).with_columns(_bucket(person).alias(BUCKET)).select(schema.names()).cast(schema)
    if person and whole.select((pl.col(person).is_not_null() & pl.col(BUCKET).is_null()).any()).item():
        raise ValueError(f"`{table}`: a `{person}` is not a keyed token")
    return whole.with_columns(pl.col(BUCKET).fill_null(0))


def _bucket(person: str | None) -> pl.Expr:
    if person is None:
        return pl.lit(0, dtype=pl.Int32)
    digits = pl.col(person).cast(pl.String).str.slice(0, 2)
    return digits.str.to_integer(base=16, strict=False).cast(pl.Int32) % BUCKETS
