"""The shared tables as SQL for PostgreSQL, DuckDB, Spark, StarRocks and Doris, written by sqlglot.

Comments carry the Chinese names. Only the key is NOT NULL: completeness is counted, never enforced by the store.
"""

from collections.abc import Sequence

import polars as pl
from sqlglot import exp

from schemas.column import Column
from schemas.errors import NoSuchDialect
from schemas.table import Table

DIALECTS = ("postgres", "duckdb", "spark", "starrocks", "doris")
KEY = {"org_code": 64, "record_id": 255}  # the key and the bytes it may have; a row is unique within table and site
BUCKETS = 64  # as many as the pool has
WAREHOUSES = ("starrocks", "doris")  # want the key first, as VARCHAR, and a distribution
TALKATIVE = ("postgres", "duckdb")  # want comments as statements of their own

TYPES: dict[type[pl.DataType], str] = {
    pl.String: "TEXT",
    pl.Int8: "TINYINT",
    pl.Int16: "SMALLINT",
    pl.Int32: "INT",
    pl.Int64: "BIGINT",
    pl.Float64: "DOUBLE",
    pl.Boolean: "BOOLEAN",
    pl.Date: "DATE",
    pl.Datetime: "TIMESTAMPNTZ",  # wall clock of the city, without zone, in every dialect
}


def ddl(tables: Sequence[type[Table]], dialect: str, *, leaving: bool = False) -> str:
    """`CREATE TABLE` for each table, with comments; `leaving` keeps only what may leave a site.

    Raises NoSuchDialect, which names those there are.
    """
    if dialect not in DIALECTS:
        raise NoSuchDialect(f"SQL is not written for `{dialect}`. Ask for one of {', '.join(DIALECTS)}.")
    statements = [statement for table in tables for statement in _statements(table, dialect, leaving)]
    return "".join(f"{statement.sql(dialect, pretty=True)};\n\n" for statement in statements)


def _statements(table: type[Table], dialect: str, leaving: bool) -> list[exp.Expression]:
    columns = _ordered(table, dialect, leaving)
    create = exp.Create(this=_body(table, columns, dialect), kind="TABLE", properties=_properties(table, dialect))
    if dialect not in TALKATIVE:
        return [create]
    return [
        create,
        _said("TABLE", _named(table), table.zh),
        *(_said("COLUMN", _of(table, c), _note(c)) for c in columns),
    ]


def _ordered(table: type[Table], dialect: str, leaving: bool) -> list[Column]:
    kept = [column for column in table.columns.values() if column.leaves or not leaving]
    order = [*KEY, *(column.name for column in kept)]
    return sorted(kept, key=lambda column: order.index(column.name)) if dialect in WAREHOUSES else kept


def _body(table: type[Table], columns: Sequence[Column], dialect: str) -> exp.Schema:
    parts: list[exp.Expression] = [_column(column, dialect) for column in columns]
    if dialect in TALKATIVE:
        parts.append(exp.PrimaryKey(expressions=_key(columns)))
    return exp.Schema(this=_named(table), expressions=parts)


def _column(column: Column, dialect: str) -> exp.ColumnDef:
    told: list[exp.Expression] = []
    if column.name in KEY:
        told.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
    if dialect not in TALKATIVE:
        told.append(exp.ColumnConstraint(kind=exp.CommentColumnConstraint(this=exp.Literal.string(_note(column)))))
    return exp.ColumnDef(this=_quoted(column.name), kind=_type(column, dialect), constraints=told)


def _type(column: Column, dialect: str) -> exp.DataType:
    dtype = column.dtype
    if column.name in KEY and dialect in WAREHOUSES:
        return exp.DataType.build(f"VARCHAR({KEY[column.name]})")
    if isinstance(dtype, pl.Decimal):
        return exp.DataType.build(f"DECIMAL({dtype.precision}, {dtype.scale})")
    if isinstance(dtype, pl.Datetime) and dialect == "doris":
        return exp.DataType.build("TIMESTAMPNTZ(6)")  # Doris keeps whole seconds unless asked; the others keep 6 digits
    return exp.DataType.build(TYPES[type(dtype)])


def _properties(table: type[Table], dialect: str) -> exp.Properties | None:
    note = exp.SchemaCommentProperty(this=exp.Literal.string(table.zh))
    if dialect == "spark":
        return exp.Properties(expressions=[exp.FileFormatProperty(this=exp.var("DELTA")), note])
    if dialect not in WAREHOUSES:
        return None
    key = [_quoted(name) for name in KEY]
    unique = exp.UniqueKeyProperty(expressions=key)
    spread = exp.DistributedByProperty(
        expressions=[_quoted("record_id")], kind="HASH", buckets=exp.Literal.number(BUCKETS)
    )
    return exp.Properties(expressions=[unique, note, spread])


def _key(columns: Sequence[Column]) -> list[exp.Expression]:
    kept = {column.name for column in columns}
    return [_quoted(name) for name in KEY if name in kept]


def _said(kind: str, what: exp.Expression, words: str) -> exp.Comment:
    return exp.Comment(this=what, kind=kind, expression=exp.Literal.string(words))


def _note(column: Column) -> str:
    return f"{column.zh}: {column.means}"


def _named(table: type[Table]) -> exp.Table:
    return exp.Table(this=_quoted(table.name))


def _of(table: type[Table], column: Column) -> exp.Column:
    return exp.Column(this=_quoted(column.name), table=_quoted(table.name))


def _quoted(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)
