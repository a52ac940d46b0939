"""The checks of one field that every row answers: which rows are asked, which of them are wrong.

Each type is one function; null counts as neither. The denominators are the dashboard's, so that counts can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from federation.quality.omop.cells import Tables, day, given, number, values
from federation.quality.omop.people import BEGAN, BORN, BORN_IN_JUNE, DIED, ENDED

AFTER_DEATH, AROUND_VISIT = pl.duration(days=60), pl.duration(days=7)  # days the dashboard allows
BOUNDS = {"tomorrow": lambda today: today + timedelta(days=1), "next year": lambda today: today.year + 1}
# Concept field -> the source field that, when filled, says that an empty concept is a missing one.
TOLD_BY = {
    name + tail: name + "_source_value"
    for name, tails in {
        "unit": ("_concept_id", "_source_concept_id"), "admitted_from": ("_concept_id",),
        "discharged_to": ("_concept_id",), "condition_status": ("_concept_id",), "route": ("_concept_id",),
        "modifier": ("_concept_id",), "qualifier": ("_concept_id",), "anatomic_site": ("_concept_id",),
        "cause": ("_concept_id", "_source_concept_id"), "disease_status": ("_concept_id",), "country": ("_concept_id",),
        "place_of_service": ("_concept_id",), "specialty": ("_concept_id", "_source_concept_id"),
        "payer": ("_concept_id", "_source_concept_id"), "plan": ("_concept_id", "_source_concept_id"),
        "sponsor": ("_concept_id", "_source_concept_id"), "stop_reason": ("_concept_id", "_source_concept_id"),
    }.items()
    for tail in tails
}  # fmt: skip
Answer = tuple[pl.Expr, pl.Expr]  # asked, wrong; both boolean
EVERY = pl.lit(value=True)


@dataclass(frozen=True)
class Question:
    """A check of a `field` of a `table`; `of` is what its type needs beside, `as_of` the day it is asked."""

    table: str
    field: str
    of: str
    tables: Tables
    as_of: date


def _filled(ask: Question) -> Answer:
    return EVERY, given(ask.field).not_()


def _whole_number(ask: Question) -> Answer:
    value = number(ask.field)
    return EVERY, given(ask.field) & (value.is_null() | (value != value.floor()))


def _key(ask: Question) -> Answer:
    return EVERY, given(ask.field) & pl.col(ask.field).is_duplicated()


def _refers(ask: Question) -> Answer:
    there = values(ask.tables, *ask.of.split("."))
    return EVERY, given(ask.field) & pl.col(ask.field).is_in(there.implode()).not_()


def _domain(ask: Question) -> Answer:
    return EVERY, pl.col(ask.field).is_in(_concepts(ask.tables, pl.col("domain_id") != ask.of))


def _class(ask: Question) -> Answer:
    return EVERY, pl.col(ask.field).is_in(_concepts(ask.tables, pl.col("concept_class_id") != ask.of))


def _standard(ask: Question) -> Answer:
    not_standard = (pl.col("standard_concept") != "S").fill_null(value=True) | pl.col("invalid_reason").is_not_null()
    return given(ask.field), pl.col(ask.field).is_in(_concepts(ask.tables, not_standard))


def _concepts(tables: Tables, which: pl.Expr) -> pl.Expr:
    """Ids of concepts other than 0 for which it holds."""
    if "concept" not in tables:
        return pl.lit(pl.Series([], dtype=pl.String())).implode()
    found = tables["concept"].filter(which & (number("concept_id") != 0))["concept_id"]
    return pl.lit(found.drop_nulls().unique()).implode()


def _concept_known(ask: Question) -> Answer:
    told = TOLD_BY.get(ask.field)
    if ask.field.startswith("gender") and ask.table == "provider":
        told = "gender_source_value"
    if told is None or (ask.table == "dose_era") or told not in ask.tables[ask.table].columns:
        return given(ask.field), number(ask.field) == 0
    missing = given(ask.field).not_() & given(told)
    return given(ask.field) | given(told), (number(ask.field) == 0) | missing


def _low(ask: Question) -> Answer:
    return given(ask.field), _value(ask) < _bound(ask)


def _high(ask: Question) -> Answer:
    return given(ask.field), _value(ask) > _bound(ask)


def _value(ask: Question) -> pl.Expr:
    return day(ask.field) if "-" in ask.of or ask.of == "tomorrow" else number(ask.field)


def _bound(ask: Question) -> pl.Expr:
    if ask.of in BOUNDS:
        return pl.lit(BOUNDS[ask.of](ask.as_of))
    return pl.lit(date.fromisoformat(ask.of) if "-" in ask.of else float(ask.of))


def _after(ask: Question) -> Answer:
    earlier = pl.col(BORN_IN_JUNE) if ask.of == "birth_datetime" else day(ask.of)
    return EVERY, earlier > day(ask.field)


def _start_before_end(ask: Question) -> Answer:
    return given(ask.field) & given(ask.of), day(ask.field) > day(ask.of)


def _after_birth(ask: Question) -> Answer:
    return given(ask.field), day(ask.field) < pl.col(BORN)


def _before_death(ask: Question) -> Answer:
    return given(ask.field) & given(DIED), day(ask.field) > pl.col(DIED) + AFTER_DEATH


def _during_life(ask: Question) -> Answer:
    return given(DIED), day(ask.field) > pl.col(DIED) + AFTER_DEATH


def _within_visit(ask: Question) -> Answer:
    when = day(ask.field)
    return given(BEGAN), (when < pl.col(BEGAN) - AROUND_VISIT) | (when > pl.col(ENDED) + AROUND_VISIT).fill_null(
        value=False
    )


RULES: dict[str, Callable[[Question], Answer]] = {
    "isRequired": _filled,
    "measureValueCompleteness": _filled,
    "cdmDatatype": _whole_number,
    "isPrimaryKey": _key,
    "isForeignKey": _refers,
    "fkDomain": _domain,
    "fkClass": _class,
    "isStandardValidConcept": _standard,
    "standardConceptRecordCompleteness": _concept_known,
    "sourceConceptRecordCompleteness": _concept_known,
    "plausibleValueLow": _low,
    "plausibleValueHigh": _high,
    "plausibleTemporalAfter": _after,
    "plausibleStartBeforeEnd": _start_before_end,
    "plausibleAfterBirth": _after_birth,
    "plausibleBeforeDeath": _before_death,
    "plausibleDuringLife": _during_life,
    "withinVisitDates": _within_visit,
}
