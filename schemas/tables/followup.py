"""The shared table `followup`, 公共卫生随访: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import Column
from schemas.reveals import Reveals
from schemas.table import Table


class Followup(Table):
    """One follow-up of a person in a public-health programme."""

    zh = "公共卫生随访"
    when = "followup_date"
    fhir = "Encounter, Observation, CarePlan"
    omop = "VISIT_OCCURRENCE, MEASUREMENT, OBSERVATION"

    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="Who was followed up.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    program_code = Column(
        dtype=pl.String(),
        required=True,
        means="The programme.",
        zh="随访项目代码",
        codes="program",
        element="WS 372",
        fhir="CarePlan.category",
    )
    followup_date = Column(
        dtype=pl.Date(),
        required=True,
        means="Date of the follow-up.",
        zh="随访日期",
        reveals=Reveals.HINT,
        fhir="period.start",
        omop="visit_start_date",
    )
    mode_code = Column(
        dtype=pl.String(),
        means="How the person was reached.",
        zh="随访方式代码",
        codes="followup-mode",
        element="DE06.00.108.00",
        fhir="class",
    )
    symptom_codes = Column(
        dtype=pl.String(),
        means="Symptoms, as written.",
        zh="症状代码",
        reveals=Reveals.HINT,
        element="DE04.01.117.00",
        fhir="Observation",
        omop="OBSERVATION",
    )
    sbp = Column(
        dtype=pl.Int16(),
        means="Systolic blood pressure.",
        zh="收缩压",
        unit="mm[Hg]",
        element="DE04.10.174.00",
        fhir="Observation 8480-6",
        omop="MEASUREMENT",
    )
    dbp = Column(
        dtype=pl.Int16(),
        means="Diastolic blood pressure.",
        zh="舒张压",
        unit="mm[Hg]",
        element="DE04.10.176.00",
        fhir="Observation 8462-4",
        omop="MEASUREMENT",
    )
    heart_rate = Column(
        dtype=pl.Int16(),
        means="Heart rate.",
        zh="心率",
        unit="/min",
        element="DE04.10.206.00",
        fhir="Observation 8867-4",
        omop="MEASUREMENT",
    )
    height_cm = Column(
        dtype=pl.Float64(),
        means="Height.",
        zh="身高",
        unit="cm",
        element="DE04.10.167.00",
        fhir="Observation 8302-2",
        omop="MEASUREMENT",
    )
    weight_kg = Column(
        dtype=pl.Float64(),
        means="Weight.",
        zh="体重",
        unit="kg",
        element="DE04.10.188.00",
        fhir="Observation 29463-7",
        omop="MEASUREMENT",
    )
    waist_cm = Column(
        dtype=pl.Float64(),
        means="Waist.",
        zh="腰围",
        unit="cm",
        element="DE04.10.052.00",
        fhir="Observation 8280-0",
        omop="MEASUREMENT",
    )
    glucose_fasting = Column(
        dtype=pl.Float64(),
        means="Fasting blood glucose.",
        zh="空腹血糖值",
        unit="mmol/L",
        element="DE04.50.102.00",
        fhir="Observation 14771-0",
        omop="MEASUREMENT",
    )
    hba1c_pct = Column(
        dtype=pl.Float64(),
        means="Glycated haemoglobin.",
        zh="糖化血红蛋白值",
        unit="%",
        fhir="Observation 4548-4",
        omop="MEASUREMENT",
    )
    smoke_per_day = Column(
        dtype=pl.Int16(),
        means="Cigarettes a day.",
        zh="日吸烟量",
        unit="{cig}/d",
        element="DE03.00.053.00",
        fhir="Observation",
        omop="OBSERVATION",
    )
    alcohol_per_day = Column(
        dtype=pl.Float64(),
        means="Alcohol a day, in liang (50 g) of spirits.",
        zh="日饮酒量",
        unit="[liang]/d",
        element="DE03.00.054.00",
        fhir="Observation",
        omop="OBSERVATION",
    )
    exercise_per_week = Column(
        dtype=pl.Int16(),
        means="Times of exercise a week.",
        zh="每周运动次数",
        unit="/wk",
        fhir="Observation",
        omop="OBSERVATION",
    )
    salt_code = Column(
        dtype=pl.String(),
        means="Salt in the diet.",
        zh="摄盐量分级代码",
        codes="salt-intake",
        fhir="Observation",
        omop="OBSERVATION",
    )
    behaviour_code = Column(
        dtype=pl.String(),
        means="How well the person follows advice.",
        zh="随访遵医行为评价代码",
        codes="behaviour",
        fhir="Observation",
        omop="OBSERVATION",
    )
    drug_adherence_code = Column(
        dtype=pl.String(),
        means="How regularly the drugs are taken.",
        zh="服药依从性代码",
        codes="adherence",
        fhir="Observation",
        omop="OBSERVATION",
    )
    adr_code = Column(
        dtype=pl.String(),
        means="Whether a drug had adverse effects.",
        zh="药物不良反应标志",
        codes="adverse-reaction",
        element="DE06.00.129.00",
        fhir="Observation",
        omop="OBSERVATION",
    )
    result_code = Column(
        dtype=pl.String(),
        means="Verdict of this follow-up.",
        zh="此次随访分类代码",
        codes="followup-result",
        fhir="Observation",
        omop="OBSERVATION",
    )
    referral_org = Column(
        dtype=pl.String(), means="Where the person was referred to.", zh="转入医疗机构名称", fhir="ServiceRequest"
    )
    next_date = Column(
        dtype=pl.Date(),
        means="Date of the next follow-up.",
        zh="下次随访日期",
        reveals=Reveals.HINT,
        fhir="CarePlan.activity",
    )
    doctor = Column(
        dtype=pl.String(),
        means="Who made the follow-up.",
        zh="随访医生姓名",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        fhir="participant",
        omop="provider_id",
    )
