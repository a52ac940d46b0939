"""The shared table `condition`, 诊断: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Condition(Table):
    """One diagnosis in one role: admission, main, other, pathology, external cause, chronic."""

    zh = "诊断"
    when = "recorded_time"
    fhir = "Condition"
    omop = "CONDITION_OCCURRENCE"

    encounter_id = Column(
        dtype=pl.String(),
        means="The visit it was made in.",
        zh="就诊标识",
        references="encounter.record_id",
        reveals=Reveals.PERSON,
        token=True,
        fhir="encounter",
        omop="visit_occurrence_id",
    )
    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="Whose diagnosis it is.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    role_code = Column(
        dtype=pl.String(),
        means="Part the diagnosis plays.",
        zh="诊断类型代码",
        codes="condition-role",
        fhir="category; Encounter.diagnosis.use",
        omop="condition_status_concept_id",
    )
    rank = Column(
        dtype=pl.Int16(),
        means="Place among the diagnoses of its role, from 1.",
        zh="诊断顺位",
        element="x01..x40",
        fhir="Encounter.diagnosis.rank",
    )
    code = Column(
        dtype=pl.String(),
        required=True,
        means="The diagnosis code, verbatim.",
        zh="疾病诊断编码",
        element="DE05.01.024.00; C03C,C06xNNC/P321,P324/JBDM/diag_code",
        fhir="code.coding.code",
        omop="condition_source_value",
    )
    code_system = Column(
        dtype=pl.String(),
        required=True,
        means="Code system, as URI or OID.",
        zh="诊断编码体系",
        element="2.16.156.10011.2.3.3.11",
        fhir="code.coding.system",
        omop="condition_source_concept_id",
    )
    code_version = Column(
        dtype=pl.String(),
        required=True,
        means="Edition of the code system, e.g. GLB2.0, YB2.0, GB/T14396-2016.",
        zh="诊断编码版本",
        element="国临版/医保版",
        fhir="code.coding.version",
    )
    display = Column(
        dtype=pl.String(),
        required=True,
        means="The diagnosis in words, as written.",
        zh="疾病诊断名称",
        element="DE05.01.025.00; C04N,C07xNN/P322/ZYZD/diag_name",
        fhir="code.text",
    )
    poa_code = Column(
        dtype=pl.String(),
        means="Whether it was there on admission.",
        zh="入院病情代码",
        codes="rc027",
        element="DE09.00.104.00; C05C/P805/RYBQ/adm_cond_type",
        fhir="extension",
        omop="OBSERVATION",
    )
    outcome_code = Column(
        dtype=pl.String(),
        means="How it ended.",
        zh="出院情况代码",
        codes="rc005",
        element="DE05.10.113.00; F05/P323",
        fhir="clinicalStatus",
        omop="OBSERVATION",
    )
    pathology_no = Column(
        dtype=pl.String(),
        means="Number of the pathology report.",
        zh="病理号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE01.00.005.00; C11/P816/BLH",
        fhir="evidence",
    )
    recorded_time = Column(
        dtype=TIME,
        means="When the diagnosis was recorded.",
        zh="诊断时间",
        reveals=Reveals.HINT,
        element="DE05.01.058.00",
        fhir="recordedDate",
        omop="condition_start_datetime",
    )
    onset_date = Column(
        dtype=pl.Date(),
        means="When it began.",
        zh="发病日期",
        reveals=Reveals.HINT,
        element="DE04.01.018.00",
        fhir="onsetDateTime",
        omop="condition_start_date",
    )
