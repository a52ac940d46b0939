"""The signs that part an HL7 v2 message, as its own MSH-1 and MSH-2 name them (HL7 v2.8, 2.5.4).

It never assumes the usual `|^~\\&`: a message that names its signs is believed, one that contradicts itself is refused.
"""

from dataclasses import dataclass

RECOMMENDED = "^~\\&"  # of MSH-2, in its order: component, repetition, escape, subcomponent


@dataclass(frozen=True)
class Separators:
    """One sign each; empty where a short MSH-2 names none: then that level does not exist in the message."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = ""  # `#` since 2.7: the value before it was cut

    @property
    def usual(self) -> bool:
        """Whether they are the recommended ones, with or without the sign of truncation."""
        return self.field == "|" and self.component + self.repetition + self.escape + self.subcomponent == RECOMMENDED

    @property
    def written(self) -> str:
        """MSH-2 as it stands in a message."""
        return self.component + self.repetition + self.escape + self.subcomponent + self.truncation


USUAL = Separators()


def named(segment: str) -> Separators | None:
    """The signs that a segment MSH, FHS or BHS names; None where they contradict each other.

    Letters, digits, blanks and control signs separate nothing; the same sign cannot mean two things. An empty MSH-2
    leaves the recommended signs: such a sender writes none of them, or writes them as everybody does.
    """
    if len(segment) < 4:
        return None
    field = segment[3]
    given = segment[4:].split(field, 1)[0]
    if len(given) > 5 or not all(_separates(sign) for sign in field + given):
        return None
    signs = given or RECOMMENDED
    if len({field, *signs}) != 1 + len(signs):
        return None
    return Separators(field, *(signs[at : at + 1] for at in range(5)))


def _separates(sign: str) -> bool:
    """An ASCII sign, neither letter, digit, blank nor control. Any other byte could be half of a character."""
    return "!" <= sign <= "~" and not sign.isalnum()
