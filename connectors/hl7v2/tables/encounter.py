"""PV1: a row for each visit that has a number, with the drug allergies of AL1; cancels and discharges too."""

import re

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Flags, among, nothing
from connectors.hl7v2.draft import Draft, chosen
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.owners import nearest
from connectors.hl7v2.work import Work
from schemas.code_system import code_system

CLASS = {  # HL7 table 0004; P (preadmit), R (recurring), C, N and U say no class of ours
    "I": "IP", "O": "OP", "E": "ER", "B": "IP", "IP": "IP", "OP": "OP", "ER": "ER",
    "住院": "IP", "门诊": "OP", "急诊": "ER",
}  # fmt: skip
ROUTE = {each: each for each in code_system("rc026").codes}
LEFT = {each: each for each in code_system("rc019").codes}
DEPARTMENT = {each: each for each in code_system("rc023").codes}
PAYS = {each: each for each in code_system("rc032").codes}
BEGUN = ("A01", "A04", "A06", "A07")  # EVN-6 of these is when the visit began
ENDED = ("A03",)
CANCELLED = ("A11", "A23", "A27", "A38")  # visit: admission, record, pending admission, pre-admission
BACK = ("A13",)  # the discharge did not happen
NOT_DISCHARGED = ("end_time", "discharge_way_code", "discharge_dept_code")
NO_ALLERGY = re.compile(r"(?i)无|否认|未发现|none|nka|nkda|no known.*|716186003|409137002")
USED = {1: (), 2: (1,), 7: (2, 3), 19: (1,), 44: (), 45: ()}
NATIONAL = {10: (1,), 14: (1,), 20: (1,), 36: (1,)}  # codes of ours only where MSH-17 says CHN


def conform(work: Work) -> None:
    """One row for each PV1 that names its visit, other than of appointments."""
    draft, rows = work.draft, visits(work)
    if not len(rows):
        return
    key = work.visits.of(rows)
    chinese = work.messages.chinese[rows.message]
    kind = draft.coded(rows, "class_code", 2, CLASS)
    inpatient = (kind == "IP").fill_null(value=False)
    number = draft.text(rows, "visit_no", 19)
    start, end = _times(work, rows)
    text, allergic = _allergies(work, rows)
    used = USED | (NATIONAL if chinese.all() else {})
    columns = {
        "person_id": work.person(rows), "class_code": kind, "start_time": start, "end_time": end,
        "admission_no": chosen(inpatient.to_numpy(), number, nothing(len(rows))),
        "visit_no": chosen(inpatient.to_numpy(), nothing(len(rows)), number),
        "attending_physician": _physician(draft, rows),
        "admit_dept_code": _national(draft, rows, "admit_dept_code", 10, DEPARTMENT, chinese),
        "admit_route_code": _national(draft, rows, "admit_route_code", 14, ROUTE, chinese),
        "pay_method_code": _national(draft, rows, "pay_method_code", 20, PAYS, chinese),
        "discharge_way_code": _national(draft, rows, "discharge_way_code", 36, LEFT, chinese),
        "allergy_text": text, "allergy_code": allergic,
        "extra": work.extras.of(rows, "PV1", used), "deleted": pl.Series(work.messages.happened(rows, *CANCELLED)),
    }  # fmt: skip
    back = work.messages.happened(rows, *BACK)
    if back.any():
        rows.cleared += [(column, back) for column in NOT_DISCHARGED]
        columns |= {name: chosen(back, columns[name].clear(len(rows)), columns[name]) for name in NOT_DISCHARGED[:2]}
    draft.add("encounter", "PV1", rows, columns, key)


def visits(work: Work) -> Rows:
    """PV1 segments that become rows: they name their visit, and it is no appointment."""
    rows = work.visits.rows
    return rows.where(work.visits.told & ~work.messages.is_a(rows, "SIU"))


def _times(work: Work, rows: Rows) -> tuple[pl.Series, pl.Series]:
    """PV1-44 and 45; where they are empty, EVN-6 of an admission or a discharge, which is when it happened."""
    draft = work.draft
    start, end = draft.times(rows, "start_time", 44), draft.times(rows, "end_time", 45)
    evn = work.messages.rows("EVN")
    if not len(evn) or not evn.given(6).any():
        return start, end
    happened = draft.times(evn, "start_time", 6)
    at = nearest(rows, evn)
    for column, events in ((start, BEGUN), (end, ENDED)):
        lacks = column.is_null().to_numpy() & work.messages.happened(rows, *events) & (at >= 0)
        if lacks.any():
            filled = column.scatter(np.flatnonzero(lacks), happened.gather(at[lacks]))
            start, end = (filled, end) if column is start else (start, filled)
    return start, end


def _physician(draft: Draft, rows: Rows) -> pl.Series:
    """PV1-7: family and given name of the attending doctor (XCN), else the number."""
    family, given = draft.sub(rows, "attending_physician", 7, 2), draft.text(rows, "attending_physician", 7, 3)
    name = pl.select(pl.concat_str(family, given, separator=" ", ignore_nulls=True)).to_series()
    number = draft.text(rows, "attending_physician", 7, 1)
    return name.set(name == "", None).zip_with(family.is_not_null() | given.is_not_null(), number)


def _national(draft: Draft, rows: Rows, column: str, place: int, known: dict[str, str], chinese: Flags) -> pl.Series:
    """A code of ours, where the message is of China; elsewhere the same digits mean something else."""
    if not chinese.any():
        return nothing(len(rows))
    if chinese.all():
        return draft.coded(rows, column, place, known)
    texts = draft.text(rows, column, place)
    return draft.codes(rows, column, chosen(chinese, texts, nothing(len(rows))), known)


def _allergies(work: Work, rows: Rows) -> tuple[pl.Series, pl.Series]:
    """Drugs of AL1 segments (type DA, or none said) with a comma between, and whether an allergy is known (RC037)."""
    text, known = nothing(len(rows)), nothing(len(rows))
    al1 = work.messages.rows("AL1")
    drug = among(al1.short(2), ("", "DA"))
    al1 = al1.where(drug)
    at = nearest(al1, rows, after=False)
    al1, at = al1.where(at >= 0), at[at >= 0]
    if not len(al1):
        return text, known
    words = work.draft.first(al1, "allergy_text", (3, 2), (3, 1))
    told = pl.DataFrame({"row": at, "words": words}).drop_nulls()
    found = told.group_by("row", maintain_order=True).agg(pl.col("words"))
    if not found.height:
        return text, known
    lists = found["words"].to_list()
    nothing_known = [all(NO_ALLERGY.fullmatch(each.strip()) for each in some) for some in lists]
    text = text.scatter(found["row"], pl.Series([",".join(some) for some in lists]))
    known = known.scatter(found["row"], pl.Series(["1" if none else "2" for none in nothing_known]))
    return text, known
