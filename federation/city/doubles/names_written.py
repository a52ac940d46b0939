"""Names as a register holds them: mistyped by ear or by eye, cut, spaced, of a mother for her newborn."""

from collections.abc import Callable
from functools import partial

import numpy as np

from federation.city.chance import Ints
from federation.city.doubles.characters import anyhow, by_careless_ear, by_ear, by_eye, sound
from federation.city.doubles.clerk import Clerk, Words
from federation.city.doubles.folk import Folk
from federation.city.doubles.rates import Rates
from federation.city.names import RARE

BORN_LATELY = 1  # a child under a year may be known by the mother's name only
CHILD = {1: ("之子", "之子", "之婴", "之大子"), 2: ("之女", "之女", "之婴", "之长女")}
DOTS = ("•", ".", "．", "・", "-", "", " ", "‧")
_LAST = {"之大子": "之二子", "之长女": "之次女", "之子": "之次子", "之女": "之次女", "之婴": "之婴2"}


def names(clerk: Clerk, people: Ints, folk: Folk, rates: Rates) -> tuple[Words, np.ndarray]:
    """The names written, and which of them are a mother's with `…之子`; `people` are the places in `folk`."""
    name, family = folk.name()[people], folk.family[people]
    dotted = folk.dotted[people]
    whole = ~dotted

    rare = np.array([any(letter in RARE for letter in one) for one in name])
    clerk.change(name, "name: rare character", rates.name_rare, lambda at, n: _no_rare(name[at], n), rare)
    for slip, share, other in (
        ("name: by ear", rates.name_by_ear, by_ear),
        ("name: by a careless ear", rates.name_careless, by_careless_ear),
        ("name: by eye", rates.name_by_eye, by_eye),
        ("name: anyhow", rates.name_anyhow, anyhow),
    ):
        clerk.change(name, slip, share, partial(_one_letter, name, other))
    clerk.change(name, "name: cut", rates.name_cut, lambda at, _: name[at][:-1] if len(name[at]) > 2 else name[at])
    clerk.change(name, "name: given characters swapped", rates.name_swapped, lambda at, _: _swapped(name[at]), whole)
    clerk.change(
        name, "name: another given name", rates.name_changed,
        lambda at, n: family[at] + str(folk.given[n % len(folk.given)]).replace("·", ""), whole,
    )  # fmt: skip
    newborn = _newborns(clerk, name, people, folk, rates)
    clerk.change(
        name, "name: Latin letters", rates.name_latin, lambda at, _: _latin(name[at], family[at]), whole & ~newborn
    )
    clerk.change(name, "name: blanks", rates.name_blanks, lambda at, n: _blanks(name[at], n), whole)
    clerk.change(name, "name: dot", rates.name_dot, lambda at, n: name[at].replace("·", DOTS[n % len(DOTS)]), dotted)
    return name, newborn


def _newborns(clerk: Clerk, name: Words, people: Ints, folk: Folk, rates: Rates) -> np.ndarray:
    small = (folk.age()[people] < BORN_LATELY) & (folk.mother[people] >= 0)
    places = clerk.hits("name: of the mother", rates.newborn, small)
    mothers = folk.name()
    for place, drawn in zip(places.tolist(), clerk.drawn("name: of the mother", places), strict=True):
        person = people[place]
        called = CHILD[int(folk.sex[person])][drawn % 4]
        name[place] = mothers[folk.mother[person]] + (_LAST[called] if folk.twin[person] else called)
    clerk.note("name: of the mother", places)
    newborn = np.zeros(len(people), dtype=bool)
    newborn[places] = True
    return newborn


def _one_letter(name: Words, other: Callable[[str, int], str], at: int, drawn: int) -> str:
    spelled = str(name[at])
    place = drawn % len(spelled)
    letter = spelled[place]
    return spelled if letter == "·" else spelled[:place] + other(letter, drawn // 64) + spelled[place + 1 :]


def _no_rare(name: str, drawn: int) -> str:
    """A character that the site's system cannot write: a question mark, a star, its sound, or one that sounds alike."""
    for letter in RARE:
        if letter in name:
            other = ("?", "*", sound(letter).upper(), by_ear(letter, drawn // 4), "")[drawn % 5]
            return name.replace(letter, other)
    return name


def _swapped(name: str) -> str:
    return name[:-2] + name[-1] + name[-2] if len(name) > 2 else name


def _latin(name: str, family: str) -> str:
    first = "".join(sound(letter) for letter in family).upper()
    return f"{first} {''.join(sound(letter) for letter in name[len(family) :]).upper()}"


def _blanks(name: str, drawn: int) -> str:
    """As lists are laid out, as forms are filled, as tables are pasted."""
    spaced = (
        " ".join(name),
        f"{name[0]}　{name[1:]}",
        f"{name}　",
        f" {name}",
        "  ".join(name),
        f"{name}\t",
        f"{name[0]} {name[1:]}",
    )
    return spaced[drawn % len(spaced)]
