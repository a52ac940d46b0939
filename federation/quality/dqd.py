"""Answers in the shape in which OHDSI's DataQualityDashboard keeps its results, so that its viewer can show them.

Names of fields are those of version 2.8. What does not apply is never counted as passed in a figure that stands here;
the viewer draws its own table and says beneath it how many of its passes are Not Applicable. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from federation.quality.absence import Absence, absence, delivered
from federation.quality.check import Check
from federation.quality.finding import Finding, Verdict
from federation.quality.kind import Kind
from schemas.exports.omop import cdm
from schemas.tables import TABLES

NAMES = {".filled": "isRequired", ".unique": "isPrimaryKey", ".refers": "isForeignKey"}
OPTIONAL = "measureValueCompleteness"  # the same question of a field that the CDM lets be empty
# Checks across columns that ask what one of the dashboard's asks: its name, CDM table and field.
SAME = {
    "encounter.ends_after_it_starts": ("plausibleStartBeforeEnd", "visit_occurrence", "visit_start_datetime"),
    "procedure.ends_after_it_starts": ("plausibleStartBeforeEnd", "procedure_occurrence", "procedure_datetime"),
    "medication.ends_after_it_starts": ("plausibleStartBeforeEnd", "drug_exposure", "drug_exposure_start_datetime"),
    "visit.after_birth": ("plausibleAfterBirth", "visit_occurrence", "visit_start_datetime"),
    "visit.before_death": ("plausibleBeforeDeath", "visit_occurrence", "visit_start_datetime"),
    "measurement.sampled_after_birth": ("plausibleAfterBirth", "measurement", "measurement_datetime"),
    "measurement.sampled_before_death": ("plausibleBeforeDeath", "measurement", "measurement_datetime"),
    "diagnosis.diagnosed_after_birth": ("plausibleAfterBirth", "condition_occurrence", "condition_start_datetime"),
    "patient.died_after_birth": ("plausibleAfterBirth", "death", "death_datetime"),
}
CONTEXT = "Verification"  # against the rules of the tables themselves; validation would need an outside source
CATEGORIES = ("Plausibility", "Conformance", "Completeness")
LONGEST = 4000  # letters of an expression


@dataclass(frozen=True)
class Asked:
    """Which of the dashboard's checks a check is: names as it writes them; `same` where it asks the same."""

    name: str
    level: str
    table: str
    field: str | None
    same: bool

    @property
    def id(self) -> str:
        """Its id: level, name, table and field in small letters; that of our own checks is what it is everywhere."""
        if not self.same:
            return self.name
        return "_".join(part for part in (self.level, self.name, self.table, self.field or "") if part).lower()


@dataclass(frozen=True)
class Source:
    """What stands in the CDM_SOURCE table, as far as a home knows it. Times are ISO 8601."""

    site: str
    name: str
    description: str
    holder: str
    released: str
    program: str
    started: str
    ended: str


def dqd(source: Source, states: pl.DataFrame, checks: Iterable[Check]) -> dict[str, Any]:
    """The document for one site; `states` has the columns STATES, of this site alone. Infos, which judge nothing, are
    left out."""
    summed = states.group_by("check").agg(pl.col("asked", "failed").sum())
    counts = {check: (asked, failed) for check, asked, failed in summed.iter_rows()}
    tables = delivered(states.with_columns(pl.lit(source.site).alias("org_code")))
    counting = [each for each in checks if each.counts]
    results = [
        _result(Finding(each, *counts.get(each.id, (0, 0))), asked, source.site, tables)
        for each, asked in zip(counting, asked_as(counting), strict=True)
    ]
    return document(source, results)


def document(source: Source, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The document of results that have the dashboard's fields. It took no time that matters, and says none."""
    return {
        "startTimestamp": [source.started],
        "endTimestamp": [source.ended],
        "executionTime": ["0 secs"],
        "executionTimeSeconds": [0],
        "CheckResults": list(results),
        "Metadata": [_metadata(source)],
        "Overview": {name: [number] for name, number in overview(results).items()},
    }


def asked_as(checks: Sequence[Check]) -> list[Asked]:
    """Each check as the dashboard would name it; no two have one id, the first keeps it."""
    taken: set[str] = set()
    found = []
    for each in checks:
        asked = _same(each) or _own(each)
        if asked.id in taken:
            asked = _own(each)
        taken.add(asked.id)
        found.append(asked)
    return found


def _same(check: Check) -> Asked | None:
    """The dashboard's own check, where the shared column has one field of one CDM table as its target."""
    if check.id in SAME:
        name, table, field = SAME[check.id]
        return Asked(name, "FIELD", table.upper(), field.upper(), same=True)
    what = next((end for end in NAMES if check.id.endswith(end)), None)
    table = TABLES[check.table].omop.partition(",")[0].strip().lower()
    fields = cdm().get(table, {})
    if what is None or not fields or _owner(table) != check.table:
        return None
    key = next((each.name for each in fields.values() if each.key), "")
    field = key if what == ".unique" else TABLES[check.table].columns[check.id.split(".")[1]].omop
    if field not in fields or (what == ".refers" and not fields[field].references):
        return None
    name = OPTIONAL if what == ".filled" and not fields[field].required else NAMES[what]
    return Asked(name, "FIELD", table.upper(), field.upper(), same=True)


@cache
def _owner(table: str) -> str:
    """The shared table that is first of all that CDM table's; others send some rows there, which is not the same."""
    return next(name for name, each in TABLES.items() if each.omop.partition(",")[0].strip().lower() == table)


def _own(check: Check) -> Asked:
    """A check that the dashboard does not have: our table, and the column where it is about one."""
    own = [name for name in check.columns if name in TABLES[check.table].columns]
    field = own[0].upper() if len(own) == 1 else None
    return Asked(check.id, "FIELD" if field else "TABLE", check.table.upper(), field, same=False)


def _result(one: Finding, asked: Asked, site: str, tables: frozenset[tuple[str, str]]) -> dict[str, Any]:
    check = one.check
    why = None if one.asked else _why(absence(site, check, tables), asked)
    return {
        "numViolatedRows": one.failed,
        "pctViolatedRows": one.failed / one.asked if one.asked else 0,
        "numDenominatorRows": one.asked,
        "executionTime": None,
        "queryText": str(check.right)[:LONGEST],
        "checkName": asked.name,
        "checkLevel": asked.level,
        "checkDescription": " ".join(f"{check.means} {check.zh}".replace("`", "").split()),
        "cdmTableName": asked.table,
        "cdmFieldName": asked.field,
        "conceptId": None,
        "unitConceptId": None,
        "sqlFile": None,
        "category": check.kahn.capitalize(),
        "subcategory": _subcategory(check.kind),
        "context": CONTEXT,
        "warning": None,
        "error": None,
        "checkId": asked.id,
        **judged(one.verdict, why, check.tolerates),
        "notesValue": _notes(check),
    }


def judged(verdict: Verdict, why: str | None, tolerates: float) -> dict[str, Any]:
    """How a result ended, in the dashboard's fields: `tolerates` is a share, its threshold a percentage."""
    return {
        "failed": int(verdict is Verdict.FAILED),
        "passed": int(verdict is Verdict.PASSED),
        "isError": 0,
        "notApplicable": int(verdict is Verdict.NO_EVIDENCE),
        "notApplicableReason": why,
        "thresholdValue": 100 * tolerates,
    }


def _why(missing: Absence, asked: Asked) -> str:
    if missing is Absence.NO_ROWS:
        return f"Table {asked.table} is empty."
    return "No row that the check could be asked of."


def _notes(check: Check) -> str:
    said = f"{check.id}; {check.rule}; {check.source}" if check.rule else f"{check.id}; {check.source}"
    return f"{said}; tolerated: {check.because}" if check.because else said


def _subcategory(kind: Kind) -> str | None:
    return kind.value.partition(": ")[2].capitalize() or None


def overview(results: Sequence[dict[str, Any]]) -> dict[str, int | float]:
    """Its head figures. Only what passed is passed; what does not apply is in the total and in a figure of its own."""
    failed = sum(each["failed"] for each in results)
    passed = sum(each["passed"] for each in results)
    errors = sum(each["isError"] for each in results)
    judged = passed + failed
    figures: dict[str, int | float] = {
        "countTotal": len(results),
        "countPassed": passed,
        "countErrorFailed": errors,
        "countThresholdFailed": failed,
        "countOverallFailed": failed + errors,
        "percentPassed": round(100 * passed / judged, 2) if judged else 0,
        "percentFailed": round(100 * failed / judged, 2) if judged else 0,
    }
    for what, flag in (("Total", None), ("Failed", "failed"), ("Passed", "passed")):
        for category in CATEGORIES:
            figures[f"count{what}{category}"] = sum(
                1 if flag is None else each[flag] for each in results if each["category"] == category
            )
    return figures | {"countNotApplicable": sum(each["notApplicable"] for each in results)}


def _metadata(source: Source) -> dict[str, Any]:
    return {
        "cdmSourceName": source.name,
        "cdmSourceAbbreviation": source.site,
        "cdmHolder": source.holder,
        "sourceDescription": source.description,
        "sourceDocumentationReference": "docs/checks.md",
        "cdmEtlReference": "docs/omop.md",
        "sourceReleaseDate": source.released,
        "cdmReleaseDate": source.released,
        "cdmVersion": "5.4",
        "cdmVersionConceptId": None,
        "vocabularyVersion": None,
        "dqdVersion": f"Guantong {source.program}",
    }
