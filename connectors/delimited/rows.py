"""Delimited bytes as rows of strings with their places: good records in one frame, the others as rejects.

A fast parser cuts the records whose structure was verified; the exact path cuts the rest. Nothing is ever dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS
from connectors.delimited import exact
from connectors.delimited.bytes_of import PIECE, pieces
from connectors.delimited.layout import Layout
from connectors.delimited.scan import LONGEST, Spans, scan
from connectors.errors import Unreadable

STAND_IN = "\x1f"  # for the two-sign separator, which the fast parser does not know


@dataclass(frozen=True)
class Rows:
    """`cells` has one String column for each of the header; `places` ties its rows to the file (see chunk.RECORDS)."""

    read: int
    cells: pl.DataFrame
    places: pl.DataFrame
    rejects: pl.DataFrame
    bytes_read: int
    raw: bytes = b""
    offset: int = 0

    def raw_of(self, offset: int, length: int) -> bytes:
        """Bytes of a record of this piece, by its place in the file."""
        return self.raw[offset - self.offset : offset - self.offset + length]


@dataclass(frozen=True)
class Cursor:
    """How far reading has come."""

    offset: int
    line: int
    read: int = 0


@dataclass(frozen=True)
class Lost:
    """A record rejected whole."""

    position: int
    line: int
    offset: int
    reason: str
    raw: bytes


def rows(path: Path, layout: Layout, size: int = PIECE) -> Iterator[Rows]:
    """Every record of the file behind its header, in order, in memory bounded by the longest record allowed."""
    reading = _Reading(layout, Cursor(layout.body, layout.first_line))
    to_drop = layout.body
    try:
        for piece in pieces(path, size):
            reading.tail += piece[to_drop:]
            to_drop = max(0, to_drop - len(piece))
            yield from reading.whole(ended=False)
    except Unreadable as error:
        if error.reason != "truncated":
            raise
        yield from reading.lost("truncated")
    else:
        yield from reading.whole(ended=True)
        if reading.tail:
            yield from reading.lost("undecodable")


@dataclass
class _Reading:
    """Bytes not yet cut into records, and where they stand; `skipping` while a record that is too long goes on."""

    layout: Layout
    cursor: Cursor
    tail: bytes = b""
    skipping: bool = False

    def whole(self, *, ended: bool) -> Iterator[Rows]:
        """All records that are complete; `ended` says that nothing follows, so the last one is, too."""
        if self.skipping:
            self._skip(ended)
        while self.tail and (ended or _has_line_end(self.tail, self.layout)):
            spans = scan(self.tail, self.layout, ended)
            if spans is None:
                break
            used = min(spans.used * self.layout.encoding.width, len(self.tail))
            used += ended and len(self.tail) - used == 1  # half a UTF-16 unit belongs to the last record
            made, self.cursor = _cut(self.tail[:used], spans, self.layout, self.cursor)
            self.tail = self.tail[used:]
            yield made
        if len(self.tail) > LONGEST:
            yield from self.lost("too-long")
            self._skip(ended)

    def lost(self, reason: str) -> Iterator[Rows]:
        """What is left as one rejected record."""
        at, raw = self.cursor, self.tail[:LONGEST_RAW]
        yield Rows(1, pl.DataFrame(), _places([], [], [], [], []),
                   _rejects([Lost(at.read + 1, at.line, at.offset, reason, raw)]), 0)  # fmt: skip
        self.cursor = Cursor(at.offset, at.line, at.read + 1)

    def _skip(self, ended: bool) -> None:
        """Drops what is left of a record that is too long, up to the end of its line."""
        end, width = self.layout.eol.encode(self.layout.encoding.name), self.layout.encoding.width
        stop = self.tail.find(end)
        while stop >= 0 and stop % width:
            stop = self.tail.find(end, stop + 1)
        self.skipping = stop < 0 and not ended
        drop = stop + width if stop >= 0 else len(self.tail) - (0 if ended else len(self.tail) % width)
        self.cursor = Cursor(self.cursor.offset + drop, self.cursor.line + (stop >= 0), self.cursor.read)
        self.tail = self.tail[drop:]


def _has_line_end(tail: bytes, layout: Layout) -> bool:
    return layout.eol.encode(layout.encoding.name) in tail


def _cut(raw: bytes, spans: Spans, layout: Layout, cursor: Cursor) -> tuple[Rows, Cursor]:
    """Rows and rejects of one block of whole records; blank lines are no records."""
    width = layout.encoding.width
    starts, stops = spans.starts * width, spans.stops * width
    if width == 2 and len(raw) % 2:
        stops[-1] = len(raw)
    real = stops > starts
    numbers = cursor.read + np.cumsum(real)
    good = real & ~spans.broken & (spans.odd | (spans.cells == len(layout.header))) & (stops - starts <= LONGEST)
    reasons = np.full(len(starts), "", dtype=object)
    reasons[real & ~spans.odd & (spans.cells > len(layout.header))] = "too-many-cells"
    reasons[real & ~spans.odd & (spans.cells < len(layout.header))] = "too-few-cells"
    reasons[real & (stops - starts > LONGEST)] = "too-long"
    reasons[real & spans.broken] = "open-quote"
    cells, kept = _cells(raw, starts, stops, good, spans.odd, reasons, layout)
    lines, offsets = cursor.line + spans.lines, cursor.offset + starts
    view = memoryview(raw)
    hashes = [
        sha256(view[a:b]).hexdigest()[:32] for a, b in zip(starts[kept].tolist(), stops[kept].tolist(), strict=True)
    ]
    lost = [
        Lost(
            int(numbers[i]),
            int(lines[i]),
            int(offsets[i]),
            reasons[i],
            raw[starts[i] : min(stops[i], starts[i] + LONGEST_RAW)],
        )
        for i in np.flatnonzero(real & (reasons != "")).tolist()
    ]
    places = _places(numbers[kept], lines[kept], offsets[kept], (stops - starts)[kept], hashes)
    read = int(real.sum())
    after = Cursor(cursor.offset + len(raw), cursor.line + spans.lines_used, cursor.read + read)
    return Rows(read, cells, places, _rejects(lost), len(raw), raw, cursor.offset), after


def _cells(
    raw: bytes,
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    good: npt.NDArray[np.bool_],
    odd: npt.NDArray[np.bool_],
    reasons: npt.NDArray[np.object_],
    layout: Layout,
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Cells of the good records and which records they are; records that cannot be decoded get their reason."""
    if good.all() and not odd.any():
        text = _decoded(raw, layout)
        frame = None if text is None else _fast(text, len(starts), layout)
        if frame is not None:
            return frame, np.arange(len(starts))
    plain = np.flatnonzero(good & ~odd)
    frame = _runs(raw, starts, stops, plain, layout)
    if frame is not None and not (good & odd).any():
        return frame, plain
    texts: dict[int, str] = {}
    for i in np.flatnonzero(good & odd if frame is not None else good).tolist():
        text = _decoded(raw[starts[i] : stops[i]], layout)
        if text is None:
            reasons[i] = "undecodable"
        else:
            texts[i] = text
    if frame is not None:
        return _in_order(frame, plain, *_by_hand(texts, reasons, layout), layout)
    return _mixed(texts, odd, reasons, layout)


def _mixed(
    texts: dict[int, str], odd: npt.NDArray[np.bool_], reasons: npt.NDArray[np.object_], layout: Layout
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Fast where no quote stands in the record, exact elsewhere; back in file order."""
    plain = [i for i, text in texts.items() if not odd[i]]
    frame = _fast(layout.eol.join(texts[i] for i in plain) + layout.eol, len(plain), layout) if plain else None
    rest = {i: text for i, text in texts.items() if odd[i] or frame is None}
    kept = np.array(plain if frame is not None else [], dtype=np.int64)
    return _in_order(frame, kept, *_by_hand(rest, reasons, layout), layout)


def _runs(
    raw: bytes,
    starts: npt.NDArray[np.int64],
    stops: npt.NDArray[np.int64],
    plain: npt.NDArray[np.int64],
    layout: Layout,
) -> pl.DataFrame | None:
    """Plain records cut out of the block in unbroken runs; None where they cannot be decoded together."""
    if not len(plain):
        return None
    breaks = np.flatnonzero(np.diff(plain) > 1)
    firsts, lasts = plain[np.concatenate(([0], breaks + 1))], plain[np.concatenate((breaks, [len(plain) - 1]))]
    end = layout.eol.encode(layout.encoding.name)
    text = _decoded(b"".join(raw[starts[a] : stops[b]] + end for a, b in zip(firsts, lasts, strict=True)), layout)
    return None if text is None else _fast(text, len(plain), layout)


def _by_hand(
    texts: dict[int, str], reasons: npt.NDArray[np.object_], layout: Layout
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """The exact path, record by record; a wrong number of cells becomes the record's reason."""
    width, cut = len(layout.header), {}
    for i, text in texts.items():
        cells = exact.cells(text, layout.separator, layout.eol, width + 1)
        if len(cells) != width:
            reasons[i] = "too-many-cells" if len(cells) > width else "too-few-cells"
        else:
            cut[i] = cells
    schema = dict.fromkeys(layout.header, pl.String())
    return pl.DataFrame(list(cut.values()), schema=schema, orient="row"), np.array([*cut], dtype=np.int64)


def _in_order(
    frame: pl.DataFrame | None,
    plain: npt.NDArray[np.int64],
    exact_frame: pl.DataFrame,
    cut: npt.NDArray[np.int64],
    layout: Layout,
) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
    """Both frames together, in file order."""
    both = exact_frame if frame is None else pl.concat([frame, exact_frame])
    kept = np.concatenate([plain, cut])
    order = np.argsort(kept, kind="stable")
    return both[order].select(layout.header), kept[order]


def _decoded(raw: bytes, layout: Layout) -> str | None:
    """None where a byte does not belong to the encoding; NUL is no text in any of them."""
    try:
        text = layout.encoding.decode(raw)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _fast(text: str, height: int, layout: Layout) -> pl.DataFrame | None:
    """Records of verified structure; None where the fast parser does not agree on their number."""
    separator = layout.separator
    if text.startswith("\ufeff"):
        return None  # it would take the first sign of a cell for a byte order mark
    if len(separator) > 1:
        if STAND_IN in text or exact.QUOTE in text:
            return None
        text, separator = text.replace(separator, STAND_IN), STAND_IN
    quote = exact.QUOTE if exact.QUOTE in text else None
    try:
        frame = pl.read_csv(
            text.encode(),
            has_header=False,
            schema=dict.fromkeys(layout.header, pl.String()),
            separator=separator,
            quote_char=quote,
            eol_char=layout.eol,
            infer_schema=False,
        )
    except (pl.exceptions.ComputeError, pl.exceptions.NoDataError, UnicodeEncodeError):
        return None
    return frame if frame.height == height else None


def _places(
    position: Sequence[int] | npt.NDArray[np.int64],
    line: Sequence[int] | npt.NDArray[np.int64],
    offset: Sequence[int] | npt.NDArray[np.int64],
    length: Sequence[int] | npt.NDArray[np.int64],
    hashes: list[str],
) -> pl.DataFrame:
    data = {"position": position, "line": line, "offset": offset, "length": length, "hash": hashes}
    whole = pl.Int64()
    return pl.DataFrame(
        data, schema={"position": whole, "line": whole, "offset": whole, "length": whole, "hash": pl.String()}
    )


def _rejects(lost: Sequence[Lost]) -> pl.DataFrame:
    return pl.DataFrame(
        [(each.position, each.line, each.offset, "", each.reason, True, each.raw) for each in lost],
        schema=REJECTS,
        orient="row",
    )
