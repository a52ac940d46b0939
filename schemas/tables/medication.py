"""The shared table `medication`, 用药: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Medication(Table):
    """One drug prescribed, ordered, dispensed, given or taken."""

    zh = "用药"
    when = "start_time"
    fhir = "MedicationRequest, MedicationDispense, MedicationAdministration"
    omop = "DRUG_EXPOSURE"

    encounter_id = Column(
        dtype=pl.String(),
        means="The visit it belongs to.",
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
        means="Who gets the drug.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    kind = Column(
        dtype=pl.String(),
        required=True,
        means="Whether it was prescribed, ordered, dispensed, given or taken.",
        zh="用药记录类型",
        codes="medication-kind",
        element="DE06.00.286.00",
        fhir="resourceType",
        omop="drug_type_concept_id",
    )
    group_no = Column(
        dtype=pl.String(),
        means="Number that drugs given together share.",
        zh="处方药品组号",
        reveals=Reveals.PERSON,
        token=True,
        element="DE08.50.056.00",
        fhir="groupIdentifier",
    )
    drug_code = Column(
        dtype=pl.String(),
        means="Code of the drug.",
        zh="药品代码",
        element="NHSA X (23)/Z (20)",
        fhir="medicationCodeableConcept.coding.code",
        omop="drug_source_value",
    )
    drug_code_system = Column(
        dtype=pl.String(),
        means="Code system of the drug, as URI or OID.",
        zh="药品编码体系",
        fhir="medicationCodeableConcept.coding.system",
        omop="drug_source_concept_id",
    )
    atc_code = Column(
        dtype=pl.String(),
        means="ATC class of the drug.",
        zh="ATC代码",
        fhir="medicationCodeableConcept.coding",
        omop="drug_concept_id",
    )
    drug_name = Column(
        dtype=pl.String(),
        required=True,
        means="Name of the drug as written.",
        zh="药物名称",
        element="DE08.50.022.00",
        fhir="medicationCodeableConcept.text",
    )
    form_code = Column(
        dtype=pl.String(), means="Dosage form.", zh="药物剂型代码", element="DE08.50.011.00", fhir="Medication.form"
    )
    spec = Column(dtype=pl.String(), means="Strength and pack as written.", zh="药物规格", element="DE08.50.043.00")
    dose = Column(
        dtype=pl.Float64(),
        means="Single dose, in `dose_unit`.",
        zh="药物使用次剂量",
        fhir="dosageInstruction.doseAndRate.doseQuantity.value",
    )
    dose_unit = Column(
        dtype=pl.String(),
        means="Unit of the dose as written.",
        zh="药物使用剂量单位",
        element="DE08.50.024.00",
        fhir="dosageInstruction.doseAndRate.doseQuantity.unit",
        omop="dose_unit_source_value",
    )
    freq_code = Column(
        dtype=pl.String(),
        means="How often, as the source codes it.",
        zh="药物使用频次代码",
        element="DE06.00.133.00",
        fhir="dosageInstruction.timing",
        omop="sig",
    )
    route_code = Column(
        dtype=pl.String(),
        means="Route, as the source codes it.",
        zh="用药途径代码",
        fhir="dosageInstruction.route",
        omop="route_source_value",
    )
    total_qty = Column(
        dtype=pl.Float64(),
        means="Total quantity.",
        zh="药物使用总剂量",
        element="DE06.00.135.00",
        fhir="dispenseRequest.quantity",
        omop="quantity",
    )
    days = Column(
        dtype=pl.Int16(),
        means="Days the supply lasts.",
        zh="处方有效天数",
        unit="d",
        element="DE06.00.294.00",
        fhir="dispenseRequest.expectedSupplyDuration",
        omop="days_supply",
    )
    start_time = Column(
        dtype=TIME,
        required=True,
        means="When it was prescribed, ordered or given.",
        zh="用药开始时间",
        reveals=Reveals.HINT,
        element="DE06.00.220.00",
        fhir="authoredOn",
        omop="drug_exposure_start_datetime",
    )
    end_time = Column(
        dtype=TIME,
        means="When it was stopped.",
        zh="用药停止时间",
        reveals=Reveals.HINT,
        element="DE06.00.234.00",
        fhir="dosageInstruction.timing",
        omop="drug_exposure_end_datetime",
    )
    status = Column(
        dtype=pl.String(),
        means="State of the order at the source.",
        zh="医嘱执行状态",
        element="DE06.00.290.00",
        fhir="status",
    )
    antimicrobial = Column(dtype=pl.Boolean(), means="The drug is an antimicrobial.", zh="抗菌药物标志")
    tcm_kind_code = Column(
        dtype=pl.String(),
        means="Kind of Chinese medicine.",
        zh="中药类别代码",
        codes="tcm-kind",
        element="DE06.00.164.00",
        fhir="category",
    )
