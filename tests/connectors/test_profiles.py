"""Front pages in the four known sets, cell by cell: what a hospital exports, and the shared rows it becomes."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import DoesNotFit, NoSuchKind, UnknownFormat, Unreadable
from connectors.kinds.delimited import CONNECTOR
from connectors.profiles import best, profiles
from schemas.code_system import code_system
from schemas.tables import table

T = datetime  # wall clock of the city
CONTEXT = Context(site="east", batch="b1", file="f" * 16)
V2 = {
    "A01": "456087837440606111A1001",
    "A48": "A123",
    "A49": "1",
    "B12": "2024-03-01 08:30:00",
    "B15": "2024-03-05 10:00:00",
    "A11": "张三",
    "A12C": "1",
    "A13": "1949-12-31",
    "A14": "74",
    "A19C": "1",
    "A21C": "2",
    "A20N": "1",
    "A20": "11010519491231002X",
    "A47": "-",
    "C03C": "B20.000",
    "C04N": "艾滋病",
    "C05C": "1",
    "B34C": "1",
    "D01": "1234.50",
}


def page(
    folder: Path, cells: dict[str, str], *more: dict[str, str], encoding: str = "gb18030", separator: str = ","
) -> Path:
    """A file of one or more records; the header is that of the first."""
    path = folder / "page.csv"
    lines = [separator.join(cells), *(separator.join({**cells, **each}.values()) for each in ({}, *more))]
    path.write_bytes("".join(line + "\r\n" for line in lines).encode(encoding))
    return path


def read(path: Path, profile: str | None = None, mapping: Path | None = None, *, distinct: bool = True) -> Chunk:
    """The one piece of a small file; its rows have exactly the columns of their tables."""
    (chunk,) = CONNECTOR.open(path, profile, mapping).chunks(CONTEXT)
    chunk.check()
    for name, frame in chunk.tables.items():
        assert frame.schema == table(name).schema()
        assert not distinct or frame["record_id"].is_unique().all()
        assert set(frame["source_position"]) <= set(chunk.records["position"])
    return chunk


def rows(chunk: Chunk, name: str, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a shared table, in order of record id."""
    return chunk.tables[name].sort("record_id").select(columns).rows()


def rejected(chunk: Chunk) -> list[tuple[int, str, str]]:
    """Position, column and reason."""
    return sorted(chunk.rejects.select("position", "column", "reason").rows())


def test_a_front_page_of_hqms_v2(tmp_path):
    more = {
        "C06x01C": "I10.x00",
        "C07x01N": "高血压",
        "C08x01C": "4",
        "C06x40C": "E11.900",
        "C07x40N": "糖尿病",
        "C08x40C": "-",
        "C14x01C": "51.2300",
        "C15x01N": "腹腔镜胆囊切除术",
        "C16x01": "2024-03-02 09:00:00",
        "C35x02C": "38.9300",
        "C36x02N": "静脉置管",
        "C48x01C": "07",
        "C49x01": "2024-03-02 12:00:00",
        "C50x01": "2024-03-03 12:00:00",
        "B21C": "0301，0401",
        "F12": "2",
        "A18x01": "3250",
        "C28": "0",
        "C29": "2",
        "C30": "5",
        "D20": "800.00",
        "D20x01": "-",
        "D20x02": "500",
        "Z99": '说"明',
        "Z98": "",
    }
    chunk = read(page(tmp_path, {**V2, **more}))
    assert chunk.records["key"].to_list() == ["hqms_v2|A123-1"]
    assert rejected(chunk) == []
    assert rows(
        chunk,
        "patient",
        "person_id",
        "name",
        "gender_code",
        "birth_date",
        "birth_precision",
        "ethnicity_code",
        "marital_code",
        "sec_level",
    ) == [("A123", "张三", "1", date(1949, 12, 31), "day", "01", "20", 4)]
    assert rows(chunk, "patient_identifier", "id_type_code", "id_value", "check_ok") == [
        ("1", "11010519491231002X", True)
    ]
    assert rows(
        chunk, "encounter", "record_id", "class_code", "part_of", "start_time", "admit_dept_code", "icu_type_code"
    ) == [
        ("hqms_v2|A123-1", "IP", None, T(2024, 3, 1, 8, 30), None, None),
        ("hqms_v2|A123-1|dept01", "DEPT", "hqms_v2|A123-1", None, "0301", None),
        ("hqms_v2|A123-1|dept02", "DEPT", "hqms_v2|A123-1", None, "0401", None),
        ("hqms_v2|A123-1|icu01", "ICU", "hqms_v2|A123-1", T(2024, 3, 2, 12), None, "07"),
    ]
    assert rows(chunk, "encounter", "coma_before_min", "newborn_birth_weight_g")[0] == (125, 3250)
    assert rows(chunk, "condition", "record_id", "role_code", "rank", "code", "poa_code", "sec_level") == [
        ("hqms_v2|A123-1|dx", "MAIN", 1, "B20.000", "1", 5),
        ("hqms_v2|A123-1|other01", "OTHER", 1, "I10.x00", "4", 3),
        ("hqms_v2|A123-1|other40", "OTHER", 40, "E11.900", None, 3),
    ]
    assert rows(chunk, "procedure", "rank", "code", "display", "start_time", "encounter_id") == [
        (1, "51.2300", "腹腔镜胆囊切除术", T(2024, 3, 2, 9), "hqms_v2|A123-1"),
        (3, "38.9300", "静脉置管", None, "hqms_v2|A123-1"),
    ]
    assert rows(chunk, "observation", "item_code", "value_text", "value_num", "sec_level") == [
        ("HIV-Ab", "2", None, 5),
        ("8339-4", "3250", 3250.0, 3),
    ]
    assert dict(rows(chunk, "cost", "fee_class_code", "amount")) == {
        "TOTAL": Decimal("1234.5"),
        "FP10": Decimal(800),
        "FP10B": Decimal(500),
    }
    extras = chunk.tables["encounter"]["extra"].drop_nulls().to_list()
    assert [json.loads(each) for each in extras] == [{"A01": "456087837440606111A1001", "Z99": '说"明'}]


def test_a_front_page_of_hqms_v1(tmp_path):
    cells = {
        "P900": "X",
        "P3": "M9",
        "P2": "2",
        "P4": "李四",
        "P5": "2",
        "P6": "1980-01-02",
        "P11": "66",
        "P13": "110105491231002",
        "P800": "K1",
        "P22": "2024-03-01 08:30:00",
        "P25": "2024-03-05 10:00:00",
        "P321": "S72.000",
        "P322": "股骨颈骨折",
        "P805": "1",
        "P323": "2",
        "P3271": "I10.x00",
        "P3272": "高血压",
        "P814": "1",
        "P3273": "9",
        "P361": "W19.x00",
        "P362": "跌倒",
        "P741": "5",
        "P490": "79.3500",
        "P491": "2024-03-02 09:00:00",
        "P492": "股骨切开复位",
        "P820": "3",
        "P45058": "0103",
        "P45050": "99.0400",
        "P45052": "输血",
        "P6911": "07",
        "P6912": "2024-03-02 12:00:00",
        "P6913": "",
        "P782": "100",
        "P751": "10",
        "P752": "5.5",
        "P781": "1",
    }
    chunk = read(page(tmp_path, cells))
    assert rejected(chunk) == []
    assert rows(chunk, "patient", "person_id", "ethnicity_code") == [("M9", "97")]
    assert rows(chunk, "patient_identifier", "id_type_code", "id_value", "check_ok") == [
        ("9", "K1", None),
        ("1", "110105491231002", None),
    ]
    assert rows(chunk, "condition", "role_code", "rank", "code", "outcome_code") == [
        ("MAIN", 1, "S72.000", "2"),
        ("EXT_CAUSE", 1, "W19.x00", None),
        ("OTHER", 9, "I10.x00", "9"),
    ]
    assert rows(chunk, "procedure", "rank", "code", "level_code", "anesthesia_code") == [
        (1, "79.3500", "3", None),
        (10, "99.0400", None, "0103"),
    ]
    assert rows(chunk, "encounter", "class_code", "icu_type_code", "discharge_way_code") == [
        ("IP", None, "5"),
        ("ICU", "07", None),
    ]
    assert rows(chunk, "cost", "fee_class_code", "amount") == [
        ("TOTAL", Decimal(100)),
        ("SELF", Decimal(10)),
        ("FP01", Decimal("5.5")),
        ("FP24", Decimal(1)),
    ]


def test_a_form_wt4_1_has_dates_without_signs_and_hours_beside_them(tmp_path):
    cells = {
        "USERNAME": "某医院",
        "BAH": "000123",
        "ZYCS": "1",
        "XM": "王五",
        "XB": "1",
        "CSRQ": "20240101",
        "NL": "0",
        "BZYZSNL": "2 3/30",
        "SFZH": "",
        "MZ": "01",
        "HY": "1",
        "RYSJ": "20240305",
        "RYSJS": "8",
        "CYSJ": "20240309",
        "CYSJS": "15",
        "JBBM": "J18.900",
        "MZZD": "肺炎",
        "ZYZD": "肺炎",
        "JBDM": "J18.900",
        "RYBQ": "1",
        "QTZD8": "腹泻",
        "JBDM8": "K52.900",
        "RYBQ8": "1",
        "LYFS": "1",
        "ZFY": "10.00",
        "ZFJE": "1",
        "SSJCZBM2": "38.9300",
        "SSJCZMC2": "置管",
        "SSJCZRQ2": "20240306",
        "QKDJ2": "2",
        "QKYHLB2": "3",
        "MAF": "3",
    }
    chunk = read(page(tmp_path, cells))
    assert rejected(chunk) == []
    assert rows(chunk, "encounter", "record_id", "start_time", "end_time", "age_years", "age_days") == [
        ("wt4_1|000123-1", T(2024, 3, 5, 8), T(2024, 3, 9, 15), 0, 63),
    ]
    assert rows(chunk, "condition", "role_code", "rank", "code") == [
        ("MAIN", 1, "J18.900"),
        ("OP_ER", 1, "J18.900"),
        ("OTHER", 8, "K52.900"),
    ]
    assert rows(chunk, "procedure", "rank", "code", "start_time", "incision_code") == [
        (2, "38.9300", T(2024, 3, 6), "6")
    ]
    assert rows(chunk, "cost", "fee_class_code", "amount") == [
        ("TOTAL", Decimal(10)),
        ("SELF", Decimal(1)),
        ("FP10A", Decimal(3)),
    ]


def test_the_tcm_set_uses_the_same_names_with_other_meanings(tmp_path):
    cells = {
        "ZZJGDM": "X",
        "BAH": "T1",
        "ZYCS": "1",
        "XM": "赵六",
        "RYSJ": "2024-03-05 08:00:00",
        "CYSJ": "2024-03-09 15:00:00",
        "BZYZS_NL": "12",
        "JBDM": "BNX010",
        "MZD_ZYZD": "胸痹",
        "JBBM": "I25.100",
        "MZZD_XYZD": "冠心病",
        "ZB": "胸痹病",
        "ZB_JBBM": "BNX010",
        "ZYZD": "冠心病",
        "ZYZD_JBBM": "I25.100",
        "XY_RYBQ": "1",
        "ZZ1": "气虚血瘀证",
        "ZZ_JBBM1": "ZYVXH0",
        "LYFS": "1",
        "ZFY": "10.00",
    }
    chunk = read(page(tmp_path, cells, encoding="utf-8"))
    assert CONNECTOR.open(tmp_path / "page.csv").profile == "tcm_168"
    assert rows(chunk, "condition", "role_code", "code", "code_version") == [
        ("MAIN", "I25.100", "GLB2.0"),
        ("OP_ER", "I25.100", "GLB2.0"),
        ("TCM_MAIN", "BNX010", "GB/T15657"),
        ("OP_ER", "BNX010", "GB/T15657"),
        ("TCM_ZHENG", "ZYVXH0", "GB/T15657"),
    ]
    assert rows(chunk, "encounter", "age_days") == [(12,)]


def test_a_profile_is_found_by_the_whole_header_never_by_one_column():
    assert best(["JBDM", "ZYZD", "LYFS"]) is None
    assert best(["USERNAME", "BAH", "ZYZD", "JBDM", "LYFS", "ZFY"]).name == "wt4_1"
    assert best(["USERNAME", "BAH", "ZYZD", "JBDM", "LYFS", "ZFY", "ZZJGDM", "ZYZD_JBBM", "ZB_JBBM"]).name == "tcm_168"


@pytest.mark.parametrize("name", list(profiles()))
def test_every_code_a_profile_writes_is_in_the_shared_list(name):
    for each in profiles()[name].rows:
        for column, rule in each.rules.items():
            shared = each.table.columns[column].codes
            codes = profiles()[name].about.codes[rule.codes] if isinstance(rule.codes, str) else rule.codes
            written = set((codes or {}).values()) | ({rule.value} - {None})
            if shared and written:
                assert written <= set(code_system(shared).codes), (each.table.name, column)


def test_bad_values_empty_their_cell_and_are_rejected_with_their_column(tmp_path):
    second = {
        "A48": "B2",
        "B12": "2024-02-30 00:00:00",
        "A19C": "57",
        "A14": "七十",
        "D01": "abc",
        "A13": "1949-12",
        "A49": "99999999999",
    }
    chunk = read(page(tmp_path, V2, second))
    assert rejected(chunk) == [
        (2, "A13", "partial-date"),
        (2, "A14", "bad-number"),
        (2, "A19C", "unmapped-code"),
        (2, "A49", "out-of-range"),
        (2, "B12", "bad-date"),
        (2, "D01", "bad-number"),
    ]
    assert chunk.read == chunk.records.height == 2
    assert chunk.rejects.filter(column="A14")["raw"].to_list() == ["七十".encode()]
    assert rows(chunk, "patient", "person_id", "birth_precision", "ethnicity_code")[1] == ("B2", "month", None)


def test_a_record_without_its_key_or_its_person_is_rejected_whole(tmp_path):
    chunk = read(page(tmp_path, V2, {"A48": ""}, {"A48": "C3", "A49": " "}, {"A48": "D4"}))
    assert rejected(chunk) == [(2, "", "no-key"), (3, "", "no-key")]
    assert chunk.tables["patient"]["source_position"].to_list() == [1, 4]


def test_a_leading_tab_and_a_hyphen_are_no_values(tmp_path):
    cells = {name: f"\t{cell}" for name, cell in V2.items()} | {"C01C": "-", "C02N": "－", "C25": "-"}
    chunk = read(page(tmp_path, cells))
    assert rows(chunk, "encounter", "mrn", "start_time", "allergy_text") == [("A123", T(2024, 3, 1, 8, 30), "-")]
    assert rejected(chunk) == []


def test_unknown_formats_name_the_nearest_profile_and_what_is_missing(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("A01,A48,B12,B15\n1,2,3,4\n")
    with pytest.raises(UnknownFormat, match="nearest is `hqms_v2`, but A12C, A13, C03C, B34C, D01 are missing"):
        CONNECTOR.open(path)
    with pytest.raises(NoSuchKind, match="There is no profile `hqms`"):
        CONNECTOR.open(path, "hqms")


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


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", "|", ";", ",\t"])
def test_a_front_page_is_the_same_in_every_encoding_and_layout(tmp_path, encoding, separator):
    cells = {**V2, "D01": "1234.50", "A11": "张三丰"}
    chunk = read(page(tmp_path, cells, {"A48": "B2", "A11": "李四"}, encoding=encoding, separator=separator))
    assert CONNECTOR.sniff(tmp_path / "page.csv").profile == "hqms_v2"
    assert rows(chunk, "patient", "person_id", "name", "birth_date") == [
        ("A123", "张三丰", date(1949, 12, 31)),
        ("B2", "李四", date(1949, 12, 31)),
    ]
    assert rejected(chunk) == []


def test_a_file_whose_every_record_lacks_its_key_gives_rejects_with_the_raw_record(tmp_path):
    chunk = read(page(tmp_path, {**V2, "A48": "-"}))
    assert rejected(chunk) == [(1, "", "no-key")]
    assert chunk.records.height == chunk.tables["encounter"].height == 0
    assert chunk.rejects["raw"][0].decode("gb18030").startswith("456087837440606111A1001,-,1,")


SAYINGS = st.sampled_from(
    [
        "",
        "-",
        "1",
        "01",
        "张三",
        "2024-03-01 08:30:00",
        "20240301",
        "１２",
        "99999999999",
        "1.5",
        "A00.000",
        "\t7",
        "a|b",
        '"',
    ]
)


@given(records=st.lists(st.lists(SAYINGS, min_size=24, max_size=24), min_size=1, max_size=5))
def test_whatever_stands_in_a_front_page_no_record_is_lost(tmp_path_factory, records):
    names = [*V2, "C06x03C", "C07x03N", "B21C", "C48x02C", "C49x02"][:24]
    text = "\n".join(
        ["|".join(names), *("|".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in each) for each in records)]
    )
    path = tmp_path_factory.mktemp("any") / "page.csv"
    path.write_text(text + "\n", "utf-8")
    chunk = read(path, distinct=False)
    assert chunk.read == len(records)
    places = set(zip(chunk.rejects["position"], chunk.rejects["column"], chunk.rejects["reason"], strict=True))
    assert len(places) == chunk.rejects.height


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
