"""Front pages in the four known sets, cell by cell: what a hospital exports, and the shared rows it becomes."""

import json
from datetime import date
from decimal import Decimal

import pytest

from connectors.errors import NoSuchKind, UnknownFormat
from connectors.kinds.delimited import CONNECTOR
from connectors.profiles import best, profiles
from schemas.code_system import code_system
from tests.connectors.drawn_page import V2, T, page, read, rejected, rows


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


def test_unknown_formats_name_the_nearest_profile_and_what_is_missing(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("A01,A48,B12,B15\n1,2,3,4\n")
    with pytest.raises(UnknownFormat, match="nearest is `hqms_v2`, but A12C, A13, C03C, B34C, D01 are missing"):
        CONNECTOR.open(path)
    with pytest.raises(NoSuchKind, match="There is no profile `hqms`"):
        CONNECTOR.open(path, "hqms")
