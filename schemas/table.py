"""A shared table as a class: columns are attributes, the docstring says what one row is.

A table that contradicts itself is refused when its module is imported.
"""

import re
from dataclasses import replace
from typing import ClassVar

import polars as pl

from schemas.column import TIME, Column
from schemas.errors import BadDeclaration
from schemas.reveals import Reveals


def snake(name: str) -> str:
    """`PatientIdentifier` -> `patient_identifier`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Table:
    """Base of every shared table. One row is what the subclass's docstring says.

    `name` is the table's name in stored data; `columns` holds own columns, then the common ones below.
    `when` names the column that dates a row (for months and timeliness), `person` the one that says whose it is.
    """

    name: ClassVar[str]
    zh: ClassVar[str]
    when: ClassVar[str | None] = None
    person: ClassVar[str | None] = "person_id"
    columns: ClassVar[dict[str, Column]]
    fhir: ClassVar[str] = ""
    omop: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        cls.name = snake(cls.__name__)
        cls.columns = {name: replace(column, name=name) for name, column in (own | COMMON).items()}
        for role in (cls.when, cls.person):
            if role is not None and role not in cls.columns:
                raise BadDeclaration(f"{cls.name}: `{role}` is named as a role but is not a column.")
        if not cls.__doc__ or not getattr(cls, "zh", ""):
            raise BadDeclaration(f"{cls.name}: say what one row is, in a docstring and in `zh`.")

    @classmethod
    def schema(cls) -> pl.Schema:
        """Column name -> Polars dtype, in declared order."""
        return pl.Schema({name: column.dtype for name, column in cls.columns.items()})

    @classmethod
    def leaving(cls) -> list[str]:
        """Names of the columns that may leave a site, as they are or as tokens."""
        return [name for name, column in cls.columns.items() if column.leaves]


COMMON: dict[str, Column] = {
    "record_id": Column(
        dtype=pl.String(),
        required=True,
        token=True,
        reveals=Reveals.PERSON,
        means="The row's own key: source table, source key and place in the record.",
        zh="记录标识",
    ),
    "org_code": Column(
        dtype=pl.String(),
        required=True,
        level=1,
        references="organization.org_code",
        means="The site the row comes from.",
        zh="机构标识",
        element="WS 445.17; A01/P900/fixmedins_code",
        fhir="managingOrganization",
        omop="care_site_id",
    ),
    "source_system": Column(
        dtype=pl.String(),
        required=True,
        level=1,
        means="Kind and profile the row was read with, e.g. `delimited/hqms_v2`.",
        zh="来源系统",
        fhir="meta.source",
    ),
    "source_table": Column(
        dtype=pl.String(),
        required=True,
        level=1,
        means="The table or resource type at the source.",
        zh="来源表",
    ),
    "source_pk": Column(
        dtype=pl.String(),
        required=True,
        token=True,
        reveals=Reveals.PERSON,
        level=4,
        means="The record's key at the source; all rows of one record share it.",
        zh="来源主键",
        fhir="identifier",
    ),
    "source_row_hash": Column(
        dtype=pl.String(),
        required=True,
        site_only=True,
        reveals=Reveals.HINT,
        means="First 128 bits of the SHA-256 of the source record, in hex.",
        zh="来源记录摘要",
    ),
    "source_file": Column(
        dtype=pl.String(),
        required=True,
        level=1,
        means="First 64 bits of the source file's SHA-256, in hex; never its name.",
        zh="来源文件",
    ),
    "source_position": Column(
        dtype=pl.Int64(),
        required=True,
        level=1,
        means="Ordinal of the source record in its file, from 1.",
        zh="来源位置",
    ),
    "batch_id": Column(dtype=pl.String(), required=True, level=1, means="The batch the row came in.", zh="批次"),
    "updated_at": Column(
        dtype=TIME,
        means="When the source last changed the record; empty where it does not say.",
        zh="来源更新时间",
        fhir="meta.lastUpdated",
    ),
    "deleted": Column(
        dtype=pl.Boolean(),
        required=True,
        level=1,
        means="The source withdrew this record (tombstone).",
        zh="删除标记",
    ),
    "sec_level": Column(
        dtype=pl.Int8(),
        required=True,
        level=1,
        codes="sec-level",
        means="Sensitivity of the row after GB/T 39725, 1 to 5.",
        zh="数据安全级别",
        fhir="meta.security",
    ),
    "extra": Column(
        dtype=pl.String(),
        site_only=True,
        reveals=Reveals.PERSON,
        level=5,
        means="Source columns without a place here, verbatim, as one JSON object. Never released.",
        zh="其他原始字段",
    ),
}
