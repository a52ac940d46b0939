"""Names of people, diseases, operations, items and drugs that were read in a wrong encoding."""

import polars as pl

from federation.quality.check import Check, check
from federation.quality.garbled import whole
from federation.quality.kind import Kind
from schemas.table import Table
from schemas.tables.condition import Condition
from schemas.tables.medication import Medication
from schemas.tables.observation import Observation
from schemas.tables.patient import Patient
from schemas.tables.procedure import Procedure


def _ungarbled(table: type[Table], column: str) -> Check:
    def ungarbled() -> pl.Expr:
        return whole(column)

    ungarbled.__name__ = f"{column}_is_not_garbled"
    ungarbled.__doc__ = f"`{column}` is no UTF-8 read as GBK, no GBK read as Latin-1, and no row of question marks."
    zh = f"“{table.columns[column].zh}”无编码错读造成的乱码"
    return check(table, Kind.FORMAT, zh=zh, source="GB 18030-2022; 国卫办医函〔2018〕1079号 一致性")(ungarbled)


UNGARBLED = tuple(
    _ungarbled(table, column)
    for table, column in (
        (Patient, "name"),
        (Patient, "address"),
        (Condition, "display"),
        (Procedure, "display"),
        (Observation, "item_name"),
        (Medication, "drug_name"),
    )
)
