"""What each of the 27 types of check asks, in both languages, and where Kahn et al. 2016 would put it.

Context and subcategory are facts of DataQualityDashboard 2.8; the words are our own.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Type:
    """A type of check. The texts name `{field}`, `{table}` and `{of}`, what it compares with."""

    context: str
    subcategory: str | None
    en: str
    zh: str


VERIFICATION, VALIDATION = "Verification", "Validation"
RELATIONAL, VALUE, COMPUTED, ATEMPORAL, TEMPORAL = "Relational", "Value", "Computational", "Atemporal", "Temporal"
TYPES: dict[str, Type] = {
    "cdmTable": Type(VERIFICATION, RELATIONAL, "Table {table} is there.", "表 {table} 存在"),
    "cdmField": Type(VERIFICATION, RELATIONAL, "Field {field} of {table} is there.", "{table} 有字段 {field}"),
    "isRequired": Type(
        VALIDATION, RELATIONAL, "{field} of {table}, which must be filled, is.", "{table} 的必填字段 {field} 已填写"
    ),
    "cdmDatatype": Type(VERIFICATION, VALUE, "{field} of {table} is an integer.", "{table} 的 {field} 为整数"),
    "isPrimaryKey": Type(VERIFICATION, RELATIONAL, "{field} of {table} stands once.", "{table} 的主键 {field} 不重复"),
    "isForeignKey": Type(
        VERIFICATION, RELATIONAL, "{field} of {table} refers to a row of {of}.", "{table} 的 {field} 在 {of} 中存在"
    ),
    "fkDomain": Type(
        VERIFICATION, VALUE, "Concepts in {field} of {table} are of the domain {of}.", "{table} 的 {field} 属于 {of} 域"
    ),
    "fkClass": Type(
        VERIFICATION,
        COMPUTED,
        "Concepts in {field} of {table} are of the class {of}.",
        "{table} 的 {field} 属于 {of} 类",
    ),
    "isStandardValidConcept": Type(
        VERIFICATION,
        VALUE,
        "Concepts in {field} of {table} are standard and valid.",
        "{table} 的 {field} 为有效标准概念",
    ),
    "measureValueCompleteness": Type(VERIFICATION, None, "{field} of {table} is filled.", "{table} 的 {field} 已填写"),
    "standardConceptRecordCompleteness": Type(
        VERIFICATION, None, "{field} of {table} is mapped to a standard concept.", "{table} 的 {field} 已对照标准概念"
    ),
    "sourceConceptRecordCompleteness": Type(
        VERIFICATION, None, "{field} of {table} is mapped to a source concept.", "{table} 的 {field} 已对照来源概念"
    ),
    "sourceValueCompleteness": Type(
        VERIFICATION, None, "Every source value in {field} of {table} is mapped.", "{table} 的 {field} 各来源值均已对照"
    ),
    "measurePersonCompleteness": Type(
        VALIDATION, None, "Every person has a row in {table}.", "每个人在 {table} 中都有记录"
    ),
    "measureConditionEraCompleteness": Type(
        VALIDATION, None, "Every person with a condition has a row in {table}.", "有诊断的人在 {table} 中都有记录"
    ),
    "measureObservationPeriodOverlap": Type(
        VERIFICATION,
        TEMPORAL,
        "Periods of one person in {table} do not overlap or touch.",
        "同一人的 {table} 时段不重叠、不相接",
    ),
    "plausibleValueLow": Type(
        VERIFICATION, ATEMPORAL, "{field} of {table} is not below {of}.", "{table} 的 {field} 不低于 {of}"
    ),
    "plausibleValueHigh": Type(
        VERIFICATION, ATEMPORAL, "{field} of {table} is not above {of}.", "{table} 的 {field} 不高于 {of}"
    ),
    "plausibleTemporalAfter": Type(
        VERIFICATION, TEMPORAL, "{field} of {table} is not before {of}.", "{table} 的 {field} 不早于 {of}"
    ),
    "plausibleDuringLife": Type(
        VERIFICATION, TEMPORAL, "{field} of {table} is not after the person's death.", "{table} 的 {field} 不晚于死亡"
    ),
    "withinVisitDates": Type(
        VERIFICATION,
        TEMPORAL,
        "{field} of {table} lies within a week of its visit.",
        "{table} 的 {field} 在就诊前后一周内",
    ),
    "plausibleAfterBirth": Type(
        VERIFICATION, TEMPORAL, "{field} of {table} is not before birth.", "{table} 的 {field} 不早于出生"
    ),
    "plausibleBeforeDeath": Type(
        VERIFICATION,
        TEMPORAL,
        "{field} of {table} is at most 60 days after death.",
        "{table} 的 {field} 不晚于死亡后 60 天",
    ),
    "plausibleStartBeforeEnd": Type(
        VERIFICATION, TEMPORAL, "{field} of {table} is not after {of}.", "{table} 的 {field} 不晚于 {of}"
    ),
    "plausibleGender": Type(
        VALIDATION,
        ATEMPORAL,
        "Persons with the concept in {field} of {table} are {of}.",
        "{table} 的 {field} 为该概念者性别为 {of}",
    ),
    "plausibleGenderUseDescendants": Type(
        VALIDATION,
        ATEMPORAL,
        "Persons with the concept, or one below it, in {field} of {table} are {of}.",
        "{table} 的 {field} 为该概念或其下位者性别为 {of}",
    ),
    "plausibleUnitConceptIds": Type(
        VERIFICATION,
        ATEMPORAL,
        "The unit of the concept in {field} of {table} is one of {of}.",
        "{table} 的 {field} 为该概念者单位为 {of}",
    ),
}
