"""What a site knows a person by, taken from its shared tables: names, numbers, dates, addresses in clear.

These frames exist only at the site, or where a centre lawfully holds identifiers. Nothing here normalises or guesses.
"""

import polars as pl

IDENTITY = pl.Schema({
    "site": pl.String, "record": pl.String, "name": pl.String, "sex": pl.String, "birth_date": pl.Date,
    "birth_precision": pl.String, "phone": pl.String, "address": pl.String, "division": pl.String,
})  # fmt: skip
NUMBERS = pl.Schema({"site": pl.String, "record": pl.String, "kind": pl.String, "value": pl.String})
SEXES = ("1", "2")  # of RC001; unknown and not stated say nothing
_PRECISE = {"year": 0, "month": 1, "day": 2}  # codes `date-precision`
_SAID = {"name": "name", "phone": "phone", "address": "address", "division": "residence_div_code"}


def identities(site: str, patients: pl.DataFrame) -> pl.DataFrame:
    """The rows of `patient` as IDENTITY: one row a `person_id`, which is the `record`, in its order.

    A site's rows of one person are one record, since that they are one is the site's own word. Of each column what
    was said last stands (by `updated_at`, then by order), of births the most precise; a withdrawn row says nothing.
    """
    rows = patients.filter(pl.col("person_id").is_not_null() & ~pl.col("deleted").fill_null(value=False))
    rows = rows.sort("updated_at", nulls_last=False, maintain_order=True)
    exact = pl.col("birth_precision").replace_strict(_PRECISE, default=2, return_dtype=pl.Int8)
    birth = pl.struct("birth_date", "birth_precision").filter(pl.col("birth_date").is_not_null())
    sex = pl.col("gender_code").filter(pl.col("gender_code").is_in(SEXES))
    said = [pl.col(own).drop_nulls().last().alias(name) for name, own in _SAID.items()]
    best = birth.sort_by(exact.filter(pl.col("birth_date").is_not_null()), maintain_order=True).last()
    told = rows.group_by(pl.col("person_id").alias("record")).agg(*said, sex.last().alias("sex"), best.alias("birth"))
    return told.sort("record").select(
        pl.lit(site).alias("site"), "record", "name", "sex", pl.col("birth").struct.field("birth_date"),
        pl.col("birth").struct.field("birth_precision"), "phone", "address", "division",
    ).cast(IDENTITY)  # fmt: skip


def numbers(site: str, identifiers: pl.DataFrame) -> pl.DataFrame:
    """The rows of `patient_identifier` as NUMBERS: each number of a record once, `kind` its code of RC038, in order."""
    rows = identifiers.filter(~pl.col("deleted").fill_null(value=False))
    told = rows.select(
        pl.lit(site).alias("site"), pl.col("person_id").alias("record"),
        pl.col("id_type_code").alias("kind"), pl.col("id_value").alias("value"),
    )  # fmt: skip
    return told.drop_nulls(["record", "value"]).unique().sort("record", "kind", "value").cast(NUMBERS)
