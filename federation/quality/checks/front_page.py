"""The inpatient front page: dates, ages, diagnoses, discharge and signatures (FP01 to FP12, FP18 to FP28).

What must be there is asked of front pages only; what is there is asked of every inpatient stay.
"""

import polars as pl

from federation.quality.ask import all_told, asked_if, at_midnight, day, said, years_between
from federation.quality.check import Check, check
from federation.quality.kind import Kind, Severity
from federation.quality.views import FRONT_PAGE

START, END = pl.col("start_time"), pl.col("end_time")
IS_FRONT_PAGE = pl.col("is_front_page")
DIED = "5"
NEWBORN_DAYS = 28
DEPARTMENTS = ("admit_dept_code", "discharge_dept_code")
SPECIALTY = r"^(0[1-9]|[1-6]\d)(\d\d|\d{4})?$"
ARTICLE_8 = "住院病案首页数据质量管理与控制指标/填写规范 (国卫办医发〔2016〕24号) 第八条"


@check(FRONT_PAGE, Kind.TEMPORAL, rule="FP01", zh="出院时间不早于入院时间", source=f"{ARTICLE_8}; HQMS B12")
def discharged_after_admitted() -> pl.Expr:
    """Nobody is discharged before being admitted."""
    return END >= START


@check(FRONT_PAGE, Kind.FORMAT, rule="FP01", severity=Severity.WARN, zh="入、出院时间精确到分钟", source=ARTICLE_8)
def times_to_the_minute() -> pl.Expr:
    """Admission and discharge are written to the minute; two midnights are dates without a time."""
    return asked_if(IS_FRONT_PAGE, (at_midnight("start_time") & at_midnight("end_time")).not_())


@check(
    FRONT_PAGE,
    Kind.DERIVED,
    rule="FP02",
    zh="实际住院天数等于出院日期减入院日期（当日出入院为0或1）",
    source="卫医政发〔2011〕84号 二(十九); HQMS B20",
)
def length_of_stay_is_derived() -> pl.Expr:
    """Days in hospital are discharge date minus admission date; a same-day stay is 0 or 1."""
    days = (day("end_time") - day("start_time")).dt.total_days()
    los = pl.col("los_days")
    return asked_if(days >= 0, (los == days) | ((days == 0) & (los == 1)))


@check(
    FRONT_PAGE, Kind.TEMPORAL, rule="FP03", zh="出生日期不晚于入院日期", source="中医病案首页校验规则 2017; HQMS A13"
)
def born_before_admitted() -> pl.Expr:
    """Nobody is admitted before being born."""
    return pl.col("birth_date") <= day("start_time")


@check(FRONT_PAGE, Kind.DERIVED, rule="FP04", zh="年龄等于入院时的周岁", source="HQMS A14")
def age_is_completed_years() -> pl.Expr:
    """Age is that in completed years on the day of admission."""
    whole_date = pl.col("birth_precision").fill_null("day") == "day"
    alive = pl.col("birth_date") <= day("start_time")
    return asked_if(whole_date & alive, pl.col("age_years") == years_between("birth_date", "start_time"))


@check(FRONT_PAGE, Kind.DERIVED, rule="FP04", zh="不足一周岁以天计：年龄为0且日龄在0至364之间", source="HQMS A16")
def age_in_days_only_under_one() -> pl.Expr:
    """An age in days is 0 to 364 and stands beside an age of 0 years."""
    days = pl.col("age_days")
    return asked_if(days.is_not_null(), days.is_between(0, 364) & (pl.col("age_years").fill_null(0) == 0))


@check(FRONT_PAGE, Kind.FILLED, rule="FP04", zh="年龄为0岁的须填日龄", source="HQMS A16")
def infants_have_an_age_in_days() -> pl.Expr:
    """A child of 0 years has its age in days."""
    return asked_if(IS_FRONT_PAGE & (pl.col("age_years") == 0), pl.col("age_days").is_not_null())


TUMOUR = pl.col("main_code").str.contains(r"^(C|D[0-3]|D4[0-8])")
INJURY = pl.col("main_code").str.contains(r"^[ST]\d")


@check(FRONT_PAGE, Kind.FILLED, rule="FP08", zh="主要诊断为C00-D48的须填病理诊断编码", source="HQMS C09C")
def tumours_have_pathology() -> pl.Expr:
    """A principal diagnosis of C00 to D48 comes with a pathology code."""
    return asked_if(IS_FRONT_PAGE & TUMOUR, pl.col("has_pathology"))


@check(FRONT_PAGE, Kind.FILLED, rule="FP09", zh="主要诊断为S、T的须填损伤中毒外部原因编码（V-Y）", source="HQMS C12C")
def injuries_have_an_external_cause() -> pl.Expr:
    """A principal diagnosis of S or T comes with an external cause, V to Y."""
    return asked_if(IS_FRONT_PAGE & INJURY, pl.col("has_external_cause"))


@check(
    FRONT_PAGE,
    Kind.FORMAT,
    rule="FP09",
    zh="损伤中毒外部原因不得笼统填“车祸”“外伤”",
    source="卫医政发〔2011〕84号 二(二十三)",
)
def external_cause_is_not_vague() -> pl.Expr:
    """The external cause says more than "traffic accident" or "injury"."""
    return asked_if(INJURY & pl.col("has_external_cause"), pl.col("vague_external_cause").not_())


@check(FRONT_PAGE, Kind.FILLED, rule="FP10", zh="有Z37活产诊断或28天内新生儿须填新生儿出生体重", source="HQMS A18")
def newborns_have_a_birth_weight() -> pl.Expr:
    """A live birth (Z37.0/.2/.3/.5/.6) and a child of at most 28 days have a birth weight."""
    newborn = (pl.col("age_days") <= NEWBORN_DAYS).fill_null(value=False)
    birth = pl.col("has_live_birth").fill_null(value=False)
    return asked_if(IS_FRONT_PAGE & (newborn | birth), pl.col("newborn_birth_weight_g").is_not_null())


@check(
    FRONT_PAGE,
    Kind.ATEMPORAL,
    rule="FP10",
    zh="新生儿出生体重为100至9999克，且精确到10克",
    source="卫医政发〔2011〕84号 二(七); HQMS A18",
)
def birth_weight_is_plausible() -> pl.Expr:
    """Birth weight is 100 to 9999 g, in steps of 10 g."""
    weight = pl.col("newborn_birth_weight_g")
    return weight.is_between(100, 9999) & (weight % 10 == 0)


@check(FRONT_PAGE, Kind.FILLED, rule="FP10", zh="28天内新生儿须填新生儿入院体重", source="HQMS A17")
def newborns_have_an_admission_weight() -> pl.Expr:
    """A child of at most 28 days has a weight on admission."""
    return asked_if(IS_FRONT_PAGE & (pl.col("age_days") <= NEWBORN_DAYS), pl.col("admission_weight_g").is_not_null())


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP10", zh="新生儿入院体重为100至9999克，且精确到10克", source="HQMS A17")
def admission_weight_is_plausible() -> pl.Expr:
    """Weight on admission is 100 to 9999 g, in steps of 10 g."""
    weight = pl.col("admission_weight_g")
    return weight.is_between(100, 9999) & (weight % 10 == 0)


@check(
    FRONT_PAGE,
    Kind.CODE,
    rule="FP11",
    zh="离院方式为1、2、3、4、5、9之一",
    source="卫医政发〔2011〕84号 二(三十四); RC019",
)
def discharge_way_is_known() -> pl.Expr:
    """The way of discharge is 1, 2, 3, 4, 5 or 9."""
    way = pl.col("discharge_way_code")
    return asked_if(said("discharge_way_code"), way.is_in(["1", "2", "3", "4", "5", "9"]))


@check(FRONT_PAGE, Kind.FILLED, rule="FP11", zh="医嘱转院、转社区的须填拟接收医疗机构名称", source="HQMS B35")
def transfers_name_the_receiver() -> pl.Expr:
    """Who is sent on to another institution (2, 3) is sent to one with a name."""
    return asked_if(IS_FRONT_PAGE & pl.col("discharge_way_code").is_in(["2", "3"]), said("receiving_org_name"))


@check(FRONT_PAGE, Kind.FILLED, rule="FP11", zh="死亡患者须填是否尸检", source="HQMS C34C; RC016")
def deaths_say_whether_autopsied() -> pl.Expr:
    """A death (5) says whether there was an autopsy."""
    autopsy = pl.col("autopsy_code").is_in(["1", "2"]).fill_null(value=False)
    return asked_if(IS_FRONT_PAGE & (pl.col("discharge_way_code") == DIED), autopsy)


@check(
    FRONT_PAGE,
    Kind.TEMPORAL,
    rule="FP12",
    severity=Severity.INFO,
    zh="死亡离院的，出院时间与死亡时间为同一天",
    source=f"{ARTICLE_8} (derived)",
)
def died_when_discharged() -> pl.Expr:
    """Who died in hospital was discharged on the day of death."""
    return asked_if(pl.col("discharge_way_code") == DIED, day("end_time") == day("death_time"))


@check(FRONT_PAGE, Kind.FILLED, rule="FP18", zh="有药物过敏的须填过敏药物", source="HQMS C25; RC037")
def allergies_name_the_drugs() -> pl.Expr:
    """A known drug allergy (2) names the drugs."""
    return asked_if(IS_FRONT_PAGE & (pl.col("allergy_code") == "2"), said("allergy_text"))


@check(FRONT_PAGE, Kind.ATEMPORAL, rule="FP19", zh="昏迷时间不为负数", source="HQMS C28-C33")
def coma_is_not_negative() -> pl.Expr:
    """No coma lasts less than no time."""
    both = pl.min_horizontal("coma_before_min", "coma_after_min")
    return both >= 0


@check(
    FRONT_PAGE,
    Kind.ATEMPORAL,
    rule="FP19",
    severity=Severity.WARN,
    zh="有昏迷时间的应有颅脑损伤诊断（S06）",
    source="HQMS C28-C33 (颅脑损伤患者)",
)
def coma_comes_with_a_head_injury() -> pl.Expr:
    """A coma is written for patients with a head injury (S06)."""
    minutes = pl.max_horizontal("coma_before_min", "coma_after_min")
    return asked_if((minutes > 0) & pl.col("main_code").is_not_null(), pl.col("has_head_injury"))


@check(FRONT_PAGE, Kind.FILLED, rule="FP21", zh="有出院31天内再住院计划的须填目的", source="HQMS B37; RC028")
def planned_returns_have_a_reason() -> pl.Expr:
    """A return planned within 31 days (2) says why."""
    return asked_if(IS_FRONT_PAGE & (pl.col("readmit31_code") == "2"), said("readmit31_reason"))


@check(
    FRONT_PAGE, Kind.FILLED, rule="FP25", zh="三级医师签名齐全（不得为“-”）", source="卫医政发〔2011〕84号 二(二十八)"
)
def three_levels_of_physicians_signed() -> pl.Expr:
    """Chief, attending and resident physician have signed; `-` is not a signature."""
    signed = said("chief_physician") & said("attending_physician") & said("resident_physician")
    return asked_if(IS_FRONT_PAGE, signed)


def _must_be_said(column: str, zh: str, element: str) -> Check:
    number = column in ("admission_seq", "los_days", "end_time")

    def filled_in() -> pl.Expr:
        return asked_if(IS_FRONT_PAGE, pl.col(column).is_not_null() if number else said(column))

    filled_in.__name__ = f"{column}_must_be_said"
    filled_in.__doc__ = f"`{column}` is one of the columns of a front page in which even `-` is not allowed."
    return check(
        FRONT_PAGE,
        Kind.FILLED,
        rule="FP26",
        severity=Severity.WARN,
        zh=f"“{zh}”必填且不得为“-”",
        source=f"HQMS {element}",
    )(filled_in)


MUST_BE_SAID = (
    _must_be_said("mrn", "病案号", "A48"),
    _must_be_said("admission_seq", "住院次数", "A49"),
    _must_be_said("end_time", "出院时间", "B15"),
    _must_be_said("admit_route_code", "入院途径", "B11C"),
    _must_be_said("los_days", "实际住院天数", "B20"),
    _must_be_said("discharge_way_code", "离院方式", "B34C"),
)


@check(FRONT_PAGE, Kind.FILLED, rule="FP26", severity=Severity.WARN, zh="主要诊断必填", source="HQMS C03C")
def has_a_principal_diagnosis() -> pl.Expr:
    """Every front page has a principal diagnosis."""
    return asked_if(IS_FRONT_PAGE, said("main_code"))


@check(
    FRONT_PAGE, Kind.ATEMPORAL, zh="主要诊断不是损伤中毒的外部原因（V-Y）", source="ICD-10 chapter XX; 24号文 第十条"
)
def principal_diagnosis_is_a_disease() -> pl.Expr:
    """What brought somebody to hospital is a disease or an injury, not its external cause (V to Y)."""
    return asked_if(said("main_code"), pl.col("main_code").str.contains(r"(?i)^[V-Y]\d").not_())


@check(
    FRONT_PAGE,
    Kind.ATEMPORAL,
    rule="FP27",
    severity=Severity.WARN,
    zh="出院诊断不超过41个，手术操作不超过41个",
    source="HQMS C06x01C-C06x40C, C35x01C-C35x40C",
)
def not_more_than_the_form_holds() -> pl.Expr:
    """At most 41 diagnoses and 41 operations, the principal ones included: that is what the form holds."""
    return (pl.col("diagnoses").fill_null(0) <= 41) & (pl.col("operations").fill_null(0) <= 41)


@check(
    FRONT_PAGE,
    Kind.CODE,
    rule="FP28",
    severity=Severity.WARN,
    zh="入、出院科别为诊疗科目代码",
    source="RC023 (诊疗科目名录)",
)
def departments_are_specialties() -> pl.Expr:
    """Departments are numbered as in the national list of specialties: two digits, and two or four more."""
    told = [asked_if(said(name), pl.col(name).str.contains(SPECIALTY)) for name in DEPARTMENTS]
    return asked_if(pl.any_horizontal(said(name) for name in DEPARTMENTS), all_told(told))
