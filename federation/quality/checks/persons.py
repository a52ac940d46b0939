"""Patients and their identifiers: dates of a life, and numbers that agree with the record (FP22)."""

import polars as pl

from federation.quality.ask import asked_if, day, said
from federation.quality.check import check
from federation.quality.frame import AS_OF
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from federation.quality.views import IDENTITY
from schemas.tables.patient import Patient
from schemas.tables.patient_identifier import PatientIdentifier

OLDEST_AGE = 120  # years; the oldest age ever documented is 122 (Jeanne Calment, 1997)
RESIDENT_ID = "1"
NUMBER = pl.col("id_value")
LONG, SHORT = NUMBER.str.contains(r"^\d{17}[\dX]$"), NUMBER.str.contains(r"^\d{15}$")
TOKEN = NUMBER.str.contains(r"(?i)^[0-9a-f]{32,}$")
BORN = Unique(("org_code", "person_id"), per=("birth_date",))
SEX = Unique(("org_code", "person_id"), per=("gender_code",))
OWN_NUMBER = Unique(("org_code", "person_id", "id_type_code"), per=("number_18",))
IS_RESIDENT_ID = (pl.col("id_type_code") == RESIDENT_ID) & (LONG | SHORT)


@check(Patient, Kind.TEMPORAL, zh="出生日期不晚于评分日，且不早于1900年", source="Kahn 2016, temporal plausibility")
def born_by_now() -> pl.Expr:
    """Nobody is born after the day of the scoring, or before 1900."""
    return pl.col("birth_date").is_between(pl.date(1900, 1, 1), pl.col(AS_OF))


@check(Patient, Kind.TEMPORAL, zh="死亡不早于出生，也不晚于评分日", source="Kahn 2016, temporal plausibility")
def died_after_birth() -> pl.Expr:
    """Nobody dies before being born, or after the day of the scoring."""
    return (day("death_time") >= pl.col("birth_date")) & (day("death_time") <= pl.col(AS_OF))


@check(
    Patient,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="无死亡记录的患者年龄不超过120岁",
    source="Kahn 2016, atemporal plausibility",
    tolerates=0.001,
    because="Old card files keep a few people whose death nobody reported.",
)
def not_older_than_anyone() -> pl.Expr:
    """Nobody without a recorded death is older than 120."""
    age = pl.col(AS_OF).dt.year() - pl.col("birth_date").dt.year()
    return asked_if(pl.col("death_time").is_null(), age <= OLDEST_AGE)


@check(
    PatientIdentifier,
    Kind.UNIQUE,
    zh="同一证件号码在本机构只属于一个患者",
    source="国卫办医函〔2018〕1079号 整合性; WS/T 482",
    needs=[Unique(("org_code", "id_type_code", "id_value"), per=("person_id",))],
    severity=Severity.WARN,
)
def number_belongs_to_one_person() -> pl.Expr:
    """One identifier belongs to one person of a site; two are a patient with two cards, or a shared number."""
    return asked_if(said("id_value"), pl.col("unique(org_code, id_type_code, id_value per person_id)"))


@check(
    Patient,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者标识的各条记录出生日期一致",
    source="国卫办医函〔2018〕1079号 整合性; WS/T 482",
    tolerates=0.005,
    because="A date that was corrected stays wrong in the older records.",
    needs=[BORN],
)
def records_agree_on_the_birth_date() -> pl.Expr:
    """All records of one person of a site have the same birth date; those that say no whole date are not asked."""
    return asked_if(pl.col("birth_precision").fill_null("day") == "day", pl.col(BORN.name))


@check(
    Patient,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者标识的各条记录性别一致",
    source="国卫办医函〔2018〕1079号 整合性; WS/T 482",
    tolerates=0.005,
    because="A sex that was corrected stays wrong in the older records.",
    needs=[SEX],
)
def records_agree_on_the_sex() -> pl.Expr:
    """All records of one person of a site have the same sex."""
    return pl.col(SEX.name)


@check(
    IDENTITY,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者标识的居民身份证号一致（15位与18位视为同一号码）",
    source="国卫办医函〔2018〕1079号 整合性; WS/T 482",
    tolerates=0.005,
    because="A number that was corrected stays wrong in the older records.",
    needs=[OWN_NUMBER],
)
def person_has_one_number() -> pl.Expr:
    """One person of a site has one resident identity number; two are two people in one file, or a slip.

    15 digits and the 18 that they became are the same number.
    """
    return asked_if((pl.col("id_type_code") == RESIDENT_ID) & said("id_value"), pl.col(OWN_NUMBER.name))


@check(PatientIdentifier, Kind.FORMAT, rule="FP22", zh="证件号码校验位正确", source="GB 11643-1999; HQMS A20")
def check_digit_is_right() -> pl.Expr:
    """The check digit of the number is right, where its kind has one. A token is not asked."""
    return asked_if(TOKEN.fill_null(value=False).not_(), pl.col("check_ok"))


@check(
    PatientIdentifier,
    Kind.FORMAT,
    rule="FP22",
    zh="居民身份证号为15或18位",
    source="GB 11643-1999; HQMS A20",
)
def resident_id_has_15_or_18_characters() -> pl.Expr:
    """A resident identity number has 15 digits, or 17 and a check digit or X. A token is not asked."""
    return asked_if((pl.col("id_type_code") == RESIDENT_ID) & said("id_value") & TOKEN.not_(), LONG | SHORT)


@check(
    IDENTITY,
    Kind.DERIVED,
    rule="FP22",
    zh="身份证号中的出生日期与患者出生日期一致",
    source="GB 11643-1999; HQMS A13, A20",
)
def number_agrees_on_the_birth_date() -> pl.Expr:
    """The birth date in a resident identity number is the patient's."""
    written = pl.when(LONG).then(NUMBER.str.slice(6, 8)).otherwise("19" + NUMBER.str.slice(6, 6))
    return asked_if(IS_RESIDENT_ID, written == pl.col("birth_date").dt.strftime("%Y%m%d"))


@check(
    IDENTITY,
    Kind.DERIVED,
    rule="FP22",
    severity=Severity.WARN,
    zh="身份证号中的性别与患者性别一致",
    source="GB 11643-1999; HQMS A12C, A20",
)
def number_agrees_on_the_sex() -> pl.Expr:
    """The sex in a resident identity number (odd is male) is the patient's."""
    digit = pl.when(LONG).then(NUMBER.str.slice(16, 1)).otherwise(NUMBER.str.slice(14, 1))
    male = digit.is_in(["1", "3", "5", "7", "9"])
    return asked_if(IS_RESIDENT_ID & pl.col("gender_code").is_in(["1", "2"]), male == (pl.col("gender_code") == "1"))
