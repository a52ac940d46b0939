"""The shared tables as Arrow schemas, with every column's meaning in its metadata."""

import polars as pl
import pyarrow as pa

from schemas.column import Column
from schemas.table import Table
from schemas.version import SCHEMA_VERSION

PLAIN: dict[type[pl.DataType], pa.DataType] = {
    pl.String: pa.string(),
    pl.Int8: pa.int8(),
    pl.Int16: pa.int16(),
    pl.Int32: pa.int32(),
    pl.Int64: pa.int64(),
    pl.Float64: pa.float64(),
    pl.Boolean: pa.bool_(),
    pl.Date: pa.date32(),
    pl.Datetime: pa.timestamp("us"),
}


def arrow_type(dtype: pl.DataType) -> pa.DataType:
    """The Arrow type of a declared Polars type: text is `string`, money `decimal128`, time `timestamp[us]`, no zone."""
    if isinstance(dtype, pl.Decimal):
        return pa.decimal128(dtype.precision or 38, dtype.scale)
    return PLAIN[type(dtype)]


def facts(column: Column) -> dict[str, str | int | bool]:
    """What a column declares beside its name and type; what it leaves empty is left out."""
    told: dict[str, str | int | bool | None] = {
        "zh": column.zh,
        "required": column.required,
        "codes": column.codes,
        "references": column.references,
        "unit": column.unit,
        "reveals": str(column.reveals),
        "level": column.level,
        "token": column.token,
        "leaves": column.leaves,
        "element": column.element,
        "fhir": column.fhir,
        "omop": column.omop,
    }
    return {name: value for name, value in told.items() if value is not None and value != ""}


def arrow_schema(table: type[Table]) -> pa.Schema:
    """One table's Arrow schema, columns in declared order; metadata are strings in UTF-8."""
    metadata = {"table": table.name, "zh": table.zh, "means": table.__doc__ or "", "version": SCHEMA_VERSION}
    return pa.schema([_field(column) for column in table.columns.values()], metadata=metadata)


def arrow_ipc(table: type[Table]) -> bytes:
    """The schema alone as an Arrow IPC message, as `pyarrow.ipc.read_schema` reads it."""
    return bytes(arrow_schema(table).serialize())


def _field(column: Column) -> pa.Field:
    metadata = {"means": column.means} | {name: str(value) for name, value in facts(column).items()}
    return pa.field(column.name, arrow_type(column.dtype), nullable=True, metadata=metadata)
