"""What a proposed mapping says surely is right; what it cannot know it asks; what a person wrote stays."""

import re

import polars as pl
import pytest

from connectors.connector import Context
from connectors.errors import BadMapping, Unreadable
from connectors.kinds.delimited import CONNECTOR as DELIMITED
from connectors.mapping import load
from connectors.propose.codes import proposed
from connectors.propose.evidence import evidence
from connectors.propose.lexicon import meanings
from connectors.propose.looking import tables
from connectors.propose.proposal import propose
from connectors.propose.writing import written
from federation.city.city import City
from tests.connectors.drawn_dbf import dbf
from tests.connectors.proposing import counted

VISITS = {
    "就诊号": ["v1", "v2", "v3"],
    "病历号": ["p1", "p2", "p2"],
    "姓名": ["甲", "乙", "乙"],
    "性别": ["男", "女", "不明"],
    "出生日期": ["1990-01-01", "1991/1/1", "1991/1/1"],
    "身份证号": ["11010519491231002X", "440524188001010014", ""],
    "就诊日期": ["2024-03-01 08:30", "2024-03-02 09:00", "2024-03-02 10:00"],
    "诊断编码": ["I10.x00", "E11.900", "E11.900"],
    "收费员": ["丙", "丁", "丁"],
}


def visits(**changes):
    return propose("MZ", pl.DataFrame(VISITS | changes))


@pytest.mark.parametrize(
    ("name", "concept"),
    [("性别", "sex"), ("XB", "sex"), ("xingbie", "sex"), ("gender", "sex"), ("BRXB", "sex"), ("DE02.01.040.00", "sex"),
     ("CSRQ", "born"), ("chusheng", "born"), ("birth_date", "born"), ("jiuzhen_sj", "came"), ("体重(kg)", "weight"),
     ("患者现住址", "address"), ("JZLSH", "visit"), ("SFZH", "id_number"), ("收 缩 压", "sbp")],
)  # fmt: skip
def test_a_name_is_known_in_chinese_pinyin_initials_english_and_as_a_data_element(name, concept):
    known = meanings(name)
    assert max(known, key=lambda each: known[each][0]) == concept


def test_a_name_that_means_two_things_is_decided_by_the_values_or_asked():
    assert {"name", "item"} <= set(meanings("XM"))
    column = {
        each.name: each
        for each in propose("t", pl.DataFrame({"XM": ["甲", "乙"], "XB": ["1", "2"], "CSRQ": ["19900101"] * 2})).columns
    }
    assert column["XM"].best.concept == "name"


def test_values_that_speak_against_a_name_make_it_a_question():
    text = written(visits(出生日期=["约三十岁", "不详", "不知道"]))
    assert '# ? birth_date = { from = "出生日期" }' in text
    assert 'birth_date = { absent = "not decided yet" }' in text


def test_the_written_file_loads_at_once_with_what_is_sure(tmp_path):
    (tmp_path / "mz.toml").write_text(written(visits()), "utf-8")
    made = load(tmp_path / "mz.toml")
    assert (made.source, made.about.key, made.about.person) == ("MZ", ["就诊号"], ["病历号"])
    assert "收费员" not in made.sources


def test_without_a_sure_key_the_file_does_not_load_until_a_person_says_it(tmp_path):
    cells = pl.DataFrame(VISITS).drop("就诊号").with_columns(pl.Series("XH", ["1", "2", "3"]))
    text = written(propose("MZ", cells))
    assert '# ? key = ["XH"]' in text
    (tmp_path / "mz.toml").write_text(text, "utf-8")
    with pytest.raises(BadMapping, match="key"):
        load(tmp_path / "mz.toml")


def test_no_value_of_a_person_stands_in_the_file():
    text = written(visits(备注=["甲的手机", "x", "x"]))
    for value in ("甲", "乙", "11010519491231002X", "1990-01-01", "v1", "丙"):
        assert f'"{value}"' not in text
    assert 'codes = { "女" = "2", "男" = "1", "未知的性别" = "0"' in text


def test_a_code_nobody_can_be_sure_of_is_left_open():
    known = proposed(("男", "女", "不明"), "sex")
    assert (known.known["男"], known.known["女"], known.open) == ("1", "2", ("不明",))
    assert proposed(("1", "2"), "sex").plain
    assert proposed(("GXY", "TNB", "Z"), "program").known == {"GXY": "HTN", "TNB": "T2DM"}


@pytest.mark.parametrize(
    ("met", "system", "later"),
    [(("男", "女"), "sex", {"未知": "0", "未说明的性别": "9"}), (("M",), "sex", {"F": "2"}), (("未婚",), "marital", {"丧偶": "30"}),
     (("A", "B"), "rc030", {"AB": "4", "O": "3", "不详": "5"}), (("汉族",), "ethnicity", {"回族": "03", "珞巴族": "55"})],
)  # fmt: skip
def test_a_list_is_proposed_whole_and_not_only_as_far_as_the_first_rows_go(met, system, later):
    known = proposed(met, system).known
    assert {word: known.get(word) for word in later} == later


@pytest.mark.parametrize(
    ("days", "reader"),
    [(["3/4/2024", "25/12/2024"], "day-first"), (["3/4/2024", "12/25/2024"], "month-first")],
)
def test_days_and_months_are_told_apart_where_the_values_do(days, reader):
    text = written(visits(就诊日期=[*days, "2024-01-01"]))
    assert f'start_time = {{ from = "就诊日期", read_as = "{reader}" }}\n' in text


def test_a_date_that_may_be_two_days_is_asked_for():
    text = written(visits(就诊日期=["3/4/2024", "5/6/2024", ""]))
    assert '# ? start_time = { from = "就诊日期", read_as = "day-first" }' in text
    assert '# ? start_time = { from = "就诊日期", read_as = "month-first" }' in text
    assert '\nstart_time = { absent = "not decided yet" }' in text


SIGNS = {
    "体征编号": ["1", "2"], "病历号": ["p1", "p2"], "测量时间": ["2024-01-01 08:00", "2024-01-02 09:00"],
    "体温": ["36.5", "37.1"], "收缩压(mmHg)": ["120", "135"], "舒张压": ["80", ""], "体重": ["60", "71"],
}  # fmt: skip


def test_vital_signs_side_by_side_become_rows_of_observations(tmp_path):
    pl.DataFrame(SIGNS).write_csv(tmp_path / "v.csv")
    text = written(propose("TZ", pl.DataFrame(SIGNS)))
    (tmp_path / "v.toml").write_text(text, "utf-8")
    [chunk] = DELIMITED.open(tmp_path / "v.csv", None, tmp_path / "v.toml").chunks(Context("s", "b", "f"))
    rows = chunk.tables["observation"].select("item_code", "value_num", "unit_ucum", "source_position").rows()
    assert sorted(rows, key=lambda row: (row[3], row[0])) == [
        ("29463-7", 60.0, None, 1), ("8310-5", 36.5, "Cel", 1), ("8462-4", 80.0, "mm[Hg]", 1), ("8480-6", 120.0, "mm[Hg]", 1),
        ("29463-7", 71.0, None, 2), ("8310-5", 37.1, "Cel", 2), ("8480-6", 135.0, "mm[Hg]", 2),
    ]  # fmt: skip
    assert '# ? "体重": its unit is not said' in text
    assert chunk.tables["observation"]["sampled_time"].null_count() == 0


def test_numbers_that_are_of_another_unit_get_none():
    text = written(propose("TZ", pl.DataFrame(SIGNS | {"体温": ["98.6", "99.1"]})))
    assert '["体温", "8310-5", "体温", "", ""]' in text


def test_signs_of_a_visit_stay_with_it(tmp_path):
    made = visits(收缩压=["120", "130", "140"], 舒张压=["80", "85", "90"])
    assert [block.table for block in made.blocks] == [
        "encounter",
        "patient",
        "patient_identifier",
        "condition",
        "observation",
    ]
    text = written(made)
    (tmp_path / "mz.toml").write_text(text, "utf-8")
    assert {"收缩压", "舒张压"} <= set(load(tmp_path / "mz.toml").sources)
    assert text.index("encounter_id = { record = true }") < len(text)


@pytest.mark.parametrize(
    ("name", "target"),
    [("血型", "patient.abo_code"), ("国籍", "patient.country_code"), ("药物过敏标志", "encounter.allergy_code"),
     ("出院科别代码", "encounter.discharge_dept_code"), ("离院方式", "encounter.discharge_way_code")],
)  # fmt: skip
def test_a_name_that_a_shared_column_has_is_known(name, target):
    made = visits(**{name: ["1", "2", "1"]})
    [column] = [column for column in made.columns if column.name == name]
    assert made.targets(column.best.concept) == [target]


def test_what_a_person_wrote_stays_when_it_is_proposed_again():
    first = written(visits())
    edited = first.replace('class_code = { absent = "not decided yet" }', 'class_code = { value = "OP" }').replace(
        "[[table]]", '[codes.sex]\n"男" = "1"\n\n[[table]]', 1
    )
    edited += '\n[[table]]\ntarget = "document"\n[table.columns]\ntitle = { from = "收费员" }\n'
    again = written(visits(), edited)
    assert 'class_code = { value = "OP" }' in again
    assert '[codes.sex]\n"男" = "1"' in again
    assert 'target = "document"' in again
    assert written(visits(), again) == again


def test_only_the_tables_that_are_wanted_are_proposed():
    made = propose("MZ", pl.DataFrame(VISITS), ("patient",))
    assert {block.table for block in made.blocks} == {"patient"}


def test_shapes_are_shares_and_codes_are_short_and_few():
    found = evidence(["120/80", "118", None, "-", "  "])
    assert (found.said, found.shares["pressure"]) == (2, 0.5)
    assert evidence(["内科"] * 5 + ["外科"] * 5).codes == ("内科", "外科")
    assert evidence(["13800000000"] * 10).codes == ()
    assert evidence([]).said == 0


def test_a_dbase_table_and_a_sheet_without_rows_are_proposed_by_their_names(tmp_path):
    path = dbf(
        tmp_path / "brxx.dbf",
        [("BRID", "C", 8), ("XM", "C", 8), ("XB", "C", 1)],
        [("p1", "甲", "1"), ("p2", "乙", "2")],
    )
    [seen] = tables(path)
    assert propose(seen.name, seen.cells).kind == "person"
    empty = pl.DataFrame(schema=dict.fromkeys(VISITS, pl.String()))
    assert propose("MZ", empty).kind == "visit"


def test_of_the_pairs_that_are_called_sure_at_least_95_in_100_are_right(tmp_path):
    manifest = City(7, 400).write(tmp_path / "city")
    right = sure = known = 0
    for mapping, stem in {mapping: stem for stem, mapping in sorted(manifest.mapping.items())}.items():
        path = min((tmp_path / "city").glob(f"{stem}*"))
        counts = counted(path, load(tmp_path / "city" / mapping), tmp_path)
        right, sure, known = right + counts[0], sure + counts[1], known + counts[2]
    assert known == 156
    assert right / sure >= 0.95
    assert right / known >= 0.9


def drawn_results() -> pl.DataFrame:
    items = ["白细胞", "红细胞", "血小板"]
    rows = [
        (f"B{report}", f"p{report}", item, f"{report}.{at}", "g/L")
        for report in range(40)
        for at, item in enumerate(items)
    ]
    return pl.DataFrame(rows, schema=["检验单号", "病历号", "项目名称", "结果", "单位"], orient="row")


def test_the_key_is_the_fewest_columns_that_tell_rows_apart_and_says_how_many():
    proposal = propose("检验结果", drawn_results())
    assert proposal.key == ("检验单号", "项目名称")
    assert 'key = ["检验单号", "项目名称"]   # 120 different values in 120 rows\n' in written(proposal)


def test_a_key_that_nothing_makes_unique_is_asked_with_its_count():
    again = drawn_results().with_columns(pl.lit("白细胞").alias("项目名称"), pl.Series("结果", map(str, range(120))))
    proposal = propose("检验结果", again)
    assert proposal.key == ()
    asked = '# ? key = ["检验单号"]   # 40 different values in 120 rows; rows that share it are rejected but the last;'
    assert asked in written(proposal)


def test_a_column_without_any_value_is_asked_and_never_in_force():
    rows = drawn_results().with_columns(pl.lit(None, pl.String()).alias("病历号"))
    proposal = propose("检验结果", rows)
    [column] = [each for each in proposal.columns if each.name == "病历号"]
    assert (column.sure, proposal.person) == (False, "")
    assert column.best is not None
    assert "no values" in column.best.why


def test_stays_in_hospital_are_offered_as_such_and_visits_as_what_they_may_be():
    stays = pl.DataFrame(
        [(f"Z{n}", f"p{n}", "2026-01-01", "2026-01-09", "内科", "1", "I10") for n in range(30)],
        schema=["住院号", "病案号", "入院时间", "出院时间", "出院科室", "离院方式", "主要诊断编码"], orient="row",
    )  # fmt: skip
    text = written(propose("首页", stays))
    assert re.findall(r"# \? (?:class|role)_code = .*\"(\w+)\"", text) == ["IP", "MAIN"]
    assert 'discharge_dept_code = { from = "出院科室"' in text
    visits = stays.select(
        pl.col("住院号").alias("就诊号"), "病案号", pl.col("入院时间").alias("就诊时间"), "主要诊断编码"
    )
    text = written(propose("门诊", visits))
    assert re.findall(r"# \? (?:class|role)_code = .*\"(\w+)\"", text) == ["OP", "ER", "IP", "OP_ER", "MAIN"]


def test_a_table_of_too_many_columns_is_refused_at_once_with_what_to_do(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(1200)) + "\n" + ",".join("1" for _ in range(1200)) + "\n")
    with pytest.raises(Unreadable, match=r"1,200 columns; .* Export those that are needed"):
        list(tables(path))
