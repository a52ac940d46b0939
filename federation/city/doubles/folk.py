"""The people of two registers before anything is written: families of one to five who share a home, a name, a phone.

The same seed and count give the same people. Ids are valid after GB 11643, each held by one person only, and belong to
nobody (see `federation.city.sites`); no network gives out phone numbers that begin with 1540.
"""

from dataclasses import dataclass

import numpy as np

from federation.city.chance import Chance, Ints, Keys
from federation.city.doubles.called import dotted_names, given_names, surnames
from federation.city.doubles.places import COUNTIES
from federation.city.people import DAY_ZERO, ID_WEIGHTS, LAST_BIRTH
from federation.city.sites import DIVISIONS

SIZES = (0.20, 0.28, 0.30, 0.15, 0.07)  # of families of one to five
TWINS = 0.03  # of families with two children
NAMESAKES = 0.002  # of people who share name, sex and birth date with a stranger, beside those who do by chance
DOTTED = 0.012
YEAR = 365.2425
CODES = np.array([int(code) for code in DIVISIONS])
Words = np.ndarray  # of object: one string a person, or None


@dataclass(frozen=True)
class Folk:
    """Arrays of one length, one place a person; `born` in days since 1970, `mother` and `father` places or -1."""

    family: Words
    given: Words
    dotted: np.ndarray
    sex: Ints
    born: Ints
    home: Ints
    mother: Ints
    father: Ints
    twin: np.ndarray  # the second of two, whose place follows the first
    id: Words
    phone: Words
    division: Words

    def name(self) -> Words:
        """Whole names as they should be written."""
        return np.array([f + g for f, g in zip(self.family, self.given, strict=True)], dtype=object)

    def age(self) -> Ints:
        """Years on the last birth day of the city."""
        years: Ints = np.maximum(0, (LAST_BIRTH - self.born) // YEAR).astype(np.int64)
        return years


def folk(chance: Chance, count: int) -> Folk:
    """`count` people; 100,000 take about a second and 60 MB."""
    home, slot, first = _homes(chance, count)
    keys = np.arange(count, dtype=np.uint64)
    at = home.astype(np.uint64)
    sex = _sexes(chance, keys, at, slot)
    born, twin = _births(chance, at, slot)
    mother, father = _parents(slot, first, sex)
    family, given, dotted = _called(chance, keys, at, slot, sex, born, twin)
    family, given, sex, born = _namesakes(chance, keys, family, given, sex, born)
    registered = chance.whole("registered in", at, 0, len(CODES) - 1)
    moved_in = chance.yes("moved in", keys, 0.25)
    registered = np.where(moved_in, chance.whole("registered elsewhere", keys, 0, len(CODES) - 1), registered)
    lives_in = chance.whole("lives in", at, 0, len(COUNTIES) - 1)
    number = chance.whole("own phone", keys, 0, 9_999_999)
    age = (LAST_BIRTH - born) / YEAR
    lends = np.where((mother >= 0) & chance.yes("mother's phone", keys, 0.8), mother, father)
    number = np.where((age < 13) & (lends >= 0), number[lends], number)
    return Folk(
        family, given, dotted, sex, born, home, mother, father, twin,
        _ids(CODES[registered], born, sex),
        np.array([f"1540{n:07}" for n in number.tolist()], dtype=object),
        np.array(list(COUNTIES), dtype=object)[lives_in],
    )  # fmt: skip


def _homes(chance: Chance, count: int) -> tuple[Ints, Ints, Ints]:
    """Family of each person, slot in it (0, 1 the couple, 2, 3 children, 4 a grandparent), place of its slot 0."""
    families = np.arange(count, dtype=np.uint64)
    size = chance.one_of("family size", families, SIZES) + 1
    stop = np.cumsum(size)
    home = np.searchsorted(stop, np.arange(count), side="right")
    first = (stop - size)[home]
    return home, np.arange(count) - first, first


def _sexes(chance: Chance, keys: Keys, at: Keys, slot: Ints) -> Ints:
    head = chance.yes("head is a man", at, 0.55)
    man = np.where(slot == 0, head, np.where(slot == 1, ~head, chance.yes("a boy", keys, 0.515)))
    return np.where(man, 1, 2).astype(np.int64)


def _births(chance: Chance, at: Keys, slot: Ints) -> tuple[Ints, np.ndarray]:
    """Days since 1970; twins are the two children of a family born on one day."""
    head = 22 + 70 * chance.even("age of the head", at) ** 1.25
    spouse = head + chance.bell("spouse", at, -1.0, 2.0)
    elder = head - 23 - 9 * chance.even("parents' age", at)
    # Children whom the couple is too young for are the small ones of a family.
    elder = np.where(elder < 0, 6 * chance.even("small child", at), elder)
    apart = 1.2 + 5 * chance.even("years between", at)
    tight = elder < apart
    younger = np.where(tight, 0.95 * elder * chance.even("youngest", at), elder - apart)
    elder = np.where(tight, younger + apart, elder)
    twin = chance.yes("twins", at, TWINS)
    younger = np.where(twin, elder, younger)
    grand = np.minimum(head + 24 + 6 * chance.even("grandparent", at), 99 + chance.even("old", at))
    years = np.choose(slot, [head, spouse, elder, younger, grand])
    born: Ints = np.floor(LAST_BIRTH - years * YEAR).astype(np.int64)
    return born, twin & (slot == 3)


def _parents(slot: Ints, first: Ints, sex: Ints) -> tuple[Ints, Ints]:
    child = (slot == 2) | (slot == 3)
    head_is_mother = sex[first] == 2
    other = np.minimum(first + 1, len(first) - 1)
    mother = np.where(child, np.where(head_is_mother, first, other), -1)
    father = np.where(child, np.where(head_is_mother, other, first), -1)
    return mother, father


def _called(
    chance: Chance, keys: Keys, at: Keys, slot: Ints, sex: Ints, born: Ints, twin: np.ndarray
) -> tuple[Words, Words, np.ndarray]:
    """Children bear the father's name (7 % the mother's), a grandfather that of the men, a grandmother her own."""
    count = int(at.max()) + 1
    homes = np.arange(count, dtype=np.uint64)
    of_men = np.array(surnames(chance, homes, "surname of the man"), dtype=object)
    of_women = np.array(surnames(chance, homes, "surname of the woman"), dtype=object)
    own = np.array(surnames(chance, keys, "surname of her own"), dtype=object)
    after_mother = chance.yes("after the mother", at, 0.07)
    of_child = np.where(after_mother, of_women[at], of_men[at])
    child = (slot == 2) | (slot == 3)
    adult = np.where(sex == 1, of_men[at], np.where(slot == 4, own, of_women[at]))
    family = np.where(child, of_child, adult)
    year = 1970 + born // YEAR
    given = np.array(given_names(chance, keys, sex, year.astype(np.int64)), dtype=object)
    second = np.flatnonzero(twin & chance.yes("twins' names", at, 0.6))
    for place in second:  # twins are often called by one character in common
        if len(given[place]) == 2 and len(given[place - 1]) == 2:
            given[place] = given[place - 1][0] + given[place][1]
    dotted = chance.yes("dotted family", at, DOTTED)
    given[dotted] = dotted_names(chance, keys[dotted])
    family[dotted] = ""
    return family, given, dotted


def _namesakes(
    chance: Chance, keys: Keys, family: Words, given: Words, sex: Ints, born: Ints
) -> tuple[Words, Words, Ints, Ints]:
    same = np.flatnonzero(chance.yes("namesake", keys, NAMESAKES))
    of = chance.whole("whose namesake", keys[same], 0, len(keys) - 1)
    free = ~np.isin(of, same)
    same, of = same[free], of[free]
    for column in (family, given, sex, born):
        column[same] = column[of]
    return family, given, sex, born


def _ids(code: Ints, born: Ints, sex: Ints) -> Words:
    """Eighteen digits: division, birth date, a sequence number that nobody else of that day and sex has, check."""
    group = (born + 100_000) * 10**7 + code * 10 + sex
    order = np.argsort(group, kind="stable")
    ranked = group[order]
    fresh = np.r_[True, ranked[1:] != ranked[:-1]]
    turn = np.empty(len(code), dtype=np.int64)
    turn[order] = np.arange(len(code)) - np.maximum.accumulate(np.where(fresh, np.arange(len(code)), 0))
    days = (DAY_ZERO + born.astype("timedelta64[D]")).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    written = (1970 + months // 12) * 10000 + (months % 12 + 1) * 100
    written += (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    sequence = (turn * 211 + code % 97 * 13 + born % 89 * 7) % 500 * 2 + (sex == 1)
    body = (code * 10**8 + written) * 1000 + sequence
    total = sum(weight * (body // 10 ** (16 - place) % 10) for place, weight in enumerate(ID_WEIGHTS))
    check = np.array(list("10X98765432"))[total % 11]
    return np.array([f"{n}{letter}" for n, letter in zip(body.tolist(), check.tolist(), strict=True)], dtype=object)
