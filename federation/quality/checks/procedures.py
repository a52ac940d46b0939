"""Operations: pairs of name and code, the shape of codes, and times within the stay (FP05 to FP07)."""

import polars as pl

from federation.quality.ask import asked_if, at_midnight, day, filled, said
from federation.quality.check import check
from federation.quality.kind import Kind, Severity
from federation.quality.views import OPERATION
from schemas.tables.procedure import Procedure

START = pl.col("start_time")
OF_MEN, OF_WOMEN = r"^6[0-4](\.|$)", r"^(6[5-9]|7[0-5])(\.|$)"


@check(
    OPERATION,
    Kind.TEMPORAL,
    rule="FP05",
    zh="手术时间在入院与出院之间",
    source="中医病案首页校验规则 2017; HQMS C16x01",
)
def within_the_stay() -> pl.Expr:
    """An operation lies between admission and discharge; one without a time of day is compared by its date."""
    begins = asked_if(at_midnight("start_time"), day("start_time") >= day("stay_start"))
    ends = asked_if(at_midnight("start_time"), day("start_time") <= day("stay_end"))
    return pl.coalesce(begins, pl.col("stay_start") <= START) & pl.coalesce(ends, pl.col("stay_end") >= START)


@check(
    OPERATION,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="手术操作与性别相符",
    source="ICD-9-CM-3 chapters 11 (60-64), 12 (65-71), 13 (72-75)",
)
def operation_fits_the_sex() -> pl.Expr:
    """No woman has an operation on male organs, no man one on female organs or a delivery."""
    sex, code = pl.col("gender_code"), pl.col("code")
    coded = pl.col("is_icd9") & said("code")
    women = asked_if(coded & (sex == "2"), code.str.contains(OF_MEN).not_())
    return pl.coalesce(women, asked_if(coded & (sex == "1"), code.str.contains(OF_WOMEN).not_()))


@check(Procedure, Kind.FILLED, rule="FP06", zh="手术操作名称与编码须同时填写", source="HQMS C14x01C, C15x01N")
def name_and_code_come_together() -> pl.Expr:
    """An operation has both its code and its name, or neither."""
    return filled("code") == filled("display")


@check(OPERATION, Kind.FILLED, rule="FP06", zh="有手术操作的须填手术日期", source="HQMS C16x01")
def dated() -> pl.Expr:
    """An operation on a front page has a date."""
    return asked_if(pl.col("is_front_page") & said("code"), START.is_not_null())


@check(OPERATION, Kind.FORMAT, rule="FP07", zh="手术操作编码符合ICD-9-CM-3格式", source="ICD-9-CM-3 国临版, 医保版2.0")
def icd9_is_well_formed() -> pl.Expr:
    """An ICD-9-CM-3 code has the shape of one, extensions included."""
    return asked_if(pl.col("is_front_page") & said("code"), pl.col("code").str.contains(r"^\d{2}(\.[0-9x]{1,8})?$"))


@check(Procedure, Kind.TEMPORAL, zh="手术结束时间不早于开始时间", source="Kahn 2016, temporal plausibility")
def ends_after_it_starts() -> pl.Expr:
    """No operation ends before it begins."""
    return pl.col("end_time") >= START
