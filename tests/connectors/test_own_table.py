"""A table that only one clinic has, read with its own mapping; headers that do not fit it are refused."""

import polars as pl
import pytest

from connectors.errors import DoesNotFit, Unreadable
from connectors.kinds.delimited import CONNECTOR
from schemas.tables import table
from tests.connectors.drawn_page import T, read, rejected, rows


def test_a_mapped_column_that_is_missing_or_doubled_is_refused_before_reading(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("A48,A48,A49,A01,B12,B15,A12C,A13,C03C,B34C,D01\n")
    with pytest.raises(Unreadable, match="`A48` stands twice"):
        CONNECTOR.open(path)
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'source = "S"\nkey = ["visit"]\nperson = ["who"]\ntarget = "organization"\n[columns]\n'
        + "".join(
            f'{name} = {{ from = "nmae" }}\n'
            for name, column in table("organization").columns.items()
            if column.dtype == pl.String and name in table("organization").columns and name not in _COMMON
        )
        + "".join(
            f'{name} = {{ absent = "no" }}\n'
            for name, column in table("organization").columns.items()
            if column.dtype != pl.String and name not in _COMMON
        )
    )
    path.write_text("visit,who,name\n1,2,3\n")
    with pytest.raises(DoesNotFit, match=r"source column `nmae`: is not in the header of x.csv. Did you mean `name`"):
        CONNECTOR.open(path, mapping=mapping)


_COMMON = set(table("organization").columns) & set(table("patient").columns)


CLINIC = """
source = "MZ_JZJL"
key = ["JZLSH"]
person = ["BRID"]
encoding = "gbk"

[codes]
sex = { "男" = "1", "女" = "2" }

[[table]]
target = "patient_identifier"
[table.columns]
id_type_code = { value = "1" }
id_value = { from = "SFZ", read_as = "identifier" }
check_ok = { from = "OK", codes = { "Y" = "true", "N" = "false" } }
assigner_org = { absent = "Not kept." }
first_seen = { from = ["RQ", "SJ"], read_as = "date-hour" }
last_seen = { from = "GX", read_as = "day-first" }
updated_at = { from = "GX", read_as = "day-first" }
deleted = { from = "ZF", codes = { "1" = "true", "0" = "false" } }
"""


def test_a_clinics_own_table_is_read_with_a_mapping_in_one_file(tmp_path):
    mapping = tmp_path / "MZ_JZJL.toml"
    mapping.write_text(CLINIC, "utf-8")
    path = tmp_path / "clinic.csv"
    path.write_bytes(
        "JZLSH,BRID,SFZ,OK,RQ,SJ,GX,ZF\nv1,p1,Ｘ１,Y,2024/3/1,8,31/12/2024,0\nv2,p2,,?,,,,1\n".encode("gbk")
    )
    chunk = read(path, mapping=mapping)
    assert rows(
        chunk, "patient_identifier", "person_id", "id_value", "check_ok", "first_seen", "updated_at", "deleted"
    ) == [
        ("p1", "X1", True, T(2024, 3, 1, 8), T(2024, 12, 31), False),
        ("p2", None, None, None, None, True),
    ]
    assert rejected(chunk) == [(2, "OK", "bad-flag")]
    assert chunk.tables["patient_identifier"]["source_system"][0] == "delimited/MZ_JZJL"


def test_a_first_line_that_is_a_record_is_not_quoted(tmp_path):
    mapping, path = tmp_path / "MZ_JZJL.toml", tmp_path / "x.csv"
    mapping.write_text(CLINIC, "utf-8")
    path.write_text("JZLSH1,JZLS,BRID7,张三\n")
    with pytest.raises(DoesNotFit, match=r"`JZLSH`: is not in the header of x.csv. Correct the mapping"):
        CONNECTOR.open(path, mapping=mapping)
