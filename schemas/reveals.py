"""How far a column points at a person, which decides whether it may leave the site."""

from enum import StrEnum


class Reveals(StrEnum):
    """NOTHING and HINT may leave under a contract; PERSON leaves as a keyed token or not at all."""

    NOTHING = "nothing"
    HINT = "hint"
    PERSON = "person"
