"""The shared table `patient`, 患者: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Patient(Table):
    """One source record about one person; several may share a `person_id`."""

    zh = "患者"
    fhir = "Patient"
    omop = "PERSON, DEATH, LOCATION"

    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="The site's own key of the person.",
        zh="个人标识",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="EMPI",
        fhir="id",
        omop="person_id",
    )
    org_patient_id = Column(
        dtype=pl.String(),
        required=True,
        means="Patient number the institution uses.",
        zh="机构内患者编号",
        reveals=Reveals.PERSON,
        level=4,
        token=True,
        element="HIS patient id",
        fhir="identifier",
        omop="person_source_value",
    )
    name = Column(  # type: ignore[assignment]  # the table's own name takes its place once the columns are taken
        dtype=pl.String(),
        means="Name in clear. Stays at the site.",
        zh="姓名",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="DE02.01.039.00; A11/P4/XM/psn_name",
        fhir="name",
    )
    gender_code = Column(
        dtype=pl.String(),
        required=True,
        means="Sex.",
        zh="性别代码",
        codes="sex",
        element="DE02.01.040.00; A12C/P5/XB/gend",
        fhir="gender",
        omop="gender_concept_id",
    )
    birth_date = Column(
        dtype=pl.Date(),
        required=True,
        means="Date of birth; the first day of the month or year where no more is known.",
        zh="出生日期",
        reveals=Reveals.HINT,
        element="DE02.01.005.01; A13/P6/CSRQ/brdy",
        fhir="birthDate",
        omop="birth_datetime",
    )
    birth_precision = Column(
        dtype=pl.String(),
        means="How exactly the date of birth is known.",
        zh="出生日期精度",
        codes="date-precision",
        fhir="_birthDate",
    )
    death_time = Column(
        dtype=TIME,
        means="When the person died.",
        zh="死亡时间",
        reveals=Reveals.HINT,
        element="DE02.01.036.00",
        fhir="deceasedDateTime",
        omop="DEATH.death_datetime",
    )
    country_code = Column(
        dtype=pl.String(),
        means="Nationality.",
        zh="国籍代码",
        codes="country",
        reveals=Reveals.HINT,
        element="A15C/P12/GJ/ntly",
        fhir="extension",
    )
    ethnicity_code = Column(
        dtype=pl.String(),
        means="Ethnic group.",
        zh="民族代码",
        codes="ethnicity",
        reveals=Reveals.HINT,
        element="A19C/P11/MZ/naty",
        fhir="extension",
        omop="ethnicity_source_value",
    )
    marital_code = Column(
        dtype=pl.String(),
        means="Marital status.",
        zh="婚姻状况代码",
        codes="marital",
        element="A21C/P8/HY",
        fhir="maritalStatus",
        omop="OBSERVATION",
    )
    occupation_code = Column(
        dtype=pl.String(),
        means="Occupation.",
        zh="职业类别代码",
        codes="occupation",
        reveals=Reveals.HINT,
        element="A38C/P9/ZY/prfs",
        fhir="extension",
        omop="OBSERVATION",
    )
    abo_code = Column(
        dtype=pl.String(),
        means="ABO blood group.",
        zh="ABO血型代码",
        codes="rc030",
        element="DE04.50.001.00; C26C/P62/XX",
        fhir="Observation 883-9",
        omop="OBSERVATION",
    )
    rh_code = Column(
        dtype=pl.String(),
        means="Rh blood group.",
        zh="Rh血型代码",
        codes="rc031",
        element="DE04.50.010.00; C27C/P63/RH",
        fhir="Observation 10331-7",
        omop="OBSERVATION",
    )
    residence_div_code = Column(
        dtype=pl.String(),
        means="County the person lives in.",
        zh="现住址行政区划代码",
        codes="division",
        reveals=Reveals.HINT,
        element="A26/P801/XZZ",
        fhir="address",
        omop="LOCATION",
    )
    household_div_code = Column(
        dtype=pl.String(),
        means="County of the household register.",
        zh="户籍地址行政区划代码",
        codes="division",
        reveals=Reveals.HINT,
        element="A24/P17/HKDZ",
        fhir="address",
    )
    address = Column(
        dtype=pl.String(),
        means="Address in clear. Stays at the site.",
        zh="现住址",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="A26/P801/XZZ/curr_addr",
        fhir="address",
    )
    phone = Column(
        dtype=pl.String(),
        means="Telephone number in clear. Stays at the site.",
        zh="电话号码",
        reveals=Reveals.PERSON,
        level=4,
        site_only=True,
        element="A27/P802/DH",
        fhir="telecom",
    )
    insurance_type_code = Column(
        dtype=pl.String(),
        means="Kind of health insurance.",
        zh="医疗保险类别代码",
        codes="insurance-type",
        element="DE02.01.044.00; hi_type",
        fhir="Coverage.type",
        omop="PAYER_PLAN_PERIOD",
    )
