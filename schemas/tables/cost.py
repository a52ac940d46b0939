"""The shared table `cost`, 费用: its columns, and nothing that fills them."""

import polars as pl

from schemas.column import MONEY, PRICE, TIME, Column
from schemas.reveals import Reveals
from schemas.table import Table


class Cost(Table):
    """One amount: a fee class of a front page, an item charged, or a settlement."""

    zh = "费用"
    when = "charged_time"
    fhir = "ChargeItem, Claim, ExplanationOfBenefit"
    omop = "COST"

    encounter_id = Column(
        dtype=pl.String(),
        required=True,
        means="The visit it was charged for.",
        zh="就诊标识",
        references="encounter.record_id",
        reveals=Reveals.PERSON,
        token=True,
        fhir="context",
        omop="cost_event_id",
    )
    person_id = Column(
        dtype=pl.String(),
        required=True,
        means="For whom it was charged.",
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
        means="What kind of amount the row holds.",
        zh="费用记录类型",
        codes="cost-kind",
        fhir="resourceType",
        omop="cost_type_concept_id",
    )
    fee_class_code = Column(
        dtype=pl.String(),
        required=True,
        means="Fee class; those with a letter are part of another and not added again.",
        zh="费用类别代码",
        codes="fee-class",
        element="D01,D09,D11-D34/P782,P751-P781/ZFY-QTF/med_chrgitm",
        fhir="code",
        omop="revenue_code_source_value",
    )
    item_code = Column(
        dtype=pl.String(), means="Code of the item charged.", zh="收费项目代码", element="NHSA", fhir="code"
    )
    item_name = Column(dtype=pl.String(), means="Name of the item charged.", zh="收费项目名称", fhir="code.text")
    quantity = Column(dtype=pl.Float64(), means="How many were charged.", zh="数量", fhir="quantity")
    unit_price = Column(dtype=PRICE, means="Price of one.", zh="单价", unit="CNY", fhir="priceOverride")
    amount = Column(
        dtype=MONEY,
        required=True,
        means="Amount charged.",
        zh="金额",
        unit="CNY",
        element="DE07.00.010.00",
        fhir="net",
        omop="total_charge",
    )
    self_pay = Column(
        dtype=MONEY,
        means="Part that insurance leaves to the patient.",
        zh="个人自付金额",
        unit="CNY",
        element="psn_selfpay",
        omop="paid_by_patient",
    )
    own_pay = Column(dtype=MONEY, means="Part outside insurance.", zh="个人自费金额", unit="CNY", element="psn_ownpay")
    fund_pay = Column(
        dtype=MONEY,
        means="Part that the insurance fund pays.",
        zh="基金支付金额",
        unit="CNY",
        element="payinfo",
        fhir="payment",
        omop="paid_by_payer",
    )
    charged_time = Column(
        dtype=TIME,
        means="When it was charged; for a front page, the discharge.",
        zh="收费时间",
        reveals=Reveals.HINT,
        fhir="occurrence",
    )
