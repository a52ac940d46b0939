"""How rows of the shared tables become rows of the CDM: one SELECT a CDM table, in DuckDB's SQL.

Reads views named after the shared tables, with all their columns. Codes stay verbatim in `*_source_value`; the concept
is 0, the source concept a local one (2,000,000,000 and above) that keeps system, version and name.
Nothing is translated.
"""

import re

from schemas.exports.omop import Field, cdm
from schemas.tables import TABLES as SHARED

LOCAL = 2_000_000_000  # concepts below are OHDSI's
EHR = 32817  # type concept: the source is a health record
WITHOUT_TEXT = "[text kept at its site]"
NO_SYSTEM = "urn:guantong:no-system"
CLASSES = "urn:guantong:codes:encounter-class"
VALUES = "urn:guantong:values"
UCUM = "http://unitsofmeasure.org"
NO_CODE = "no-code"
_VISITS = {"IP": 9201, "OP": 9202, "ER": 9203, "OBS": 581385, "HOME": 581476, "VR": 5083, "ICU": 32037}
_STATUS = {"MAIN": 32902, "OTHER": 32908, "ADMIT": 32890}
_SEX = {"1": 8507, "2": 8532, "0": 8551}
_OPERATORS = {"<": 4171756, "<=": 4171754, ">": 4172704, ">=": 4171755}
_DRUGS = {"prescription": 32838, "order": 32833, "dispense": 32825, "admin": 32818, "taking": 32865}
_MEASURED = (
    "(o.category IN ('laboratory', 'vital-signs', 'exam') OR o.value_num IS NOT NULL OR o.comparator IS NOT NULL)"
)


def _case(column: str, codes: dict[str, int], otherwise: int) -> str:
    whens = " ".join(f"WHEN '{code}' THEN {concept}" for code, concept in codes.items())
    return f"CASE {column} {whens} ELSE {otherwise} END"


def _term(alias: str, system: str, version: str, code: str, display: str, kind: str, domain: str) -> str:
    """A join to the local concept that stands for exactly this code as it is written."""
    return (
        f"LEFT JOIN term {alias} ON {alias}.system = coalesce({system}, '{NO_SYSTEM}') "
        f"AND {alias}.version IS NOT DISTINCT FROM {version} AND {alias}.code = coalesce({code}, {display}) "
        f"AND {alias}.display IS NOT DISTINCT FROM {display} AND {alias}.kind = {kind} AND {alias}.domain = '{domain}'"
    )


_NULL = "CAST(NULL AS VARCHAR)"
_CODED = "CASE WHEN {code} IS NULL THEN '" + NO_CODE + "' ELSE 'local' END"
_CLASS_OF_ITEM = f"CASE WHEN o.item_code IS NULL THEN '{NO_CODE}' ELSE coalesce(o.category, 'local') END"

# Everything that has a code, as it is written: these become the local concepts.
TERMS = f"""
SELECT coalesce(code_system, '{NO_SYSTEM}') AS system, code_version AS version, coalesce(code, display) AS code,
       display, {_CODED.format(code="code")} AS kind, 'Condition' AS domain FROM condition WHERE NOT deleted
UNION SELECT coalesce(code_system, '{NO_SYSTEM}'), code_version, coalesce(code, display), display,
       {_CODED.format(code="code")}, 'Procedure' FROM procedure WHERE NOT deleted
UNION SELECT coalesce(drug_code_system, '{NO_SYSTEM}'), NULL, coalesce(drug_code, drug_name), drug_name,
       {_CODED.format(code="drug_code")}, 'Drug' FROM medication WHERE NOT deleted
UNION SELECT coalesce(o.item_system, '{NO_SYSTEM}'), NULL, coalesce(o.item_code, o.item_name), o.item_name,
       {_CLASS_OF_ITEM}, 'Measurement' FROM observation o WHERE NOT deleted
UNION SELECT '{CLASSES}', NULL, class_code, NULL, 'local', 'Visit' FROM encounter WHERE NOT deleted
UNION SELECT '{VALUES}', NULL, value_code, NULL, 'local', 'Meas Value' FROM observation WHERE NOT deleted
UNION SELECT '{UCUM}', NULL, unit_ucum, NULL, 'local', 'Unit' FROM observation WHERE NOT deleted
"""

# What the SELECTs below stand on, in this order: ids are the ranks of sorted keys, so the same rows get the same ids.
STEPS = (
    ("vocab", f"""
SELECT system, version, 'GT' || dense_rank() OVER (ORDER BY system, version NULLS FIRST) AS vocabulary_id
FROM (SELECT DISTINCT system, version FROM ({TERMS}) WHERE code IS NOT NULL)"""),
    ("term", f"""
SELECT t.*, v.vocabulary_id, {LOCAL} + row_number() OVER (
    ORDER BY t.domain, t.system, t.version NULLS FIRST, t.code, t.display NULLS FIRST, t.kind) AS concept_id
FROM (SELECT * FROM ({TERMS}) WHERE code IS NOT NULL) t
JOIN vocab v ON v.system = t.system AND v.version IS NOT DISTINCT FROM t.version"""),
    ("place", """
SELECT code, row_number() OVER (ORDER BY code) AS location_id FROM (
    SELECT residence_div_code AS code FROM patient WHERE NOT deleted
    UNION SELECT admin_div_code FROM organization WHERE NOT deleted) WHERE code IS NOT NULL"""),
    ("care", """
SELECT *, row_number() OVER (ORDER BY org_code, record_id NULLS LAST) AS care_site_id,
       count(*) OVER (PARTITION BY org_code) AS of_org FROM (
    SELECT org_code, record_id, org_name, uscc, org_class_code, admin_div_code FROM organization WHERE NOT deleted
    UNION ALL SELECT DISTINCT org_code, NULL, NULL, NULL, NULL, NULL FROM encounter
    WHERE NOT deleted AND org_code NOT IN (SELECT org_code FROM organization WHERE NOT deleted))"""),
    ("who", """
SELECT *, row_number() OVER (ORDER BY key) AS person_id FROM (
    SELECT person_id AS key, org_patient_id, gender_code, birth_date, ethnicity_code, residence_div_code,
           max(death_time) OVER (PARTITION BY person_id) AS died,
           row_number() OVER (PARTITION BY person_id ORDER BY birth_date IS NULL, gender_code IS NULL,
                              org_code, record_id) AS nth
    FROM patient WHERE NOT deleted) WHERE nth = 1 AND birth_date IS NOT NULL"""),
    ("stay", """
WITH RECURSIVE up AS (
    SELECT org_code, record_id, record_id AS top, part_of, 0 AS depth FROM encounter WHERE NOT deleted
    UNION ALL
    SELECT up.org_code, up.record_id, e.record_id, e.part_of, up.depth + 1 FROM up
    JOIN encounter e ON e.org_code = up.org_code AND e.record_id = up.part_of AND NOT e.deleted
    WHERE up.depth < 8)
SELECT e.*, w.person_id AS who_id, root.top, root.depth > 0 AS is_part
FROM encounter e JOIN who w ON w.key = e.person_id
JOIN (SELECT org_code, record_id, arg_max(top, depth) AS top, max(depth) AS depth FROM up GROUP BY ALL) root
  ON root.org_code = e.org_code AND root.record_id = e.record_id
WHERE NOT e.deleted AND e.start_time IS NOT NULL"""),
    ("visit", """
SELECT *, row_number() OVER (ORDER BY org_code, record_id) AS visit_id FROM stay s
WHERE NOT is_part OR NOT EXISTS (SELECT 1 FROM stay t WHERE t.org_code = s.org_code AND t.record_id = s.top)"""),
    ("detail", """
SELECT s.*, v.visit_id, row_number() OVER (ORDER BY s.org_code, s.record_id) AS detail_id
FROM stay s JOIN visit v ON v.org_code = s.org_code AND v.record_id = s.top
WHERE s.is_part AND s.top <> s.record_id"""),
    ("visited", """
SELECT org_code, record_id, visit_id, NULL AS detail_id, start_time, who_id FROM visit
UNION ALL SELECT org_code, record_id, visit_id, detail_id, start_time, who_id FROM detail"""),
)  # fmt: skip


def _events(table: str, alias: str) -> str:
    return (
        f"FROM {table} {alias} JOIN who w ON w.key = {alias}.person_id "
        f"LEFT JOIN visited a ON a.org_code = {alias}.org_code AND a.record_id = {alias}.encounter_id"
    )


_VISIT_IDS = "a.visit_id AS visit_occurrence_id, a.detail_id AS visit_detail_id, w.person_id"
_ITEM = _term("t", "o.item_system", _NULL, "o.item_code", "o.item_name", _CLASS_OF_ITEM, "Measurement")
_VALUE = _term("v", f"'{VALUES}'", _NULL, "o.value_code", _NULL, "'local'", "Meas Value")
_UNIT = _term("u", f"'{UCUM}'", _NULL, "o.unit_ucum", _NULL, "'local'", "Unit")
_SEEN = "coalesce(o.sampled_time, o.reported_time, o.received_time, a.start_time)"


def _result(stem: str, which: str, more: str) -> str:
    return f"""
SELECT row_number() OVER (ORDER BY o.org_code, o.record_id) AS {stem}_id, {_VISIT_IDS}, 0 AS {stem}_concept_id,
       {_SEEN} AS {stem}_date, {_SEEN} AS {stem}_datetime, {EHR} AS {stem}_type_concept_id,
       o.value_num AS value_as_number, coalesce(v.concept_id, 0) AS value_as_concept_id,
       coalesce(u.concept_id, 0) AS unit_concept_id, o.unit AS unit_source_value, o.item_code AS {stem}_source_value,
       coalesce(t.concept_id, 0) AS {stem}_source_concept_id, o.value_text AS value_source_value, {more}
{_events("observation", "o")} {_ITEM} {_VALUE} {_UNIT}
WHERE NOT o.deleted AND {which} AND {_SEEN} IS NOT NULL"""


def _coded(stem: str, table: str, alias: str, domain: str, when: str, more: str) -> str:
    version = f"{alias}.code_version" if table != "medication" else _NULL
    code, system, display = (f"{alias}.drug_code", f"{alias}.drug_code_system", f"{alias}.drug_name") if (
        table == "medication") else (f"{alias}.code", f"{alias}.code_system", f"{alias}.display")  # fmt: skip
    short = stem.removesuffix("_occurrence").removesuffix("_exposure")
    term = _term("t", system, version, code, display, _CODED.format(code=code), domain)
    return f"""
SELECT row_number() OVER (ORDER BY {alias}.org_code, {alias}.record_id) AS {stem}_id, {_VISIT_IDS},
       0 AS {short}_concept_id, {code} AS {short}_source_value,
       coalesce(t.concept_id, 0) AS {short}_source_concept_id, {more}
{_events(table, alias)} {term}
WHERE NOT {alias}.deleted AND {when} IS NOT NULL"""


_DIAGNOSED = "coalesce(c.recorded_time, c.onset_date, a.start_time)"
_DONE = "coalesce(p.start_time, a.start_time)"
_GIVEN = "coalesce(m.start_time, a.start_time)"
_VISIT_TERM = _term("t", f"'{CLASSES}'", _NULL, "s.class_code", _NULL, "'local'", "Visit")

SELECTS: dict[str, str] = {
    "person": f"""
SELECT w.person_id, {_case("w.gender_code", _SEX, 0)} AS gender_concept_id, w.gender_code AS gender_source_value,
       year(w.birth_date) AS year_of_birth, month(w.birth_date) AS month_of_birth, day(w.birth_date) AS day_of_birth,
       w.birth_date AS birth_datetime, 0 AS race_concept_id, 0 AS ethnicity_concept_id, p.location_id,
       w.org_patient_id AS person_source_value, w.ethnicity_code AS ethnicity_source_value
FROM who w LEFT JOIN place p ON p.code = w.residence_div_code""",
    "observation_period": f"""
SELECT row_number() OVER (ORDER BY person_id) AS observation_period_id, person_id,
       min(day) AS observation_period_start_date, max(day) AS observation_period_end_date,
       {EHR} AS period_type_concept_id
FROM (SELECT person_id, visit_start_date AS day FROM cdm_visit_occurrence
      UNION ALL SELECT person_id, visit_end_date FROM cdm_visit_occurrence
      UNION ALL SELECT person_id, condition_start_date FROM cdm_condition_occurrence
      UNION ALL SELECT person_id, procedure_date FROM cdm_procedure_occurrence
      UNION ALL SELECT person_id, measurement_date FROM cdm_measurement
      UNION ALL SELECT person_id, observation_date FROM cdm_observation
      UNION ALL SELECT person_id, drug_exposure_start_date FROM cdm_drug_exposure
      UNION ALL SELECT person_id, note_date FROM cdm_note) GROUP BY person_id""",
    "visit_occurrence": f"""
SELECT s.visit_id AS visit_occurrence_id, s.who_id AS person_id,
       {_case("s.class_code", _VISITS, 0)} AS visit_concept_id,
       s.start_time AS visit_start_date, s.start_time AS visit_start_datetime,
       greatest(coalesce(s.end_time, s.start_time), s.start_time) AS visit_end_date, s.end_time AS visit_end_datetime,
       {EHR} AS visit_type_concept_id, c.care_site_id, coalesce(s.visit_no, s.admission_no) AS visit_source_value,
       coalesce(t.concept_id, 0) AS visit_source_concept_id, 0 AS admitted_from_concept_id,
       s.admit_route_code AS admitted_from_source_value, 0 AS discharged_to_concept_id,
       s.discharge_way_code AS discharged_to_source_value
FROM visit s LEFT JOIN care c ON c.org_code = s.org_code AND c.of_org = 1 {_VISIT_TERM}""",
    "visit_detail": f"""
SELECT s.detail_id AS visit_detail_id, s.who_id AS person_id,
       {_case("s.class_code", _VISITS, 0)} AS visit_detail_concept_id,
       s.start_time AS visit_detail_start_date, s.start_time AS visit_detail_start_datetime,
       greatest(coalesce(s.end_time, s.start_time), s.start_time) AS visit_detail_end_date,
       s.end_time AS visit_detail_end_datetime, {EHR} AS visit_detail_type_concept_id, c.care_site_id,
       coalesce(s.visit_no, s.admission_no) AS visit_detail_source_value,
       coalesce(t.concept_id, 0) AS visit_detail_source_concept_id, 0 AS admitted_from_concept_id,
       s.admit_route_code AS admitted_from_source_value, 0 AS discharged_to_concept_id,
       s.discharge_way_code AS discharged_to_source_value, p.detail_id AS parent_visit_detail_id,
       s.visit_id AS visit_occurrence_id
FROM detail s LEFT JOIN care c ON c.org_code = s.org_code AND c.of_org = 1
LEFT JOIN detail p ON p.org_code = s.org_code AND p.record_id = s.part_of {_VISIT_TERM}""",
    "condition_occurrence": _coded("condition_occurrence", "condition", "c", "Condition", _DIAGNOSED, f"""
       {_DIAGNOSED} AS condition_start_date, {_DIAGNOSED} AS condition_start_datetime,
       {EHR} AS condition_type_concept_id, {_case("c.role_code", _STATUS, 0)} AS condition_status_concept_id,
       c.role_code AS condition_status_source_value"""),
    "procedure_occurrence": _coded("procedure_occurrence", "procedure", "p", "Procedure", _DONE, f"""
       {_DONE} AS procedure_date, {_DONE} AS procedure_datetime, p.end_time AS procedure_end_date,
       p.end_time AS procedure_end_datetime, {EHR} AS procedure_type_concept_id"""),
    "measurement": _result("measurement", _MEASURED, f"""
       {_case("o.comparator", _OPERATORS, 0)} AS operator_concept_id, o.ref_low AS range_low,
       o.ref_high AS range_high"""),
    "observation": _result("observation", f"NOT coalesce({_MEASURED}, false)", "o.value_text AS value_as_string"),
    "drug_exposure": _coded("drug_exposure", "medication", "m", "Drug", _GIVEN, f"""
       {_GIVEN} AS drug_exposure_start_date, {_GIVEN} AS drug_exposure_start_datetime,
       greatest(coalesce(m.end_time, {_GIVEN}), {_GIVEN}) AS drug_exposure_end_date,
       m.end_time AS drug_exposure_end_datetime, m.end_time AS verbatim_end_date,
       {_case("m.kind", _DRUGS, EHR)} AS drug_type_concept_id, m.total_qty AS quantity, m.days AS days_supply,
       m.freq_code AS sig, m.route_code AS route_source_value, m.dose_unit AS dose_unit_source_value"""),
    "death": f"""
SELECT person_id, died AS death_date, died AS death_datetime, {EHR} AS death_type_concept_id FROM who
WHERE died IS NOT NULL""",
    "note": f"""
SELECT row_number() OVER (ORDER BY d.org_code, d.record_id) AS note_id, {_VISIT_IDS}, d.created_time AS note_date,
       d.created_time AS note_datetime, {EHR} AS note_type_concept_id, 0 AS note_class_concept_id,
       d.title AS note_title,
       '{WITHOUT_TEXT}' AS note_text, 0 AS encoding_concept_id, 0 AS language_concept_id,
       d.doc_type_code AS note_source_value
{_events("document", "d")} WHERE NOT d.deleted AND d.created_time IS NOT NULL""",
    "cost": f"""
SELECT row_number() OVER (ORDER BY k.org_code, k.record_id) AS cost_id,
       coalesce(a.detail_id, a.visit_id) AS cost_event_id,
       CASE WHEN a.detail_id IS NULL THEN 'Visit' ELSE 'Visit Detail' END AS cost_domain_id,
       {EHR} AS cost_type_concept_id, 0 AS currency_concept_id, k.amount AS total_charge, k.self_pay AS paid_by_patient,
       k.fund_pay AS paid_by_payer, k.fee_class_code AS revenue_code_source_value, 0 AS revenue_code_concept_id
FROM cost k JOIN visited a ON a.org_code = k.org_code AND a.record_id = k.encounter_id WHERE NOT k.deleted""",
    "care_site": """
SELECT c.care_site_id, c.org_name AS care_site_name, 0 AS place_of_service_concept_id, p.location_id,
       coalesce(c.uscc, c.org_code) AS care_site_source_value, c.org_class_code AS place_of_service_source_value
FROM care c LEFT JOIN place p ON p.code = c.admin_div_code""",
    "location": "SELECT location_id, code AS county, code AS location_source_value FROM place",
    "concept": """
SELECT concept_id, left(coalesce(display, code), 255) AS concept_name, domain AS domain_id, vocabulary_id,
       kind AS concept_class_id, code AS concept_code, DATE '1970-01-01' AS valid_start_date,
       DATE '2099-12-31' AS valid_end_date FROM term
UNION ALL SELECT 0, 'No matching concept', 'Metadata', 'None', 'Undefined', 'No matching concept',
       DATE '1970-01-01', DATE '2099-12-31'""",
    "vocabulary": """
SELECT vocabulary_id, left(system, 255) AS vocabulary_name, left(system, 255) AS vocabulary_reference,
       version AS vocabulary_version, 0 AS vocabulary_concept_id FROM vocab
UNION ALL SELECT 'None', 'No matching concept', 'None', NULL, 0""",
    "domain": """
SELECT DISTINCT domain AS domain_id, domain AS domain_name, 0 AS domain_concept_id FROM term
UNION SELECT 'Metadata', 'Metadata', 0 UNION SELECT 'Visit', 'Visit', 0
UNION SELECT 'Visit Detail', 'Visit Detail', 0""",
    "concept_class": """
SELECT DISTINCT kind AS concept_class_id, kind AS concept_class_name, 0 AS concept_class_concept_id FROM term
UNION SELECT 'Undefined', 'Undefined', 0""",
}  # fmt: skip
TABLES = (
    "person", "visit_occurrence", "visit_detail", "condition_occurrence", "procedure_occurrence", "measurement",
    "observation", "drug_exposure", "death", "note", "cost", "care_site", "location", "concept", "vocabulary", "domain",
    "concept_class", "observation_period",
)  # fmt: skip


def shaped(table: str, columns: set[str]) -> str:
    """SQL for a CDM table from the view `raw_TABLE` with `columns`: all fields, in order, with their types."""
    return (
        f"SELECT {', '.join(_field(field, field.name in columns) for field in cdm()[table].values())} FROM raw_{table}"
    )


def _field(field: Field, there: bool) -> str:
    kind = {"integer": "BIGINT", "float": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP"}.get(field.type, "VARCHAR")
    name = f'"{field.name}"'
    made = name if there else "NULL"
    if there and kind == "VARCHAR" and field.longest:
        made = f"left({name}, {field.longest})"
    return f"CAST({made} AS {kind}) AS {name}"


def gives() -> dict[str, set[str]]:
    """Shared table -> names of its columns that reach the CDM: those the SELECTs speak of."""
    said = {
        "patient": f"{dict(STEPS)['who']} {dict(STEPS)['place']} {SELECTS['person']}",
        "organization": f"{dict(STEPS)['care']} {dict(STEPS)['place']}",
        "encounter": f"{dict(STEPS)['stay']} {SELECTS['visit_occurrence']} {SELECTS['visit_detail']}",
        "condition": SELECTS["condition_occurrence"],
        "procedure": SELECTS["procedure_occurrence"],
        "observation": SELECTS["measurement"] + SELECTS["observation"],
        "medication": SELECTS["drug_exposure"],
        "document": SELECTS["note"],
        "cost": SELECTS["cost"] + " person_id",  # through the visit
    }
    words = {name: set(re.findall(r"[a-z_0-9]+", text)) for name, text in said.items()}
    return {name: words[name] & set(SHARED[name].columns) for name in said}
