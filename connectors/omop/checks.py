"""Fields of a CDM table that are not what the field definitions ask: empty though required, or of another type.

It empties nothing and rejects no record; what it finds is counted beside the values that a mapping cannot read.
"""

import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS
from schemas.exports.omop import Field, cdm

_DATE = r"^\d{4}[-/]?\d{1,2}[-/]?\d{1,2}(?:[ T].*)?$"
_REASONS = {pl.Int64: "bad-number", pl.Float64: "bad-number", pl.Date: "bad-date", pl.Datetime: "bad-date"}


def broken(table: str, cells: pl.DataFrame, places: pl.DataFrame, used: set[str]) -> pl.DataFrame:
    """REJECTS of single values. `used` are columns that the mapping reads: it says itself what it cannot read."""
    fields = [field for name, field in cdm()[table].items() if name in cells.columns]
    found = [_empty(field, cells, places) for field in fields if field.required and not field.key]
    found += [_wrong(field, cells, places) for field in fields if field.name not in used]
    return pl.concat([pl.DataFrame(schema=REJECTS), *(each for each in found if each is not None)])


def _empty(field: Field, cells: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame | None:
    column = cells[field.name]
    lost = column.is_null() | (column == "")
    return _rejects(field, "required-empty", lost, column, places) if lost.any() else None


def _wrong(field: Field, cells: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame | None:
    reason = next((_REASONS[kind] for kind in _REASONS if isinstance(field.dtype, kind)), None)
    if reason is None:
        return None
    column = cells[field.name]
    said = column.str.strip_chars().replace(["", "NULL", "\\N"], None)
    if reason == "bad-date":
        lost = ~said.str.contains(_DATE)
    else:
        lost = said.is_not_null() & said.cast(field.dtype, strict=False).is_null()
    return _rejects(field, reason, lost, column, places) if lost.any() else None


def _rejects(field: Field, reason: str, lost: pl.Series, column: pl.Series, places: pl.DataFrame) -> pl.DataFrame:
    frame = places.with_columns(
        column=pl.lit(field.name), reason=pl.lit(reason), whole=pl.lit(False),
        raw=column.fill_null("").str.slice(0, LONGEST_RAW // 4).cast(pl.Binary),
    )  # fmt: skip
    return frame.filter(lost.fill_null(False)).select(REJECTS.names()).cast(REJECTS)
