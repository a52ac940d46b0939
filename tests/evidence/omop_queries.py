"""One plain SQL query for each check of the DataQualityDashboard, in DuckDB, over tables of strings.

Written from the dashboard's description of its checks; shares no code with what it is compared to.
"""

from collections.abc import Mapping

import polars as pl

from federation.quality.omop.resolve import Asked
from federation.quality.omop.row import TOLD_BY

Tables = Mapping[str, pl.DataFrame]
# Check -> from what, which rows are asked, which of these violate it.
ROWS: dict[str, tuple[str, str, str]] = {
    "measurePersonCompleteness": (
        "person t", "true", 'NOT EXISTS (FROM "{table}" x WHERE x.person_id = t.person_id)'),
    "isRequired": ("{t}", "true", "{f} IS NULL"),
    "measureValueCompleteness": ("{t}", "true", "{f} IS NULL"),
    "cdmDatatype": ("{t}", "true", "{f} IS NOT NULL AND ({number} IS NULL OR {number} <> floor({number}))"),
    "isPrimaryKey": (
        "{t}", "true", '{f} IN (SELECT "{field}" FROM "{table}" GROUP BY 1 HAVING count(*) > 1)'),
    "isForeignKey": ("{t}", "true", "{f} IS NOT NULL AND {f} NOT IN ({keys})"),
    "fkDomain": ("{concept}", "true", "c.domain_id <> '{of}'"),
    "fkClass": ("{concept}", "true", "c.concept_class_id <> '{of}'"),
    "isStandardValidConcept": (
        "{concept}", "{f} IS NOT NULL",
        "c.concept_id IS NOT NULL AND (c.standard_concept IS DISTINCT FROM 'S' OR c.invalid_reason IS NOT NULL)"),
    "standardConceptRecordCompleteness": (
        "{t}", "{f} IS NOT NULL OR {told}", "{number} = 0 OR ({f} IS NULL AND {told})"),
    "sourceConceptRecordCompleteness": (
        "{t}", "{f} IS NOT NULL OR {told}", "{number} = 0 OR ({f} IS NULL AND {told})"),
    "plausibleValueLow": ("{t}", "{f} IS NOT NULL", "{value} < {bound}"),
    "plausibleValueHigh": ("{t}", "{f} IS NOT NULL", "{value} > {bound}"),
    "plausibleTemporalAfter": ("{earlier_source}", "true", "{earlier} > {day}"),
    "plausibleStartBeforeEnd": ("{t}", "{f} IS NOT NULL AND {other} IS NOT NULL", "{day} > {other_day}"),
    "plausibleAfterBirth": ("{person}", "{f} IS NOT NULL", "{day} < {born}"),
    "plausibleBeforeDeath": ("{died}", "{f} IS NOT NULL AND d.death IS NOT NULL", "{day} > d.death + 60"),
    "plausibleDuringLife": ("{died}", "d.death IS NOT NULL", "{day} > d.death + 60"),
    "withinVisitDates": ("{visit}", "v.began IS NOT NULL", "{day} < v.began - 7 OR {day} > v.ended + 7"),
    "plausibleUnitConceptIds": (
        "{t} WHERE {number} IN ({concepts})", "{unit} IS NULL OR {unit} <> 0", "{unit_wrong}"),
    "plausibleGender": ("{person} WHERE {number} IN ({concepts})", "true", "{sex} <> {of_sex}"),
    "plausibleGenderUseDescendants": (
        "{person} JOIN concept_ancestor a ON a.descendant_concept_id = {f} AND {ancestor} IN ({concepts})", "true", "{sex} <> {of_sex}"),
}  # fmt: skip
WHOLE: dict[str, str] = {
    "cdmTable": "SELECT 1, 0",
    "cdmField": "SELECT 1, 0",
    "measureConditionEraCompleteness": (
        "SELECT count(DISTINCT person_id), count(DISTINCT person_id) FILTER (WHERE person_id NOT IN "
        "(SELECT person_id FROM condition_era WHERE person_id IS NOT NULL)) FROM condition_occurrence "
        "WHERE TRY_CAST(condition_concept_id AS DOUBLE) <> 0"
    ),
    "measureObservationPeriodOverlap": (
        "WITH o AS (SELECT person_id, observation_period_id AS id, "
        "TRY_CAST(left(observation_period_start_date, 10) AS DATE) AS s, "
        "TRY_CAST(left(observation_period_end_date, 10) AS DATE) AS e FROM observation_period) "
        "SELECT count(DISTINCT a.person_id), count(DISTINCT a.person_id) FILTER (WHERE EXISTS (FROM o b WHERE "
        "a.person_id = b.person_id AND a.id <> b.id AND a.s <= b.e + 1 AND b.s <= a.e + 1)) FROM o a"
    ),
    "sourceValueCompleteness": ("SELECT {distinct}, (SELECT {distinct} FROM {t} WHERE {other_number} = 0) FROM {t}"),
}


def query(asked: Asked, tables: Tables) -> str:
    """SQL that answers with rows asked and rows violating."""
    parts = _parts(asked, tables)
    if asked.check in WHOLE:
        return WHOLE[asked.check].format(**parts)
    source, eligible, wrong = (part.format(**parts) for part in ROWS[asked.check])
    return (
        f"SELECT count(*) FILTER (WHERE {eligible}), count(*) FILTER (WHERE ({eligible}) AND ({wrong})) FROM {source}"
    )


def _parts(asked: Asked, tables: Tables) -> dict[str, str]:
    t, f, of, other = f'"{asked.table}" t', f't."{asked.field}"', asked.of, f't."{asked.of}"'
    person = f"{t} LEFT JOIN person p USING (person_id)"
    of_birth, dated = of == "birth_datetime", "-" in of or of == "tomorrow"
    table, _, key = of.partition(".")
    unit = _number("t.unit_concept_id")
    return {
        "t": t, "f": f, "of": of, "table": asked.table, "field": asked.field, "number": _number(f), "day": _day(f),
        "other": other, "other_day": _day(other), "other_number": _number(other), "person": person,
        "concept": f"{t} LEFT JOIN concept c ON {f} = c.concept_id AND c.concept_id <> '0'",
        "died": f"{t} LEFT JOIN died d USING (person_id)",
        "visit": f"{t} LEFT JOIN visited v USING (visit_occurrence_id)",
        "keys": f'SELECT "{key}" FROM "{table}" WHERE "{key}" IS NOT NULL' if table in tables else "SELECT ''",
        "told": _told(asked, tables),
        "value": _day(f) if dated else _number(f),
        "bound": {"tomorrow": "DATE '2026-01-02'", "next year": "2027"}.get(of, f"DATE '{of}'" if dated else of),
        "earlier": _birth("'6'", "'1'") if of_birth else _day(other),
        "earlier_source": person if of_birth else t,
        "born": _birth("coalesce(p.month_of_birth, '1')", "coalesce(p.day_of_birth, '1')"),
        "concepts": ", ".join(map(str, asked.concepts)),
        "unit": unit,
        "unit_wrong": f"{unit} <> 0" if of == "-1" else f"{unit} NOT IN ({of.replace('|', ', ')}, 0)",
        "sex": _number("p.gender_concept_id"), "of_sex": "8507" if of == "Male" else "8532",
        "ancestor": _number("a.ancestor_concept_id"),
        "distinct": f"count(DISTINCT {f}) + coalesce(max(CASE WHEN {f} IS NULL THEN 1 ELSE 0 END), 0)",
    }  # fmt: skip


def _told(asked: Asked, tables: Tables) -> str:
    """The source value that says an empty concept is a missing one, where the dashboard looks at it."""
    field = (
        "gender_source_value" if (asked.table, asked.field[:6]) == ("provider", "gender") else TOLD_BY.get(asked.field)
    )
    there = field and asked.table != "dose_era" and field in tables[asked.table].columns
    return f't."{field}" IS NOT NULL' if there else "false"


def _day(field: str) -> str:
    return f"TRY_CAST(left({field}, 10) AS DATE)"


def _number(field: str) -> str:
    return f"TRY_CAST({field} AS DOUBLE)"


def _birth(month: str, of_day: str) -> str:
    made = f"TRY_CAST(concat(p.year_of_birth, '-', lpad({month}, 2, '0'), '-', lpad({of_day}, 2, '0')) AS DATE)"
    return f"coalesce({_day('p.birth_datetime')}, {made})"
