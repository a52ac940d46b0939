"""The people of the made-up city: who they are, before any illness. Made from the seed alone, a block at a time.

Every resident id is valid after GB 11643 and held by one person only; see `sites` for why it belongs to nobody real.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from federation.city import names
from federation.city.chance import Chance, Ints, Keys
from federation.city.sites import COMMUNITY, DIVISIONS, SITES

DAY_ZERO = np.datetime64("1970-01-01", "D")
FIRST_DAY = int((np.datetime64("2025-01-01") - DAY_ZERO).astype(int))
LAST_DAY = int((np.datetime64("2026-06-30") - DAY_ZERO).astype(int))
LAST_BIRTH = int((np.datetime64("2026-03-31") - DAY_ZERO).astype(int))
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Ages on the last birth day: (from, to, share); an old city, as its clinics see it.
AGES = ((0, 1, 2.5), (1, 12, 10), (12, 18, 6), (18, 45, 32), (45, 65, 30), (65, 85, 18), (85, 98, 1.5))
IN_HOSPITAL = (0.20, 0.17, 0.12, 0.11)  # share of people per hospital; the rest see a clinic only
SEEN_AT_CLINIC = 0.83  # of those who were in hospital
ETHNICITY = (("01", 0.955), ("05", 0.012), ("11", 0.013), ("02", 0.01), ("03", 0.01))  # GB/T 3304
MARITAL = ("1", "2", "3", "4")  # RC002
PAYER = ("1.1", "2.1", "1.2", "2.2", "7")  # RC032
ABO = ("1", "2", "3", "4")  # RC030


@dataclass(frozen=True)
class People:
    """All persons 0..count-1 of one city; `block` describes some of them."""

    chance: Chance
    count: int

    def _born(self, keys: Keys) -> Ints:
        """Birth dates as days since 1970."""
        low, high, share = (np.array(column) for column in zip(*AGES, strict=True))
        band = self.chance.one_of("age band", keys, list(share))
        years = low[band] + (high - low)[band] * self.chance.even("age", keys)
        born: Ints = (LAST_BIRTH - years * 365.2425).astype(np.int64)
        return born

    def _sex(self, keys: Keys) -> Ints:
        return 1 + self.chance.yes("sex", keys, 0.512).astype(np.int64)

    def _division(self, keys: Keys) -> Ints:
        return self.chance.whole("division", keys, 0, len(DIVISIONS) - 1)

    @cached_property
    def _turns(self) -> np.ndarray:
        """Which of its (division, birth date, sex) each person is: the sequence digits of the id. 2 bytes a person."""
        keys = np.arange(self.count, dtype=np.uint64)
        group = (self._born(keys) + 100_000) * 20 + self._division(keys) * 2 + self._sex(keys) - 1
        order = np.argsort(group, kind="stable")
        ranked = group[order]
        first = np.r_[True, ranked[1:] != ranked[:-1]]
        starts = np.maximum.accumulate(np.where(first, np.arange(self.count), 0))
        turns = np.empty(self.count, dtype=np.uint16)
        turns[order] = np.arange(self.count) - starts
        return turns

    def _ids(self, keys: Keys, born: Ints, sex: Ints) -> list[str]:
        codes = np.array([int(code) for code in DIVISIONS])[self._division(keys)]
        days = (DAY_ZERO + born.astype("timedelta64[D]")).astype("datetime64[D]")
        months = days.astype("datetime64[M]").astype(int)
        written = (1970 + months // 12) * 10000 + (months % 12 + 1) * 100
        written += (days - days.astype("datetime64[M]")).astype(int) + 1
        # Odd is male; the order within the group is spread, so that neighbours do not look alike.
        turn = (self._turns[keys.astype(np.int64)].astype(np.int64) * 211 + 17) % 500 * 2 + (sex == 1)
        body = (codes * 10**8 + written) * 1000 + turn
        total = sum(weight * (body // 10 ** (16 - place) % 10) for place, weight in enumerate(ID_WEIGHTS))
        check = np.array(list("10X98765432"))[total % 11]
        return [f"{number}{letter}" for number, letter in zip(body.tolist(), check.tolist(), strict=True)]

    def _neighbours(self, keys: Keys) -> list[str]:
        """The id of another person, which ends up with this one when cards are mixed up."""
        others = np.minimum(keys ^ np.uint64(1), np.uint64(self.count - 1))
        return self._ids(others, self._born(others), self._sex(others))

    def _names(self, keys: Keys, sex: Ints, minority: np.ndarray) -> list[str]:
        """Mostly one surname and one or two characters; a few rare characters; a few names with a middle dot."""
        draw = self.chance.whole
        surname = draw("surname", keys, 0, 2 * len(names.SURNAMES)) * draw("surname rank", keys, 1, 3) // 6
        compound = self.chance.yes("two characters", keys, 0.004)
        rare = self.chance.yes("rare character", keys, 0.006)
        first, second = (draw(f"given {n}", keys, 0, 10**6) for n in (1, 2))
        two = self.chance.yes("two given", keys, 0.8)
        rows = zip(surname, compound, rare, first, second, two, sex, minority, strict=True)
        return [_name(*(int(cell) for cell in row)) for row in rows]

    def block(self, start: int, stop: int) -> pl.DataFrame:
        """Persons start..stop-1: `person` UInt64, `born` Date, all else String or small numbers."""
        keys = np.arange(start, min(stop, self.count), dtype=np.uint64)
        chance = self.chance
        born, sex = self._born(keys), self._sex(keys)
        ethnicity = chance.one_of("ethnicity", keys, [share for _, share in ETHNICITY])
        hospital = chance.one_of("hospital", keys, [*IN_HOSPITAL, 1 - sum(IN_HOSPITAL)])
        age = (LAST_DAY - born) // 365
        married = np.where(age < 24, 0, np.where((age > 70) & chance.yes("widowed", keys, 0.4), 2, 1))
        married = np.where((married == 1) & chance.yes("divorced", keys, 0.05), 3, married)
        home = chance.whole("home", keys, 0, len(COMMUNITY) - 1)
        at_clinic = (hospital == len(IN_HOSPITAL)) | chance.yes("at clinic", keys, SEEN_AT_CLINIC)
        divisions, division = list(DIVISIONS), self._division(keys)
        lives_in = np.array([divisions.index(site.region) for site in COMMUNITY])[home]
        return pl.DataFrame(
            {
                "person": keys,
                "sex": sex,
                "born": pl.Series(born.astype(np.int32)).cast(pl.Date),
                "name": self._names(keys, sex, ethnicity == 1),
                "id_number": self._ids(keys, born, sex),
                "other_id": self._neighbours(keys),
                "ethnicity": [ETHNICITY[n][0] for n in ethnicity.tolist()],
                "marital": [MARITAL[n] for n in married.tolist()],
                "occupation": _occupations(age, chance.whole("occupation", keys, 0, 9)),
                "payer": [PAYER[n] for n in chance.one_of("payer", keys, [5, 4, 0.5, 0.5, 0.6]).tolist()],
                "abo": [ABO[n] for n in chance.one_of("abo", keys, [28, 24, 41, 7]).tolist()],
                "rh": np.where(chance.yes("rh", keys, 0.004), "1", "2").tolist(),
                # No network numbers are given out under 154; nobody answers.
                "phone": [f"1540{n:07}" for n in chance.whole("phone", keys, 0, 9_999_999).tolist()],
                "address": self._addresses(keys, lives_in),
                "household": [_county(divisions[n]) for n in division.tolist()],
                "household_code": [divisions[n] for n in division.tolist()],
                "residence_code": [divisions[n] for n in lives_in.tolist()],
                "workplace": [
                    names.WORKPLACES[n] for n in chance.whole("workplace", keys, 0, len(names.WORKPLACES) - 1).tolist()
                ],
                "contact": [
                    _name(int(s) % 300, 0, 0, int(g), int(g) // 7, 1, 1 + int(g) % 2, 0)
                    for s, g in zip(
                        chance.whole("contact", keys, 0, 299),
                        chance.whole("contact given", keys, 0, 10**6),
                        strict=True,
                    )
                ],
                "hospital": np.where(hospital < len(IN_HOSPITAL), hospital, -1),
                "clinic": np.where(at_clinic, home + len(SITES) - len(COMMUNITY), -1),
                "hypertension": chance.yes("hypertension", keys, np.clip((age - 35) / 75, 0, 0.55)),
                "diabetes": chance.yes("diabetes", keys, np.clip((age - 38) / 170, 0, 0.22)),
                "allergic": chance.yes("allergic", keys, 0.06),
            }
        )

    def _addresses(self, keys: Keys, lives_in: Ints) -> list[str]:
        """With the commas and enumeration commas people really write."""
        draw = self.chance.whole
        street = draw("street", keys, 0, len(names.STREETS) - 1)
        estate = draw("estate", keys, 0, len(names.ESTATES) - 1)
        number, house, style = draw("number", keys, 1, 399), draw("house", keys, 1, 30), draw("style", keys, 0, 9)
        counties = [_county(code) for code in DIVISIONS]
        rows = zip(
            lives_in.tolist(),
            street.tolist(),
            estate.tolist(),
            number.tolist(),
            house.tolist(),
            style.tolist(),
            strict=True,
        )
        return [counties[c] + _address(names.STREETS[s], names.ESTATES[e], n, h, w) for c, s, e, n, h, w in rows]


def _county(code: str) -> str:
    return f"临川市{DIVISIONS[code]}"


def _address(street: str, estate: str, number: int, house: int, style: int) -> str:
    if style == 0:
        return f"{street}{number}号、{estate}{house}号楼"
    if style == 1:
        return f"{street}{number}号,{estate}{house}栋"
    return f"{street}{number}号{estate}{house}号楼"


def _name(surname: int, compound: int, rare: int, first: int, second: int, two: int, sex: int, minority: int) -> str:
    if minority:
        given, father = names.MINORITY_GIVEN, names.MINORITY_FATHER
        return f"{given[first % len(given)]}·{father[second % len(father)]}"
    family = names.TWO_CHARACTER_SURNAMES[first % 6] if compound else names.SURNAMES[surname % len(names.SURNAMES)]
    letters = names.MALE if sex == 1 else names.FEMALE
    last = names.RARE[second % len(names.RARE)] if rare else letters[second % len(letters)]
    return family + (letters[first % len(letters)] if two else "") + last


def _occupations(age: Ints, drawn: Ints) -> list[str]:
    """RC003: students and the retired by age, the others drawn."""
    working = ("11", "13", "17", "21", "24", "24", "27", "27", "51", "54")
    return [
        "90" if a < 6 else "31" if a < 20 else "80" if a >= 62 else working[d]
        for a, d in zip(age.tolist(), drawn.tolist(), strict=True)
    ]
