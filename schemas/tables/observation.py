"""The shared table `observation`, 检验检查与体征: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Observation(Table):
    """One result: a laboratory item, a vital sign, a finding of an examination."""

    zh = "检验检查与体征"
    when = "sampled_time"
    fhir = "Observation, DiagnosticReport"
    omop = "MEASUREMENT, OBSERVATION"

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
        means="Of whom it was made.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="subject",
        omop="person_id",
    )
    report_id = Column(
        dtype=pl.String(),
        means="Number of the report the result stands in.",
        zh="检查检验报告单号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE01.00.018.00",
        fhir="DiagnosticReport.id",
        omop="measurement_event_id",
    )
    category = Column(
        dtype=pl.String(),
        required=True,
        means="Kind of observation.",
        zh="项目类别",
        codes="observation-category",
        element="DE04.30.018.00",
        fhir="category",
    )
    item_code = Column(
        dtype=pl.String(),
        required=True,
        means="Code of what was observed: LOINC, or the site's own.",
        zh="检验项目代码",
        element="DE04.30.019.00",
        fhir="code.coding.code",
        omop="measurement_source_value",
    )
    item_system = Column(
        dtype=pl.String(),
        required=True,
        means="Code system of the item, as URI or OID; `local` for the site's own.",
        zh="检验项目编码体系",
        fhir="code.coding.system",
    )
    item_name = Column(
        dtype=pl.String(),
        required=True,
        means="What was observed, in words.",
        zh="检验项目名称",
        element="DE04.30.020.00",
        fhir="code.text",
    )
    value_num = Column(
        dtype=pl.Float64(),
        means="The number in the result.",
        zh="检验定量结果",
        element="DE04.30.015.00",
        fhir="valueQuantity.value",
        omop="value_as_number",
    )
    comparator = Column(
        dtype=pl.String(),
        means="Comparison before the number: above or below what could be measured.",
        zh="比较符",
        codes="comparator",
        fhir="valueQuantity.comparator",
        omop="operator_concept_id",
    )
    value_text = Column(
        dtype=pl.String(),
        means="The result verbatim.",
        zh="检验结果原文",
        reveals=Reveals.HINT,
        fhir="valueString",
        omop="value_source_value",
    )
    value_code = Column(
        dtype=pl.String(),
        means="The result or its interpretation as a code of the source.",
        zh="检验结果代码",
        element="DE04.30.017.00",
        fhir="valueCodeableConcept; interpretation",
        omop="value_as_concept_id",
    )
    unit = Column(
        dtype=pl.String(),
        means="Unit as reported.",
        zh="计量单位",
        element="DE04.30.016.00",
        fhir="valueQuantity.unit",
        omop="unit_source_value",
    )
    unit_ucum = Column(
        dtype=pl.String(), means="Unit in UCUM.", zh="计量单位(UCUM)", fhir="valueQuantity.code", omop="unit_concept_id"
    )
    ref_low = Column(
        dtype=pl.Float64(),
        means="Lower end of the reference range.",
        zh="参考值下限",
        fhir="referenceRange.low",
        omop="range_low",
    )
    ref_high = Column(
        dtype=pl.Float64(),
        means="Upper end of the reference range.",
        zh="参考值上限",
        fhir="referenceRange.high",
        omop="range_high",
    )
    ref_text = Column(
        dtype=pl.String(), means="Reference range as written.", zh="参考值范围", fhir="referenceRange.text"
    )
    specimen_code = Column(
        dtype=pl.String(),
        means="Kind of specimen.",
        zh="标本类别代码",
        element="DE04.50.134.00",
        fhir="specimen",
        omop="SPECIMEN",
    )
    method = Column(dtype=pl.String(), means="Method used.", zh="检查方法名称", element="DE02.10.027.00", fhir="method")
    sampled_time = Column(
        dtype=TIME,
        means="When the specimen was taken or the observation made.",
        zh="标本采样时间",
        reveals=Reveals.HINT,
        element="DE04.50.137.00",
        fhir="effectiveDateTime",
        omop="measurement_datetime",
    )
    received_time = Column(
        dtype=TIME,
        means="When the laboratory received the specimen.",
        zh="接收标本时间",
        reveals=Reveals.HINT,
        element="DE04.50.141.00",
        fhir="Specimen.receivedTime",
    )
    reported_time = Column(
        dtype=TIME,
        means="When the result was reported.",
        zh="报告时间",
        reveals=Reveals.HINT,
        element="DE09.00.053.00",
        fhir="issued",
    )
    mutual_recognition = Column(
        dtype=pl.String(),
        means="Mutual-recognition mark of the item.",
        zh="检查检验结果互认标识",
        element="互认标识",
        fhir="extension",
    )
    critical_flag = Column(
        dtype=pl.Boolean(),
        means="The result was reported as critical.",
        zh="危急值标志",
        element="危急值",
        fhir="interpretation",
    )
    performer_org = Column(
        dtype=pl.String(),
        means="Institution that made the observation.",
        zh="检查检验机构名称",
        element="DE08.10.013.00",
        fhir="performer",
    )
