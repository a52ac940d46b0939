"""Observation: one row, and one row for each component. A number is a number only where the source sent one."""

import re

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft, numbered
from connectors.fhir.elements import CONCEPT, EVERY, PERIOD, QUANTITY, RANGE, RATIO, REFERENCE
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows
from connectors.fhir.values import numbers

# http://terminology.hl7.org/CodeSystem/observation-category, whose codes are the shared ones.
CATEGORIES = (
    "laboratory",
    "imaging",
    "vital-signs",
    "exam",
    "procedure",
    "survey",
    "social-history",
    "therapy",
    "activity",
)
CATEGORY = {each: each for each in CATEGORIES}
# GB/T 39725 level 5: serology of HIV, hepatitis B surface antigen, hepatitis C and syphilis, by LOINC code or by name.
GUARDED_CODES = (
    "75622-1", "56888-1", "7917-8", "68961-2", "31201-7", "5221-7", "29893-5", "20447-9", "25836-8", "5195-3", "5196-1",
    "63557-3", "58452-4", "16128-1", "13955-0", "11259-9", "11011-4", "22327-1", "20507-0", "5292-8", "22461-8",
    "31147-2", "24110-9",
)  # fmt: skip
# `\b` would not do beside Chinese, whose signs are letters of a word as well: `HIV抗体`.
GUARDED_NAMES = r"(?i)(?<![a-z])H[IC]V(?![a-z])|HBsAg|hepatitis [BC]\b|syphilis|treponema|乙肝表面抗原|丙肝|梅毒|艾滋"
CRITICAL = ("HH", "LL", "AA")  # v3-ObservationInterpretation: beyond panic limits


def conform(draft: Draft) -> None:
    """The observation and its components."""
    rows = draft.rows
    category = draft.codes(rows, "category", rows.text("category.0.coding.0.code"), CATEGORY)
    shared = {
        "encounter_id": draft.encounter(rows, "encounter"), "category": category,
        "sampled_time": draft.times(rows, "sampled_time", "effectiveDateTime", "effectivePeriod.start",
                                    "effectiveInstant"),
        "reported_time": draft.times(rows, "reported_time", "issued"),
        "performer_org": draft.reference(rows, "performer.0", "Organization"),
    }  # fmt: skip
    own = {"method": concept(rows, "method").text, "specimen_code": draft.reference(rows, "specimen")}
    _add(draft, rows, shared | own, None)
    parts = rows.each("component")
    if len(parts):
        _add(draft, parts, {name: draft.of(parts, column) for name, column in shared.items()}, numbered(parts, "c"))


def _add(draft: Draft, rows: Rows, shared: dict[str, pl.Series], suffix: pl.Series | None) -> None:
    code = concept(rows, "code")
    level = _levels(code.code, code.text)
    meant = rows.text("interpretation.0.coding.0.code")
    draft.add("observation", rows, shared | _value(draft, rows) | {
        "item_code": code.code, "item_system": code.system, "item_name": code.text,
        "value_code": _coded(rows, meant),
        "critical_flag": _critical(meant),
        "ref_low": draft.numbers(rows, "ref_low", "referenceRange.0.low.value"),
        "ref_high": draft.numbers(rows, "ref_high", "referenceRange.0.high.value"),
        "ref_text": rows.text("referenceRange.0.text"),
    }, suffix=suffix, sec_level=level)  # fmt: skip


def _levels(code: pl.Series, name: pl.Series) -> "pl.Series | int":
    """5 for serology by code or name, else 3; names are looked at once each."""
    names = [each for each in name.unique().drop_nulls().to_list() if re.search(GUARDED_NAMES, each)]
    guarded = code.is_in(GUARDED_CODES) | name.is_in(names)
    return pl.select(pl.when(guarded).then(5).otherwise(3)).to_series() if guarded.any() else 3


def _coded(rows: Rows, meant: pl.Series) -> pl.Series:
    """The result as a code of the source, else its interpretation."""
    code = rows.text("valueCodeableConcept.coding.0.code")
    return code.zip_with(code.is_not_null(), meant)


def _critical(meant: pl.Series) -> pl.Series:
    """True where a panic interpretation is sent; unknown, not false, where none is."""
    return meant.is_in(CRITICAL)


def _value(draft: Draft, rows: Rows) -> dict[str, pl.Series]:
    """value[x] as number, comparator, unit and the text as sent (R4 Observation.value)."""
    number = rows.bare("valueQuantity.value")
    if rows.has("valueInteger"):
        number = number.zip_with(number.is_not_null(), rows.bare("valueInteger"))
    return {
        "value_num": draft.kept(rows, "value_num", number, numbers(number, pl.Float64())),
        "comparator": rows.text("valueQuantity.comparator"),
        "value_text": _text(rows, number),
        "unit": rows.text("valueQuantity.unit"),
        "unit_ucum": _ucum(rows),
    }


def _ucum(rows: Rows) -> pl.Series:
    """The unit's code, where its system is UCUM."""
    code, system = rows.text("valueQuantity.code"), rows.text("valueQuantity.system")
    return code.zip_with((system == "http://unitsofmeasure.org").fill_null(value=False), code.clear(len(code)))


def _text(rows: Rows, number: pl.Series) -> pl.Series:
    """The result as sent: the number, the string, the concept's words, the range, the ratio or the time."""
    text = number
    for path in ("valueString", "valueCodeableConcept.text", "valueCodeableConcept.coding.0.display",
                 "valueCodeableConcept.coding.0.code", "valueDateTime", "valueTime", "valuePeriod.start"):  # fmt: skip
        if rows.has(path):
            text = text.zip_with(text.is_not_null(), rows.text(path))
    if rows.has("valueBoolean"):
        text = text.zip_with(text.is_not_null(), rows.bare("valueBoolean"))
    for first, mark, second in (("valueRange.low", "-", "valueRange.high"),
                                ("valueRatio.numerator", ":", "valueRatio.denominator")):  # fmt: skip
        if rows.has(f"{first}.value") or rows.has(f"{second}.value"):
            pair = rows.bare(f"{first}.value").fill_null("") + mark + rows.bare(f"{second}.value").fill_null("")
            text = text.zip_with(text.is_not_null() | (pair == mark), pair)
    return text


RESULT = {
    "valueQuantity": QUANTITY, "valueCodeableConcept": CONCEPT, "valueString": "s", "valueBoolean": "t",
    "valueInteger": "0", "valueRange": RANGE, "valueRatio": RATIO, "valueTime": "s", "valueDateTime": "s",
    "valuePeriod": PERIOD, "interpretation": [CONCEPT],
    "referenceRange": [{"low": QUANTITY, "high": QUANTITY, "text": "s"}], "code": CONCEPT,
}  # fmt: skip
RESOURCES = (
    Resource(
        "Observation", "observation", "subject",
        EVERY | RESULT | {
            "category": [CONCEPT], "subject": REFERENCE, "encounter": REFERENCE, "effectiveDateTime": "s",
            "effectivePeriod": PERIOD, "effectiveInstant": "s", "issued": "s", "performer": [REFERENCE],
            "method": CONCEPT, "specimen": REFERENCE, "component": [RESULT],
        },
        conform,
        foreign=("context", "comment", "related", "triggeredBy", "bodyStructure", "instantiatesCanonical",
                 "instantiatesReference"),
    ),
)  # fmt: skip
