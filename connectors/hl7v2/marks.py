r"""Where the separators of a block stand: segments, fields, repetitions and components as numbers, none as objects.

The block is uniform: UTF-8, the usual `|^~\&`, every segment ended by CR. It reads no meaning into a segment.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from connectors.hl7v2.cells import PAD, Bytes, Flags, Ints, Words, nothing

FILE_ENDS, TEXT_ENDS = b"\r\n\x0b\x1c", b"\r"  # what ends a segment in a file as it is, and in a walked text
_CARET, _TILDE = ord("^"), ord("~")
_MARKS = {ends: bytes(sign in b"|^~" + ends for sign in range(256)) for ends in (FILE_ENDS, TEXT_ENDS)}
_SPARE = 32  # more than a field has components that anybody asks for
_THREE = np.uint64(0xFFFFFF)


@dataclass(frozen=True)
class Marks:
    """Marks of a block, each level an index into the one below; `first` and `last` mark of each segment are fields'."""

    bytes: Bytes
    at: Ints  # where each | ^ ~ CR stands, then the end of the block a few times
    rep: Ints  # of those, | ~ CR
    fld: Ints  # of those, | CR
    fld_at: Ints  # of each of `fld`: where it stands
    fld_mark: Ints  # its index into `at`
    fld_stop: Ints  # the index into `at` of the mark that ends the field's first repetition
    filled: Flags  # whether anything stands between it and the next one
    start: Ints  # of each segment: its first byte
    first: Ints  # its first mark, as index into `fld`
    last: Ints  # its CR, as index into `fld`

    @property
    def end(self) -> Ints:
        """Where each segment's CR stands."""
        return self.fld_at.take(self.last)

    @cached_property
    def codes(self) -> Words:
        """The three letters of each segment as a number; see cells.code."""
        return self.bytes.words(self.start) & _THREE

    def rows(self, lines: Ints, message: Ints, shift: int = 0) -> "Rows":
        """The segments at `lines`; `shift` is 1 for MSH, whose first field is the separator itself."""
        return Rows(self, lines, message, shift)


def marks(text: bytes, ends: bytes) -> Marks:
    """The marks of a block that ends in CR and PAD bytes; `ends` end its segments. Empty segments are left out."""
    held = Bytes(text)
    at = np.flatnonzero(np.frombuffer(text.translate(_MARKS[ends]), np.bool_))
    sign = held.signs.take(at)
    rep = np.flatnonzero(sign != _CARET)
    sign = sign.take(rep)
    fld = np.flatnonzero(sign != _TILDE)
    last = np.flatnonzero(sign.take(fld) < 32)
    at = np.append(at, np.full(_SPARE, len(text) - PAD))
    rep, fld = np.append(rep, [len(at) - _SPARE] * 2), np.append(fld, [len(rep)] * 2)
    fld_mark = rep.take(fld[:-1])
    fld_at = at.take(fld_mark)
    end = fld_at.take(last)
    start = np.concatenate([[0], end[:-1] + 1])
    first = np.concatenate([[0], last[:-1] + 1])
    kept = end > start
    if not kept.all():
        start, first, last = start[kept], first[kept], last[kept]
    return Marks(
        held, at, rep, fld, fld_at, fld_mark, rep.take(fld[:-1] + 1), np.append(np.diff(fld_at) > 1, [False]), start,
        first, last,
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
    _marks: dict[int, tuple[Ints, Flags]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._first = self.marks.first.take(self.lines)
        self._count = self.marks.last.take(self.lines) - self._first

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

    def _mark(self, place: int) -> tuple[Ints, Flags]:
        if place not in self._marks:
            self._marks[place] = self.begin(place)
        return self._marks[place]

    def filled(self, place: int) -> Flags:
        """Where anything stands in a field."""
        mark, has = self.begin(place)
        return has & self.marks.filled.take(mark)

    def cut(self, place: int, part: int = 1) -> Cut:
        """Bounds of a component of the field's first repetition, and whether anything stands in it."""
        mark, has = self._mark(place)
        at = self.marks.fld_mark.take(mark)
        given = has
        if part > 1:
            at = at + (part - 1)
            given = has & (at < self.marks.fld_stop.take(mark))
        start, end = self.marks.at.take(at) + 1, self.marks.at.take(at + 1)
        return start, end, given & (end > start)

    def cut_whole(self, place: int) -> Cut:
        """Bounds of a field with all that is in it."""
        mark, has = self._mark(place)
        return self.marks.fld_at.take(mark) + 1, self.marks.fld_at.take(mark + 1), has & self.marks.filled.take(mark)

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
        mark, has = self._mark(place)
        several = self.marks.fld.take(mark + 1) - self.marks.fld.take(mark) > 1
        longer = self.marks.fld_stop.take(mark) - self.marks.fld_mark.take(mark) > max(parts)
        found: Flags = has & (several | longer)
        for part in range(1, max(parts)):
            if part not in parts:
                found |= self.cut(place, part)[2]
        return found

    def repeated(self, place: int) -> tuple["Repetitions", Ints]:
        """Every repetition of a field that is not empty, and the row it stands in."""
        mark, _ = self._mark(place)
        given = self.filled(place)
        rep = self.marks.fld.take(mark)
        count = np.where(given, self.marks.fld.take(mark + 1) - rep, 0)
        row = np.repeat(np.arange(len(self)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return Repetitions(self.marks, rep.take(row) + nth, nth), row


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
        mark = self.marks.rep.take(self.rep) + (part - 1)
        given = mark < self.marks.rep.take(self.rep + 1)
        start, end = self.marks.at.take(mark) + 1, self.marks.at.take(mark + 1)
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
