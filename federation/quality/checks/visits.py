"""Visits of every class, and the parts of a stay (FP20)."""

import polars as pl

from federation.quality.ask import asked_if, day
from federation.quality.check import check
from federation.quality.frame import AS_OF
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from federation.quality.views import STAY_PART, VISIT
from schemas.tables.encounter import Encounter

KAHN = "Kahn 2016, temporal plausibility"


@check(Encounter, Kind.TEMPORAL, zh="就诊结束时间不早于开始时间", source=KAHN)
def ends_after_it_starts() -> pl.Expr:
    """Nobody leaves before arriving."""
    return pl.col("end_time") >= pl.col("start_time")


@check(
    Encounter,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="门诊就诊在24小时内结束",
    source=KAHN,
    tolerates=0.01,
    because="Some systems close a visit when the last drug was fetched.",
)
def outpatients_leave_within_a_day() -> pl.Expr:
    """An outpatient visit lasts a day at most."""
    lasts = (pl.col("end_time") - pl.col("start_time")).dt.total_minutes()
    return asked_if(pl.col("class_code") == "OP", lasts <= 24 * 60)


@check(
    Encounter,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="住院不超过一年",
    source=f"{KAHN}; 卫医政发〔2011〕84号 二(十九)",
    tolerates=0.005,
    because="Psychiatric and nursing wards keep some people for years.",
)
def stays_a_year_at_most() -> pl.Expr:
    """A stay in hospital lasts a year at most."""
    lasts = (pl.col("end_time") - pl.col("start_time")).dt.total_days()
    return asked_if((pl.col("class_code") == "IP") & pl.col("part_of").is_null(), lasts <= 366)


@check(Encounter, Kind.TEMPORAL, zh="就诊结束时间不晚于评分日", source=KAHN)
def ended_by_now() -> pl.Expr:
    """No visit has ended after the day of the scoring."""
    return day("end_time") <= pl.col(AS_OF)


@check(VISIT, Kind.TEMPORAL, zh="就诊不早于出生日期", source=KAHN)
def after_birth() -> pl.Expr:
    """Nobody is seen before being born."""
    return day("start_time") >= pl.col("birth_date")


@check(
    VISIT,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="就诊不晚于死亡日期",
    source=KAHN,
    tolerates=0.001,
    because="Autopsies and papers after a death are booked as visits.",
)
def before_death() -> pl.Expr:
    """Nobody is seen after the day of death."""
    return day("start_time") <= day("death_time")


@check(
    Encounter,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者同一时刻同类就诊不重复",
    source="Kahn 2016, uniqueness plausibility",
    needs=[Unique(("org_code", "person_id", "class_code", "start_time"))],
)
def booked_once() -> pl.Expr:
    """One person begins one visit of a class at one moment; parts of a stay are not asked."""
    return asked_if(pl.col("part_of").is_null(), pl.col("unique(org_code, person_id, class_code, start_time)"))


@check(
    Encounter,
    Kind.TEMPORAL,
    severity=Severity.INFO,
    zh="出院记录在30天内更新",
    source="国卫办医函〔2018〕1079号 及时性",
)
def record_arrived_within_a_month() -> pl.Expr:
    """The record was last changed at most 30 days after the visit ended."""
    return (pl.col("updated_at") - pl.col("end_time")).dt.total_days() <= 30


@check(STAY_PART, Kind.TEMPORAL, rule="FP20", zh="重症监护等阶段在住院期间之内", source="HQMS C49, C50")
def lies_within_the_stay() -> pl.Expr:
    """Intensive care and wards begin and end within the stay."""
    begins = (pl.col("start_time") >= pl.col("stay_start")) & (pl.col("start_time") <= pl.col("stay_end"))
    return begins & (pl.col("end_time").is_null() | (pl.col("end_time") <= pl.col("stay_end")))
