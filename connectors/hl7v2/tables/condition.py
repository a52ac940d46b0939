"""DG1: a row for each diagnosis; PRB: one for each problem of a list. Sensitive codes carry a higher level."""

import re

import numpy as np
import polars as pl

from connectors.conform import CLINICAL_LEVEL, SENSITIVE
from connectors.hl7v2.cells import Flags, Ints, among, code, indices
from connectors.hl7v2.concepts import concept
from connectors.hl7v2.draft import chosen
from connectors.hl7v2.marks import Rows
from connectors.hl7v2.spellings import spellings
from connectors.hl7v2.work import Work

NAMES = ("code", "display", "code_system")
_HOT = re.compile(SENSITIVE)
SNAPSHOT = ("ADT", "BAR")  # types whose DG1 are all of the visit's; elsewhere they are those of an order
DG1 = {1: (), 3: (1, 2, 3, 7), 4: (), 5: (), 6: (1,), 15: (), 21: (1,)}
PRB = {1: (1,), 3: (1, 2, 3, 7), 4: (1,), 7: (), 16: ()}


def conform(work: Work) -> None:
    """Rows of diagnoses and of problems."""
    diagnoses(work, work.messages.rows("DG1"))
    problems(work, work.messages.rows("PRB"))


def diagnoses(work: Work, rows: Rows) -> None:
    """DG1. The diagnoses of a visit are said anew together, by messages about the visit."""
    if not len(rows):
        return
    draft = work.draft
    coded = concept(draft, rows, NAMES, 3)
    written = draft.text(rows, "display", 4)
    rank = draft.numbers(rows, "rank", draft.text(rows, "rank", 15), "integer", pl.Int16())
    key, versioned = visit_key(work, rows)
    draft.add("condition", "DG1", rows, {
        "encounter_id": work.encounter(rows), "person_id": work.person(rows), "role_code": _role(work, rows, rank),
        "rank": rank, "code": coded.code, "code_system": coded.system, "code_version": coded.version,
        "display": coded.words.zip_with(coded.words.is_not_null(), written),
        "recorded_time": draft.times(rows, "recorded_time", 5),
        "deleted": pl.Series(rows.short(21) == np.uint64(code("D"))), "extra": work.extras.of(rows, "DG1", DG1),
    }, key, suffix=nth(rows), level=levels(coded.code), versioned=False)  # fmt: skip
    say_once(work, rows, "DG1", key, versioned)


def visit_key(work: Work, rows: Rows) -> tuple[pl.Series, Flags]:
    """The visit, where the message is about it, else the message; and where it is the visit."""
    visit = work.visits.of(rows)
    about = work.messages.is_a(rows, *SNAPSHOT) & visit.is_not_null().to_numpy()
    return (visit if about.all() else chosen(about, visit, work.message_key(rows))), about


def say_once(work: Work, rows: Rows, source: str, key: pl.Series, about: Flags) -> None:
    """One version for each visit and message, whatever the number of its rows."""
    first = np.flatnonzero(about & (nth_of(rows) == 1))
    if len(first):
        some = work.draft.marks.rows(rows.lines[first], rows.message[first])
        work.draft.say_anew(some, f"{source}|" + key.gather(first))


def nth_of(rows: Rows) -> Ints:
    """The place of each row among those of its message, from 1."""
    fresh = np.ones(len(rows), np.bool_)
    fresh[1:] = rows.message[1:] != rows.message[:-1]
    starts = np.flatnonzero(fresh)
    return np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows)))) + 1


def nth(rows: Rows) -> pl.Series:
    """`nth_of` as text."""
    return pl.Series(nth_of(rows)).cast(pl.String)


def _role(work: Work, rows: Rows, rank: pl.Series) -> pl.Series:
    """DG1-6 (table 0052): A on admission; F final, the main one where its priority is 1. W says no role."""
    kind = rows.short(6)
    final = among(kind, ("F", "D"))
    first = (rank == 1).fill_null(value=False).to_numpy()
    roles = np.where(kind == np.uint64(code("A")), 1, np.where(final & first, 2, np.where(final, 3, 0)))
    names = pl.Series([None, "ADMIT", "MAIN", "OTHER"], dtype=pl.String)
    unknown = (kind != 0) & (roles == 0)
    if unknown.any():
        work.draft.flag(rows, "role_code", pl.Series(unknown), "unmapped-code", rows.part(6))
    return names[indices(roles)]


def levels(codes: pl.Series) -> "pl.Series | int":
    """5 for mental and sexually transmitted diseases and HIV, else that of clinical data; codes are looked at once."""
    hot = [each for each in spellings(codes) if _HOT.match(each.upper())]
    if not hot:
        return CLINICAL_LEVEL
    return pl.select(pl.when(codes.is_in(hot)).then(5).otherwise(CLINICAL_LEVEL)).to_series().cast(pl.Int8)


def problems(work: Work, rows: Rows) -> None:
    """PRB: one row for each problem of a person, by its own number where it has one, else by its code."""
    if not len(rows):
        return
    draft = work.draft
    coded = concept(draft, rows, NAMES, 3)
    number = draft.first(rows, "code", (4, 1), (3, 1)).fill_null("")
    onset = draft.times(rows, "onset_date", 16).cast(pl.Date)
    person = work.person(rows)
    draft.add("condition", "PRB", rows, {
        "encounter_id": work.encounter(rows), "person_id": person, "code": coded.code, "code_system": coded.system,
        "code_version": coded.version, "display": coded.words,
        "role_code": pl.Series(["CHRONIC"]).new_from_index(0, len(rows)),
        "recorded_time": draft.first_time(rows, "recorded_time", (7, 1), (2, 1)), "onset_date": onset,
        "deleted": pl.Series(among(rows.short(1), ("DE", "D"))),
        "extra": work.extras.of(rows, "PRB", PRB | {2: ()}),
    }, person + "|" + number, level=levels(coded.code))  # fmt: skip
