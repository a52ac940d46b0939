"""One source column and what it is proposed to be: the concept, how surely, why, and what else it might be."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.propose.evidence import MOST, Evidence
from connectors.propose.lexicon import concepts, meanings

SURE = 0.75  # from here on a column is mapped without asking
APART = 0.1  # and so much surer than whatever else it might be
HALF = 0.5  # of the values of a code of two: in a small clinic's sheet the third word is common
SIGN, FEW_SIGNS = 0.34, 0.6  # what a vital sign says of the table, and how much of that makes it one of signs
HALF_DAYS = "half-days"
_OPEN = {"19yy": "its years have two digits: say of which century", HALF_DAYS: "its times have AM or PM: say so"}
ALONE = 0.6  # what a shape alone is worth
_SHAPES = {"resident-id": "id_number", "phone": "phone", "icd": "icd", "sex": "sex"}
_SAYS = {
    "resident-id": "valid check digits", "phone": "telephone numbers", "date": "dates", "icd": "ICD-10 codes",
    "sex": "codes of sex", "number": "numbers", "money": "amounts", "pressure": "blood pressures", "unit": "units",
    "id": "identifiers", "name": "names", "code": "few codes", "program": "few words",
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """What a column may be: a concept, how surely (0 to 1), and why."""

    concept: str
    sure: float
    why: str


@dataclass(frozen=True)
class SourceColumn:
    """`guesses` from the surest down; `sure` says whether the first may be used without asking."""

    name: str
    evidence: Evidence
    guesses: tuple[Guess, ...]

    @property
    def best(self) -> Guess | None:
        return self.guesses[0] if self.guesses else None

    @property
    def sure(self) -> bool:
        if not self.guesses or self.guesses[0].sure < SURE:
            return False
        return len(self.guesses) == 1 or self.guesses[0].sure - self.guesses[1].sure >= APART


def guessed(name: str, found: Evidence, kind: str) -> SourceColumn:
    """The column as one of a table whose rows are of this kind (see uses.KINDS; empty: not known yet)."""
    guesses = [
        guess
        for concept, (sure, why) in meanings(name).items()
        if (guess := _weighed(concept, sure, why, found, kind)) is not None
    ]
    if not guesses:
        guesses = _by_shape(found, kind)
    if found.empty:
        guesses = [Guess(each.concept, min(each.sure, SURE - 0.01), f"{each.why}, but no values") for each in guesses]
    if len(found.sides) > 1 or HALF_DAYS in found.sides:
        guesses = [_two_days(guess, found.sides) for guess in guesses]
    return SourceColumn(name, found, tuple(sorted(guesses, key=lambda guess: (-guess.sure, guess.concept))))


def _two_days(guess: Guess, sides: tuple[str, ...]) -> Guess:
    if concepts()[guess.concept].expects != "date":
        return guess
    return Guess(
        guess.concept,
        min(guess.sure, SURE - 0.01),
        f"{guess.why}, but {_OPEN.get(sides[0], 'each may be two days: 3/4/2024')}",
    )


def _weighed(concept: str, sure: float, why: str, found: Evidence, kind: str) -> Guess | None:
    about = concepts()[concept]
    if kind and not about.stands_in(kind):
        sure *= 0.6
    fits = found.fits(about.expects)
    if fits is None:
        return Guess(concept, round(sure, 3), why)
    says = _SAYS.get(about.expects, about.expects)
    if fits >= (HALF if about.expects == "sex" else MOST):
        return Guess(concept, round(min(1.0, sure + 0.05), 3), f"{why}; its values are {says}")
    return Guess(concept, round(sure * (0.3 + 0.5 * fits), 3), f"{why}, but only {fits:.0%} of its values are {says}")


def _by_shape(found: Evidence, kind: str) -> list[Guess]:
    return [
        Guess(concept, ALONE, f"its values are {_SAYS[shape]}; its name says nothing")
        for shape, concept in _SHAPES.items()
        if found.said and found.shares.get(shape, 0) >= 0.95 and concepts()[concept].stands_in(kind or "visit")
    ]


def kind_of(columns: Mapping[str, Evidence]) -> str:
    """What a row of the table is, by what its columns may be: the kind that most of them speak for."""
    votes = dict.fromkeys(("result", "vitals", "followup", "drug", "visit"), 0.0)
    for name, found in columns.items():
        column = guessed(name, found, "")
        for guess in column.guesses[:2]:
            kinds = concepts()[guess.concept].kinds - {"*"}
            # Signs stand in visits and follow-ups as well: those have other columns that speak for them.
            share = SIGN if "vitals" in kinds and "followup" in kinds else 1 / max(1, len(kinds))
            for kind in kinds & set(votes) - ({"visit"} if share == SIGN else set()):
                votes[kind] += guess.sure * share / (1 if column.sure else 2)
    best = max(votes, key=lambda kind: votes[kind])
    return best if votes[best] >= (FEW_SIGNS if best == "vitals" else 1.5) else "person"


def settled(columns: Mapping[str, Evidence], kind: str) -> list[SourceColumn]:
    """Every column's guesses; where two are sure of one concept, the surer keeps it and the other asks."""
    made = [guessed(name, found, kind) for name, found in columns.items()]
    taken: dict[str, SourceColumn] = {}
    for column in sorted(made, key=lambda each: -(each.best.sure if each.best else 0)):
        if column.sure and column.best and column.best.concept not in taken:
            taken[column.best.concept] = column
    return [_asking(column) if _doubled(column, taken) else column for column in made]


def _doubled(column: SourceColumn, taken: Mapping[str, SourceColumn]) -> bool:
    return column.sure and column.best is not None and taken[column.best.concept] is not column


def _asking(column: SourceColumn) -> SourceColumn:
    first, *rest = column.guesses
    lower = Guess(first.concept, min(first.sure, SURE - 0.01), f"{first.why}, but another column is that already")
    return SourceColumn(column.name, column.evidence, (lower, *rest))
