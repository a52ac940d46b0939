"""Diagnoses: pairs of name and code, the shape of codes, and what fits the patient (FP06 to FP08, FP23, FP24, FP27)."""

import polars as pl

from federation.quality.ask import all_told, asked_if, day, filled, said, years_between
from federation.quality.check import check
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from federation.quality.views import DIAGNOSIS
from schemas.tables.condition import Condition

CODE = pl.col("code")
ICD10 = pl.col("is_icd10") & CODE.str.strip_chars().is_in(["", "-"]).not_()
# Sources other than front pages may say no role: such a diagnosis is neither of the two.
MORPHOLOGY = (pl.col("role_code") == "PATH").fill_null(value=False)
TCM = pl.col("role_code").str.starts_with("TCM").fill_null(value=False)
PUBLIC_RULES = "公开的性别诊断规则; no health-side clause forbids it, so it only warns"

# Chapters that a man, or a woman, does not have. Left out on purpose: D24 (men have breasts) and M80 (osteoporosis).
NOT_OF_MEN = r"^(C5[1-8]|D06|D07\.[0-3]|D2[5-8]|D39|E28|N7[0-7]|N8\d|N9[0-8]|O\d\d|Q5[0-2]|R87|Z3[2-7]|Z39)"
NOT_OF_WOMEN = r"^(B26\.0|C6[0-3]|D07\.[4-6]|D29|D40|E29|I86\.1|N4\d|N5[01]|Q5[3-5]|R86|Z12\.5)"
# Diseases of newborns; of old age (not I25.4: aneurysms follow Kawasaki disease of children); of pregnancy and birth.
OF_NEWBORNS = r"^P\d\d"
OF_OLD_AGE = r"^(F0[0-3]|G30|H25|I2[0-4]|I25\.[0-35-9]|I70|J44|M1[5-9]|M81|N40|N95|C61)"
OF_BIRTHS = r"^O\d\d"
AGE = pl.coalesce("stay_age", years_between("birth_date", "stay_start"), years_between("birth_date", "recorded_time"))
NOT_OF_CHILDREN = r"^(C5[0-9]|C6[0-3]|D2[4-9])"


@check(Condition, Kind.FILLED, rule="FP06", zh="诊断名称与编码须同时填写", source="HQMS C03C, C04N")
def name_and_code_come_together() -> pl.Expr:
    """A diagnosis has both its code and its name, or neither."""
    return filled("code") == filled("display")


@check(DIAGNOSIS, Kind.FORMAT, rule="FP07", zh="疾病编码符合ICD-10格式", source="GB/T 14396-2016; 国临版2.0, 医保版2.0")
def icd10_is_well_formed() -> pl.Expr:
    """An ICD-10 code has the shape of one, dagger and asterisk aside."""
    bare = CODE.str.replace_all(r"[†*+\s]", "")
    return asked_if(ICD10 & MORPHOLOGY.not_() & TCM.not_(), bare.str.contains(r"^[A-Z]\d{2}(\.[0-9A-Zx]{1,8})?$"))


@check(DIAGNOSIS, Kind.FORMAT, rule="FP07", zh="病理诊断编码为形态学编码（M码）", source="ICD-O-3; HQMS C09C")
def morphology_is_well_formed() -> pl.Expr:
    """A pathology code is a morphology code, M and four or five digits and a behaviour."""
    return asked_if(ICD10 & MORPHOLOGY, CODE.str.contains(r"^M\d{4,5}/\d$"))


@check(DIAGNOSIS, Kind.FILLED, rule="FP08", zh="有病理诊断编码的须填病理号", source="HQMS C11")
def pathology_has_a_number() -> pl.Expr:
    """A pathology code comes with the number of its report."""
    return asked_if(pl.col("is_front_page") & MORPHOLOGY & said("code"), said("pathology_no"))


@check(DIAGNOSIS, Kind.ATEMPORAL, rule="FP23", severity=Severity.WARN, zh="诊断与性别相符", source=PUBLIC_RULES)
def diagnosis_fits_the_sex() -> pl.Expr:
    """No man has a diagnosis that only women have, nor the other way round."""
    sex = pl.col("gender_code")
    men = asked_if(ICD10 & (sex == "1"), CODE.str.contains(NOT_OF_MEN).not_())
    return pl.coalesce(men, asked_if(ICD10 & (sex == "2"), CODE.str.contains(NOT_OF_WOMEN).not_()))


@check(
    DIAGNOSIS,
    Kind.ATEMPORAL,
    rule="FP24",
    severity=Severity.WARN,
    zh="12岁以下患者无成人生殖系统及乳腺肿瘤诊断",
    source=PUBLIC_RULES,
)
def diagnosis_fits_the_age() -> pl.Expr:
    """Children under 12 have no tumours of breast and genital organs (C50 to C63, D24 to D29)."""
    return asked_if(ICD10 & (pl.col("stay_age") < 12), CODE.str.contains(NOT_OF_CHILDREN).not_())


@check(
    DIAGNOSIS,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="诊断与年龄相符（围产期疾病不见于成人，老年病不见于12岁以下，产科疾病不见于10岁以下及60岁以上）",
    source="ICD-10 chapters XV, XVI; 公开的年龄诊断规则",
    tolerates=0.001,
    because="Late effects of birth are now and then coded with its own chapter.",
)
def diagnosis_fits_the_time_of_life() -> pl.Expr:
    """No adult has a disease of newborns, no child under 12 one of old age, nobody bears under 10 or over 60."""
    born_of = asked_if(AGE >= 18, CODE.str.contains(OF_NEWBORNS).not_())
    old = asked_if(AGE < 12, CODE.str.contains(OF_OLD_AGE).not_())
    bears = asked_if(AGE.is_between(10, 60).not_(), CODE.str.contains(OF_BIRTHS).not_())
    told = [born_of, old, bears]
    return asked_if(ICD10 & AGE.is_between(0, 130), all_told(told))


@check(
    DIAGNOSIS,
    Kind.FORMAT,
    severity=Severity.WARN,
    zh="按国临版2.0、医保版2.0或GB/T 14396上报的诊断编码完整（亚目后补足三位）",
    source="国临版2.0 (国卫办医函〔2019〕371号); 医保版2.0; GB/T 14396-2016",
    tolerates=0.01,
    because="A site may declare an edition before all of its systems follow it.",
)
def code_is_as_long_as_its_edition() -> pl.Expr:
    """A code of the Chinese editions has three signs after its point, filled with x: I10 and E11.9 were cut off."""
    edition = pl.col("code_version").str.contains(r"(?i)^(GLB|YB|GB/?T ?14396)").fill_null(value=False)
    bare = CODE.str.replace_all(r"[†*+\s]", "")
    return asked_if(ICD10 & edition & MORPHOLOGY.not_() & TCM.not_(), bare.str.contains(r"^[A-Z]\d{2}\.[0-9xX]{3}"))


@check(
    Condition,
    Kind.UNIQUE,
    rule="FP27",
    severity=Severity.WARN,
    zh="同一次就诊的同类诊断编码不重复",
    source="HQMS C06x01C-C06x40C",
    needs=[Unique(("encounter_id", "role_code", "code"))],
)
def written_once_a_stay() -> pl.Expr:
    """No diagnosis stands twice in the same role of one visit."""
    return asked_if(said("code"), pl.col("unique(encounter_id, role_code, code)"))


@check(DIAGNOSIS, Kind.TEMPORAL, zh="诊断时间不早于出生日期", source="Kahn 2016, temporal plausibility")
def diagnosed_after_birth() -> pl.Expr:
    """Nobody is diagnosed before the day of birth."""
    return day("recorded_time") >= pl.col("birth_date")


@check(Condition, Kind.TEMPORAL, zh="发病日期不晚于诊断时间", source="Kahn 2016, temporal plausibility")
def began_before_diagnosed() -> pl.Expr:
    """A disease begins before it is recorded."""
    return pl.col("onset_date") <= day("recorded_time")
