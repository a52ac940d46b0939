"""Likely causes: one that is there is named first, none is named where errors are scattered."""

from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.quality.causes.cause import Causes, causes
from federation.quality.causes.chance import tail
from federation.quality.causes.condition import How
from federation.quality.causes.shape import shape
from federation.quality.check import Check
from federation.quality.frame import frame_of
from federation.quality.kind import Kind
from schemas.tables import TABLES
from schemas.tables.encounter import Encounter

AS_OF = date(2026, 12, 1)
SAFE = ["admit_dept_code", "discharge_dept_code", "source_file", "source_system", "pay_method_code", "class_code"]
LONG_ENOUGH = Check(
    id="encounter.long_enough", frame=frame_of(Encounter), right=pl.col("los_days") >= 0, kind=Kind.ATEMPORAL,
    means="Stays last.", zh="住院天数不为负", source="here",
)  # fmt: skip


def stays(rows: int, seed: int) -> pl.DataFrame:
    """Stays of two years with independent random codes, all of them right."""
    draw = np.random.default_rng(seed)
    start = [datetime(2025, 1, 1) + timedelta(hours=int(hour)) for hour in draw.integers(0, 730 * 24, rows)]
    codes = {name: draw.choice([f"{name[:3]}{n}" for n in range(3 + 2 * at)], rows) for at, name in enumerate(SAFE)}
    made = pl.DataFrame(codes).with_columns(
        pl.Series("start_time", start, pl.Datetime("us")),
        pl.int_range(1, rows + 1, dtype=pl.Int64).alias("source_position"),
        pl.int_range(1, rows + 1).cast(pl.String).alias("record_id"),
        pl.lit("A").alias("org_code"), pl.lit(3, pl.Int32).alias("los_days"), pl.lit(False).alias("deleted"),
    )  # fmt: skip
    there = set(made.columns)
    return made.select(
        pl.col(name) if name in there else pl.lit(None, dtype).alias(name) for name, dtype in Encounter.schema().items()
    )


def broken(rows: pl.DataFrame, where: pl.Expr, share: float, noise: float, seed: int) -> pl.DataFrame:
    """The rows, wrong in that share of those meant, and in a share `noise` of all."""
    draw = np.random.default_rng(seed + 1)
    rolled = rows.with_columns(one=pl.Series(draw.random(rows.height)), two=pl.Series(draw.random(rows.height)))
    wrong = (where & (pl.col("one") < share)).fill_null(False) | (pl.col("two") < noise)
    return rolled.with_columns(los_days=pl.when(wrong).then(-1).otherwise("los_days").cast(pl.Int32)).drop("one", "two")


def found(rows: pl.DataFrame, **more: object) -> Causes:
    [told] = causes({"encounter": rows.lazy()}, [LONG_ENOUGH], AS_OF, shapes=True, **more)
    return told


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6), column=st.sampled_from(SAFE), share=st.floats(0.3, 1), noise=st.floats(0, 0.01),
    month=st.integers(1, 18), dated=st.booleans(),
)  # fmt: skip
def test_an_injected_cause_is_named_first(seed, column, share, noise, month, dated):
    rows = stays(6000, seed)
    value = rows[column].unique().sort()[seed % rows[column].n_unique()]
    since = date(2025 + month // 12, month % 12 + 1, 1)
    meant = pl.col(column) == value
    told = found(broken(rows, meant & (pl.col("start_time") >= since) if dated else meant, share, noise, seed))
    first = told.found[0]
    said = {(each.attribute.column, each.how, each.value) for each in first.conditions}
    assert said == {(column, How.IS, value)} | ({("start_time", How.SINCE, f"{since:%Y-%m}")} if dated else set())
    assert first.rate > 0.2
    assert first.failed + first.others_failed == told.failed
    assert first.asked + first.others_asked == told.asked == rows.height


def test_two_conditions_that_only_together_are_the_cause_are_named_together():
    meant = (pl.col("admit_dept_code") == "adm1") & (pl.col("class_code") == "cla3")
    told = found(broken(stays(8000, 5), meant, 0.8, 0.001, 5)).found[0]
    assert {(each.attribute.column, each.value) for each in told.conditions} == {
        ("admit_dept_code", "adm1"), ("class_code", "cla3")}  # fmt: skip


def test_scattered_errors_have_no_cause():
    alarms = 0
    for seed in range(100):
        share = [0.002, 0.01, 0.05, 0.3, 0.6][seed % 5]
        alarms += bool(found(broken(stays(2000, seed), pl.lit(False), 0, share, seed)).found)
    assert alarms <= 5


def test_rows_of_one_record_bear_witness_once():
    rows = stays(3000, 1).with_columns(source_position=pl.col("source_position") // 50)
    rows = rows.with_columns(
        admit_dept_code=pl.concat_str(pl.lit("d"), pl.col("source_position") % 20), source_file=pl.lit("f")
    )
    told = found(broken(rows, pl.col("source_position") == 7, 1, 0, 1))
    assert not [each for cause in told.found for each in cause.conditions if each.attribute.column == "admit_dept_code"]


def test_rows_of_one_person_bear_witness_once_though_each_is_a_record():
    at = pl.col("source_position") // 50
    rows = stays(3000, 1).with_columns(
        person_id=pl.concat_str(pl.lit("P"), at), admit_dept_code=pl.concat_str(pl.lit("d"), at % 20)
    )
    assert not found(broken(rows, at == 7, 1, 0, 1)).found


def test_where_everything_fails_every_row_is_the_cause():
    [cause] = found(broken(stays(500, 1), pl.lit(True), 1, 0, 1)).found
    assert (cause.conditions, cause.failed, cause.share, cause.lift) == ((), 500, 1.0, None)


def test_where_all_but_one_department_fail_that_one_is_named():
    [cause] = found(broken(stays(4000, 1), pl.col("class_code") != "cla3", 1, 0, 1)).found
    [condition] = cause.conditions
    assert (condition.attribute.column, condition.how, condition.value) == ("class_code", How.BUT, "cla3")


def test_order_and_parts_of_the_rows_change_nothing():
    rows = broken(stays(5000, 3), pl.col("admit_dept_code") == "adm1", 0.7, 0.01, 3)
    other = found(rows.sample(fraction=1, shuffle=True, seed=1))
    assert other.found == found(rows).found


def test_causes_do_not_overlap_and_are_counted_exactly_though_sampled(monkeypatch):
    monkeypatch.setattr("federation.quality.causes.cause.PASSING", 1500)
    rows = broken(stays(30_000, 4), pl.col("admit_dept_code") == "adm1", 0.7, 0.0, 4)
    rows = broken(rows, (pl.col("class_code") == "cla2"), 0.9, 0.002, 9)
    told = found(rows)
    assert len(told.found) == 2
    parts = [rows.filter(told.among(at), pl.col("los_days") < 0).height for at in range(3)]
    assert parts == [*(each.failed for each in told.found), told.unexplained]
    assert sum(parts) == told.failed


def test_no_column_that_reveals_a_person_is_ever_named():
    from federation.quality.causes.attribute import codes, months, origins
    from schemas.reveals import Reveals

    for table in TABLES.values():
        told = [*codes(table), *origins(table)]
        assert not [each for each in told if table.columns[each.column].reveals is not Reveals.NOTHING]
        assert not [each for each in told if each.column in {"record_id", "source_pk", "extra", "content_sm3"}]
        assert months(table)[-1].column == "as_of"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-01", "9999-99-99"), ("1/3/2026", "9/9/9999"), ("", ""), ("张三", "汉汉"), ("Ab c", "AA A"),
        ("11010519491231002X", "99999999999999999A"), ("１２", "００"), ("高血压二级极高危", "汉…"), ("\x1b[0m", "?[9A"),
    ],
)  # fmt: skip
def test_a_shape_says_how_a_text_is_written(text, told):
    assert pl.select(shape(pl.lit(text))).item() == told


@given(st.text())
def test_a_shape_says_nothing_of_what_is_written(text):
    told = pl.select(shape(pl.lit(text))).item()
    assert len(told) <= 41
    assert all(sign in "9０AＡ汉?…" for sign in told if sign.isalnum() or not sign.isprintable())


def test_the_tail_is_that_of_drawing_without_returning():
    from math import comb, exp

    for failed, asked, all_failed, everyone in [(3, 5, 4, 20), (5, 5, 5, 9), (1, 4, 1, 7), (4, 6, 9, 12)]:
        ways = sum(
            comb(all_failed, k) * comb(everyone - all_failed, asked - k)
            for k in range(failed, min(asked, all_failed) + 1)
        )
        assert exp(tail(failed, asked, all_failed, everyone)) == pytest.approx(ways / comb(everyone, asked))


def test_hostile_texts_in_codes_are_only_texts():
    rows = stays(3000, 2).with_columns(admit_dept_code=pl.col("admit_dept_code").replace("adm1", '=1+1"\n[red]'))
    told = found(broken(rows, pl.col("admit_dept_code") == '=1+1"\n[red]', 1, 0, 2)).found[0]
    assert Counter(each.value for each in told.conditions)['=1+1"\n[red]'] == 1


def test_a_department_that_writes_dates_its_own_way_is_named_with_the_way():
    phone = Check(
        id="encounter.phone", frame=frame_of(Encounter), right=pl.col("allergy_text").str.contains(r"^\d{4}-\d\d-\d\d$"),
        kind=Kind.FORMAT, means="A day.", zh="日期", source="here",
    )  # fmt: skip
    rows = stays(6000, 8).with_columns(
        allergy_text=pl.when((pl.col("admit_dept_code") == "adm2") & (pl.col("start_time") >= datetime(2026, 3, 1)))
        .then(pl.lit("31/3/2026"))
        .otherwise(pl.lit("2026-03-31"))
    )
    [told] = causes({"encounter": rows.lazy()}, [phone], AS_OF, shapes=True)
    [cause] = told.found
    said = "，".join(each.zh({}) for each in cause.conditions)
    assert said == "“入院科别代码”为adm2，自2026-03起 (入院时间)"
    [look] = cause.looks
    assert (look.value, look.share, look.elsewhere) == ("99/9/9999", 1.0, "9999-99-99")
    [blind] = causes({"encounter": rows.lazy()}, [phone], AS_OF, shapes=False)
    assert blind.found[0].looks == ()
    assert "2026-03-31" not in str(told)


def test_codes_that_a_map_lacks_are_named_where_nothing_around_tells_them_apart():
    known = Check(
        id="encounter.way", frame=frame_of(Encounter), right=pl.col("discharge_way_code").is_in(["1", "2"]),
        kind=Kind.CODE, means="Known.", zh="已知", source="here",
    )  # fmt: skip
    rows = stays(4000, 6).with_columns(
        discharge_way_code=pl.when(pl.col("source_position") % 9 == 0).then(pl.lit("死亡")).otherwise(pl.lit("1"))
    )
    [told] = causes({"encounter": rows.lazy()}, [known], AS_OF, shapes=False)
    [[condition]] = [each.conditions for each in told.found]
    assert (condition.attribute.column, condition.value) == ("discharge_way_code", "死亡")
    assert told.unexplained == 0


@pytest.mark.parametrize("height", [0, 1, 4])
def test_few_rows_have_no_cause_and_break_nothing(height):
    rows = broken(stays(10, 1).head(height), pl.lit(True), 1, 0, 1)
    told = causes({"encounter": rows.lazy()}, [LONG_ENOUGH], AS_OF, shapes=True)
    assert [each.failed for each in told] == ([height] if height else [])


def test_a_table_that_lacks_columns_is_explained_by_those_it_has():
    rows = broken(stays(3000, 2), pl.col("class_code") == "cla1", 1, 0, 2)
    some = rows.select("record_id", "org_code", "source_file", "source_position", "deleted", "class_code", "los_days")
    [told] = causes({"encounter": some.lazy()}, [LONG_ENOUGH], AS_OF, shapes=True)
    assert [each.value for each in told.found[0].conditions] == ["cla1"]
