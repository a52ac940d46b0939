"""Resident ids and insurance numbers as a register holds them: missing, mistyped, a relative's, or no number at all."""

import numpy as np

from federation.city.chance import Ints
from federation.city.doubles.clerk import Clerk, Words
from federation.city.doubles.folk import Folk
from federation.city.doubles.rates import Rates

NO_ID = (
    "111111111111111111",
    "000000000000000000",
    "-",
    "无",
    "123456789012345678",
    "不详",
    "999999999999999999",
    "未带",
)
FIFTEEN_UNTIL = 1984  # who is older held an id of fifteen digits once
CHILD = 14


def ids(clerk: Clerk, people: Ints, folk: Folk, newborn: np.ndarray, rates: Rates) -> Words:
    """Resident ids written, None where there is none. A newborn has none yet: half the time it is the mother's."""
    number, age = folk.id[people], folk.age()[people]
    parent = np.where(folk.mother[people] >= 0, folk.mother[people], folk.father[people])
    couple = _couples(folk)[people]
    young = (age < CHILD) & (parent >= 0) & ~newborn
    number[newborn] = None
    clerk.note("id: none yet", np.flatnonzero(newborn))
    clerk.change(number, "id: of the mother", 0.5, lambda at, _: folk.id[parent[at]], newborn)
    clerk.change(number, "id: missing", rates.id_missing, lambda *_: None)
    there = np.array([one is not None for one in number])
    old = 1970 + folk.born[people] // 365.2425 < FIFTEEN_UNTIL
    clerk.change(number, "id: of a parent", rates.id_of_parent, lambda at, _: folk.id[parent[at]], there & young)
    clerk.change(
        number, "id: of the spouse", rates.id_of_spouse, lambda at, _: folk.id[couple[at]], there & (couple >= 0)
    )
    clerk.change(number, "id: one digit", rates.id_one_digit, lambda at, n: _digit(number[at], n), there)
    clerk.change(number, "id: two digits swapped", rates.id_two_swapped, lambda at, n: _swapped(number[at], n), there)
    clerk.change(
        number, "id: fifteen digits", rates.id_fifteen, lambda at, _: number[at][:6] + number[at][8:17], there & old
    )
    clerk.change(number, "id: written otherwise", rates.id_blanks, lambda at, n: _otherwise(number[at], n), there)
    clerk.change(number, "id: placeholder", rates.id_placeholder, lambda _, n: NO_ID[n % len(NO_ID)], there)
    return number


def insurance(clerk: Clerk, people: Ints, rates: Rates) -> Words:
    """Insurance numbers, the same in every register; None for those without."""
    number: Words = np.full(len(people), None, dtype=object)
    clerk.change(number, "insurance: there", rates.insurance, lambda at, _: f"LC{people[at] * 7_368_787 % 10**10:010}")
    return number


def _couples(folk: Folk) -> Ints:
    """Place of the other one of a couple, or -1: the first two of a home are one."""
    first = np.searchsorted(folk.home, folk.home)
    place = np.arange(len(folk.home))
    alone = np.searchsorted(folk.home, folk.home, side="right") - first < 2
    other = np.where(place == first, place + 1, np.where(place == first + 1, first, -1))
    return np.where(alone, -1, other)


def _digit(number: str, drawn: int) -> str:
    place = drawn % 17
    return number[:place] + str(drawn // 17 % 10) + number[place + 1 :]


def _swapped(number: str, drawn: int) -> str:
    place = 1 + drawn % 15
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _otherwise(number: str, drawn: int) -> str:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in number)
    cut = f"{number[:6]} {number[6:14]} {number[14:]}"
    return (f"{number} ", f"'{number}", wide, cut, number.lower(), f"\t{number}")[drawn % 6]
