"""Which names of a header may be said aloud, when the header of a damaged file may hold words of a patient's record.

Lost bytes join the header to a record behind it. What is no known name is said only where the records beneath are as
wide as the header, and left of the first that is written like the values under it. A known name is always said.
"""

import re
from collections.abc import Sequence

from connectors.looked import valued

LONGEST = 60  # signs of a name; what runs on is longer
FEW = 40  # records that are looked at
Record = Sequence[str | None]
_NAMED = re.compile(r"^(?=.*[^\W\d_])[^<>]*$", re.DOTALL)  # a name has a letter, and no mark of HTML
_RUNS = re.compile(r"(.)\1+")
_DIGITS, _LETTERS, _HANZI = re.compile(r"\d"), re.compile(r"[^\W\d_\u3400-\u9fff]"), re.compile(r"[\u3400-\u9fff]")


def sayable(header: Sequence[str], records: Sequence[Record]) -> list[bool]:
    """For each column, whether its name may be said: a known one always, others where the header is whole.

    `records` are the first that stand beneath, cell by cell, None where there is no cell; where no record says
    anything, nobody can tell.
    """
    from connectors.propose.lexicon import known

    some = [record for record in records[:FEW] if any(record)]
    told = [known(name) for name in header]
    if not some or _torn(header, told, some):
        return told
    first = next(
        (place for place, sure in enumerate(told) if not sure and _like_values(header[place], place, some)), None
    )
    glued = len(header) if first is None else first - 1  # the cell before it is where the two lines were joined
    return [sure or place < glued for place, sure in enumerate(told)]


def _torn(header: Sequence[str], told: Sequence[bool], records: Sequence[Record]) -> bool:
    strange = [name for name, sure in zip(header, told, strict=True) if not sure]
    if any(valued(name) or len(name) > LONGEST or not _NAMED.search(name) for name in strange):
        return True
    if len(header) != _usual(records):
        return True
    shapes = {_shape(cell) for record in records for cell in record if cell and _DIGITS.search(cell)}
    return any(_DIGITS.search(name) and _shape(name) in shapes for name in strange)


def _usual(records: Sequence[Record]) -> int:
    """The width that records reach, by the second widest of them: one may be torn itself."""
    reached = (
        max((place for place, cell in enumerate(record, 1) if cell is not None), default=0) for record in records
    )
    widths = sorted(reached, reverse=True)
    return widths[min(1, len(widths) - 1)]


def _like_values(name: str, place: int, records: Sequence[Record]) -> bool:
    """Whether the name is, or ends with, what is written like a value under it: signs of the same kinds in order.

    Plain letters are compared by their number, too: a code such as `x` does not make a value of `other`.
    """
    beneath = [record[place] or "" for record in records if place < len(record)]
    if name.isascii() and name.isalpha():
        return any(_shape(cell) == _shape(name) for cell in beneath)
    runs = {_RUNS.sub(r"\1", _shape(cell)) for cell in beneath}
    own = _RUNS.sub(r"\1", _shape(name))
    return any(own == run or (len(run) > 1 and own.endswith(run)) for run in runs)


def _shape(text: str) -> str:
    return _HANZI.sub("\u5b57", _LETTERS.sub("a", _DIGITS.sub("9", text.strip())))
