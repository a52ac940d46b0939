r"""Where the separators of a block stand: segments, fields, repetitions and components as numbers, none as objects.

The block is uniform: UTF-8, the usual `|^~\&`, every segment ended by CR. It reads no meaning into a segment.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Flags, Ints, Pieces, Words, indices, slices

FILE_ENDS, TEXT_ENDS = b"\r\n\x0b\x1c", b"\r"  # what ends a segment in a file as it is, and in a walked text
_SIGNS = {ends: bytes(sign in b"|^~" + ends for sign in range(256)) for ends in (FILE_ENDS, TEXT_ENDS)}
WIDE = 32  # fields looked up at once
_CARET, _TILDE = ord("^"), ord("~")


@dataclass(frozen=True)
class Marks:
    """A block cut at every separator into numbered `parts`, of which its segments, fields and repetitions are made.

    The last field and the last part are behind the last segment, and empty: what is not there is looked up there.
    """

    text: bytes
    rep: Ints  # of each repetition of any field: its first part; then the number of parts
    fld: Ints  # of each field, the name of a segment being one: its first repetition, as index into `rep`; then the end
    part: Ints  # of each field: its first part; then the number of parts
    name: Ints  # of each segment: the field that is its name; empty ones are left out
    count: Ints  # of each segment: fields after its name
    parts: Pieces

    @cached_property
    def start(self) -> Ints:
        """Where each segment begins."""
        return self.begin(self.name)

    @cached_property
    def end(self) -> Ints:
        """Where each segment's CR stands."""
        return self.begin(self.name + self.count + 1) - 1

    def begin(self, which: Ints) -> Ints:
        """Where these fields begin in `text`."""
        part = self.part.take(which)
        return self.parts.bounds.take(part) + part

    @cached_property
    def codes(self) -> Words:
        """The name of each segment as a number; see cells.code."""
        return self.parts.short(self.part.take(self.name))

    def segment(self, lines: Ints) -> pl.Series:
        """Segments as written."""
        return slices(self.text, self.start.take(lines), self.end.take(lines), np.ones(len(lines), np.bool_))

    def rows(self, lines: Ints, message: Ints, shift: int = 0) -> "Rows":
        """The segments at `lines`; `shift` is 1 for MSH, whose first field is the separator itself."""
        return Rows(self, lines, message, shift)


def marks(text: bytes, ends: bytes) -> Marks:
    """The marks of a block that ends in CR and PAD bytes; `ends` end its segments. Empty segments are left out."""
    at = np.flatnonzero(np.frombuffer(text.translate(_SIGNS[ends]), np.bool_))
    sign = np.zeros(len(at) + 1, np.uint8)  # before each part; 0 before the first one
    np.frombuffer(text, np.uint8).take(at, out=sign[1:])
    rep = np.flatnonzero(sign != _CARET)
    sign = sign.take(rep)
    fld = np.flatnonzero(sign != _TILDE)
    name = np.flatnonzero(sign.take(fld) < 32)
    rep, fld = np.append(rep, len(at) + 1), np.append(fld, len(rep))
    count = np.diff(name, append=len(fld) - 1) - 1
    part, parts = rep.take(fld), Pieces(text, at, b"|^~" + ends)
    first = part.take(name)
    kept = np.flatnonzero((count > 0) | parts.filled.take(first) | (part.take(name + 1) - first > 1))
    return Marks(text, rep, fld, part, name.take(kept), count.take(kept), parts)


@dataclass
class Rows:
    """Segments of one kind, in order; `message` is the ordinal of each one's message in its block."""

    marks: Marks
    lines: Ints
    message: Ints
    shift: int = 0
    cleared: list[tuple[str, Flags]] = field(default_factory=list)  # columns that the sender empties, and where
    _name: Ints = field(init=False)
    _count: Ints = field(init=False)
    _panels: dict[int, tuple[Ints, Flags]] = field(default_factory=dict)
    _stops: dict[int, Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._name = self.marks.name.take(self.lines)
        self._count = self.marks.count.take(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def where(self, kept: Flags) -> "Rows":
        """Those that are kept."""
        return self if kept.all() else self.at(np.flatnonzero(kept))

    def at(self, which: Ints) -> "Rows":
        """Those at these places."""
        return Rows(self.marks, self.lines.take(which), self.message.take(which), self.shift)

    @cached_property
    def fields(self) -> int:
        """How many fields the longest segment has."""
        return int(self._count.max(initial=0)) + self.shift

    @cached_property
    def used(self) -> list[int]:
        """Places of the fields in which anything stands in any segment, in order."""
        found: list[int] = []
        for start in range(0, self.fields + 1 - self.shift, WIDE):
            first, several, _ = self._panel(start + self.shift)
            some = self.marks.parts.filled.take(first).any(axis=1) | several.any(axis=1)
            found += (np.flatnonzero(some) + start + self.shift).tolist()
        return [place for place in found if self.shift < place <= self.fields]

    @cached_property
    def of(self) -> pl.Series:
        """`message` as indices."""
        return indices(self.message)

    def _panel(self, place: int) -> tuple[Ints, Flags, int]:
        """Of up to WIDE fields, among them the one asked for: first parts, whether there are more, and which it is."""
        panel, nth = divmod(min(place, self.fields + 1) - self.shift, WIDE)
        if panel not in self._panels:
            wide = min(WIDE, self.fields + 1 - self.shift - panel * WIDE + 1)
            which = self._name[:, None] + np.arange(panel * WIDE, panel * WIDE + wide + 1)
            np.minimum(which, (self._name + self._count + 1)[:, None], out=which)
            first = np.ascontiguousarray(self.marks.part.take(which).T)
            size = np.diff(first, axis=0)
            self._panels[panel] = np.where(size > 0, first[:-1], self.marks.parts.last), size > 1
        return *self._panels[panel], nth

    def filled(self, place: int) -> Flags:
        """Where anything stands in a field, be it a separator."""
        first, several, nth = self._panel(place)
        found: Flags = self.marks.parts.filled.take(first[nth]) | several[nth]
        return found

    def cut(self, place: int, part: int = 1) -> Ints:
        """The number of a component of the field's first repetition; that of the last part where there is none."""
        first, several, nth = self._panel(place)
        if part == 1:
            only: Ints = first[nth]
            return only
        if not several[nth].any():
            return np.full(len(self), self.marks.parts.last)
        found = first[nth] + (part - 1)
        return np.where(found < self._stop(place), found, self.marks.parts.last)

    def _stop(self, place: int) -> Ints:
        """The part behind the field's first repetition."""
        if place not in self._stops:
            which = self._name + np.minimum(place - self.shift, self._count + 1)
            self._stops[place] = self.marks.rep.take(self.marks.fld.take(which) + 1)
        return self._stops[place]

    def given(self, place: int, part: int = 1) -> Flags:
        """Where anything stands in a component."""
        found: Flags = self.marks.parts.filled.take(self.cut(place, part))
        return found

    def part(self, place: int, part: int = 1) -> pl.Series:
        """A component as written, of the first repetition; null where it is empty."""
        return self.marks.parts.column(self.cut(place, part))

    def whole(self, place: int, where: Flags | None = None) -> pl.Series:
        """A field as written, with its repetitions and components; null where it is empty or not asked for."""
        first, several, nth = self._panel(place)
        if where is None and not several[nth].any():
            return self.marks.parts.column(first[nth])
        which = self._name + np.minimum(place - self.shift, self._count + 1)
        given = self.filled(place) if where is None else where
        return slices(self.marks.text, self.marks.begin(which), self.marks.begin(which + 1) - 1, given)

    def short(self, place: int, part: int = 1) -> Words:
        """A component of up to four bytes as a number; 0 where it is empty or longer."""
        return self.marks.parts.short(self.cut(place, part))

    def more(self, place: int, parts: tuple[int, ...]) -> Flags:
        """Where the field holds anything but these components of one repetition."""
        first, several, nth = self._panel(place)
        found: Flags = several[nth]
        if not found.any():
            return found
        which = self._name + np.minimum(place - self.shift, self._count)
        stop = self._stop(place)
        found = found & ((self.marks.part.take(which + 1) > stop) | (stop - first[nth] > max(parts)))
        for part in range(1, max(parts)):
            if part not in parts:
                found |= self.given(place, part)
        return found

    def repeated(self, place: int) -> tuple["Repetitions", Ints]:
        """Every repetition of a field that is not empty, and the row it stands in."""
        which = self._name + np.minimum(place - self.shift, self._count + 1)
        first = self.marks.fld.take(which)
        count = np.where(self.filled(place), self.marks.fld.take(which + 1) - first, 0)
        row = np.repeat(np.arange(len(self)), count)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        return Repetitions(self.marks, first.take(row) + nth, nth), row


@dataclass(frozen=True)
class Repetitions:
    """Repetitions of one field of many segments; `nth` counts within the field from 0."""

    marks: Marks
    rep: Ints
    nth: Ints

    def __len__(self) -> int:
        return len(self.rep)

    def cut(self, part: int = 1) -> Ints:
        """The number of a component; that of the last part where there is none."""
        found = self.marks.rep.take(self.rep) + (part - 1)
        return np.where(found < self.marks.rep.take(self.rep + 1), found, self.marks.parts.last)

    def given(self, part: int = 1) -> Flags:
        """Where anything stands in a component."""
        found: Flags = self.marks.parts.filled.take(self.cut(part))
        return found

    def part(self, part: int = 1) -> pl.Series:
        """A component as written; null where it is empty."""
        return self.marks.parts.column(self.cut(part))

    def short(self, part: int = 1) -> Words:
        """A component of up to four bytes as a number; 0 where it is empty or longer."""
        return self.marks.parts.short(self.cut(part))

    def where(self, kept: Flags) -> "Repetitions":
        """Those that are kept."""
        return Repetitions(self.marks, self.rep[kept], self.nth[kept])
