"""Columns that a CDM table says in several fields, or through another table: times, births, codes and their names.

The field's own name stays where it is filled up from another one; `code`, `system` and the like are no CDM fields.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import new

import polars as pl

from connectors.omop.beside import EVENTS, Beside
from connectors.omop.table import mappings
from connectors.omop.vocabulary import CONCEPT
from schemas.code_system import code_system
from schemas.exports.omop import cdm
from schemas.exports.omop_sql import CLASSES, NO_CODE, NO_SYSTEM, WITHOUT_TEXT
from schemas.identifiers.uscc import valid

EQUALS = "4172703"  # the concept of `=`: no comparator


@dataclass(frozen=True)
class Deriving:
    """Fills up the cells of one CDM table; what lies beside is read once, when it is first needed."""

    table: str
    beside: Beside

    def __call__(self, cells: pl.DataFrame) -> pl.DataFrame:
        """The cells with the columns that the table's mapping reads, all String."""
        missing = [pl.lit(None, pl.String()).alias(name) for name in cdm()[self.table] if name not in cells.columns]
        made = _times(_no_concept(cells.with_columns(missing)))
        return STEPS.get(self.table, _as_it_is)(made, self)

    @cached_property
    def concepts(self) -> pl.DataFrame:
        """See Beside.concepts."""
        return self.beside.concepts()

    @cached_property
    def locations(self) -> pl.DataFrame:
        """See Beside.locations."""
        return self.beside.locations()

    def concept(self, cells: pl.DataFrame, name: str) -> pl.DataFrame:
        """code, system, version, name and class of the concept in the column, row by row; null where not known."""
        ids = cells.select(_cell(cells, name).alias("concept_id"))
        return ids.join(self.concepts, on="concept_id", how="left", maintain_order="left").drop("concept_id")


def _cell(cells: pl.DataFrame, name: str) -> pl.Expr:
    """The column without outer blanks, null where it is empty or not there."""
    if name not in cells.columns:
        return pl.lit(None, pl.String())
    return pl.col(name).str.strip_chars().replace(["", "NULL", "\\N"], None)


def _no_concept(cells: pl.DataFrame) -> pl.DataFrame:
    """Concept 0 says that there is no concept."""
    names = [name for name in cells.columns if name.endswith("concept_id")]
    return cells.with_columns(_cell(cells, name).replace("0", None) for name in names)


def _times(cells: pl.DataFrame) -> pl.DataFrame:
    """Every `_datetime` that is empty is what the `_date` beside it says."""
    made = []
    for name in cells.columns:
        if name.endswith("_date"):
            time = f"{name}time"
            made.append(pl.coalesce(_cell(cells, time), _cell(cells, name)).alias(time))
    return cells.with_columns(made)


def _person(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
    year, month, day = (_cell(cells, f"{part}_of_birth") for part in ("year", "month", "day"))
    two = [part.str.zfill(2) for part in (month, day)]
    whole = pl.concat_str([year, *two], separator="-")
    said = pl.when(year.is_null()).then(_cell(cells, "birth_datetime")).otherwise(
        pl.coalesce(whole, pl.concat_str([year, two[0]], separator="-"), year)
    )  # fmt: skip
    key = pl.coalesce(_cell(cells, "person_source_value"), _cell(cells, "person_id"))
    made = cells.with_columns(said.alias("birth_datetime"), key.alias("person_source_value"))
    return _located(made, known)


def _located(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
    ids = cells.select(_cell(cells, "location_id").alias("location_id"))
    found = ids.join(known.locations, on="location_id", how="left", maintain_order="left").drop("location_id")
    county = pl.when(pl.col("location_county").str.contains(r"^\d{6,12}$")).then(pl.col("location_county"))
    return cells.with_columns(found.with_columns(county))


def _care_site(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
    source = _cell(cells, "care_site_source_value")
    return _located(cells.with_columns(uscc=pl.when(valid(source)).then(source)), known)


def _part(cells: pl.DataFrame, _known: Deriving) -> pl.DataFrame:
    within = "visit_detail|" + _cell(cells, "parent_visit_detail_id")
    return cells.with_columns(part_of=pl.coalesce(within, "visit_occurrence|" + _cell(cells, "visit_occurrence_id")))


def _visit(stem: str) -> Callable[[pl.DataFrame, Deriving], pl.DataFrame]:
    """`class`: the shared code where the source concept is one, else the visit's concept."""

    def visit(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
        own = known.concept(cells, f"{stem}_source_concept_id")
        code = own.select(pl.when(pl.col("system") == CLASSES).then(pl.col("code")).alias("own"))
        made = cells.with_columns(code).with_columns(visit_class=pl.coalesce("own", _cell(cells, f"{stem}_concept_id")))
        return _part(made, known) if stem == "visit_detail" else made

    return visit


def _condition(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
    """`role`: the shared code where the source says one, else the concept of the status."""
    made = _coded("condition")(cells, known)
    said = _cell(made, "condition_status_source_value")
    own = pl.when(said.is_in(list(code_system("condition-role").codes))).then(said)
    return made.with_columns(role=pl.coalesce(own, _cell(made, "condition_status_concept_id")))


def _coded(stem: str) -> Callable[[pl.DataFrame, Deriving], pl.DataFrame]:
    """`code`, `system`, `version`, `display`: the source value, with what CONCEPT knows of it.

    Where there is no source value: the code of the source concept, of the concept, or the concept's number itself.
    """

    def coded(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
        source, standard = (
            known.concept(cells, f"{stem}_{part}concept_id").select(pl.all().name.prefix(mark))
            for part, mark in (("source_", "s_"), ("", "c_"))
        )
        said = cells.select(
            _cell(cells, f"{stem}_source_value").alias("said"),
            pl.coalesce(_cell(cells, f"{stem}_source_concept_id"), _cell(cells, f"{stem}_concept_id")).alias("number"),
        )
        both = pl.concat([said, source, standard], how="horizontal")
        of_source = (pl.col("said") == pl.col("s_code")) | (pl.col("said").is_null() & pl.col("s_code").is_not_null())
        of_standard = ~of_source.fill_null(False) & (
            (pl.col("said") == pl.col("c_code")) | (pl.col("said").is_null() & pl.col("c_code").is_not_null())
        )

        def told(what: str) -> pl.Expr:
            return pl.when(of_source).then(pl.col(f"s_{what}")).when(of_standard).then(pl.col(f"c_{what}"))

        bare = pl.col("said").is_null() & ~of_source.fill_null(False) & ~of_standard.fill_null(False)
        number = pl.when(bare & pl.col("number").is_not_null()).then(pl.lit(CONCEPT))
        name_only = of_source.fill_null(False) & (pl.col("s_class") == NO_CODE).fill_null(False)
        system = pl.coalesce(told("system").replace(NO_SYSTEM, None), number)
        return cells.with_columns(both.select(
            code=pl.when(~name_only).then(pl.coalesce("said", told("code"), "number")), system=system,
            version=told("version"), display=told("name"), class_=pl.coalesce("s_class", "c_class"),
            atc=pl.when(pl.col("c_system") == "http://www.whocc.no/atc").then(pl.col("c_code")),
        ))  # fmt: skip

    return coded


def _result(stem: str) -> Callable[[pl.DataFrame, Deriving], pl.DataFrame]:
    def result(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
        made = _coded(stem)(cells, known)
        value, unit = known.concept(cells, "value_as_concept_id"), known.concept(cells, "unit_concept_id")
        ucum = pl.when(pl.col("system") == "http://unitsofmeasure.org").then(pl.col("code"))
        kinds = list(mappings()[stem].about.codes["category"])
        said = pl.coalesce(_cell(made, "value_as_string"), _cell(made, "value_source_value"))
        operator = _cell(made, "operator_concept_id").replace(EQUALS, None)
        return made.with_columns(
            unit.select(unit_ucum=ucum)["unit_ucum"],
            value.select(pl.col("code").alias("value_of_concept"))["value_of_concept"],
        ).with_columns(
            value_code=pl.coalesce("value_of_concept", _cell(made, "value_as_concept_id")),
            category=pl.when(pl.col("class_").is_in(kinds)).then(pl.col("class_")),
            value_source_value=said, operator_concept_id=operator,
        )  # fmt: skip

    return result


def _note(cells: pl.DataFrame, _known: Deriving) -> pl.DataFrame:
    """The hash of the words; the words themselves stay in the record."""
    if "note_text" not in cells.columns:
        return cells.with_columns(content_sm3=pl.lit(None, pl.String()))
    hashes = [
        None if not text or text == WITHOUT_TEXT else new("sm3", text.encode()).hexdigest()
        for text in cells["note_text"]
    ]
    return cells.with_columns(pl.Series("content_sm3", hashes, dtype=pl.String))


def _cost(cells: pl.DataFrame, known: Deriving) -> pl.DataFrame:
    """Whose a cost is: the person of the event it is of; the visit is known where the event is one."""
    event, domain = _cell(cells, "cost_event_id"), _cell(cells, "cost_domain_id").str.to_lowercase()
    asked = cells.select(event.alias("cost_event_id"), domain.alias("domain"))
    frames = [
        known.beside.persons_of(name, asked.filter(pl.col("domain") == name)["cost_event_id"]).with_columns(
            domain=pl.lit(name)
        )
        for name in asked["domain"].drop_nulls().unique().sort()
        if name in EVENTS
    ]
    none = pl.DataFrame(schema=dict.fromkeys(["cost_event_id", "event_person", "domain"], pl.String()))
    found = asked.join(pl.concat([none, *frames]), on=["cost_event_id", "domain"], how="left", maintain_order="left")
    ways = {"visit": "visit_occurrence|", "visit detail": "visit_detail|"}
    encounter = domain.replace_strict(ways, default=None, return_dtype=pl.String) + event
    amount = pl.coalesce(_cell(cells, "total_charge"), _cell(cells, "total_cost"))
    return cells.with_columns(found["event_person"], encounter=encounter, total_charge=amount).with_columns(
        person_id=pl.coalesce(_cell(cells, "person_id"), pl.col("event_person"))
    )


def _as_it_is(cells: pl.DataFrame, _known: Deriving) -> pl.DataFrame:
    return cells


def sources_of(table: str) -> dict[str, tuple[str, ...]]:
    """Column that a mapping reads -> the fields it is derived from; a field that stands for itself is left out."""
    stem = table.removesuffix("_occurrence").removesuffix("_exposure")
    coded = (f"{stem}_source_value", f"{stem}_source_concept_id", f"{stem}_concept_id")
    found: dict[str, tuple[str, ...]] = {
        name: (name, name.removesuffix("time")) for name in cdm()[table] if name.endswith("_datetime")
    }
    found |= dict.fromkeys(("code", "system", "version", "display", "category", "atc"), coded)
    return found | {
        "birth_datetime": ("year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime"),
        "person_source_value": ("person_source_value", "person_id") if table == "person" else ("person_source_value",),
        "location_county": ("location_id",), "location_address": ("location_id",),
        "uscc": ("care_site_source_value",), "part_of": ("parent_visit_detail_id", "visit_occurrence_id"),
        "visit_class": (f"{stem}_source_concept_id", f"{stem}_concept_id"),
        "role": ("condition_status_source_value", "condition_status_concept_id"),
        "value_code": ("value_as_concept_id",), "unit_ucum": ("unit_concept_id",),
        "value_source_value": ("value_source_value", "value_as_string"), "content_sm3": ("note_text",),
        "encounter": ("cost_event_id", "cost_domain_id"), "total_charge": ("total_charge", "total_cost"),
    }  # fmt: skip


STEPS: dict[str, Callable[[pl.DataFrame, Deriving], pl.DataFrame]] = {
    "person": _person,
    "care_site": _care_site,
    "visit_occurrence": _visit("visit"),
    "visit_detail": _visit("visit_detail"),
    "condition_occurrence": _condition,
    "procedure_occurrence": _coded("procedure"),
    "drug_exposure": _coded("drug"),
    "measurement": _result("measurement"),
    "observation": _result("observation"),
    "note": _note,
    "cost": _cost,
}
