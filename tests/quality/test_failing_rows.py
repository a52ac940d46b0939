"""Which rows failed: as many as were counted, with their place, and without a value unless the owner asks."""

import polars as pl

from federation.quality.count import count
from federation.quality.explain import EXPLAINED, explain
from federation.quality.growth.cause import CARRIED, CAUSES, SWAPPED, UNKNOWN, ZH
from federation.quality.growth.standard import HEIGHT, WEIGHT
from federation.quality.library import all_checks, find
from federation.quality.results import results
from schemas.tables.quality_result import QualityResult

STAYS = """encounter discharge_way_code=6 start_time=2025-03-01 end_time=2025-03-02T09:00 mrn=0815
 + encounter discharge_way_code=1 start_time=2025-03-01T08:00 end_time=2025-02-02T09:00
 + encounter discharge_way_code=7 start_time=2025-04-01T08:00 end_time=2025-04-02T09:00"""


def test_the_failing_rows_are_those_that_were_counted(rows, as_of):
    tables = rows(STAYS)
    states = count(tables, as_of)
    explained = explain(tables, all_checks(), as_of, limit=100)
    failed = {row["check"]: row["failed"] for row in states.group_by("check").agg(pl.col("failed").sum()).to_dicts()}
    shown = {row["check"]: row["len"] for row in explained.group_by("check").len().to_dicts()}
    assert shown == {check: n for check, n in failed.items() if n}
    assert failed["front_page.discharge_way_is_known"] == 2


def test_a_failing_row_says_where_it_stands_and_not_what_it_says(rows, as_of):
    explained = explain(rows(STAYS), find("front_page.discharge_way_is_known"), as_of)
    assert explained.schema == EXPLAINED
    assert explained.select("record_id", "org_code", "source_file", "source_position", "columns").rows() == [
        ("E1", "A", "f", 1, "discharge_way_code"),
        ("E3", "A", "f", 3, "discharge_way_code"),
    ]


def test_the_owner_may_see_the_values(rows, as_of):
    explained = explain(rows(STAYS), find("front_page.discharge_way_is_known"), as_of, values=True)
    assert explained["values"].to_list() == ['{"discharge_way_code":"6"}', '{"discharge_way_code":"7"}']


def test_only_so_many_rows_of_one_month_are_shown(rows, as_of):
    way = find("front_page.discharge_way_is_known")
    assert explain(rows(STAYS), way, as_of, limit=1)["record_id"].to_list() == ["E1"]
    assert explain(rows(STAYS), way, as_of, month=as_of.replace(2025, 4))["record_id"].to_list() == ["E3"]


GROWN = "patient birth_date=2015-01-01 gender_code=1" + "".join(
    f" + observation item_name=身高 unit=cm sampled_time={day} value_num={value}"
    for day, value in (("2020-01-01", 110), ("2020-07-01", 113), ("2021-01-01", 1.16), ("2021-07-01", 119))
)


def test_a_height_that_does_not_fit_says_what_was_likely_done_and_to_the_owner_what_was_meant(rows, as_of):
    body = find("measurement.body_fits_the_person")
    [told] = explain(rows(GROWN), body, as_of).to_dicts()
    assert (told["record_id"], told["slip"]) == ("O3", "height_cm: metres 按米填写")
    assert "116" not in str(told)
    [told] = explain(rows(GROWN), body, as_of, values=True).to_dicts()
    assert told["meant"] == "height_cm 116.0"
    assert explain(rows(STAYS), find("FP11"), as_of, values=True)["meant"].null_count() == 2


def test_every_cause_of_growth_is_said_in_chinese():
    assert {*CAUSES[HEIGHT], *CAUSES[WEIGHT], SWAPPED, CARRIED, UNKNOWN} == set(ZH)


def test_counts_become_rows_of_the_shared_table(rows, as_of):
    states = count(rows(STAYS), as_of, find("FP11"))
    made = results(states, "run-1", "batch-1")
    assert made.schema == QualityResult.schema()
    assert made["record_id"].is_unique().all()
    required = [name for name, column in QualityResult.columns.items() if column.required]
    assert made.select(required).null_count().sum_horizontal().item() == 0
    way = made.filter(rule_id="front_page.discharge_way_is_known").sort("window_start")
    assert way.select("numerator", "denominator", "coefficient", "target_column").rows() == [
        (1, 2, 0.5, "discharge_way_code"),
        (0, 1, 0.0, "discharge_way_code"),
    ]
