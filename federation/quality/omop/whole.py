"""The checks that no single row answers: of persons, of distinct source values, of concepts.

Each gives (asked, wrong). Concept checks are looked up in one count per concept, sex and unit, never a pass each.
"""

from collections.abc import Iterable

import polars as pl

from federation.quality.omop.cells import Tables, day, number, values
from federation.quality.omop.people import SEX, beside
from federation.quality.omop.resolve import Asked

Counts = tuple[int, int]
MALE, FEMALE = 8507, 8532
NO_UNIT = "-1"  # of plausibleUnitConceptIds: the only right unit is none


def persons_covered(asked: Asked, tables: Tables) -> Counts:
    """Persons, and those without a row in the table."""
    if "person" not in tables:
        return 0, 0
    people = tables["person"]
    return people.height, people.filter(
        pl.col("person_id").is_in(values(tables, asked.table, "person_id").implode()).fill_null(value=False).not_()
    ).height


def eras_covered(asked: Asked, tables: Tables) -> Counts:
    """Persons with a mapped condition, and those of them without an era."""
    if "condition_occurrence" not in tables:
        return 0, 0
    ill = values({"c": tables["condition_occurrence"].filter(number("condition_concept_id") != 0)}, "c", "person_id")
    return ill.len(), int(ill.is_in(values(tables, asked.table, "person_id").implode()).not_().sum())


def periods_overlap(asked: Asked, tables: Tables) -> Counts:
    """Persons with observation periods, and those of whom two overlap or follow each other at once."""
    periods = (
        tables[asked.table]
        .select(
            "person_id",
            "observation_period_id",
            day("observation_period_start_date").alias("start"),
            day("observation_period_end_date").alias("end"),
        )
        .drop_nulls("person_id")
    )
    pairs = periods.join(periods, on="person_id").filter(
        pl.col("observation_period_id") != pl.col("observation_period_id_right")
    )
    touching = pairs.filter(
        (pl.col("start") <= pl.col("end_right") + pl.duration(days=1))
        & (pl.col("start_right") <= pl.col("end") + pl.duration(days=1))
    )
    return periods["person_id"].n_unique(), touching["person_id"].n_unique()


def source_values_mapped(asked: Asked, tables: Tables) -> Counts:
    """Different source values (nothing is one), and those that stand beside concept 0 somewhere."""
    rows = tables[asked.table]
    unmapped = rows.filter(number(asked.of) == 0)
    return rows[asked.field].n_unique(), unmapped[asked.field].n_unique()


def of_concepts(asked: Iterable[Asked], tables: Tables) -> dict[str, Counts]:
    """Check id -> counts, for all checks of one field of one table."""
    every = list(asked)
    table, field = every[0].table, every[0].field
    rows = tables[table]
    columns = frozenset(rows.columns)
    unit = number("unit_concept_id") if "unit_concept_id" in columns else pl.lit(None, pl.Float64)
    seen = (
        beside(rows.lazy(), tables, columns)
        .select(number(field).cast(pl.Int64).alias("concept"), SEX, unit.alias("unit"))
        .group_by("concept", SEX, "unit")
        .len("rows")
        .collect()
    )
    return {each.id: _of_concept(each, seen, tables) for each in every}


def _of_concept(asked: Asked, seen: pl.DataFrame, tables: Tables) -> Counts:
    chosen = _rows_of(asked, seen, tables)
    rows, sex, unit = pl.col("rows").sum(), pl.col(SEX), pl.col("unit")
    if asked.check == "plausibleUnitConceptIds":
        allowed = [0.0, *map(float, asked.of.split("|"))]
        odd = unit.is_not_null() & ((unit != 0) if asked.of == NO_UNIT else unit.is_in(allowed).not_())
        return _total(chosen.filter(unit.is_null() | (unit != 0)), rows), _total(chosen.filter(odd), rows)
    other = sex != (MALE if asked.of == "Male" else FEMALE)
    return _total(chosen, rows), _total(chosen.filter(other), rows)


def _rows_of(asked: Asked, seen: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    if asked.check != "plausibleGenderUseDescendants":
        return seen.filter(pl.col("concept").is_in(list(asked.concepts)))
    if "concept_ancestor" not in tables:
        return seen.clear()
    tree = tables["concept_ancestor"].select(
        number("ancestor_concept_id").cast(pl.Int64).alias("above"),
        number("descendant_concept_id").cast(pl.Int64).alias("concept"),
    )
    return seen.join(tree.filter(pl.col("above").is_in(list(asked.concepts))), on="concept")


def _total(rows: pl.DataFrame, total: pl.Expr) -> int:
    return int(rows.select(total).item() or 0)
