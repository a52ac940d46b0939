"""FT1: a row for each item charged or credited, in yuan. Payments are no charges, and other money is no yuan."""

import numpy as np
import polars as pl

from connectors.hl7v2.cells import among, code, nothing
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.tables.condition import nth
from connectors.hl7v2.work import Work
from schemas.code_system import code_system
from schemas.column import MONEY, PRICE

CHARGES = ("CG", "CD")
YUAN = ("CNY", "RMB")
FEES = {each: each for each in code_system("fee-class").codes}
USED = {1: (), 2: (1,), 4: (), 6: (), 7: (1, 2), 10: (), 11: (1,), 22: (1,)}


def conform(work: Work) -> None:
    """One row for each charge, known by its transaction number where it has one."""
    rows = work.messages.rows("FT1")
    rows = rows.where(among(rows.short(6), CHARGES))
    if not len(rows):
        return
    draft = work.draft
    number = draft.text(rows, "source_pk", 2)
    visit = work.visits.of(rows)
    scope = visit.zip_with(visit.is_not_null(), work.message_key(rows))
    key = scope + "|" + number.zip_with(number.is_not_null(), nth(rows))
    sign = pl.Series(np.where(rows.short(6) == np.uint64(code("CD")), -1, 1))
    draft.add("cost", "FT1", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows),
        "fee_class_code": _fee(work, rows), "item_code": draft.text(rows, "item_code", 7, 1),
        "item_name": draft.text(rows, "item_name", 7, 2),
        "quantity": draft.numbers(rows, "quantity", draft.text(rows, "quantity", 10)),
        "unit_price": _money(work, rows, "unit_price", 22, PRICE),
        "amount": (_money(work, rows, "amount", 11, MONEY) * sign).cast(MONEY),
        "charged_time": draft.times(rows, "charged_time", 4), "extra": work.extras.of(rows, "FT1", USED),
    }, key, suffix=nth(rows), same={"kind": "charge_item"})  # fmt: skip


def _fee(work: Work, rows: Rows) -> pl.Series:
    """FT1-18 is a fee class only in messages of China; elsewhere it is a type of patient."""
    chinese = work.messages.chinese[rows.message]
    if not chinese.any():
        return nothing(len(rows))
    texts = work.draft.text(rows, "fee_class_code", 18)
    return work.draft.codes(rows, "fee_class_code", texts.zip_with(pl.Series(chinese), nothing(len(rows))), FEES)


def _money(work: Work, rows: Rows, column: str, place: int, dtype: pl.DataType) -> pl.Series:
    """An amount (CP, MO: `100&CNY`); money that is not yuan leaves the cell empty and is noted."""
    texts = work.draft.text(rows, column, place)
    if texts.null_count() == len(texts):
        return nothing(len(rows), dtype)
    currency = texts.str.extract(r"&([^&]+)")
    foreign = (~currency.str.to_uppercase().is_in(YUAN)).fill_null(value=False)
    work.draft.flag(rows, column, foreign, "foreign-currency", texts)
    plain = texts.str.replace(r"&.*$", "").replace("", None)
    return work.draft.numbers(rows, column, plain.zip_with(~foreign, nothing(len(rows))), "money", dtype)
