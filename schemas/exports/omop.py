"""The tables and fields of the OMOP CDM 5.4, and what 5.3 called them: facts, from OHDSI's field definitions.

Says what a field is called, whether it must be filled, its type and what it refers to; maps nothing.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

FIELDS = Path(__file__).parent / "omop_fields.csv"
VERSION, VERSION_CONCEPT = "5.4", 756265
# What 5.3 called the fields that 5.4 renamed (visit_occurrence, visit_detail).
RENAMED = {
    "admitting_source_concept_id": "admitted_from_concept_id",
    "admitting_source_value": "admitted_from_source_value",
    "discharge_to_concept_id": "discharged_to_concept_id",
    "discharge_to_source_value": "discharged_to_source_value",
    "visit_detail_parent_id": "parent_visit_detail_id",
}
# Fields that came with 5.4: a table that has one of them is not a 5.3 table.
NEW = {
    "procedure_end_date", "procedure_end_datetime", "unit_source_concept_id", "meas_event_field_concept_id",
    "measurement_event_id", "observation_event_id", "obs_event_field_concept_id", "note_event_id",
    "note_event_field_concept_id", "country_concept_id", "country_source_value", "production_id",
    "cdm_version_concept_id", "metadata_id", *RENAMED.values(),
}  # fmt: skip
VOCABULARY = (
    "concept", "vocabulary", "domain", "concept_class", "concept_relationship", "relationship", "concept_synonym",
    "concept_ancestor", "source_to_concept_map", "drug_strength",
)  # fmt: skip
DERIVED = ("drug_era", "dose_era", "condition_era", "cohort", "cohort_definition", "metadata", "cdm_source")
_TYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Field:
    """One field. `type` is as OHDSI writes it, in small letters; `references` is `table.field`, empty for none."""

    table: str
    name: str
    required: bool
    type: str
    key: bool
    references: str

    @property
    def dtype(self) -> pl.DataType:
        """Int64, Float64, Date, Datetime or String."""
        return _TYPES.get(self.type, pl.String())

    @property
    def longest(self) -> int | None:
        """Characters that `varchar(50)` allows; None where there is no such bound."""
        size = self.type.removeprefix("varchar(").removesuffix(")")
        return int(size) if size.isdigit() else None


@cache
def cdm() -> dict[str, dict[str, Field]]:
    """Table -> field -> what it is, tables and fields in OHDSI's order."""
    tables: dict[str, dict[str, Field]] = {}
    with FIELDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            field = Field(row["table"], row["field"], bool(row["required"]), row["type"], bool(row["key"]),
                          row["references"])  # fmt: skip
            tables.setdefault(field.table, {})[field.name] = field
    return tables


def schema(table: str) -> pl.Schema:
    """The table's fields in order, with their Polars types."""
    return pl.Schema({name: field.dtype for name, field in cdm()[table].items()})
