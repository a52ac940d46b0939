"""Two registers of one made-up city, a hospital's and a clinic's, and the truth about who is who in them.

The same seed, size and rates give the same rows. Nobody in it is real; nothing of it is read by matching code.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from federation.city.chance import Chance, Ints
from federation.city.doubles.births_written import births
from federation.city.doubles.clerk import Clerk, Words
from federation.city.doubles.contacts_written import addresses, phones
from federation.city.doubles.folk import Folk, folk
from federation.city.doubles.names_written import names
from federation.city.doubles.numbers_written import ids, insurance
from federation.city.doubles.rates import COMMUNITY, TERTIARY, Rates
from federation.errors import BadInput
from federation.linkage.identity import IDENTITY, NUMBERS

AGAIN = 2**40  # keys of second records of the same person
LARGEST = 5_000_000
RESIDENT, INSURANCE = "1", "insurance"  # kinds of numbers; RC038 for the first
TRUTH = pl.Schema({"site": pl.String, "record": pl.String, "person": pl.UInt32})
SLIPS = pl.Schema({"site": pl.String, "record": pl.String, "slip": pl.String})


@dataclass(frozen=True)
class Register:
    """What one site holds (`identity`, `numbers`), which person each record is (`truth`), what is wrong (`slips`)."""

    identity: pl.DataFrame
    numbers: pl.DataFrame
    truth: pl.DataFrame
    slips: pl.DataFrame


@dataclass(frozen=True)
class Doubles:
    """A hospital's register and a clinic's; two records are the same person where their truth says so."""

    tertiary: Register
    community: Register

    def pairs(self) -> pl.DataFrame:
        """The true pairs: columns `left` (tertiary record) and `right` (community record)."""
        left = self.tertiary.truth.select("person", left="record")
        return left.join(self.community.truth.select("person", right="record"), on="person").select("left", "right")


def doubles(
    seed: int,
    size: int,
    overlap: float = 0.6,
    rates: tuple[Rates, Rates] = (TERTIARY, COMMUNITY),
    again: float | None = None,
) -> Doubles:
    """Two registers of `size` persons each, of whom the share `overlap` is in both; `again`: of persons twice in one.

    100,000 + 100,000 take about 8 s and 400 MB. Raises BadInput for a size or share that cannot be.
    """
    if not (1 <= size <= LARGEST and 0 <= overlap <= 1):
        raise BadInput(f"Two registers have 1 to {LARGEST:,} persons and share 0 to 1 of them. Choose other numbers.")
    chance = Chance(seed)
    both = round(size * overlap)
    everybody = folk(chance, 2 * size - both)
    drawn = np.argsort(chance.bits("who is where", np.arange(2 * size - both, dtype=np.uint64)), kind="stable")
    at_tertiary, at_community = drawn[:size], np.r_[drawn[:both], drawn[size:]]
    first, second = (one if again is None else replace(one, again=again) for one in rates)
    return Doubles(
        _register(chance, "tertiary", "A", at_tertiary, everybody, first),
        _register(chance, "community", "B", at_community, everybody, second),
    )


def _register(chance: Chance, tier: str, letter: str, people: Ints, everybody: Folk, rates: Rates) -> Register:
    keys = people.astype(np.uint64)
    twice = chance.yes(f"{tier}|again", keys, rates.again)
    people, keys = np.r_[people, people[twice]], np.r_[keys, keys[twice] + np.uint64(AGAIN)]
    order = np.argsort(chance.bits(f"{tier}|order", keys), kind="stable")
    people, keys = people[order], keys[order]
    record = pl.Series([f"{letter}{n:07}" for n in range(1, len(keys) + 1)])
    clerk = Clerk(chance, tier, keys)
    name, newborn = names(clerk, people, everybody, rates)
    identity = _identity(clerk, record, name, people, everybody, rates)
    values = {RESIDENT: ids(clerk, people, everybody, newborn, rates), INSURANCE: insurance(clerk, people, rates)}
    numbers = [
        pl.DataFrame({"site": tier, "record": record, "kind": kind, "value": value.tolist()}, schema=NUMBERS)
        for kind, value in values.items()
    ]
    truth = pl.DataFrame({"site": tier, "record": record, "person": people}, schema=TRUTH)
    at = record.gather([place for place, _ in clerk.notes])
    slips = pl.DataFrame({"site": tier, "record": at, "slip": [slip for _, slip in clerk.notes]}, schema=SLIPS)
    return Register(identity, pl.concat(numbers).drop_nulls("value"), truth, slips)


def _identity(
    clerk: Clerk, record: pl.Series, name: Words, people: Ints, everybody: Folk, rates: Rates
) -> pl.DataFrame:
    born, precision = births(clerk, everybody.born[people], rates)
    sex = everybody.sex[people].astype(str).astype(object)
    clerk.change(sex, "sex: wrong", rates.sex_wrong, lambda at, _: "2" if sex[at] == "1" else "1")
    clerk.change(sex, "sex: missing", rates.sex_missing, lambda *_: None)
    address, division = addresses(clerk, people, everybody, rates)
    return pl.DataFrame(
        {
            "site": clerk.tier, "record": record, "name": name.tolist(), "sex": sex.tolist(),
            "birth_date": born, "birth_precision": precision.tolist(),
            "phone": phones(clerk, people, everybody, rates).tolist(),
            "address": address.tolist(), "division": division.tolist(),
        },
        schema=IDENTITY,
    )  # fmt: skip
