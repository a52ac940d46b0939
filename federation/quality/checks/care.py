"""Drugs, amounts, documents, permissions and public-health follow-ups: what no row of them can truly say."""

import polars as pl

from federation.quality.ask import all_told, asked_if, day, said
from federation.quality.check import check
from federation.quality.doses import possible
from federation.quality.frame import AS_OF
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from schemas.tables.consent import Consent
from schemas.tables.cost import Cost
from schemas.tables.followup import Followup
from schemas.tables.medication import Medication
from schemas.tables.organization import Organization

KAHN_TIME = "Kahn 2016, temporal plausibility"
MEASURES = Unique(("org_code", "person_id", "sbp", "dbp", "heart_rate", "weight_kg"), per=("followup_date",))
KAHN_VALUE = "Kahn 2016, atemporal plausibility"


@check(Medication, Kind.TEMPORAL, zh="停药时间不早于开始时间", source=KAHN_TIME)
def ends_after_it_starts() -> pl.Expr:
    """No drug is stopped before it is begun."""
    return pl.col("end_time") >= pl.col("start_time")


@check(Medication, Kind.ATEMPORAL, zh="剂量和总量大于0", source=KAHN_VALUE)
def amounts_are_positive() -> pl.Expr:
    """Dose and quantity are more than nothing."""
    return pl.min_horizontal("dose", "total_qty") > 0


@check(Medication, Kind.ATEMPORAL, severity=Severity.WARN, zh="用药天数为1至366天", source=KAHN_VALUE)
def lasts_a_year_at_most() -> pl.Expr:
    """A prescription is for 1 to 366 days."""
    return pl.col("days").is_between(1, 366)


@check(
    Medication,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="常用药的单次剂量在可能范围内（超出的疑为单位或小数点写错）",
    source=f"{KAHN_VALUE}; federation/quality/doses.csv (药品说明书)",
    tolerates=0.001,
    because="A poisoning or a trial may need a dose that nobody else gets.",
)
def dose_is_possible() -> pl.Expr:
    """A single dose of a common drug is neither smaller nor larger than anybody gets, child or adult."""
    return possible()


@check(
    Medication, Kind.FILLED, severity=Severity.WARN, zh="有剂量的须填剂量单位", source="WS 445.4-2014 DE08.50.024.00"
)
def dose_has_a_unit() -> pl.Expr:
    """A dose without a unit is not a dose."""
    return asked_if(pl.col("dose").is_not_null(), said("dose_unit"))


@check(
    Medication, Kind.FORMAT, severity=Severity.WARN, zh="医保药品代码为X开头23位或Z开头20位", source="NHSA drug codes"
)
def nhsa_code_is_well_formed() -> pl.Expr:
    """A code of the insurance's drug list is X and 22, or Z and 19 more characters."""
    nhsa = pl.col("drug_code_system").str.contains("(?i)nhsa")
    return asked_if(nhsa & said("drug_code"), pl.col("drug_code").str.contains(r"^(X[A-Z0-9]{22}|Z[A-Z0-9]{19})$"))


@check(
    Cost,
    Kind.ATEMPORAL,
    zh="金额不为负数",
    source=KAHN_VALUE,
    tolerates=0.01,
    because="Refunds are booked as negative items.",
)
def amount_is_not_negative() -> pl.Expr:
    """No amount is below nothing."""
    return pl.col("amount") >= 0


@check(Cost, Kind.DERIVED, zh="金额等于数量乘单价（误差不超过1分或1%）", source="DE07.00.010.00")
def amount_is_quantity_times_price() -> pl.Expr:
    """An amount is quantity times price, within a fen or one per cent for rounding."""
    amount, product = pl.col("amount").cast(pl.Float64), pl.col("quantity") * pl.col("unit_price").cast(pl.Float64)
    return (amount - product).abs() <= pl.max_horizontal(pl.lit(0.0101), product.abs() * 0.01)


@check(
    Cost, Kind.DERIVED, severity=Severity.WARN, zh="自付、自费与基金支付之和不大于金额", source="NHSA setlinfo, payinfo"
)
def parts_within_the_amount() -> pl.Expr:
    """What patient and fund pay together is not more than the amount."""
    parts = [pl.col(name) for name in ("self_pay", "own_pay", "fund_pay")]
    paid = pl.sum_horizontal(part.cast(pl.Float64) for part in parts)
    told = pl.any_horizontal(part.is_not_null() for part in parts)
    return asked_if(told, paid <= pl.col("amount").cast(pl.Float64) + 0.005)


@check(
    Cost,
    Kind.UNIQUE,
    zh="同一次住院的同一费用类别只有一个首页金额",
    source="HQMS D01-D34",
    needs=[Unique(("encounter_id", "kind", "fee_class_code"))],
)
def one_amount_a_class() -> pl.Expr:
    """A front page has one amount for each fee class."""
    return asked_if(pl.col("kind") == "front_page", pl.col("unique(encounter_id, kind, fee_class_code)"))


@check(Followup, Kind.ATEMPORAL, zh="收缩压大于舒张压", source="WS 372.2; 国家基本公共卫生服务规范")
def systolic_above_diastolic() -> pl.Expr:
    """Systolic pressure is above diastolic."""
    return pl.col("sbp") > pl.col("dbp")


@check(Followup, Kind.ATEMPORAL, zh="血压、心率、身高、体重、腰围、血糖在可能范围内", source=KAHN_VALUE)
def measures_are_possible() -> pl.Expr:
    """Measures are such as a living person can have; a row is asked when it has any."""
    bounds = {
        "sbp": (50, 300),
        "dbp": (20, 200),
        "heart_rate": (20, 300),
        "height_cm": (30, 250),
        "weight_kg": (0.5, 400),
        "waist_cm": (20, 250),
        "glucose_fasting": (0.5, 60),
        "hba1c_pct": (2, 25),
    }
    told = pl.any_horizontal(pl.col(name).is_not_null() for name in bounds)
    return asked_if(told, all_told(pl.col(name).is_between(*ends) for name, ends in bounds.items()))


@check(Followup, Kind.TEMPORAL, zh="下次随访日期晚于本次", source="国家基本公共卫生服务规范")
def next_comes_after() -> pl.Expr:
    """The next follow-up is later than this one."""
    return pl.col("next_date") > pl.col("followup_date")


@check(
    Followup,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="下次随访在一年之内",
    source="国家基本公共卫生服务规范（第三版）: 高血压、糖尿病每年至少4次, 其他至少1次",
    tolerates=0.005,
    because="A person who moves away may be planned later.",
)
def next_is_within_a_year() -> pl.Expr:
    """The next follow-up is planned within a year and ten days: no programme has a longer step."""
    return (pl.col("next_date") - pl.col("followup_date")).dt.total_days() <= 376


@check(
    Followup,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="各次随访的血压、心率、体重不全部相同（疑为照抄上次）",
    source="Kahn 2016, uniqueness plausibility; 国家基本公共卫生服务规范 (每次随访须测量)",
    tolerates=0.002,
    because="The same figures may come again by chance.",
    needs=[MEASURES],
)
def measured_anew() -> pl.Expr:
    """Pressure, pulse and weight of a person are not all the same at two follow-ups: one was copied from the other."""
    return pl.col(MEASURES.name)


@check(
    Followup,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一人同一项目同一天只随访一次",
    source="Kahn 2016, uniqueness plausibility",
    needs=[Unique(("org_code", "person_id", "program_code", "followup_date"))],
)
def once_a_day() -> pl.Expr:
    """A person is followed up once a day in a programme."""
    return pl.col("unique(org_code, person_id, program_code, followup_date)")


@check(Consent, Kind.TEMPORAL, zh="有效期结束不早于开始", source="FHIR R4 Period per-1")
def valid_for_some_time() -> pl.Expr:
    """A permission ends after it begins."""
    return pl.col("valid_to") >= pl.col("valid_from")


@check(Consent, Kind.TEMPORAL, zh="撤回不早于签署，也不晚于评分日", source="个人信息保护法 第十五条")
def withdrawn_after_signed() -> pl.Expr:
    """A permission is withdrawn after it was signed, and by now."""
    withdrawn = pl.col("withdrawn_time")
    return (withdrawn >= pl.col("signed_time")) & (day("withdrawn_time") <= pl.col(AS_OF))


@check(Organization, Kind.FORMAT, zh="医保定点机构代码为H或P加11位数字", source="NHSA fixmedins_code")
def nhsa_code_is_well_formed_for_a_site() -> pl.Expr:
    """The insurance's code of an institution is H or P and 11 digits."""
    return asked_if(said("nhsa_code"), pl.col("nhsa_code").str.contains(r"^[HP]\d{11}$"))


@check(Organization, Kind.FORMAT, zh="统一社会信用代码为18位", source="GB 32100-2015")
def credit_code_is_well_formed() -> pl.Expr:
    """A unified social credit code has 18 characters of its alphabet."""
    return asked_if(said("uscc"), pl.col("uscc").str.contains(r"^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$"))


@check(Organization, Kind.TEMPORAL, zh="停用日期不早于启用日期", source=KAHN_TIME)
def open_for_some_time() -> pl.Expr:
    """An institution closes after it opens."""
    return pl.col("valid_to") >= pl.col("valid_from")
