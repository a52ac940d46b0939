"""Which of the 27 check types of OHDSI's DataQualityDashboard are asked of which table, field and concept of CDM 5.4.

What follows from the field definitions is derived from them; what OHDSI chose beyond (domains, bounds, tolerances) is
kept as facts in asked.csv and concepts.csv, as of DataQualityDashboard 2.8.4. Nothing here reads a patient's row.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.exports.omop import Field, cdm

HERE = Path(__file__).parent
# Tables the dashboard leaves out unless it is told otherwise.
LEFT_OUT = (
    "concept", "vocabulary", "concept_ancestor", "concept_relationship", "concept_class", "concept_synonym",
    "relationship", "domain",
)  # fmt: skip
# Integers that the dashboard does not ask about: larger ones of 5.4, and three whose type it lists in another way.
NOT_ASKED_FOR_TYPE = {
    ("episode", "episode_id"), ("episode", "episode_parent_id"), ("episode", "person_id"),
    ("episode_event", "episode_id"), ("episode_event", "event_id"), ("measurement", "measurement_event_id"),
    ("note", "note_event_id"), ("observation", "observation_event_id"), ("observation", "value_as_concept_id"),
    ("visit_detail", "admitted_from_concept_id"), ("visit_detail", "visit_detail_source_concept_id"),
    ("visit_occurrence", "visit_type_concept_id"),
}  # fmt: skip
EMPTIED = 1.0  # tolerance of an optional field: it may be empty altogether
CATEGORY = {
    "cdmTable": ("Conformance", "fatal"),
    "measurePersonCompleteness": ("Completeness", "convention"),
    "measureConditionEraCompleteness": ("Completeness", "convention"),
    "measureObservationPeriodOverlap": ("Plausibility", "fatal"),
    "cdmField": ("Conformance", "fatal"),
    "isRequired": ("Conformance", "fatal"),
    "cdmDatatype": ("Conformance", "fatal"),
    "isPrimaryKey": ("Conformance", "fatal"),
    "isForeignKey": ("Conformance", "fatal"),
    "fkDomain": ("Conformance", "convention"),
    "fkClass": ("Conformance", "convention"),
    "isStandardValidConcept": ("Conformance", "convention"),
    "measureValueCompleteness": ("Completeness", "characterization"),
    "standardConceptRecordCompleteness": ("Completeness", "convention"),
    "sourceConceptRecordCompleteness": ("Completeness", "convention"),
    "sourceValueCompleteness": ("Completeness", "convention"),
    "plausibleValueLow": ("Plausibility", "characterization"),
    "plausibleValueHigh": ("Plausibility", "characterization"),
    "plausibleTemporalAfter": ("Plausibility", "characterization"),
    "plausibleDuringLife": ("Plausibility", "characterization"),
    "withinVisitDates": ("Plausibility", "characterization"),
    "plausibleAfterBirth": ("Plausibility", "characterization"),
    "plausibleBeforeDeath": ("Plausibility", "characterization"),
    "plausibleStartBeforeEnd": ("Plausibility", "characterization"),
    "plausibleGender": ("Plausibility", "characterization"),
    "plausibleGenderUseDescendants": ("Plausibility", "characterization"),
    "plausibleUnitConceptIds": ("Plausibility", "characterization"),
}


@dataclass(frozen=True)
class Asked:
    """One resolved check. `of` is what its type needs beside the field: a domain, a bound, another field, units.

    `tolerates` is the share of violating rows under which it passes.
    """

    check: str
    table: str
    field: str = ""
    of: str = ""
    concepts: tuple[int, ...] = ()
    tolerates: float = 0.0

    @property
    def level(self) -> str:
        """TABLE, FIELD or CONCEPT, as the dashboard has it."""
        return "CONCEPT" if self.concepts else "FIELD" if self.field else "TABLE"

    @property
    def id(self) -> str:
        """The dashboard's checkId."""
        parts = [self.level, self.check, self.table, self.field, ",".join(map(str, self.concepts))]
        return "_".join(part for part in parts if part).lower()


@cache
def resolved(vocabulary: bool = False) -> tuple[Asked, ...]:
    """Every check there is to ask; those of the vocabulary's own tables only where wanted. Ids are unique."""
    found = [*_structure(), *_chosen(), *_of_concepts()]
    return tuple(each for each in found if vocabulary or each.table not in LEFT_OUT)


def _structure() -> Iterator[Asked]:
    for table, of_table in cdm().items():
        yield Asked("cdmTable", table)
        for field in of_table.values():
            yield from _of_field(field)


def _of_field(field: Field) -> Iterator[Asked]:
    place = (field.table, field.name)
    yield Asked("cdmField", *place)
    if field.required:
        yield Asked("isRequired", *place)
    if field.type == "integer" and place not in NOT_ASKED_FOR_TYPE:
        yield Asked("cdmDatatype", *place)
    if field.key:
        yield Asked("isPrimaryKey", *place)
    if field.references or place == ("cohort_definition", "cohort_definition_id"):
        yield Asked("isForeignKey", *place, of=field.references or "cohort.cohort_definition_id")
    yield Asked("measureValueCompleteness", *place, tolerates=0.0 if field.required else EMPTIED)


def _chosen() -> Iterator[Asked]:
    for row in _rows("asked.csv"):
        yield Asked(row["check"], row["table"], row["field"], row["of"], tolerates=float(row["tolerates"]))


def _of_concepts() -> Iterator[Asked]:
    for row in _rows("concepts.csv"):
        concepts = tuple(int(each) for each in row["concepts"].split("|"))
        yield Asked(row["check"], row["table"], row["field"], row["of"], concepts, float(row["tolerates"]))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
