"""Small joined frames for checks that look across tables: a stay with its patient, diagnoses and fees beside it.

Everything joined is first brought to one row per key with minima, maxima and sums, so that the order of rows, files and
batches never shows in an answer.
"""

import polars as pl

from federation.quality.ask import said
from federation.quality.frame import Frame, Tables
from federation.quality.links import Link, one
from federation.quality.measurement import MEANING, with_meaning
from federation.quality.ranges import ITEMS
from schemas.identifiers import resident_id
from schemas.tables.condition import Condition
from schemas.tables.encounter import Encounter
from schemas.tables.followup import Followup
from schemas.tables.medication import Medication
from schemas.tables.observation import Observation
from schemas.tables.patient_identifier import PatientIdentifier
from schemas.tables.procedure import Procedure

# The profiles whose rows are front pages: only of these can a check say that something should have been written.
FRONT_PAGES = ("hqms_v1", "hqms_v2", "wt4_1", "tcm_168")
FROM_FRONT_PAGE = pl.col("source_system").str.contains(f"/({'|'.join(FRONT_PAGES)})$")
ICD10_SYSTEMS = r"(?i)icd-?10|2\.16\.156\.10011\.2\.3\.3\.11"
ICD9_SYSTEMS = r"(?i)icd-?9|2\.16\.156\.10011\.2\.3\.3\.12"
MAIN_DIAGNOSIS = "MAIN"
AGREED = ("gender_code", "birth_date", "birth_precision")
MOMENT = ("org_code", "person_id", "sampled_time")
PLACE = ("org_code", "source_file", "source_position")  # where a source record stands
ADMISSION_WEIGHT = "newborn-admission-weight"  # item_code that the front-page profiles give it


def persons(tables: Tables) -> pl.LazyFrame:
    """One row per person; null where records of one person disagree, which is for linkage to settle."""
    return (
        tables["patient"]
        .group_by("person_id")
        .agg(
            *(
                pl.when(pl.col(name).min() == pl.col(name).max()).then(pl.col(name).min()).alias(name)
                for name in AGREED
            ),
            pl.col("death_time").max(),
            pl.col("rh_code").is_in(["1", "2"]).any().alias("rh_is_known"),
        )
    )


def with_patient(rows: pl.LazyFrame, tables: Tables) -> pl.LazyFrame:
    """The rows with their patient's columns: as the same source record gives them, else as all records agree.

    A front page that contradicts itself is then seen, even where another page of the same patient is right.
    """
    own = (
        tables["patient"].group_by(*PLACE, "person_id").agg(pl.col(name).min().alias(f"own_{name}") for name in AGREED)
    )
    beside = rows.join(own, on=[*PLACE, "person_id"], how="left").join(persons(tables), on="person_id", how="left")
    nearer = [pl.coalesce(f"own_{name}", name).alias(name) for name in AGREED]
    return beside.with_columns(nearer).drop(f"own_{name}" for name in AGREED)


def diagnoses(tables: Tables) -> pl.LazyFrame:
    """What the front-page checks want to know about a stay's diagnoses; one row per encounter_id."""
    code, role = pl.col("code"), pl.col("role_code")
    main, cause = role == MAIN_DIAGNOSIS, role == "EXT_CAUSE"
    return (
        tables["condition"]
        .filter(pl.col("encounter_id").is_not_null())
        .group_by("encounter_id")
        .agg(
            pl.when(main).then(code).min().alias("main_code"),
            ((role == "PATH") & said("code")).any().alias("has_pathology"),
            (cause & code.str.contains(r"^[V-Y]\d")).any().alias("has_external_cause"),
            (cause & pl.col("display").is_in(["车祸", "外伤"])).any().alias("vague_external_cause"),
            code.str.starts_with("S06").any().alias("has_head_injury"),
            code.str.contains(r"^Z37\.[02356]").any().alias("has_live_birth"),
            role.is_in([MAIN_DIAGNOSIS, "OTHER"]).sum().alias("diagnoses"),
        )
    )


def operations(tables: Tables) -> pl.LazyFrame:
    """Operations of a stay; one row per encounter_id."""
    return (
        tables["procedure"]
        .filter(pl.col("encounter_id").is_not_null())
        .group_by("encounter_id")
        .agg(
            said("code").sum().alias("operations"),
            pl.col("anesthesia_code").is_in(["-", ""]).not_().any().alias("has_anaesthesia"),
        )
    )


def weights(tables: Tables) -> pl.LazyFrame:
    """The weight on admission of a newborn, in grams; one row per encounter_id."""
    rows = tables["observation"].filter(pl.col("item_code") == ADMISSION_WEIGHT)
    return rows.group_by("encounter_id").agg(pl.col("value_num").max().alias("admission_weight_g"))


FEES = {
    "total_fee": "TOTAL",
    "self_fee": "SELF",
    "general_fee": "FP01",
    "nursing_fee": "FP03",
    "surgical_fee": "FP10",
    "anaesthesia_fee": "FP10A",
    "surgery_fee": "FP10B",
    "blood_fee": "FP16",
    "other_fee": "FP24",
}


def fees(tables: Tables) -> pl.LazyFrame:
    """The front page's fees of a stay; one row per encounter_id. "Of which" classes (with a letter) are not summed."""
    kind, amount = pl.col("fee_class_code"), pl.col("amount")
    return (
        tables["cost"]
        .filter((pl.col("kind") == "front_page") & pl.col("encounter_id").is_not_null())
        .group_by("encounter_id")
        .agg(
            *(pl.when(kind == code).then(amount).max().alias(name) for name, code in FEES.items()),
            pl.when(kind.str.contains(r"^FP\d\d$")).then(amount).sum().alias("class_fees"),
            pl.when(kind.is_in(["FP21", "FP22", "FP23"])).then(amount).sum().alias("consumable_fees"),
        )
    )


def _front_page(tables: Tables) -> pl.LazyFrame:
    stays = tables["encounter"].filter(pl.col("class_code") == "IP")
    for beside in (diagnoses(tables), operations(tables), weights(tables), fees(tables)):
        stays = stays.join(beside, left_on="record_id", right_on="encounter_id", how="left")
    return with_patient(stays, tables).with_columns(FROM_FRONT_PAGE.alias("is_front_page"))


def _beside_stay(tables: Tables, rows: pl.LazyFrame, link: str) -> pl.LazyFrame:
    stays = (
        tables["encounter"]
        .group_by(pl.col("record_id").alias(link))
        .agg(
            pl.col("start_time").min().alias("stay_start"),
            pl.col("end_time").max().alias("stay_end"),
            pl.col("age_years").min().alias("stay_age"),
            pl.col("person_id").min().alias("stay_person"),
        )
    )
    return rows.join(stays, on=link, how="left")


def _stay_part(tables: Tables) -> pl.LazyFrame:
    return _beside_stay(tables, tables["encounter"].filter(pl.col("part_of").is_not_null()), "part_of")


def _operation(tables: Tables) -> pl.LazyFrame:
    rows = with_patient(_beside_stay(tables, tables["procedure"], "encounter_id"), tables)
    is_icd9 = (FROM_FRONT_PAGE | pl.col("code_system").str.contains(ICD9_SYSTEMS)).fill_null(value=False)
    return rows.with_columns(is_icd9.alias("is_icd9"), FROM_FRONT_PAGE.alias("is_front_page"))


def _diagnosis(tables: Tables) -> pl.LazyFrame:
    rows = with_patient(_beside_stay(tables, tables["condition"], "encounter_id"), tables)
    is_icd10 = (FROM_FRONT_PAGE | pl.col("code_system").str.contains(ICD10_SYSTEMS)).fill_null(value=False)
    return rows.with_columns(is_icd10.alias("is_icd10"), FROM_FRONT_PAGE.alias("is_front_page"))


def _visit(tables: Tables) -> pl.LazyFrame:
    return with_patient(tables["encounter"], tables)


def _measurement(tables: Tables) -> pl.LazyFrame:
    people = persons(tables).select("person_id", "birth_date", "gender_code", "death_time")
    return with_meaning(tables["observation"].join(people, on="person_id", how="left"))


def _visit_result(tables: Tables) -> pl.LazyFrame:
    return _beside_stay(tables, tables["observation"], "encounter_id")


def _visit_drug(tables: Tables) -> pl.LazyFrame:
    return _beside_stay(tables, tables["medication"], "encounter_id")


def _of(item: str) -> pl.Expr:
    """Whether a result is of the measurement, by its code or its name."""
    known = next(each for each in ITEMS if each.id == item)
    named = pl.col("item_name").str.strip_chars().str.to_lowercase().is_in(known.names)
    return pl.col("item_code").is_in(known.loinc).fill_null(value=False) | named.fill_null(value=False)


def _pressure(tables: Tables) -> pl.LazyFrame:
    unit = pl.coalesce("unit_ucum", "unit").fill_null("")
    rows, others = (tables["observation"].with_columns(unit.alias("pressure_unit")) for _ in range(2))
    lower = others.filter(_of("diastolic") & pl.col("sampled_time").is_not_null())
    beside = lower.group_by(*MOMENT, "pressure_unit").agg(pl.col("value_num").min().alias("diastolic"))
    return rows.filter(_of("systolic")).join(beside, on=[*MOMENT, "pressure_unit"], how="left").drop("pressure_unit")


def _followed(tables: Tables) -> pl.LazyFrame:
    people = persons(tables).select("person_id", "birth_date", "gender_code", "death_time")
    aged = (pl.col("followup_date") - pl.col("birth_date")).dt.total_days().alias("age_days")
    return tables["followup"].join(people, on="person_id", how="left").with_columns(aged)


def _identity(tables: Tables) -> pl.LazyFrame:
    number = pl.col("id_value")
    # Of one person's papers some have the 15 digits of before 2000, others the same number in 18.
    long = pl.coalesce(resident_id.to_18(resident_id.normalised(number)), number).alias("number_18")
    return with_patient(tables["patient_identifier"], tables).with_columns(long)


PATIENT = one("person_id", "patient")
STAY = one("encounter_id", "encounter", "record_id")
FRONT_PAGE = Frame(
    "front_page",
    Encounter,
    _front_page,
    "One inpatient stay with its patient, diagnoses, operations and front-page fees beside it.",
    "住院病案首页",
    (PATIENT, *(one("record_id", name, "encounter_id") for name in ("condition", "procedure", "observation", "cost"))),
)
STAY_PART = Frame(
    "stay_part",
    Encounter,
    _stay_part,
    "One part of a stay (intensive care, ward) beside the stay.",
    "住院阶段",
    (one("part_of", "encounter", "record_id"),),
)
VISIT = Frame(
    "visit", Encounter, _visit, "One visit beside its patient.", "就诊与患者", (PATIENT,), (*PLACE, "person_id")
)
OPERATION = Frame(
    "operation",
    Procedure,
    _operation,
    "One operation beside the stay and the patient.",
    "手术与住院、患者",
    (STAY, PATIENT),
)
VISIT_RESULT = Frame(
    "visit_result",
    Observation,
    _visit_result,
    "One result beside its visit.",
    "检查检验与就诊",
    (STAY,),
    ("encounter_id",),
)
VISIT_DRUG = Frame(
    "visit_drug", Medication, _visit_drug, "One drug beside its visit.", "用药与就诊", (STAY,), ("encounter_id",)
)
PRESSURE = Frame(
    "pressure",
    Observation,
    _pressure,
    "One systolic pressure beside the diastolic one of the same moment.",
    "收缩压与舒张压",
    (Link(MOMENT, "observation", MOMENT),),
    (*MOMENT, "item_code", "item_name", "unit", "unit_ucum", "value_num"),
)
DIAGNOSIS = Frame(
    "diagnosis",
    Condition,
    _diagnosis,
    "One diagnosis beside the stay and the patient.",
    "诊断与患者",
    (STAY, PATIENT),
)
MEASUREMENT = Frame(
    "measurement",
    Observation,
    _measurement,
    "One result beside its patient.",
    "检查检验与患者",
    (PATIENT,),
    ("person_id", *MEANING),
)
FOLLOWED = Frame("followed", Followup, _followed, "One follow-up beside its patient.", "随访与患者", (PATIENT,))
IDENTITY = Frame(
    "identity", PatientIdentifier, _identity, "One identifier beside its patient.", "身份标识与患者", (PATIENT,)
)
