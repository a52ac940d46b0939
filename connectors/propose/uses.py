"""What each concept fills in the shared tables, by what a row of the source is: a visit, a result, a follow-up, a drug.

A line is a target and the words of its rule after `from`; what stands without a concept is made from the row itself.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Use:
    """`column` of `table` is read from `concept`; `more` are further words of the rule."""

    table: str
    column: str
    concept: str
    more: str = ""


@dataclass(frozen=True)
class Block:
    """Rows of a table that a record makes: only where one of the concepts in `needs` is there."""

    table: str
    needs: tuple[str, ...]
    suffix: str = ""
    fixed: tuple[tuple[str, str], ...] = ()  # column -> the whole rule
    choose: tuple[tuple[str, str], ...] = ()  # column -> what it may be, for the person to decide
    wide: bool = False  # a row for each vital sign of the record

    def of_stay(self, stay: bool) -> "Block":
        """The block with what may be chosen where the rows are stays in hospital, or where nobody knows."""
        ways = _OF_STAY if stay else _OF_ANY
        return replace(self, choose=tuple((name, ways.get((self.table, name), rule)) for name, rule in self.choose))


_OF_STAY = {("encounter", "class_code"): '{ value = "IP" }', ("condition", "role_code"): '{ value = "MAIN" }'}
_OF_ANY = {
    ("encounter", "class_code"): '{ value = "OP" }\n{ value = "ER" }\n{ value = "IP" }',
    ("condition", "role_code"): '{ value = "OP_ER" }\n{ value = "MAIN" }',
}
_STAYS = frozenset(["admission", "admitted", "left", "left_dept", "encounter.discharge_way_code", "encounter.los_days"])


def is_stay(concepts: Collection[str]) -> bool:
    """Whether each row of visits is a stay in hospital: two columns say so that visits to a clinic do not have."""
    return len(_STAYS & set(concepts)) > 1 and not {"visit", "came"} & set(concepts)


ID = 'read_as = "identifier"'
ENCOUNTER = (("encounter_id", "{ record = true }"),)
PERSON = (
    Block("patient", ("name", "sex", "born", "phone", "address")),
    Block("patient_identifier", ("id_number",), "id", (("id_type_code", '{ value = "1" }'),)),
)
_DIAGNOSIS = (
    ("role_code", '{ value = "OP_ER" }'), ("code_system", '{ value = "ICD-10" }'),
    ("code_version", '{ value = "GLB2.0" }'),
)  # fmt: skip
_FEE = (("kind", '{ value = "settlement" }'), ("fee_class_code", '{ value = "TOTAL" }'))
_RESULT = (("category", '{ value = "laboratory" }'), ("item_system", '{ value = "local" }'))
SIGNS = ("temperature", "pulse", "heart", "breaths", "sbp", "dbp", "saturation", "height", "weight", "bmi", "waist")
_SIGN = (
    ("category", '{ value = "vital-signs" }'), ("item_code", '{ from = "@code" }'),
    ("item_system", '{ value = "http://loinc.org" }'), ("item_name", '{ from = "@name" }'),
    ("value_num", '{ from = "@value", read_as = "measured-number" }'),
    ("comparator", '{ from = "@value", read_as = "comparator" }'), ("value_text", '{ from = "@value" }'),
    ("unit", '{ from = "@unit" }'), ("unit_ucum", '{ from = "@ucum" }'),
)  # fmt: skip
KINDS: dict[str, tuple[Block, ...]] = {
    "visit": (
        Block("encounter", ("visit", "admission", "came", "admitted"), choose=(("class_code", '{ value = "OP" }'),)),
        *PERSON,
        Block("condition", ("icd", "illness"), "dx", ENCOUNTER, _DIAGNOSIS),
        Block("cost", ("fee",), "fee", ENCOUNTER, _FEE),
        Block("observation", SIGNS, "vital", (*ENCOUNTER, *_SIGN), wide=True),
    ),
    "vitals": (Block("observation", SIGNS, "vital", _SIGN, wide=True), *PERSON),
    "result": (Block("observation", ("value",), choose=_RESULT), *PERSON),
    "followup": (Block("followup", ("followup_date", "sbp", "dbp", "program")), *PERSON),
    "drug": (Block("medication", ("drug",), choose=(("kind", '{ value = "prescription" }'),)), *PERSON),
    "person": PERSON,
}  # fmt: skip
KEYS = {
    "vitals": ("vital_id", "visit"),
    "visit": ("visit", "admission"), "result": ("result_id",), "followup": ("followup",), "drug": ("drug_id",),
    "person": ("patient",),
}  # fmt: skip
CURATED = tuple(
    Use(*each)
    for each in (
        ("patient", "org_patient_id", "patient", ID), ("patient", "name", "name"), ("patient", "gender_code", "sex"),
        ("patient", "birth_date", "born"), ("patient", "birth_precision", "born", 'read_as = "date-precision"'),
        ("patient", "address", "address"), ("patient", "phone", "phone"), ("patient", "ethnicity_code", "ethnicity"),
        ("patient", "marital_code", "marital"), ("patient", "occupation_code", "occupation"),
        ("patient", "abo_code", "abo"), ("patient", "rh_code", "rh"), ("patient", "insurance_type_code", "insurance"),
        ("patient", "death_time", "died"), ("patient_identifier", "id_value", "id_number", ID),
        ("patient_identifier", "check_ok", "id_number", 'read_as = "resident-id-ok"'),
        ("encounter", "visit_no", "visit", ID), ("encounter", "admission_no", "admission", ID),
        ("encounter", "start_time", "came"), ("encounter", "start_time", "admitted"), ("encounter", "end_time", "left"),
        ("encounter", "admit_dept_code", "dept"),
        ("encounter", "discharge_dept_code", "left_dept"), ("encounter", "pay_method_code", "payer"),
        ("encounter", "attending_physician", "doctor"), ("condition", "code", "icd"),
        ("condition", "display", "illness"),
        ("condition", "recorded_time", "came"), ("cost", "amount", "fee"), ("cost", "charged_time", "came"),
        ("observation", "report_id", "result_id", ID), ("observation", "item_code", "item_code"),
        ("observation", "item_name", "item"), ("observation", "value_num", "value", 'read_as = "measured-number"'),
        ("observation", "comparator", "value", 'read_as = "comparator"'), ("observation", "value_text", "value"),
        ("observation", "unit", "unit"), ("observation", "ref_text", "range"), ("observation", "ref_low", "ref_low"),
        ("observation", "ref_high", "ref_high"), ("observation", "sampled_time", "sampled"),
        ("observation", "sampled_time", "measured"),
        ("observation", "reported_time", "reported"), ("observation", "specimen_code", "specimen"),
        ("followup", "program_code", "program"), ("followup", "followup_date", "followup_date"),
        ("followup", "mode_code", "mode"), ("followup", "sbp", "sbp"), ("followup", "dbp", "dbp"),
        ("followup", "heart_rate", "heart"), ("followup", "heart_rate", "pulse"),
        ("followup", "weight_kg", "weight"), ("followup", "height_cm", "height"),
        ("followup", "waist_cm", "waist"), ("followup", "smoke_per_day", "smokes"),
        ("followup", "alcohol_per_day", "drinks"), ("followup", "glucose_fasting", "glucose"),
        ("followup", "hba1c_pct", "hba1c"), ("followup", "drug_adherence_code", "takes"),
        ("followup", "adr_code", "adverse"), ("followup", "result_code", "verdict"), ("followup", "next_date", "next"),
        ("followup", "doctor", "followup_doctor"), ("medication", "drug_name", "drug"),
        ("medication", "drug_code", "drug_code"), ("medication", "spec", "spec"), ("medication", "dose", "dose"),
        ("medication", "dose_unit", "dose_unit"), ("medication", "freq_code", "freq"),
        ("medication", "route_code", "route"), ("medication", "days", "days"),
        ("medication", "start_time", "prescribed"),
    )
)  # fmt: skip
