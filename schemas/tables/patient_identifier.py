"""The shared table `patient_identifier`, 患者身份标识: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class PatientIdentifier(Table):
    """One identifier of one person, as one source record gives it."""

    zh = "患者身份标识"
    fhir = "Patient.identifier"

    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="The site's own key of the person.",
        zh="个人标识",
        references="patient.person_id",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="Patient.id",
        omop="person_id",
    )
    id_type_code = Column(
        dtype=pl.String(),
        required=True,
        means="Kind of document the number is from.",
        zh="证件类型代码",
        codes="rc038",
        element="A20N/patn_cert_type",
        fhir="identifier.type",
    )
    id_value = Column(
        dtype=pl.String(),
        required=True,
        means="The number, half width, upper case, without blanks.",
        zh="证件号码",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="DE02.01.030.00; A20/P13/SFZH/certno",
        fhir="identifier.value",
    )
    check_ok = Column(
        dtype=pl.Boolean(),
        means="Whether its check digit holds; empty where the kind has none.",
        zh="校验位正确",
        element="GB 11643",
    )
    assigner_org = Column(dtype=pl.String(), means="Who issued it.", zh="签发机构", fhir="identifier.assigner")
    first_seen = Column(
        dtype=TIME,
        means="First time the identifier was in use.",
        zh="首次使用时间",
        reveals=Reveals.HINT,
        fhir="identifier.period.start",
    )
    last_seen = Column(
        dtype=TIME,
        means="Last time the identifier was in use.",
        zh="末次使用时间",
        reveals=Reveals.HINT,
        fhir="identifier.period.end",
    )
