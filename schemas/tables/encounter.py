"""The shared table `encounter`, 就诊: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Encounter(Table):
    """One visit or stay; a stay on a ward or in intensive care is a row of its own, `part_of` the stay."""

    zh = "就诊"
    when = "start_time"
    fhir = "Encounter"
    omop = "VISIT_OCCURRENCE, VISIT_DETAIL"

    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="Whose visit it is.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    class_code = Column(
        dtype=pl.String(),
        required=True,
        means="Kind of visit.",
        zh="就诊类型代码",
        codes="encounter-class",
        element="就诊类型",
        fhir="class",
        omop="visit_concept_id",
    )
    part_of = Column(
        dtype=pl.String(),
        means="The visit this stay on a ward belongs to.",
        zh="所属就诊标识",
        references="encounter.record_id",
        reveals=Reveals.PERSON,
        token=True,
        fhir="partOf",
        omop="visit_occurrence_id",
    )
    visit_no = Column(
        dtype=pl.String(),
        means="Outpatient number.",
        zh="门(急)诊号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE01.00.010.00",
        fhir="identifier",
        omop="visit_source_value",
    )
    admission_no = Column(
        dtype=pl.String(),
        means="Inpatient number.",
        zh="住院号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE01.00.014.00",
        fhir="identifier",
        omop="visit_source_value",
    )
    mrn = Column(
        dtype=pl.String(),
        means="Record number on the front page.",
        zh="病案号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE01.00.004.00; A48/P3/BAH/medcasno",
        fhir="identifier",
    )
    admission_seq = Column(
        dtype=pl.Int32(),
        means="Which admission of this person it is, from 1.",
        zh="住院次数",
        element="DE02.10.090.00; A49/P2/ZYCS",
    )
    start_time = Column(
        dtype=TIME,
        required=True,
        means="Time of arrival or admission.",
        zh="入院时间",
        reveals=Reveals.HINT,
        element="DE06.00.092.00; B12/P22/RYSJ/adm_time",
        fhir="period.start",
        omop="visit_start_datetime",
    )
    end_time = Column(
        dtype=TIME,
        means="Time of leaving or discharge.",
        zh="出院时间",
        reveals=Reveals.HINT,
        element="DE06.00.017.00; B15/P25/CYSJ/dscg_time",
        fhir="period.end",
        omop="visit_end_datetime",
    )
    age_years = Column(
        dtype=pl.Int16(),
        means="Completed years at the start.",
        zh="年龄(岁)",
        unit="a",
        element="DE02.01.026.00; A14/P7/NL/age",
        fhir="extension",
    )
    age_days = Column(
        dtype=pl.Int32(),
        means="Days of age where under one year.",
        zh="年龄不足1周岁的日龄",
        unit="d",
        reveals=Reveals.HINT,
        element="A16/P66/BZYZS_NL/nwb_age",
        fhir="extension",
    )
    admit_route_code = Column(
        dtype=pl.String(),
        means="How the patient came in.",
        zh="入院途径代码",
        codes="rc026",
        element="DE06.00.339.00; B11C/P804/RYTJ/adm_way",
        fhir="hospitalization.admitSource",
        omop="admitted_from_source_value",
    )
    admit_dept_code = Column(
        dtype=pl.String(),
        means="Department of admission, or of this stay on a ward.",
        zh="入院科别代码",
        codes="rc023",
        element="B13C/P23/RYKB/adm_caty",
        fhir="location",
        omop="VISIT_DETAIL",
    )
    icu_type_code = Column(
        dtype=pl.String(),
        means="Kind of intensive care, for rows of class ICU.",
        zh="重症监护室类型代码",
        codes="rc015",
        element="C48xNNC/P6911/scs_cutd_ward_type",
        fhir="location.physicalType",
        omop="VISIT_DETAIL",
    )
    discharge_dept_code = Column(
        dtype=pl.String(),
        means="Department of discharge.",
        zh="出院科别代码",
        codes="rc023",
        element="B16C/P26/CYKB/dscg_caty",
        fhir="location",
        omop="VISIT_DETAIL",
    )
    los_days = Column(
        dtype=pl.Int32(),
        means="Days in hospital; the days of admission and discharge count as one.",
        zh="实际住院天数",
        unit="d",
        element="DE06.00.310.00; B20/P27/SJZYTS/act_ipt_days",
        fhir="length",
    )
    newborn_birth_weight_g = Column(
        dtype=pl.Int32(),
        means="Birth weight of the first newborn.",
        zh="新生儿出生体重",
        unit="g",
        element="DE04.10.019.00; A18x01/P681/XSECSTZ/nwb_bir_wt",
        fhir="Observation 8339-4",
        omop="MEASUREMENT",
    )
    discharge_way_code = Column(
        dtype=pl.String(),
        means="How the stay ended.",
        zh="离院方式代码",
        codes="rc019",
        element="DE06.00.223.00; B34C/P741/LYFS/dscg_way",
        fhir="hospitalization.dischargeDisposition",
        omop="discharged_to_source_value",
    )
    receiving_org_name = Column(
        dtype=pl.String(),
        means="Institution that takes over.",
        zh="拟接收医疗机构名称",
        element="B35/P742/P743/YZZY_YLJG/acp_medins_name",
        fhir="hospitalization.destination",
    )
    readmit31_code = Column(
        dtype=pl.String(),
        means="Whether a return within 31 days is planned.",
        zh="出院31天内再住院计划标志",
        codes="rc028",
        element="DE06.00.194.00; B36C/P830/SFZZYJH/days_rinp_flag_31",
        fhir="extension",
    )
    readmit31_reason = Column(
        dtype=pl.String(),
        means="Why the return is planned.",
        zh="出院31天内再住院目的",
        reveals=Reveals.HINT,
        element="DE06.00.195.00; B37/P831/MD/days_rinp_pup_31",
        fhir="extension",
    )
    pay_method_code = Column(
        dtype=pl.String(),
        means="Who pays.",
        zh="医疗付费方式代码",
        codes="rc032",
        element="DE07.00.007.00; A46C/P1/YLFKFS",
        fhir="Coverage",
        omop="payer_source_value",
    )
    coma_before_min = Column(
        dtype=pl.Int32(),
        means="Coma before admission.",
        zh="颅脑损伤患者入院前昏迷时间",
        unit="min",
        element="DE05.10.138.01-03; C28-C30/P731/RYQ_T/pwcry_bfadm_coma_dura",
        fhir="Observation",
        omop="MEASUREMENT",
    )
    coma_after_min = Column(
        dtype=pl.Int32(),
        means="Coma after admission.",
        zh="颅脑损伤患者入院后昏迷时间",
        unit="min",
        element="DE05.10.138.01-03; C31-C33/P733/RYH_T/pwcry_afadm_coma_dura",
        fhir="Observation",
        omop="MEASUREMENT",
    )
    ventilator_hours = Column(
        dtype=pl.Int32(),
        means="Hours on invasive ventilation, rounded up, without anaesthesia.",
        zh="有创呼吸机使用时间",
        unit="h",
        element="C47/P72/vent_used_dura",
        fhir="Observation",
        omop="MEASUREMENT",
    )
    allergy_code = Column(
        dtype=pl.String(),
        means="Whether a drug allergy is known.",
        zh="药物过敏标志",
        codes="rc037",
        element="DE02.10.023.00; C24C/YWGM",
        fhir="AllergyIntolerance",
        omop="OBSERVATION",
    )
    allergy_text = Column(
        dtype=pl.String(),
        means="Drugs the patient is allergic to, as written.",
        zh="过敏药物",
        reveals=Reveals.HINT,
        element="DE02.10.022.00; C25/P372/GMYW",
        fhir="AllergyIntolerance.code.text",
        omop="OBSERVATION",
    )
    transfusion_reaction_code = Column(
        dtype=pl.String(),
        means="Whether a transfusion caused a reaction.",
        zh="输血反应标志",
        codes="rc018",
        element="F21/P64",
        fhir="Observation",
        omop="OBSERVATION",
    )
    director = Column(
        dtype=pl.String(),
        means="Head of the department.",
        zh="科主任",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="DE02.01.039.00; B22/P431/KZR",
        fhir="participant",
        omop="provider_id",
    )
    chief_physician = Column(
        dtype=pl.String(),
        means="Chief or deputy chief physician.",
        zh="主任(副主任)医师",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="B23/P432/ZRYS",
        fhir="participant",
        omop="provider_id",
    )
    attending_physician = Column(
        dtype=pl.String(),
        means="Attending physician.",
        zh="主治医师",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="B24/P433/ZZYS",
        fhir="participant",
        omop="provider_id",
    )
    resident_physician = Column(
        dtype=pl.String(),
        means="Resident physician.",
        zh="住院医师",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="B25/P434/ZYYS",
        fhir="participant",
        omop="provider_id",
    )
    responsible_nurse = Column(
        dtype=pl.String(),
        means="Responsible nurse.",
        zh="责任护士",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="B26/P819/ZRHS",
        fhir="participant",
        omop="provider_id",
    )
    coder = Column(
        dtype=pl.String(),
        means="Who coded the record.",
        zh="编码员",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="B29/P438/BMY",
        fhir="participant",
        omop="provider_id",
    )
    record_quality_code = Column(
        dtype=pl.String(),
        means="Quality of the paper record, as graded by the hospital.",
        zh="病案质量代码",
        codes="rc011",
        element="DE09.00.103.00; B30C/P44/BAZL",
        fhir="extension",
    )
    autopsy_code = Column(
        dtype=pl.String(),
        means="Whether an autopsy was made.",
        zh="死亡患者尸检标志",
        codes="rc016",
        element="DE09.00.108.00; C34C/P57/SWHZSJ",
        fhir="extension",
    )
    trauma_flag = Column(
        dtype=pl.Boolean(),
        means="The principal diagnosis is an injury or poisoning (ICD-10 S or T).",
        zh="外伤标志",
        fhir="extension",
    )
