"""What belongs to a visit happens around it, and to the person whose visit it is."""

import polars as pl

from federation.quality.ask import all_told, asked_if
from federation.quality.check import Check, check
from federation.quality.frame import Frame
from federation.quality.kind import Kind, Severity
from federation.quality.views import DIAGNOSIS, OPERATION, VISIT_DRUG, VISIT_RESULT

AROUND = pl.duration(days=7)  # OHDSI DataQualityDashboard, withinVisitDates: one week before and after


def _around(frame: Frame, column: str, zh: str) -> Check:
    def happens_around_its_visit() -> pl.Expr:
        moment, begins, ends = (pl.col(name) for name in (column, "stay_start", "stay_end"))
        told = [moment >= begins - AROUND, moment <= ends + AROUND]
        return asked_if(moment.is_not_null() & begins.is_not_null(), all_told(told))

    happens_around_its_visit.__doc__ = f"`{column}` lies within a week of the visit that the row belongs to."
    return check(
        frame,
        Kind.TEMPORAL,
        severity=Severity.WARN,
        zh=f"{zh}在所属就诊前后一周之内",
        source="OHDSI DataQualityDashboard, withinVisitDates; Kahn 2016, temporal plausibility",
        tolerates=0.01,
        because="What a visit ordered may be done or noted weeks later.",
    )(happens_around_its_visit)


def _same(frame: Frame, zh: str) -> Check:
    def is_of_the_person_of_its_visit() -> pl.Expr:
        """The row is of the person whose visit it belongs to."""
        return pl.col("stay_person") == pl.col("person_id")

    return check(
        frame, Kind.REFERENCE, zh=f"{zh}与所属就诊为同一患者", source="国卫办医函〔2018〕1079号 整合性; WS 445"
    )(is_of_the_person_of_its_visit)


AROUND_ITS_VISIT = (
    _around(VISIT_RESULT, "sampled_time", "采样时间"),
    _around(VISIT_DRUG, "start_time", "用药开始时间"),
    _around(DIAGNOSIS, "recorded_time", "诊断时间"),
)
OF_ITS_PERSON = tuple(
    _same(frame, zh)
    for frame, zh in ((VISIT_RESULT, "检查检验"), (VISIT_DRUG, "用药"), (DIAGNOSIS, "诊断"), (OPERATION, "手术操作"))
)
