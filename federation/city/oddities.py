"""What is rare and right: records that a careless check takes for errors. The truth calls them `tolerated`.

Without them nobody could say how often a check cries wolf: a made-up city is more regular than a real one.
"""

import polars as pl

from federation.city import slips
from federation.city.faults import Fault
from federation.city.person_faults import Said

LATIN_NAMES = ("Zoë Müller-Lüdenscheid", "José Ñíguez Åkesson", "Jean-François Théodore", "Søren Ærø")


def person_oddities(said: Said) -> list[Fault]:
    """Ids of before 2000, which the law accepts in old records, and names of foreigners."""
    number = pl.col("id_number")
    old = pl.concat_str(number.str.slice(0, 6), number.str.slice(8, 9))
    return [
        Fault("odd-old-id", said.id_number[1], {said.id_number[0]: old}, pl.col("born").dt.year() < 1984, common=True),
        Fault("odd-foreign-name", said.name[1], {said.name[0]: slips.pick(slips.ONE, LATIN_NAMES)}),
    ]


def late(moment: pl.Expr) -> pl.Expr:
    """Done 8 to 25 days after the visit that ordered it."""
    return moment + pl.duration(days=8 + (slips.ONE * 18).floor().cast(pl.Int64))


def hardly_ever(told: str, into: str = "") -> Fault:
    """A result that about one patient in ten thousand really has."""
    number = pl.col("never_high") * (0.7 + 0.5 * slips.ONE)
    return Fault(
        "odd-result", told, {into or told: number.round(1).cast(pl.String)}, pl.col("item_code") != "", common=True
    )


def thinner(column: str) -> Fault:
    """A tenth to a fifth of the weight lost since the last visit."""
    weight = (pl.col("weight") * (0.9 - 0.1 * slips.ONE)).round(1).cast(pl.String)
    return Fault("odd-weight", column, {column: weight})
