"""Rows of a sheet's XML as columns of text, a block of whole rows at once; ECMA-376 part 1, 18.3.1.

For sheets as programs write them; anything else raises NotPlain and is read by `exact`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.workbook.grid import FAULTS, MOST_COLUMNS, Grid
from connectors.workbook.numbers import texts
from connectors.workbook.shown import PLAIN, Shown
from connectors.workbook.tags import QUOTE, SLASH, Flags, Ints, NotPlain, Tags

LONGEST_ATTRIBUTES = 24
WORD = 8
_ATTRIBUTES = re.compile(rb'(?: (?:s|t|cm|vm|ph)="[^"]*")* ?/?')
_NAMES = (b"c", b"v", b"f", b"is", b"t")
Words = npt.NDArray[np.uint64]
# Keeps the first `n` bytes of three words, for every n.
_MASKS: Words = np.array([[255 * (at < n) for at in range(LONGEST_ATTRIBUTES)] for n in range(LONGEST_ATTRIBUTES + 1)],
                         dtype=np.uint8).view(np.uint64)  # fmt: skip


@dataclass(frozen=True)
class Book:
    """What cells refer to."""

    strings: pl.Series
    looks: tuple[Shown, ...]
    since_1904: bool


@dataclass(frozen=True)
class _Cells:
    """Cells that say something, column after column: row of the block, column, kind of cell, and text as written."""

    rows: Ints
    columns: Ints
    kinds: Ints
    told: tuple[tuple[str, Shown], ...]  # type and look of each kind
    text: pl.Series

    def spans(self) -> Iterator[tuple[int, int, int]]:
        """Each column with the places between which its cells stand."""
        if not len(self.columns):
            return
        begins = np.concatenate(([0], np.flatnonzero(np.diff(self.columns)) + 1, [len(self.columns)]))
        for begin, end in pairwise(begins.tolist()):
            yield int(self.columns[begin]), begin, end


def read_block(block: bytes, book: Book) -> Grid:
    """All rows of a block that begins with `<row` and ends with `</row>`. Raises NotPlain."""
    tags = Tags.of(block)
    is_row = (tags.first == ord("r")) & (tags.second == ord("o"))
    lines = _line_numbers(tags, np.flatnonzero(is_row))
    found = _cells(tags, is_row, lines)
    columns: dict[str, pl.Series] = {}
    faults: list[pl.DataFrame] = []
    for place, begin, end in found.spans():
        text, why = _column(found, begin, end, book)
        rows = found.rows[begin:end]
        if why is not None:
            bad = why.is_not_null().to_numpy()
            raw = found.text[begin:end].filter(pl.Series(bad))
            faults.append(pl.DataFrame(
                {"line": lines[rows[bad]], "place": np.full(int(bad.sum()), place), "reason": why.filter(bad),
                 "raw": raw}, schema=FAULTS,
            ))  # fmt: skip
        columns[str(place)] = _spread(text, rows, len(lines))
    frame = pl.DataFrame(columns) if columns else pl.DataFrame({"0": [None] * len(lines)}, schema={"0": pl.String()})
    return Grid(lines, frame, pl.concat(faults) if faults else pl.DataFrame(schema=FAULTS), len(block))


def _spread(text: pl.Series, rows: Ints, height: int) -> pl.Series:
    if len(rows) == height:
        return text
    at = np.full(height, len(rows), dtype=np.int64)
    at[rows] = np.arange(len(rows))
    return pl.concat([text, pl.Series([None], dtype=pl.String())]).gather(at)


def _line_numbers(tags: Tags, rows: Ints) -> Ints:
    """The number of every row; NotPlain where one is not said first, or rows do not ascend."""
    at = tags.less[rows] + 8
    if not len(rows) or bytes(tags.block[tags.less[rows[0]] : at[0]]) != b'<row r="':
        raise NotPlain
    numbers, _ = _digits(tags, at)
    said = tags.buffer[at - 2] * np.int64(1)
    if (said != ord("=")).any() or (tags.buffer[at - 3] != ord("r")).any() or (np.diff(numbers) <= 0).any():
        raise NotPlain
    return numbers


def _digits(tags: Tags, at: Ints) -> tuple[Ints, Ints]:
    """The number that stands at each place, and where it ends: at a quote."""
    numbers, here = np.zeros(len(at), dtype=np.int64), at.copy()
    going = np.ones(len(at), dtype=bool)
    for _ in range(8):
        sign = tags.buffer[np.minimum(here, len(tags.buffer) - 1)].astype(np.int64) - 48
        going &= (sign >= 0) & (sign <= 9)
        if not going.any():
            break
        numbers = np.where(going, numbers * 10 + sign, numbers)
        here += going
    if (here == at).any() or (tags.buffer[np.minimum(here, len(tags.buffer) - 1)] != QUOTE).any():
        raise NotPlain
    return numbers, here


def _cells(tags: Tags, is_row: Flags, lines: Ints) -> _Cells:
    named = {name: tags.named(name) for name in _NAMES}
    opening = tags.first != SLASH
    if (opening & ~is_row & ~np.logical_or.reduce(list(named.values()))).any():
        raise NotPlain  # rich text, extensions: no two cells are alike
    cells = np.flatnonzero(named[b"c"])
    owner = np.cumsum(named[b"c"]) - 1
    says = np.flatnonzero((named[b"v"] | named[b"t"]) & ~tags.empty)
    owners = owner[says]
    if len(says) and (owners[0] < 0 or (np.diff(owners) <= 0).any()):
        raise NotPlain  # two texts in one cell
    at = cells[owners]
    row_of = _rows_of(at, np.flatnonzero(is_row))
    columns, ends = _columns(tags, tags.less[at], lines, row_of)
    kinds, told = _kinds(tags, ends + 1, tags.more[at])
    inline = (
        np.array([type_ == "inlineStr" for type_, _ in told], dtype=bool)[kinds] if len(kinds) else np.zeros(0, bool)
    )
    if (named[b"t"][says] != inline).any():
        raise NotPlain
    order = np.argsort(columns.astype(np.int16), kind="stable")
    return _Cells(row_of[order], columns[order], kinds[order], told, tags.texts(says, order))


def _rows_of(cells: Ints, rows: Ints) -> Ints:
    """Which row each cell stands in: both are places of tags, in their order."""
    counts = np.diff(np.append(np.searchsorted(cells, rows), len(cells)))
    return np.repeat(np.arange(len(rows), dtype=np.int64), counts)


def _columns(tags: Tags, less: Ints, lines: Ints, row_of: Ints) -> tuple[Ints, Ints]:
    """Column of each cell from its name (`AB12` -> 27), and where the name ends."""
    buffer, last = tags.buffer, len(tags.buffer) - 1
    if not len(less):
        return less, less
    opens = (buffer[less + 3] == ord("r")) & (buffer[less + 4] == ord("=")) & (buffer[less + 5] == QUOTE)
    letters = [buffer[np.minimum(less + 6 + k, last)].astype(np.int64) - 64 for k in range(3)]
    two = (letters[1] >= 1) & (letters[1] <= 26)
    three = two & (letters[2] >= 1) & (letters[2] <= 26)
    column = letters[0]
    column = np.where(two, column * 26 + letters[1], column)
    column = np.where(three, column * 26 + letters[2], column)
    digits = (1 + np.floor(np.log10(np.maximum(lines, 1)) + 1e-12).astype(np.int64))[row_of]
    ends = less + 7 + two + three + digits
    good = opens & (letters[0] >= 1) & (letters[0] <= 26) & (buffer[np.minimum(ends, last)] == QUOTE)
    if not good.all() or (column > MOST_COLUMNS).any():
        raise NotPlain
    return column - 1, ends


def _kinds(tags: Tags, starts: Ints, stops: Ints) -> tuple[Ints, tuple[tuple[str, Shown], ...]]:
    """Which distinct attributes each cell has beside its name: a few in a whole sheet."""
    length = stops - starts
    longest = int(length.max()) if len(length) else 0
    if longest > LONGEST_ATTRIBUTES:
        raise NotPlain
    width = 1 if longest <= WORD else LONGEST_ATTRIBUTES // WORD  # in words
    padded = np.frombuffer(tags.block + bytes(LONGEST_ATTRIBUTES), dtype=np.uint8)
    window = np.lib.stride_tricks.sliding_window_view(padded, width * WORD)[starts]
    words: Words = window.view(np.uint64) & _MASKS[:, :width][length]
    mixed = words[:, 0] if width == 1 else _mixed(words)
    distinct = np.unique(mixed)
    inverse = np.searchsorted(distinct, mixed)
    firsts = np.empty(len(distinct), dtype=np.int64)
    firsts[inverse[::-1]] = np.arange(len(mixed) - 1, -1, -1)
    if width > 1 and any((words[firsts, word][inverse] != words[:, word]).any() for word in range(width)):
        raise NotPlain  # two sets of attributes that only look alike when mixed
    said = [words[first].tobytes().rstrip(b"\0") for first in firsts]
    if not all(_ATTRIBUTES.fullmatch(each) for each in said):
        raise NotPlain
    return inverse.astype(np.int64), tuple((_of(each, "t"), Shown("plain", int(_of(each, "s") or 0))) for each in said)


def _mixed(words: Words) -> npt.NDArray[np.uint64]:
    mixed: npt.NDArray[np.uint64] = words[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= words[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= words[:, 2] * np.uint64(0x165667B19E3779F9)
    return mixed


def _of(attributes: bytes, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"'.encode(), attributes)
    return found[1].decode("ascii", "replace") if found else ""


def _column(found: _Cells, begin: int, end: int, book: Book) -> tuple[pl.Series, pl.Series | None]:
    """The cells of one column as text, and the reasons of those that have no value."""
    kinds = found.kinds[begin:end]
    given = found.text[begin:end]
    if (kinds == kinds[0]).all():
        return told(given, *_as_shown(found, int(kinds[0]), book), book)
    text, whole = given, pl.Series([None], dtype=pl.String()).new_from_index(0, end - begin)
    for kind in np.unique(kinds):
        at = np.flatnonzero(kinds == kind)
        some, why = told(given.gather(at), *_as_shown(found, int(kind), book), book)
        text = text.scatter(at, some)
        whole = whole if why is None else whole.scatter(at, why)
    return text, whole


def _as_shown(found: _Cells, kind: int, book: Book) -> tuple[str, Shown]:
    type_, style = found.told[kind]
    return type_, book.looks[style.width] if style.width < len(book.looks) else PLAIN


def told(given: pl.Series, type_: str, look: Shown, book: Book) -> tuple[pl.Series, pl.Series | None]:
    """Cells of one type and look as text; a reason for each that has no value, None where all have."""
    if type_ == "s":
        return _cited(given.cast(pl.UInt32, strict=False), book.strings)
    if type_ in ("str", "inlineStr"):
        return given, None
    if type_ == "b":
        return given.replace({"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}), None
    if type_ == "e":
        return pl.Series([None], dtype=pl.String()).new_from_index(0, len(given)), _where(
            given.is_not_null(), "cell-error"
        )
    if type_ == "d":
        return given.str.replace("T", " ").str.replace(" 00:00:00(?:\\.0+)?$", ""), None
    return texts(given, look, since_1904=book.since_1904)


def _cited(at: pl.Series, strings: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    if not at.has_nulls() and (not len(at) or int(at.to_numpy().max()) < len(strings)):
        return strings.gather(at), None
    at = at.set(at >= len(strings), None)
    return (strings.gather(at) if len(strings) else at.cast(pl.String)), _where(at.is_null(), "bad-reference")


def _where(bad: pl.Series, reason: str) -> pl.Series | None:
    return pl.select(pl.when(bad).then(pl.lit(reason))).to_series() if bad.any() else None
