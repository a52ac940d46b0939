"""A site's persons, normalised: each column by its own module, a birth that is missing by the resident number.

A pure function of frames; rows keep their order and their number.
"""

import polars as pl

from federation.linkage.identity import IDENTITY, NUMBERS, SEXES
from federation.linkage.normal import birth
from federation.linkage.normal.address import of_addresses
from federation.linkage.normal.frame import NORMAL
from federation.linkage.normal.name import of_names
from federation.linkage.normal.number import of_numbers, only
from federation.linkage.normal.phone import of_phones
from schemas.identifiers import resident_id


def normal(identities: pl.DataFrame, numbers: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """IDENTITY and NUMBERS of any sites as NORMAL and NORMAL_NUMBERS.

    Births and sexes that a record lacks are taken from its usable resident number, which says both (GB 11643), where
    all its numbers say the same.
    """
    persons = of_persons(identities.cast(IDENTITY))
    told = of_numbers(numbers.cast(NUMBERS), persons)
    return claimed(persons, told), told


def of_persons(identities: pl.DataFrame) -> pl.DataFrame:
    """IDENTITY as NORMAL, by what the records themselves say."""
    born = birth.of_date(pl.col("birth_date"), pl.col("birth_precision")).alias("born")
    sex = pl.when(pl.col("sex").is_in(SEXES)).then(pl.col("sex"))
    rows = identities.select("site", "record", born, sex)
    parts = [of_names(identities["name"]), of_addresses(identities["address"], identities["division"])]
    phones = of_phones(identities["phone"]).alias("phone").to_frame()
    return pl.concat([rows, *parts, phones], how="horizontal").select(list(NORMAL)).cast(NORMAL)


def claimed(persons: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """NORMAL with births and sexes filled from the resident numbers of NORMAL_NUMBERS; what the record says stays."""
    born, sex = resident_id.birth_date(pl.col("id")).dt.strftime("%Y%m%d"), resident_id.sex(pl.col("id"))
    rows = persons.join(only(numbers, "id"), on=["site", "record"], how="left", maintain_order="left")
    return rows.select(
        pl.col("born").fill_null(born), pl.col("sex").fill_null(sex), pl.exclude("born", "sex", "id")
    ).select(list(NORMAL))
