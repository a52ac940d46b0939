"""PR1: a row for each procedure."""

import polars as pl

from connectors.hl7v2.cells import Flags, code, nothing
from connectors.hl7v2.concepts import concept
from connectors.hl7v2.draft import Draft, chosen
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.tables.condition import nth, say_once, visit_key
from connectors.hl7v2.work import Work
from schemas.code_system import code_system

USED = {1: (), 3: (1, 2, 3, 7), 4: (), 5: (), 7: (), 8: (1,), 11: (1,), 14: ()}
ANAESTHESIA = {each: each for each in code_system("rc013").codes}


def conform(work: Work) -> None:
    """The procedures of a visit are said anew together, by messages about the visit."""
    rows = work.messages.rows("PR1")
    if not len(rows):
        return
    draft = work.draft
    coded = concept(draft, rows, ("code", "display", "code_system"), 3)
    written = draft.text(rows, "display", 4)
    start = draft.times(rows, "start_time", 5)
    minutes = draft.numbers(rows, "end_time", draft.text(rows, "end_time", 7), "integer", pl.Int64())
    key, about = visit_key(work, rows)
    draft.add("procedure", "PR1", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "code": coded.code,
        "code_system": coded.system, "code_version": coded.version,
        "display": coded.words.zip_with(coded.words.is_not_null(), written), "start_time": start,
        "end_time": start + (minutes * 60_000_000).cast(pl.Duration("us")),
        "rank": draft.numbers(rows, "rank", draft.text(rows, "rank", 14), "integer", pl.Int16()),
        "anesthetist_id": _who(draft, rows, "anesthetist_id", 8), "operator_id": _who(draft, rows, "operator_id", 11),
        "anesthesia_code": _anaesthesia(draft, rows, work.messages.chinese[rows.message]),
        "deleted": pl.Series(rows.short(20) == code("D")), "extra": work.extras.of(rows, "PR1", USED),
    }, key, suffix=nth(rows), versioned=False)  # fmt: skip
    say_once(work, rows, "PR1", key, about)


def _who(draft: Draft, rows: Rows, column: str, place: int) -> pl.Series:
    """A doctor's number, else the family name (XCN)."""
    return draft.first(rows, column, (place, 1), (place, 2))


def _anaesthesia(draft: Draft, rows: Rows, chinese: Flags) -> pl.Series:
    """PR1-9 is RC013 only in messages of China."""
    if not chinese.any():
        return nothing(len(rows))
    texts = chosen(chinese, draft.text(rows, "anesthesia_code", 9), nothing(len(rows)))
    return draft.codes(rows, "anesthesia_code", texts, ANAESTHESIA)
