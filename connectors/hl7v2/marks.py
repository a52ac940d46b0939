r"""Where the separators of a block stand: segments, fields, repetitions and components as numbers, none as objects.

The block is uniform: UTF-8, the usual `|^~\&`, every segment ended by CR. It reads no meaning into a segment.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Bytes, Flags, Ints, Words, nothing

_KINDS = bytes(1 if sign in b"|^~\r" else 2 if sign < 32 or sign in b'"\\' else 0 for sign in range(256))
_CARET, _TILDE, _CR = ord("^"), ord("~"), ord("\r")
_THREE = np.uint64(0xFFFFFF)


@dataclass(frozen=True)
class Marks:
    """Marks of a block, each level an index into the one below; `first` and `last` mark of each segment are fields'."""

    bytes: Bytes
    at: Ints  # where each | ^ ~ CR stands, and the end of the block
    rep: Ints  # of those, | ~ CR
    fld: Ints  # of those, | CR
    start: Ints  # of each segment: its first byte
    first: Ints  # its first mark, as index into `fld`
    last: Ints  # its CR, as index into `fld`
    awkward: int  # control signs, quotes and backslashes in the block

    @property
    def end(self) -> Ints:
        """Where each segment's CR stands."""
        return self.at[self.rep[self.fld[self.last]]]

    @cached_property
    def codes(self) -> Words:
        """The three letters of each segment as a number; see cells.code."""
        return self.bytes.words(self.start) & _THREE

    def rows(self, lines: Ints, message: Ints, shift: int = 0) -> "Rows":
        """The segments at `lines`; `shift` is 1 for MSH, whose first field is the separator itself."""
        return Rows(self, lines, message, shift)


def marks(text: bytes) -> Marks:
    """The marks of a block that ends in CR and PAD bytes. Empty segments are left out."""
    held = Bytes(text)
    kinds = text.translate(_KINDS)
    # Control signs other than CR are told apart from marks by their kind alone.
    at = np.flatnonzero(np.frombuffer(kinds, np.uint8) == 1)
    sign = held.signs[at]
    rep = np.flatnonzero(sign != _CARET)
    fld = np.flatnonzero(sign[rep] != _TILDE)
    last = np.flatnonzero(sign[rep[fld]] == _CR)
    end = at[rep[fld[last]]]
    start = np.empty_like(end)
    start[:1] = 0
    start[1:] = end[:-1] + 1
    first = np.empty_like(last)
    first[:1] = 0
    first[1:] = last[:-1] + 1
    kept = end > start
    if not kept.all():
        start, first, last = start[kept], first[kept], last[kept]
    size = len(text)
    return Marks(
        held,
        np.concatenate([at, [size - 16, size - 16]]),
        np.concatenate([rep, [len(at), len(at)]]),
        np.concatenate([fld, [len(rep), len(rep)]]),
        start, first, last, kinds.count(b"\x02"),
    )  # fmt: skip


Cut = tuple[Ints, Ints, Flags]


@dataclass
class Rows:
    """Segments of one kind, in order; `message` is the ordinal of each one's message in its block.

    `null` says that HL7's `""` may stand in a cell; `escaped` that a backslash may.
    """

    marks: Marks
    lines: Ints
    message: Ints
    shift: int = 0
    cleared: list[tuple[str, Flags]] = field(default_factory=list)  # columns that the sender empties, and where
    _first: Ints = field(init=False)
    _count: Ints = field(init=False)
    _reps: dict[int, tuple[Ints, Flags]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._first = self.marks.first[self.lines]
        self._count = self.marks.last[self.lines] - self._first

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, kept: Flags) -> "Rows":
        """Those that are kept."""
        return self if kept.all() else Rows(self.marks, self.lines[kept], self.message[kept], self.shift)

    @property
    def fields(self) -> int:
        """How many fields the longest segment has."""
        return int(self._count.max(initial=0)) + self.shift

    def begin(self, place: int) -> tuple[Ints, Flags]:
        """The mark before a field as index into `fld`, and whether the segment has the field."""
        nth = place - self.shift
        return self._first + np.minimum(nth - 1, self._count), self._count >= nth

    def _rep(self, place: int) -> tuple[Ints, Flags]:
        if place not in self._reps:
            mark, has = self.begin(place)
            self._reps[place] = self.marks.fld[mark], has
        return self._reps[place]

    def cut(self, place: int, part: int = 1) -> Cut:
        """Bounds of a component of the field's first repetition, and whether anything stands in it."""
        rep, has = self._rep(place)
        mark = self.marks.rep[rep] + (part - 1)
        given = has & (mark < self.marks.rep[rep + 1])
        mark = np.where(given, mark, 0)
        start, end = self.marks.at[mark] + 1, self.marks.at[mark + 1]
        given &= end > start
        return start, end, given

    def cut_whole(self, place: int) -> Cut:
        """Bounds of a field with all that is in it."""
        mark, has = self.begin(place)
        begin = np.where(has, mark, 0)
        start = self.marks.at[self.marks.rep[self.marks.fld[begin]]] + 1
        end = self.marks.at[self.marks.rep[self.marks.fld[begin + 1]]]
        return start, end, has & (end > start)

    def part(self, place: int, part: int = 1) -> pl.Series:
        """A component as written, of the first repetition; null where it is empty."""
        return self._column(self.cut(place, part))

    def whole(self, place: int) -> pl.Series:
        """A field as written, with its repetitions and components."""
        return self._column(self.cut_whole(place))

    def _column(self, cut: Cut) -> pl.Series:
        start, end, given = cut
        if not given.any():
            return nothing(len(self))
        return self.marks.bytes.column(start, end, given)

    def short(self, place: int, part: int = 1) -> Words:
        """A component of up to four bytes as a number; 0 where it is empty or longer."""
        start, end, given = self.cut(place, part)
        return np.where(given, self.marks.bytes.short(start, end), np.uint64(0))

    def more(self, place: int, parts: tuple[int, ...]) -> Flags:
        """Where the field holds anything but these components of one repetition."""
        mark, has = self.begin(place)
        begin = np.where(has, mark, 0)
        rep = self.marks.fld[begin]
        several = self.marks.fld[begin + 1] - rep > 1
        longer = self.marks.rep[rep + 1] - self.marks.rep[rep] > max(parts)
        found: Flags = has & (several | longer)
        for part in range(1, max(parts)):
            if part not in parts:
                found |= self.cut(place, part)[2]
        return found

    def repeated(self, place: int) -> tuple["Repetitions", Ints]:
        """Every repetition of a field that is not empty, and the row it stands in."""
        mark, has = self.begin(place)
        given = self.cut_whole(place)[2]
        begin = np.where(has, mark, 0)
        rep, stop = self.marks.fld[begin], self.marks.fld[begin + 1]
        count = np.where(given, stop - rep, 0)
        row = np.repeat(np.arange(len(self)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return Repetitions(self.marks, rep[row] + nth, nth), row


@dataclass(frozen=True)
class Repetitions:
    """Repetitions of one field of many segments; `nth` counts within the field from 0."""

    marks: Marks
    rep: Ints
    nth: Ints

    def __len__(self) -> int:
        return len(self.rep)

    def cut(self, part: int = 1) -> Cut:
        """Bounds of a component, and whether anything stands in it."""
        mark = self.marks.rep[self.rep] + (part - 1)
        given = mark < self.marks.rep[self.rep + 1]
        mark = np.where(given, mark, 0)
        start, end = self.marks.at[mark] + 1, self.marks.at[mark + 1]
        return start, end, given & (end > start)

    def part(self, part: int = 1) -> pl.Series:
        """A component as written; null where it is empty."""
        start, end, given = self.cut(part)
        return self.marks.bytes.column(start, end, given) if given.any() else nothing(len(self))

    def short(self, part: int = 1) -> Words:
        """A component of up to four bytes as a number; 0 where it is empty or longer."""
        start, end, given = self.cut(part)
        return np.where(given, self.marks.bytes.short(start, end), np.uint64(0))

    def where(self, kept: Flags) -> "Repetitions":
        """Those that are kept."""
        return Repetitions(self.marks, self.rep[kept], self.nth[kept])
