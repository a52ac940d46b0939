"""What goes wrong with the person in a record: the same slips wherever a name, a sex, a birth date and an id stand."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from federation.city import slips
from federation.city.faults import Fault

NO_NUMBERS = ("111111111111111111", "000000000000000000", "123456789012345678", "999999999999999999", "无", "不详")
DEFAULTS = ("1900-01-01", "1970-01-01", "2000-01-01")


@dataclass(frozen=True)
class Said:
    """Where a sheet says who somebody is: a cell, and what the truth file calls it.

    `date` is how a birth date is written, `sexes` what men and women are; `wrapped` makes a cell of a written date.
    """

    name: tuple[str, str]
    sex: tuple[str, str]
    born: tuple[str, str]
    id_number: tuple[str, str]
    date: str
    sexes: tuple[str, str]
    wrapped: Callable[[pl.Expr], pl.Expr] = lambda written: written

    def dated(self, day: pl.Expr) -> pl.Expr:
        """The cell of a birth date."""
        return self.wrapped(day.dt.strftime(self.date))


def person_faults(said: Said) -> list[Fault]:
    """Of who somebody is. Every record has the id beside it: whatever contradicts it can be seen."""
    return [*_number_faults(*said.id_number), *_birth_faults(said), _other_sex(said), _garbled(said)]


def _number_faults(into: str, told: str) -> list[Fault]:
    number, other = pl.col("id_number"), pl.col("other_id")
    exchanged = slips.exchanged(number)
    # Of a person born the same day and of the same sex nobody could tell.
    differs = (number.str.slice(6, 8) != other.str.slice(6, 8)) | (_odd(number) != _odd(other))
    return [
        Fault("id-check-digit", told, {into: slips.other_digit(number)}),
        Fault("id-digits-exchanged", told, {into: exchanged}, exchanged != number, common=True),
        Fault("id-digit-lost", told, {into: slips.lost_or_doubled(number)}),
        Fault("id-placeholder", told, {into: slips.pick(slips.ONE, NO_NUMBERS)}),
        Fault("id-of-another", told, {into: other}, other != number, common=True, plain=differs),
    ]


def _odd(number: pl.Expr) -> pl.Expr:
    return number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2


def _birth_faults(said: Said) -> list[Fault]:
    born, (into, told) = pl.col("born"), said.born
    month, day = born.dt.month(), born.dt.day()
    swapped = pl.date(born.dt.year(), day, month)
    early = slips.pick(slips.ONE, [pl.lit(text).str.to_date() for text in DEFAULTS])
    unborn = born.dt.offset_by("100y")
    return [
        Fault("id-birth-mismatch", told, {into: said.dated(slips.slipped(born))}),
        Fault("birth-day-month-swapped", told, {into: said.dated(swapped)}, (day <= 12) & (day != month), common=True),
        Fault("birth-default", told, {into: said.dated(early)}, born != early, common=True),
        Fault("born-in-future", told, {into: said.dated(unborn)}, born.dt.year() > 1930, common=True),
        Fault("date-day-first", told, {into: said.wrapped(born.dt.strftime("%d/%m/%Y"))}),
    ]  # fmt: skip


def _other_sex(said: Said) -> Fault:
    into, told = said.sex
    man, woman = said.sexes
    other = pl.when(pl.col("sex") == 1).then(pl.lit(woman)).otherwise(pl.lit(man))
    return Fault("sex-swapped", told, {into: other})


def _garbled(said: Said) -> Fault:
    into, told = said.name
    return Fault("text-garbled", told, {into: slips.garbled("name")})
