"""Where records begin and end in a block of bytes, found by vector operations, and by pattern where quotes are odd.

Works on `marks`: one byte a code unit, in which everything that is not plain ASCII is a filler. So the low byte of
a UTF-16 unit, or the second byte of a GB18030 character, is never taken for a separator.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connectors.delimited import exact
from connectors.delimited.layout import HEAD, Layout

Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.uint8]
FILLER = 0x78
LONGEST = 64 << 20  # bytes of one record
VECTORS_UP_TO = 16 << 20  # above this a block holds one giant record: patterns need less memory than positions
_QUOTE, _CR, _TAB = 0x22, 0x0D, 0x09


@dataclass(frozen=True)
class Spans:
    """Records of one block, in code units. `stops` are without the line end; `used` is where the next block begins.

    `broken` marks lines whose quotes are not closed; `odd` marks records that only the exact path may cut.
    """

    starts: Places
    stops: Places
    lines: Places  # of the block, from 0
    cells: Places
    broken: npt.NDArray[np.bool_]
    odd: npt.NDArray[np.bool_]
    used: int
    lines_used: int


def marks_of(data: bytes, layout: Layout) -> Marks:
    """One byte a code unit. Only UTF-16, and `|` in GB18030, need a copy."""
    if layout.encoding.width == 2:
        units = np.frombuffer(data[: len(data) & ~1], dtype="<u2" if layout.encoding.name.endswith("le") else ">u2")
        return np.where(units < 128, units, FILLER).astype(np.uint8)
    marks = np.frombuffer(data, dtype=np.uint8)
    if layout.separator == "|" and layout.encoding.name in {"gb18030", "gbk"}:
        return _second_bytes_masked(marks)
    return marks


def _second_bytes_masked(marks: Marks) -> Marks:
    """`|` (0x7C) may be the second byte of a GB character: it is, after a run of high bytes of odd length."""
    bars = np.flatnonzero(marks == 0x7C)
    low = np.where(marks < 0x80, np.arange(len(marks)), -1)
    before = np.concatenate(([-1], np.maximum.accumulate(low)[:-1])) if len(marks) else low
    masked = marks.copy()
    masked[bars[(bars - 1 - before[bars]) % 2 == 1]] = FILLER
    return masked


def scan(data: bytes, layout: Layout, final: bool) -> Spans | None:
    """The whole records of `data`, or None where it holds none yet. `final` says that nothing follows."""
    marks = marks_of(data, layout)
    if len(marks) > VECTORS_UP_TO:
        return _by_pattern(marks, layout, final)
    return _by_vectors(marks, layout, final) or _by_pattern(marks, layout, final)


def records_in_head(head: bytes, layout: Layout) -> int:
    """Whole records in the head, and the last one where the head is the whole file."""
    spans = scan(head[layout.body :], layout, len(head) < HEAD)
    return 0 if spans is None else int((spans.stops > spans.starts).sum())


def _by_vectors(marks: Marks, layout: Layout, final: bool) -> Spans | None:
    eols = np.flatnonzero(marks == ord(layout.eol))
    if layout.eol == "\n" and _bare_returns(marks):
        return None  # the fast parser would drop them
    quotes = np.flatnonzero(marks == _QUOTE)
    if len(quotes) and not _well_quoted(marks, quotes, layout):
        return None
    ends = eols[_outside(quotes, eols)] if len(quotes) else eols
    if final and len(marks) and (not len(ends) or ends[-1] != len(marks) - 1):
        if len(quotes) % 2 or marks[-1] == _CR:
            return None
        ends = np.append(ends, len(marks))
    if not len(ends):
        return None
    used = min(int(ends[-1]) + 1, len(marks))
    starts = np.concatenate(([0], ends[:-1] + 1))
    stops = ends - _carriage_returns(marks, starts, ends) if layout.eol == "\n" else ends
    separators = _separators(marks[:used], layout.separator)
    if len(quotes):
        separators = separators[_outside(quotes, separators)]
    cells = np.searchsorted(separators, ends) - np.searchsorted(separators, starts) + 1
    lines = np.searchsorted(eols, starts) if len(quotes) else np.arange(len(starts))
    none = np.zeros(len(starts), dtype=bool)
    return Spans(starts, stops, lines, cells, none, none, used, int(np.searchsorted(eols, used)))


def _outside(quotes: Places, places: Places) -> npt.NDArray[np.bool_]:
    outside: npt.NDArray[np.bool_] = np.searchsorted(quotes, places) % 2 == 0
    return outside


def _bare_returns(marks: Marks) -> bool:
    returns = np.flatnonzero(marks == _CR)
    returns = returns[returns + 1 < len(marks)]
    return bool((marks[returns + 1] != ord("\n")).any())


def _carriage_returns(marks: Marks, starts: Places, ends: Places) -> Places:
    returns: Places = ((ends > starts) & (marks[np.maximum(ends - 1, 0)] == _CR)).astype(np.int64)
    return returns


def _separators(marks: Marks, separator: str) -> Places:
    places = np.flatnonzero(marks == ord(separator[0]))
    if len(separator) == 1:
        return places
    places = places[places + 1 < len(marks)]
    both: Places = places[marks[places + 1] == ord(separator[1])]
    return both


def _well_quoted(marks: Marks, quotes: Places, layout: Layout) -> bool:
    """Every opening quote begins a cell (or doubles the one before); every closing one ends it (or is doubled)."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = marks[opening[opening > 0] - 1]
    if not np.isin(before, [ord(layout.separator[-1]), ord(layout.eol), _QUOTE]).all():
        return False
    if len(layout.separator) > 1 or layout.eol == "\r":
        return False  # rare: the exact path knows
    after = closing[closing + 1 < len(marks)] + 1
    ended = np.isin(marks[after], [ord(layout.separator), ord(layout.eol), _QUOTE])
    returns = after[~ended]
    returns = returns[returns + 1 < len(marks)]
    return bool(((marks[returns] == _CR) & (marks[returns + 1] == ord(layout.eol))).all())


def _by_pattern(marks: Marks, layout: Layout, final: bool) -> Spans | None:
    """The same by pattern, record by record; a line whose quotes are broken is one record of its own."""
    data, (whole, still_open) = marks.tobytes(), exact.byte_patterns(layout.separator, layout.eol)
    eol, separator = layout.eol.encode(), layout.separator.encode()
    found: list[tuple[int, int, int, int, bool, bool]] = []
    at, line = 0, 0
    while at < len(data):
        match = whole.match(data, at)
        if match and (match[1] or final):
            stop, after, broken = match.start(1), match.end(), False
        elif not final and (match or still_open.match(data, at)) and not len(data) - at > LONGEST:
            break
        else:
            stop, broken = data.find(eol, at), True
            if stop < 0 and not final:
                break
            stop, after = (stop, stop + 1) if stop >= 0 else (len(data), len(data))
        quoted = data.find(b'"', at, stop) >= 0 or data.find(b"\r", at, stop) >= 0
        found.append((at, stop, line, 0 if quoted else data.count(separator, at, stop) + 1, broken, quoted))
        line += data.count(eol, at, after)
        at = after
    if not found:
        return None
    starts, stops, lines, cells, broken_, odd = (np.array(column) for column in zip(*found, strict=True))
    return Spans(starts, stops, lines, cells, broken_, odd, at, line)
