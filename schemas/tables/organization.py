"""The shared table `organization`, 机构: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import Column
from schemas.table import Table


class Organization(Table):
    """An institution that holds data: hospital, community health centre or public-health body."""

    zh = "机构"
    person = None
    fhir = "Organization"
    omop = "CARE_SITE, LOCATION"

    uscc = Column(
        dtype=pl.String(),
        means="Unified social credit code, 18 characters.",
        zh="统一社会信用代码",
        level=1,
        element="GB 32100",
        fhir="identifier",
        omop="care_site_source_value",
    )
    ws218_code = Column(
        dtype=pl.String(),
        means="Health institution code after WS 218, 22 characters.",
        zh="卫生机构代码",
        level=1,
        element="WS 218; P900",
        fhir="identifier",
    )
    nhsa_code = Column(
        dtype=pl.String(),
        means="Institution code of the insurance bureau: H or P and 11 digits.",
        zh="医保定点医药机构编码",
        level=1,
        element="fixmedins_code",
        fhir="identifier",
    )
    org_name = Column(
        dtype=pl.String(),
        required=True,
        means="Registered name of the institution.",
        zh="机构名称",
        level=1,
        element="DE08.10.013.00; A02/P6891",
        fhir="name",
        omop="care_site_name",
    )
    org_class_code = Column(
        dtype=pl.String(),
        means="Class of institution after WS 218, e.g. A100 general hospital.",
        zh="卫生机构类别代码",
        level=1,
        element="WS 218",
        fhir="type",
        omop="place_of_service_concept_id",
    )
    level_code = Column(
        dtype=pl.String(),
        means="Level of the hospital.",
        zh="医院级别代码",
        codes="hospital-level",
        level=1,
        element="医院级",
        fhir="type",
    )
    grade_code = Column(
        dtype=pl.String(),
        means="Grade within the level.",
        zh="医院等次代码",
        codes="hospital-grade",
        level=1,
        element="医院等",
        fhir="type",
    )
    tier = Column(
        dtype=pl.String(),
        means="Tier of care the institution belongs to.",
        zh="机构层级",
        codes="tier",
        level=1,
        fhir="type",
    )
    ownership_code = Column(
        dtype=pl.String(),
        means="Who owns the institution, as its register says.",
        zh="经济类型代码",
        level=1,
        element="GB/T 12402",
        fhir="type",
    )
    admin_div_code = Column(
        dtype=pl.String(),
        means="County the institution stands in.",
        zh="行政区划代码",
        codes="division",
        level=1,
        element="GB/T 2260",
        fhir="address",
        omop="LOCATION.county",
    )
    parent_org_code = Column(
        dtype=pl.String(),
        means="Site id of the head of its medical consortium.",
        zh="上级机构标识",
        references="organization.org_code",
        level=1,
        element="医联体/医共体",
        fhir="partOf",
    )
    emr_level = Column(
        dtype=pl.Int8(),
        means="Grade of its electronic record system, 0 to 8.",
        zh="电子病历系统应用水平分级",
        level=1,
        element="国卫办医函〔2018〕1079号",
        fhir="extension",
    )
    interop_level = Column(
        dtype=pl.String(),
        means="Grade of its interoperability assessment.",
        zh="互联互通标准化成熟度等级",
        codes="interop-level",
        level=1,
        fhir="extension",
    )
    valid_from = Column(dtype=pl.Date(), means="First day the entry holds.", zh="生效日期", level=1, fhir="extension")
    valid_to = Column(dtype=pl.Date(), means="Last day the entry holds.", zh="失效日期", level=1, fhir="extension")
