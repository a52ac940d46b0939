"""Lines that are, outside their strings and numbers, byte for byte like one that was parsed: told in a few looks.

A line that matches has the structure of the parsed one, so all that is true of its shape is true of the line. A line
that does not match is not refused: it is looked at by its signature.
"""

import re
from dataclasses import dataclass

import numpy as np

from connectors.fhir.lines import PAD, Flags, Ints, Lines, Words
from connectors.fhir.shape import Shape
from connectors.fhir.tokens import NUMBER, Tokens
from connectors.fhir.views import strings, windowed

ROWS = 512  # lines compared together: their words stay in the processor's cache
LONGEST = 4096  # windows; a longer line is rare and cheap to look at by its signature
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NUMBER = re.compile(NUMBER.encode())
_VALUE = re.compile(rb":[ \t]*(" + NUMBER.encode() + rb")(?=[\s,}\]])")


@dataclass(frozen=True)
class Template:
    """What lines of one shape have in common: `words` at `offsets` from quote number `anchors`, some under `masks`.

    `quotes` is how many quotes a line has; anchor `quotes` is its start and `quotes + 1` its end. Numbers lie from
    `number_from` bytes behind quote `number_after` to `number_to` bytes before quote `number_before`.
    """

    shape: Shape
    quotes: int
    anchors: Ints
    offsets: Ints
    words: Words
    masks: Words
    number_after: Ints
    number_from: Ints
    number_before: Ints
    number_to: Ints
    reach: int  # the greatest offset
    tail: int  # bytes from the last quote to the end; -1 where a number lies between

    def match(self, lines: Lines, found: Tokens, index: Ints) -> Flags:
        """Which of the lines at the index, all with as many quotes, follow the template."""
        ok = np.zeros(len(index), np.bool_)
        windows = windowed(lines.buffer)
        numbers = []
        for at in range(0, len(index), ROWS):
            places = self._places(lines, found, index[at : at + ROWS])
            looked = places[self.anchors] + self.offsets
            if int(places[-1].max()) + self.reach > len(windows) - 1:
                looked = np.minimum(looked, len(windows) - 1)
            seen = windows[looked]
            seen[: len(self.masks)] &= self.masks
            tail = (places[-1] - places[-3] == self.tail) | (self.tail < 0)
            ok[at : at + ROWS] = (seen == self.words).all(axis=0) & tail
            numbers.append((places[self.number_after] + self.number_from, places[self.number_before] - self.number_to))
        if len(self.number_after) and ok.any():
            start, end = (np.concatenate(each, axis=1)[:, ok] for each in zip(*numbers, strict=True))
            ok[ok] = _all_numbers(found.buffer, start, end - start)
        return ok

    def _places(self, lines: Lines, found: Tokens, some: Ints) -> Ints:
        """Where each anchor lies (rows) in each line (columns)."""
        places = np.empty((self.quotes + 2, len(some)), np.int64)
        places[:-2] = found.quotes[2 * found.first[some] + np.arange(self.quotes)[:, None]]
        places[-2], places[-1] = lines.starts[some], lines.ends[some]
        return places


def _all_numbers(buffer: bytearray, start: Ints, length: Ints) -> Flags:
    """Rows all of whose places hold a JSON number."""
    sound = (length > 0) & (length < 64)
    texts = strings(buffer, np.where(sound, start, 0).ravel(), np.where(sound, length, 0).ravel())
    fits = texts.str.contains(f"^{NUMBER}$").to_numpy().reshape(start.shape)
    made: Flags = np.logical_and.reduce(fits & sound, axis=0)
    return made


def template(shape: Shape, text: bytes) -> Template | None:
    """The template of a line of the shape; None where its numbers lie in lists, or it is too long."""
    made = _Pieces()
    spans = [(each.start(), each.end()) for each in _STRING.finditer(text)]
    quotes = 2 * len(spans)
    anchor, begin = quotes, 0  # the piece being read starts `begin`, at the anchor
    for number, (start, end) in enumerate(spans):
        anchor, begin = made.gap(text, anchor, begin, 2 * number - 1, start, 2 * number)
        if text[end : end + 16].lstrip(b" \t")[:1] == b":":
            continue  # a key: its bytes belong to the piece
        made.piece(anchor, begin, text, start + 1)
        anchor, begin = 2 * number + 1, end - 1
    anchor, begin = made.gap(text, anchor, begin, quotes - 1, len(text), quotes + 1)
    made.piece(anchor, begin, text, len(text))
    if made.odd or not spans or len(made.words) > LONGEST:
        return None
    return made.template(shape, quotes, text, spans)


class _Pieces:
    """Windows and numbers collected while a line is walked. Offsets count from the place of the anchor."""

    def __init__(self) -> None:
        self.words: list[tuple[int, int, int, int]] = []
        self.numbers: list[tuple[int, int, int, int]] = []
        self.odd = False

    def piece(self, anchor: int, begin: int, text: bytes, end: int) -> None:
        """Bytes `begin:end`, of which the first lies at the anchor."""
        self._words(anchor, -begin, text[begin:end], begin)

    def _words(self, anchor: int, shift: int, held: bytes, begin: int) -> None:
        """Windows over some bytes: whole ones, the last overlapping; bytes fewer than eight under a mask."""
        if len(held) < 8:
            self.words.append((anchor, begin + shift, int.from_bytes(held, "little"), (1 << (8 * len(held))) - 1))
            return
        for at in sorted({*range(0, len(held) - 7, 8), len(held) - 8}):
            self.words.append((anchor, begin + shift + at, int.from_bytes(held[at : at + 8], "little"), 2**64 - 1))

    def gap(self, text: bytes, anchor: int, begin: int, after: int, end: int, before: int) -> tuple[int, int]:
        """Looks at what stands before place `end`, quote `before`; where it holds a number, the piece ends there.

        Answers where the piece now being read starts.
        """
        start = text.rfind(b'"', 0, end) + 1
        inside = text[start:end]
        if not _NUMBER.search(inside):
            return anchor, begin
        found = _VALUE.match(inside)
        if not found or _NUMBER.search(inside[found.end() :]) or len(inside) - found.end() > PAD - 8:
            self.odd = True
            return anchor, begin
        self.piece(anchor, begin, text, start + found.start(1))
        rest = len(inside) - found.end(1)
        self.numbers.append((after, found.start(1) + 1, before, rest))
        if rest:
            self._words(before, -rest, inside[found.end(1) :], 0)
        return before, end

    def template(self, shape: Shape, quotes: int, text: bytes, spans: list[tuple[int, int]]) -> Template:
        """The template collected."""
        masked = sorted(self.words, key=lambda each: each[3])  # those under a mask come first
        anchors, offsets = (np.array([each[at] for each in masked], np.int64) for at in (0, 1))
        words, masks = (np.array([each[at] for each in masked], np.uint64) for at in (2, 3))
        numbers = np.array(self.numbers, np.int64).reshape(-1, 4).T
        tail = -1 if quotes + 1 in numbers[2] else len(text) - spans[-1][1] + 1
        short = int((masks != 2**64 - 1).sum())
        return Template(
            shape, quotes, anchors, offsets[:, None], words[:, None], masks[:short, None],
            numbers[0], numbers[1][:, None], numbers[2], numbers[3][:, None], int(offsets.max()) + 8, tail,
        )  # fmt: skip
