"""A result beside what its number means: which measurement it is, its unit, and what a person of that age can have.

Nothing is converted in the row itself: the value stays as it was written.
"""

import polars as pl

from federation.quality.links import Some
from federation.quality.ranges import (
    BANDS,
    IDS,
    ITEMS,
    MOST_UNITS,
    NO_AGE,
    NO_SEX,
    SEXES,
    SPELLINGS,
    bound_table,
    unit_table,
    usual_table,
)

BODY = {"height_cm": "height", "weight_kg": "weight"}
# What a number means is read from these columns of its row.
MEANING = ("item_code", "item_name", "unit", "unit_ucum", "value_num", "sampled_time", "reported_time")
SLACK = 1e-9  # of rounding in a conversion


def with_meaning(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Adds to results (with `birth_date` and `gender_code` beside them) the columns

    `item` (of ranges.ITEMS, by code, else by name), `standard` (the value in the item's first unit, null where the unit
    is not known), `low` and `high` (bounds for the person's age and sex), `age_days`, and `fits_if_unit`: a unit in
    which the value would be an everyday one, where as written it is not. `usual` says whether it is in the range of
    nearly all patients. `height_cm` and `weight_kg` are `standard` where the row is a height or a weight.
    """
    known = _with_age(rows.with_columns(_item().alias("item"), _unit().alias("unit_name")))
    with_unit = known.join(unit_table().lazy(), on=["item", "unit_name"], how="left")
    standard = pl.col("value_num") * pl.col("factor") + pl.col("offset")
    bounded = with_unit.with_columns(standard.alias("standard")).join(
        bound_table().lazy(), on=["item", "band", "sex"], how="left"
    )
    usual = bounded.join(usual_table().lazy(), on="item", how="left").with_columns(_fits_if().alias("fits_if_unit"))
    body = [pl.when(pl.col("item") == of).then("standard").alias(name) for name, of in BODY.items()]
    parts = [f"{name}{place}" for place in range(MOST_UNITS) for name in ("other", "factor", "offset")]
    inside = pl.col("standard").is_between("often_low", "often_high").alias("usual")
    return usual.with_columns(*body, inside).drop("band", "sex", "offset", "often_low", "often_high", *parts)


def _item() -> pl.Expr:
    by_code = {code: item.id for item in ITEMS for code in item.loinc}
    by_name = {name: item.id for item in ITEMS for name in item.names}
    name = pl.col("item_name").str.strip_chars().str.to_lowercase()
    found = [
        value.replace_strict(names, default=None, return_dtype=IDS)
        for value, names in ((pl.col("item_code"), by_code), (name, by_name))
    ]
    return pl.coalesce(found)


def _unit() -> pl.Expr:
    return pl.coalesce("unit_ucum", "unit").str.strip_chars().str.to_lowercase().replace(SPELLINGS)


def _with_age(rows: pl.LazyFrame) -> pl.LazyFrame:
    seen = pl.coalesce("sampled_time", "reported_time").cast(pl.Date)
    aged = rows.with_columns((seen - pl.col("birth_date")).dt.total_days().alias("age_days"))
    age, band = pl.col("age_days"), pl.lit(NO_AGE)
    for name, first in BANDS.items():
        band = pl.when(age >= first).then(pl.lit(name)).otherwise(band)
    sex = pl.when(pl.col("gender_code").is_in(SEXES)).then("gender_code").otherwise(pl.lit(NO_SEX))
    return aged.with_columns(band.alias("band"), sex.alias("sex"))


def _fits_if() -> pl.Expr:
    """The first other unit that makes an everyday value of one that is none."""
    low, high = pl.col("often_low"), pl.col("often_high")
    odd = pl.col("standard").is_between(low, high).not_()
    fits = []
    for place in range(MOST_UNITS):
        factor, offset = pl.col(f"factor{place}"), pl.col(f"offset{place}")
        another = (factor - pl.col("factor")).abs() > SLACK
        value = pl.col("value_num") * factor + offset
        fits.append(pl.when(odd & another & value.is_between(low, high)).then(pl.col(f"other{place}")))
    return pl.coalesce(fits)


OF_THE_BODY = Some("heights and weights", _item().is_in(list(BODY.values())))
