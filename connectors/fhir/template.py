"""Lines that are, outside their strings and numbers, byte for byte like one that was parsed: told in a few looks.

A line that matches has the structure of the parsed one, so all that is true of its shape is true of the line. A line
that does not match is not refused: it is looked at by its signature.
"""

import re
from dataclasses import dataclass

import numpy as np
import polars as pl

from connectors.fhir.lines import PAD, Flags, Ints, Lines, Words
from connectors.fhir.shape import Shape
from connectors.fhir.tokens import NUMBER, Tokens
from connectors.fhir.views import strings, windowed

ROWS = 128  # lines compared together: their words stay in the processor's cache
LONGEST = 4096  # windows; a longer line is rare and cheap to look at by its signature
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NUMBER = re.compile(NUMBER.encode())
_VALUE = re.compile(rb":[ \t]*(" + NUMBER.encode() + rb")(?=[\s,}\]])")


@dataclass(frozen=True)
class Template:
    """What lines of one shape have in common: `words` under `masks`, at `offsets` from the quote number `anchors`.

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
    tail: int  # bytes from the last quote to the end; -1 where a number lies between

    def match(self, lines: Lines, found: Tokens, index: Ints) -> Flags:
        """Which of the lines at the index, all with as many quotes, follow the template."""
        ok = np.zeros(len(index), np.bool_)
        windows = windowed(lines.buffer)
        last = len(windows) - 1
        numbers = []
        for at in range(0, len(index), ROWS):
            some = index[at : at + ROWS]
            places = self._places(lines, found, some)
            looked = np.minimum(places[:, self.anchors] + self.offsets, last)
            same = ((windows[looked] & self.masks) == self.words).all(axis=1)
            ok[at : at + ROWS] = same & ((places[:, -1] - places[:, -3] == self.tail) | (self.tail < 0))
            numbers.append((places[:, self.number_after] + self.number_from,
                            places[:, self.number_before] - self.number_to))  # fmt: skip
        if len(self.number_after) and ok.any():
            start, end = (np.concatenate(each)[ok] for each in zip(*numbers, strict=True))
            ok[ok] = _all_numbers(found.buffer, start, end - start)
        return ok

    def _places(self, lines: Lines, found: Tokens, some: Ints) -> Ints:
        places = np.empty((len(some), self.quotes + 2), np.int64)
        places[:, :-2] = found.quotes[2 * found.first[some][:, None] + np.arange(self.quotes)]
        places[:, -2], places[:, -1] = lines.starts[some], lines.ends[some]
        return places


def _all_numbers(buffer: bytearray, start: Ints, length: Ints) -> Flags:
    """Rows all of whose places hold a JSON number."""
    sound = (length > 0) & (length < 64)
    texts = strings(buffer, np.where(sound, start, 0).ravel(), np.where(sound, length, 0).ravel())
    fits = texts.str.contains(f"^{NUMBER}$").to_numpy().reshape(start.shape)
    made: Flags = (fits & sound).all(axis=1)
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
        for at in range(begin, end, 8):
            held = text[at : min(at + 8, end)]
            self.words.append((anchor, at - begin, int.from_bytes(held, "little"), (1 << (8 * len(held))) - 1))

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
            held = inside[found.end(1) :]
            for at in range(0, rest, 8):
                part = held[at : at + 8]
                self.words.append((before, at - rest, int.from_bytes(part, "little"), (1 << (8 * len(part))) - 1))
        return before, end

    def template(self, shape: Shape, quotes: int, text: bytes, spans: list[tuple[int, int]]) -> Template:
        """The template collected."""
        anchors, offsets, words, masks = (list(each) for each in zip(*self.words, strict=True))
        numbers = np.array(self.numbers, np.int64).reshape(-1, 4).T
        return Template(
            shape, quotes, np.array(anchors), np.array(offsets), np.array(words, np.uint64), np.array(masks, np.uint64),
            *numbers, tail=-1 if quotes + 1 in numbers[2] else len(text) - spans[-1][1] + 1,
        )  # fmt: skip
