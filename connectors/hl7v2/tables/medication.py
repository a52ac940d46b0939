"""RXO, RXE, RXD, RXA: a row for each drug ordered, encoded, dispensed or given; vaccines included."""

from dataclasses import dataclass

import polars as pl

from connectors.hl7v2.cells import code, nothing
from connectors.hl7v2.concepts import concept
from connectors.hl7v2.draft import Draft
from connectors.hl7v2.extras import Used
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.owners import gathered, nearest
from connectors.hl7v2.tables.orders import Orders, distinct
from connectors.hl7v2.work import Work


@dataclass(frozen=True)
class Segment:
    """Fields of one kind of segment; 0 where it has none such."""

    name: str
    kind: str
    drug: int
    dose: int
    unit: int
    form: int
    total: int = 0
    start: tuple[tuple[int, int], ...] = ()
    end: int = 0


SEGMENTS = (
    Segment("RXO", "order", drug=1, dose=2, unit=4, form=5, total=11),
    Segment("RXE", "order", drug=2, dose=3, unit=5, form=6, total=10, start=((1, 4), (32, 1))),
    Segment("RXD", "dispense", drug=2, dose=0, unit=5, form=6, total=4, start=((3, 1),)),
    Segment("RXA", "admin", drug=5, dose=6, unit=7, form=8, start=((3, 1),), end=4),
)
NAMES = ("drug_code", "drug_name", "drug_code_system")


def conform(work: Work, orders: Orders) -> None:
    """One row for each drug, known by the number of its order."""
    routes, timings = work.messages.rows("RXR"), work.messages.rows("TQ1")
    for segment in SEGMENTS:
        rows = work.messages.rows(segment.name)
        if segment.name == "RXO" and len(rows):
            rows = _not_encoded(work, rows)
        if len(rows):
            _add(work, orders, segment, rows, routes, timings)


def _not_encoded(work: Work, rows: Rows) -> Rows:
    """An RXO of a message in which the pharmacy's own RXE follows is the same drug said before."""
    encoded = work.messages.rows("RXE", "RXD")
    return rows.where(nearest(rows, encoded) < 0)


def _add(work: Work, orders: Orders, segment: Segment, rows: Rows, routes: Rows, timings: Rows) -> None:
    draft, at = work.draft, orders.order(rows)
    drug = concept(draft, rows, NAMES, segment.drug)
    timing, route = _near(rows, timings), _near(rows, routes)
    whole, _ = orders.common
    key = distinct(orders.key(rows, at, whole) + "|" + drug.code.fill_null(""), rows.message)
    status = gathered(draft.first(orders.orc, "status", (5, 1), (1, 1)), at)
    control = gathered(draft.text(orders.orc, "status", 1), at)
    often = draft.text(rows, "freq_code", 1, 2) if segment.name == "RXE" else None
    draft.add("medication", segment.name, rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "group_no": _group(work, orders, rows),
        "drug_code": drug.code, "drug_code_system": drug.system, "atc_code": _atc(drug.code, drug.system),
        "drug_name": drug.words.zip_with(drug.words.is_not_null(), drug.code),
        "form_code": draft.text(rows, "form_code", segment.form),
        "dose": _number(draft, rows, "dose", segment.dose),
        "dose_unit": draft.first(rows, "dose_unit", (segment.unit, 2), (segment.unit, 1)),
        "total_qty": _number(draft, rows, "total_qty", segment.total),
        "freq_code": _of(draft.text(timings, "freq_code", 3), timing, often),
        "route_code": _of(draft.text(routes, "route_code", 1), route, None),
        "start_time": _start(work, orders, segment, rows, timings, timing),
        "end_time": _end(draft, segment, rows, timings, timing),
        "status": status, "deleted": control.is_in(["DE"]).fill_null(value=False) | _deleted(segment, rows),
        "extra": work.extras.of(rows, segment.name, _used(segment)),
    }, key, same={"kind": segment.kind})  # fmt: skip


def _near(rows: Rows, others: Rows) -> "pl.Series":
    """The ordinal of the nearest of `others` in the message, as a column."""
    return pl.Series(nearest(rows, others))


def _of(values: pl.Series, at: pl.Series, own: pl.Series | None) -> pl.Series:
    """A value of the other segment, else one of the row's own."""
    found = gathered(values, at.to_numpy())
    return found if own is None else found.zip_with(found.is_not_null(), own)


def _number(draft: Draft, rows: Rows, column: str, place: int) -> pl.Series:
    if not place:
        return nothing(len(rows), pl.Float64)
    return draft.numbers(rows, column, draft.text(rows, column, place))


def _start(work: Work, orders: Orders, segment: Segment, rows: Rows, timings: Rows, timing: pl.Series) -> pl.Series:
    """The segment's own time; else TQ1-7, then ORC-15 (effective), ORC-9 (ordered)."""
    draft = work.draft
    own = (
        draft.first_time(rows, "start_time", *segment.start) if segment.start else nothing(len(rows), pl.Datetime("us"))
    )
    if not own.null_count():
        return own
    ordered = gathered(draft.first_time(orders.orc, "start_time", (15, 1), (9, 1)), orders.order(rows))
    for other in (gathered(draft.times(timings, "start_time", 7), timing.to_numpy()), ordered):
        own = own.zip_with(own.is_not_null(), other)
    return own


def _end(draft: Draft, segment: Segment, rows: Rows, timings: Rows, timing: pl.Series) -> pl.Series:
    """The segment's own end, else TQ1-8."""
    if segment.end:
        return draft.times(rows, "end_time", segment.end)
    return _of(draft.times(timings, "end_time", 8), timing, None)


def _group(work: Work, orders: Orders, rows: Rows) -> pl.Series:
    """ORC-4: the number that drugs ordered together share."""
    return gathered(work.draft.text(orders.orc, "group_no", 4), orders.order(rows))


def _deleted(segment: Segment, rows: Rows) -> pl.Series:
    """RXA-21 D: entered in error."""
    if segment.name != "RXA":
        return pl.Series([False]).new_from_index(0, len(rows))
    return pl.Series(rows.short(21) == code("D"))


def _atc(codes: pl.Series, system: pl.Series) -> pl.Series:
    if system.null_count() == len(system):
        return nothing(len(codes))
    return codes.zip_with((system == "http://www.whocc.no/atc").fill_null(value=False), codes.clear(len(codes)))


def _used(segment: Segment) -> Used:
    used: dict[int, tuple[int, ...]] = {segment.drug: (1, 2, 3), segment.unit: (1, 2), segment.form: (1,)}
    used |= {place: (1,) for place in (segment.dose, segment.total, segment.end) if place}
    used |= {place: (2, 4) if place == 1 else (1,) for place, _ in segment.start}
    return used
