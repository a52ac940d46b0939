"""Asks every resolved check of a CDM: one pass over each table, then what no single row answers.

A check that nobody could be asked says why, in the dashboard's words; it is never a pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import polars as pl

from federation.quality.finding import Verdict
from federation.quality.omop.cells import Tables
from federation.quality.omop.people import beside
from federation.quality.omop.resolve import Asked, resolved
from federation.quality.omop.row import RULES, Question
from federation.quality.omop.whole import (
    Counts,
    eras_covered,
    of_concepts,
    periods_overlap,
    persons_covered,
    source_values_mapped,
)
from schemas.exports.omop import cdm

WHOLE = {
    "measurePersonCompleteness": persons_covered,
    "measureConditionEraCompleteness": eras_covered,
    "measureObservationPeriodOverlap": periods_overlap,
    "sourceValueCompleteness": source_values_mapped,
}


@dataclass(frozen=True)
class Answered:
    """One resolved check with its counts; `reason` says why it has no evidence, which OHDSI calls not applicable."""

    asked: Asked
    rows: int
    violated: int
    verdict: Verdict
    reason: str = ""

    @property
    def share(self) -> float:
        """Share of violating rows; 0 where there are none to ask."""
        return self.violated / self.rows if self.rows else 0.0


def answered(tables: Mapping[str, pl.DataFrame], today: date, vocabulary: bool = False) -> list[Answered]:
    """Every check of CDM 5.4, in the order of `resolved`. `tables`: CDM name -> rows, every column a String or typed.

    Tables and fields may be missing; rows are read, never changed.
    """
    wanted = resolved(vocabulary)
    counts = {each: _structure(each, tables) for each in wanted if each.check in ("cdmTable", "cdmField")}
    able = [each for each in wanted if each not in counts and _there(each, tables)]
    whole = {name: _whole(name, rows) for name, rows in tables.items()}
    for _, together in groupby(sorted(able, key=lambda each: each.table), key=lambda each: each.table):
        counts |= _of_table(list(together), whole, today)
    empty = {
        (each.table, each.field)
        for each in counts
        if each.check == "measureValueCompleteness" and counts[each][0] == counts[each][1]
    }
    return [_judged(each, counts.get(each), tables, empty) for each in wanted]


def _whole(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every field of the table; one that was not given is empty, for checks that look at it as well."""
    return rows.with_columns(
        pl.lit(None, pl.String()).alias(field) for field in cdm().get(name, {}) if field not in rows
    )


def _structure(asked: Asked, tables: Tables) -> Counts:
    return 1, 0 if _there(asked, tables) else 1


def _there(asked: Asked, tables: Tables) -> bool:
    if asked.check == "measurePersonCompleteness":
        return asked.table in tables
    return asked.table in tables and (not asked.field or asked.field in tables[asked.table].columns)


def _of_table(together: Sequence[Asked], tables: Tables, today: date) -> dict[Asked, Counts]:
    rows = tables[together[0].table]
    by_row = [each for each in together if each.check in RULES]
    counts = _by_row(by_row, rows, tables, today)
    counts |= {each: WHOLE[each.check](each, tables) for each in together if each.check in WHOLE}
    concepts = sorted((each for each in together if each.concepts), key=lambda each: each.field)
    for _, group in groupby(concepts, key=lambda each: each.field):
        every = list(group)
        found = of_concepts(every, tables)
        counts |= {each: found[each.id] for each in every}
    return counts


def _by_row(asked: Sequence[Asked], rows: pl.DataFrame, tables: Tables, today: date) -> dict[Asked, Counts]:
    sums = []
    for place, each in enumerate(asked):
        eligible, wrong = RULES[each.check](Question(each.table, each.field, each.of, tables, today))
        bad = wrong.fill_null(value=False)
        sums += [(eligible & pl.lit(value=True)).sum().alias(f"a{place}"), (eligible & bad).sum().alias(f"w{place}")]
    whole = beside(rows.lazy(), tables, frozenset(rows.columns)).with_row_index("place of row")
    [row] = whole.select(pl.len().alias("len"), *sums).collect().to_dicts()
    alike = {
        "isRequired",
        "measureValueCompleteness",
        "cdmDatatype",
        "isPrimaryKey",
        "isForeignKey",
        "fkDomain",
        "fkClass",
        "plausibleTemporalAfter",
    }
    return {
        each: (row["len"] if each.check in alike else row[f"a{place}"], row[f"w{place}"])
        for place, each in enumerate(asked)
    }


def _judged(asked: Asked, counts: Counts | None, tables: Tables, empty: set[tuple[str, str]]) -> Answered:
    rows, violated = counts or (0, 0)
    reason = _not_applicable(asked, rows, tables, empty)
    if reason:
        return Answered(asked, rows, violated, Verdict.NO_EVIDENCE, reason)
    failed = violated > asked.tolerates * rows if asked.tolerates else violated > 0
    return Answered(asked, rows, violated, Verdict.FAILED if failed else Verdict.PASSED)


def _not_applicable(asked: Asked, rows: int, tables: Tables, empty: set[tuple[str, str]]) -> str:
    """The first reason that holds, or nothing. A table or field that must be there is failed by its own check."""
    table, field = asked.table.upper(), asked.field.upper()
    here = tables.get(asked.table)
    conditions = tables.get("condition_occurrence")
    of_structure = asked.check in ("cdmField", "measurePersonCompleteness")
    reasons = {
        f"Table {table} does not exist.": here is None,
        f"Field {table}.{field} does not exist.": here is not None and bool(field) and asked.field not in here.columns,
        f"Table {table} is empty.": here is not None and here.is_empty(),
        f"Field {table}.{field} is not populated.": asked.check != "measureValueCompleteness"
        and (asked.table, asked.field) in empty,
        f"{field}={','.join(map(str, asked.concepts))} is missing from the {table} table.": bool(asked.concepts)
        and not rows,
    }
    if asked.check == "cdmTable":
        reasons = {}
    elif asked.check == "measureConditionEraCompleteness":
        reasons = {"Table CONDITION_OCCURRENCE is empty.": conditions is None or conditions.is_empty()}
    elif of_structure:
        reasons = {f"Table {table} does not exist.": here is None}
    return next((reason for reason, holds in reasons.items() if holds), "")
