"""The fees of the inpatient front page (FP13 to FP17). "Of which" classes are never added twice."""

import polars as pl

from federation.quality.ask import asked_if
from federation.quality.check import check
from federation.quality.kind import Kind, Severity
from federation.quality.views import FRONT_PAGE

TOTAL = pl.col("total_fee")
LONGER_THAN_A_DAY = pl.col("los_days") > 1
TCM_SHEET = "中医病案首页校验规则 2017"


def _positive(fee: str) -> pl.Expr:
    return (pl.col(fee) > 0).fill_null(value=False)


@check(FRONT_PAGE, Kind.FILLED, rule="FP26", severity=Severity.WARN, zh="住院总费用必填", source="HQMS D01")
def total_is_given() -> pl.Expr:
    """Every front page has a total."""
    return asked_if(pl.col("is_front_page"), TOTAL.is_not_null())


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP13", zh="住院总费用大于0", source="HQMS D01")
def total_is_positive() -> pl.Expr:
    """No stay costs nothing."""
    return TOTAL > 0


@check(
    FRONT_PAGE,
    Kind.DERIVED,
    rule="FP13",
    zh="住院总费用不小于各分项之和（不重复计“其中”项）",
    source="HQMS D01, D11-D34",
)
def total_covers_its_classes() -> pl.Expr:
    """The total is at least the sum of the fee classes, without the "of which" ones."""
    return pl.col("class_fees") <= TOTAL


@check(
    FRONT_PAGE,
    Kind.DERIVED,
    severity=Severity.WARN,
    zh="住院总费用等于各分项之和（不重复计“其中”项，误差不超过1元）",
    source="HQMS D01, D11-D34; 卫医政发〔2011〕84号 二(三十六)",
    tolerates=0.02,
    because="A class that the form has no column for may be in the total alone.",
)
def total_is_the_sum_of_its_classes() -> pl.Expr:
    """The total is what the fee classes make together, within one yuan for rounding; "of which" is not added twice."""
    return asked_if(pl.col("class_fees") != 0, (pl.col("class_fees") - TOTAL).abs() <= 1)


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP14", zh="自付金额不大于总费用", source="HQMS D09")
def self_paid_within_total() -> pl.Expr:
    """Nobody pays more than the total."""
    return pl.col("self_fee") <= TOTAL


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP14", zh="住院超过1天的，其他费小于总费用", source=TCM_SHEET)
def not_all_is_other() -> pl.Expr:
    """A stay of more than a day is not charged as "other" altogether."""
    return asked_if(LONGER_THAN_A_DAY, pl.col("other_fee") < TOTAL)


@check(
    FRONT_PAGE,
    Kind.ATEMPORAL,
    rule="FP15",
    severity=Severity.WARN,
    zh="住院超过1天的，一般医疗服务费、护理费和耗材费应大于0",
    source=TCM_SHEET,
)
def care_was_charged() -> pl.Expr:
    """A stay of more than a day has general service, nursing and some consumables."""
    charged = _positive("general_fee") & _positive("nursing_fee") & _positive("consumable_fees")
    return asked_if(LONGER_THAN_A_DAY & TOTAL.is_not_null(), charged)


@check(
    FRONT_PAGE,
    Kind.DERIVED,
    rule="FP16",
    severity=Severity.WARN,
    zh="手术治疗费不小于麻醉费与手术费之和",
    source=TCM_SHEET,
)
def surgical_fee_covers_its_parts() -> pl.Expr:
    """The fee for surgical treatment covers anaesthesia and surgery."""
    parts = pl.col("anaesthesia_fee").fill_null(0) + pl.col("surgery_fee").fill_null(0)
    return pl.col("surgical_fee") >= parts


@check(
    FRONT_PAGE, Kind.ATEMPORAL, rule="FP16", severity=Severity.WARN, zh="有手术费的应有手术操作编码", source=TCM_SHEET
)
def surgery_charged_was_coded() -> pl.Expr:
    """Where surgery was charged, an operation is coded."""
    return asked_if(pl.col("surgery_fee") > 0, pl.col("operations").fill_null(0) > 0)


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP16", severity=Severity.WARN, zh="有麻醉方式的应有麻醉费", source=TCM_SHEET)
def anaesthesia_was_charged() -> pl.Expr:
    """Where a kind of anaesthesia is written, anaesthesia was charged."""
    return asked_if(pl.col("has_anaesthesia") & TOTAL.is_not_null(), _positive("anaesthesia_fee"))


@check(
    FRONT_PAGE,
    Kind.FILLED,
    rule="FP17",
    severity=Severity.WARN,
    zh="有血费的Rh血型应为1或2",
    source="RC031; " + TCM_SHEET,
)
def transfused_patients_have_a_blood_group() -> pl.Expr:
    """Where blood was charged, Rh is known to be 1 or 2."""
    return asked_if(pl.col("blood_fee") > 0, pl.col("rh_is_known").fill_null(value=False))


@check(
    FRONT_PAGE,
    Kind.FILLED,
    rule="FP17",
    severity=Severity.WARN,
    zh="有血费的须填输血反应",
    source="HQMS F21-F26; RC018",
)
def transfusions_say_whether_there_was_a_reaction() -> pl.Expr:
    """Where blood was charged, the transfusion reaction is written; only the HQMS forms ask for it."""
    on_the_form = pl.col("source_system").str.contains("/hqms_", literal=True)
    told = pl.col("transfusion_reaction_code").is_in(["0", "1", "2"]).fill_null(value=False)
    return asked_if(on_the_form & (pl.col("blood_fee") > 0), told)
