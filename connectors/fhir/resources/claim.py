"""Claim and ExplanationOfBenefit: a row for the total and one for each item; foreign currency is no amount in yuan.

Nothing is added up: where the source sends no total there is none.
"""

import polars as pl

from connectors.fhir.concepts import concept
from connectors.fhir.draft import Draft, numbered
from connectors.fhir.elements import CONCEPT, EVERY, MONEY, PERIOD, QUANTITY, REFERENCE
from connectors.fhir.resource import Resource
from connectors.fhir.rows import Rows
from connectors.fhir.values import Typed, numbers
from schemas.column import MONEY as AMOUNT
from schemas.column import PRICE


def claim(draft: Draft) -> None:
    """The total of a Claim (R4 Claim.total) and its items."""
    rows = draft.rows
    draft.add("cost", rows, _whole(draft) | {"amount": money(draft, rows, "amount", "total", AMOUNT)})
    _items(draft)


def benefit(draft: Draft) -> None:
    """What was submitted and paid (R4 ExplanationOfBenefit.total, .payment.amount), and its items."""
    rows = draft.rows
    totals = rows.each("total")
    kind = totals.text("category.coding.0.code")
    submitted = totals.where((kind == "submitted").fill_null(value=False).arg_true().to_numpy())
    amount = money(draft, submitted, "amount", "amount", AMOUNT)
    empty = pl.Series([None], dtype=AMOUNT).new_from_index(0, len(rows))
    draft.add("cost", rows, _whole(draft) | {
        "amount": empty.scatter(submitted.parent, amount) if len(submitted) else empty,
        "fund_pay": money(draft, rows, "fund_pay", "payment.amount", AMOUNT),
    })  # fmt: skip
    _items(draft)


def _whole(draft: Draft) -> dict[str, pl.Series]:
    rows = draft.rows
    return {
        "encounter_id": draft.encounter(rows, "item.0.encounter.0"), "kind": _same(rows, "settlement"),
        "fee_class_code": _same(rows, "TOTAL"),
        "charged_time": draft.times(rows, "charged_time", "billablePeriod.start", "created"),
    }  # fmt: skip


def _items(draft: Draft) -> None:
    items = draft.rows.each("item")
    if not len(items):
        return
    service = concept(items, "productOrService")
    draft.add("cost", items, {
        "encounter_id": draft.encounter(items, "encounter.0"), "kind": _same(items, "charge_item"),
        "item_code": service.code, "item_name": service.text,
        "quantity": draft.numbers(items, "quantity", "quantity.value"),
        "unit_price": money(draft, items, "unit_price", "unitPrice", PRICE),
        "amount": money(draft, items, "amount", "net", AMOUNT),
        "charged_time": draft.times(items, "charged_time", "servicedDate", "servicedPeriod.start"),
    }, suffix=numbered(items, "i"))  # fmt: skip


def money(draft: Draft, rows: Rows, column: str, path: str, dtype: pl.DataType) -> pl.Series:
    """An amount in yuan; one that names another currency is null and `unmapped-code`. No name means yuan."""
    written, currency = rows.bare(f"{path}.value"), rows.text(f"{path}.currency")
    abroad = (written.is_not_null() & (currency != "CNY")).fill_null(value=False)
    typed = numbers(written.zip_with(~abroad, written.clear(len(written))), dtype)
    reasons = pl.select(pl.when(abroad).then(pl.lit("unmapped-code")).otherwise(
        pl.lit(None, pl.String) if typed.reasons is None else typed.reasons)).to_series()  # fmt: skip
    return draft.kept(rows, column, written, Typed(typed.values, reasons if reasons.count() else None))


def _same(rows: Rows, value: str) -> pl.Series:
    return pl.Series([value]).new_from_index(0, len(rows))


ITEM = {
    "productOrService": CONCEPT, "quantity": QUANTITY, "unitPrice": MONEY, "net": MONEY, "servicedDate": "s",
    "servicedPeriod": PERIOD, "encounter": [REFERENCE],
}  # fmt: skip
SHARED = EVERY | {"patient": REFERENCE, "created": "s", "billablePeriod": PERIOD, "item": [ITEM]}
FOREIGN = ("organization", "employmentImpacted", "hospitalization", "item.0.service", "totalCost", "patientPaid",
           "traceNumber", "event", "diagnosisRelatedGroup", "item.0.reviewOutcome")  # fmt: skip
RESOURCES = (
    Resource("Claim", "cost", "patient", SHARED | {"total": MONEY}, claim, foreign=FOREIGN),
    Resource(
        "ExplanationOfBenefit", "cost", "patient",
        SHARED | {"total": [{"category": CONCEPT, "amount": MONEY}], "payment": {"amount": MONEY}},
        benefit, foreign=FOREIGN,
    ),
)  # fmt: skip
