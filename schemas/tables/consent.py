"""The shared table `consent`, 知情同意: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Consent(Table):
    """One value of one attribute of one provision of a patient's permission or refusal."""

    zh = "知情同意"
    when = "signed_time"
    fhir = "Consent"

    consent_id = Column(
        dtype=pl.String(),
        required=True,
        means="The consent the row belongs to.",
        zh="知情同意标识",
        reveals=Reveals.PERSON,
        token=True,
        fhir="id",
    )
    provision_id = Column(
        dtype=pl.String(),
        required=True,
        means="The provision the row belongs to.",
        zh="条款标识",
        reveals=Reveals.PERSON,
        token=True,
    )
    parent_id = Column(
        dtype=pl.String(),
        means="The provision this one is an exception to; empty for the root.",
        zh="上级条款标识",
        reveals=Reveals.PERSON,
        token=True,
        fhir="provision.provision",
    )
    depth = Column(
        dtype=pl.Int16(),
        means="How deep the provision is nested; the root is 0.",
        zh="条款层级",
        fhir="provision.provision",
    )
    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="Who consents.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="patient",
        omop="person_id",
    )
    decision = Column(
        dtype=pl.String(),
        required=True,
        means="Whether the provision permits or denies.",
        zh="条款决定",
        codes="decision",
        fhir="provision.type",
    )
    status = Column(
        dtype=pl.String(),
        required=True,
        means="State of the consent.",
        zh="知情同意状态",
        codes="consent-status",
        fhir="status",
    )
    legal_basis = Column(
        dtype=pl.String(),
        required=True,
        means="Ground of article 13 of the Personal Information Protection Law.",
        zh="合法性基础",
        codes="legal-basis",
        element="个人信息保护法第十三条",
        fhir="policyRule",
    )
    separate_consent = Column(
        dtype=pl.Boolean(),
        required=True,
        means="A separate consent was given, as articles 23 and 29 ask.",
        zh="单独同意标志",
        element="个人信息保护法第二十三条、第二十九条",
        fhir="extension",
    )
    attribute = Column(
        dtype=pl.String(),
        means="Which attribute of the provision `value` belongs to; empty where it has none.",
        zh="条款属性",
        codes="consent-attribute",
        fhir="provision",
    )
    system = Column(dtype=pl.String(), means="Code system of `value`.", zh="属性值编码体系", fhir="provision.*.system")
    value = Column(
        dtype=pl.String(),
        means="One value of the attribute; values of one attribute are alternatives.",
        zh="属性值",
        reveals=Reveals.HINT,
        fhir="provision.*.code",
    )
    max_sec_level = Column(
        dtype=pl.Int8(),
        means="Highest sensitivity of data the provision covers.",
        zh="最高数据安全级别",
        codes="sec-level",
        fhir="provision.securityLabel",
    )
    grantor_org = Column(
        dtype=pl.String(),
        required=True,
        means="Institution that took the consent.",
        zh="知情同意采集机构",
        fhir="organization",
    )
    valid_from = Column(
        dtype=TIME,
        required=True,
        means="From when the provision holds.",
        zh="有效期开始时间",
        fhir="provision.period.start",
    )
    valid_to = Column(
        dtype=TIME,
        required=True,
        means="Until when the provision holds.",
        zh="有效期结束时间",
        fhir="provision.period.end",
    )
    data_from = Column(
        dtype=pl.Date(), means="First day of the data it covers.", zh="数据起始日期", fhir="provision.dataPeriod.start"
    )
    data_to = Column(
        dtype=pl.Date(), means="Last day of the data it covers.", zh="数据截止日期", fhir="provision.dataPeriod.end"
    )
    guardian_ref = Column(
        dtype=pl.String(),
        means="Guardian who consents for a child under 14.",
        zh="监护人标识",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="个人信息保护法第三十一条",
        fhir="performer",
    )
    evidence_doc = Column(
        dtype=pl.String(),
        means="The signed document.",
        zh="知情同意书标识",
        references="document.record_id",
        reveals=Reveals.PERSON,
        token=True,
        element="WS/T 500.29, WS/T 500.31",
        fhir="sourceReference",
    )
    signed_time = Column(dtype=TIME, required=True, means="When it was signed.", zh="签署时间", fhir="dateTime")
    withdrawn_time = Column(dtype=TIME, means="When it was withdrawn.", zh="撤回时间", element="个人信息保护法第十五条")
