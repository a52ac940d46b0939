"""One column of a shared table: its type, its meaning in both languages, and how far it reveals a person."""

from dataclasses import dataclass

import polars as pl

from schemas.errors import BadDeclaration
from schemas.reveals import Reveals

MONEY = pl.Decimal(14, 2)
PRICE = pl.Decimal(14, 4)
TIME = pl.Datetime("us")  # wall clock of the city (Asia/Shanghai); a source's offset is converted, never dropped
FLAT = (pl.String, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime, pl.Decimal)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A declared column.

    `codes` names a list in `schemas/codes`; `references` is `table.column`; `level` is the GB/T 39725 level 1-5.
    `token` marks a column that names a person or a record at the site and leaves it only as a keyed token.
    `element` is the Chinese data element and the front-page columns that carry it; `fhir` and `omop` are targets.
    """

    dtype: pl.DataType
    means: str
    zh: str
    required: bool = False
    codes: str | None = None
    references: str | None = None
    unit: str | None = None
    reveals: Reveals = Reveals.NOTHING
    level: int = 3
    token: bool = False
    site_only: bool = False
    element: str = ""
    fhir: str = ""
    omop: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.dtype, FLAT):
            raise BadDeclaration(f"{self.dtype} is not flat. StarRocks and Doris must read it: use a child table.")
        if not 1 <= self.level <= 5:
            raise BadDeclaration(f"GB/T 39725 knows levels 1 to 5, not {self.level}.")

    @property
    def leaves(self) -> bool:
        """Whether the column may leave the site at all, as it is or as a token."""
        return not self.site_only and (self.token or self.reveals is not Reveals.PERSON)
