"""What lies beside a row of the CDM: its person's birth, sex and death, and the dates of its visit.

One row a person, one a visit: where PERSON or DEATH hold several, the last death and the first birth stand.
"""

import polars as pl

from federation.quality.omop.cells import Tables, day, number

BORN, BORN_IN_JUNE, SEX, DIED, BEGAN, ENDED = (
    "born of person", "born in june of person", "sex of person", "died of person", "began of visit", "ended of visit",
)  # fmt: skip
EMPTY = pl.Schema({"person_id": pl.String(), BORN: pl.Date(), BORN_IN_JUNE: pl.Date(), SEX: pl.Float64()})


def beside(rows: pl.LazyFrame, tables: Tables, columns: frozenset[str]) -> pl.LazyFrame:
    """The rows with BORN, BORN_IN_JUNE, SEX, DIED, BEGAN and ENDED, null where nothing is known."""
    for key, other in (
        ("person_id", _births(tables)),
        ("person_id", _deaths(tables)),
        ("visit_occurrence_id", _visits(tables)),
    ):
        if key in columns:
            rows = rows.join(other.lazy(), on=key, how="left")
        else:
            rows = rows.with_columns(
                pl.lit(None, dtype).alias(name) for name, dtype in other.schema.items() if name != key
            )
    return rows


def _births(tables: Tables) -> pl.DataFrame:
    if "person" not in tables:
        return pl.DataFrame(schema=EMPTY)
    told, month, of_month = day("birth_datetime"), _whole("month_of_birth"), _whole("day_of_birth")
    first = pl.coalesce(told, _date(month.fill_null("1"), of_month.fill_null("1")))
    june = pl.coalesce(told, _date(pl.lit("6"), pl.lit("1")))
    sex = number("gender_concept_id").alias(SEX)
    people = tables["person"].select("person_id", first.alias(BORN), june.alias(BORN_IN_JUNE), sex)
    return people.drop_nulls("person_id").group_by("person_id").min()


def _whole(field: str) -> pl.Expr:
    return number(field).cast(pl.Int64, strict=False).cast(pl.String)


def _date(month: pl.Expr, of_month: pl.Expr) -> pl.Expr:
    """A date of the year of birth; null where there is no such day."""
    written = pl.concat_str(_whole("year_of_birth"), month, of_month, separator="-")
    return written.str.to_date("%Y-%m-%d", strict=False)


def _deaths(tables: Tables) -> pl.DataFrame:
    if "death" not in tables:
        return pl.DataFrame(schema={"person_id": pl.String(), DIED: pl.Date()})
    deaths = tables["death"].select("person_id", day("death_date").alias(DIED))
    return deaths.drop_nulls("person_id").group_by("person_id").max()


def _visits(tables: Tables) -> pl.DataFrame:
    schema = {"visit_occurrence_id": pl.String(), BEGAN: pl.Date(), ENDED: pl.Date()}
    if "visit_occurrence" not in tables:
        return pl.DataFrame(schema=schema)
    visits = tables["visit_occurrence"].select(
        "visit_occurrence_id", day("visit_start_date").alias(BEGAN), day("visit_end_date").alias(ENDED)
    )
    return visits.drop_nulls("visit_occurrence_id").group_by("visit_occurrence_id").min()
