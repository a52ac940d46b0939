"""One field of many records at once, as text: bytes are sliced out of all records together, and decoded together.

Text comes without the blanks that fill its field; numbers and days come as they are written there.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from connectors.dbf.layout import VISUAL, Field, Layout
from connectors.dbf.memo import Memo

Bytes = npt.NDArray[np.uint8]
CUT, UNDECODABLE, NO_REFERENCE = "cut-text", "undecodable", "bad-reference"
BLANK = 0x20
ASKED = 2000  # cells that are looked at to learn whether values repeat
FEW = 0.7  # of them that may differ
_JULIAN = 1_721_426  # of 0001-01-01
Column = tuple[pl.Series, dict[int, tuple[str, bytes]]]  # the texts, and row -> why there is none, and its bytes


def column(records: Bytes, field: Field, layout: Layout, memo: Memo) -> Column:
    """The field of every record (one a row of `records`), null where it is empty or not known."""
    cells = records[:, field.start : field.start + field.width]
    visual = layout.version in VISUAL
    if field.type == "M" or (field.type == "B" and not visual):
        return _memos(cells, layout.encoding, memo)
    if field.type in _NOT_TEXT:
        return _strings([None] * len(cells)), {}
    if (field.type, field.width) in _BINARY:
        return _strings(_BINARY[field.type, field.width](cells, visual)), {}
    text, lost = _texts(cells, layout.encoding, number=field.type in ("N", "F"))
    return (text.set(text == "?", None) if field.type == "L" else text), lost


def _strings(values: Sequence[str | None]) -> pl.Series:
    return pl.Series(values, dtype=pl.String())


def _moment(day: int, milliseconds: int) -> str | None:
    """A Julian day number and the milliseconds of the day."""
    if not 0 < day - _JULIAN + 1 < 3_652_060 or not 0 <= milliseconds < 86_400_000:
        return None
    moment = datetime(1, 1, 1) + timedelta(days=day - _JULIAN, milliseconds=milliseconds)  # noqa: DTZ001
    return f"{moment + timedelta(milliseconds=500):%Y-%m-%d %H:%M:%S}".removesuffix(" 00:00:00")


def _whole_numbers(cells: Bytes, visual: bool) -> list[str | None]:
    return [str(value) for value in cells.copy().view("<i4" if visual else ">i4")[:, 0].tolist()]


def _doubles(cells: Bytes, _visual: bool) -> list[str | None]:
    return [repr(value).removesuffix(".0") for value in cells.copy().view("<f8")[:, 0].tolist()]


def _amounts(cells: Bytes, _visual: bool) -> list[str | None]:
    """Ten-thousandths of a currency."""
    return [f"{Decimal(value).scaleb(-4):f}" for value in cells.copy().view("<i8")[:, 0].tolist()]


def _moments(cells: Bytes, _visual: bool) -> list[str | None]:
    return [_moment(*pair) for pair in cells.copy().view("<i4").reshape(-1, 2).tolist()]


_NOT_TEXT = ("G", "P", "Q", "O")  # pictures, objects, raw bytes
_BINARY: dict[tuple[str, int], Callable[[Bytes, bool], list[str | None]]] = {
    ("I", 4): _whole_numbers, ("+", 4): _whole_numbers, ("B", 8): _doubles, ("Y", 8): _amounts, ("T", 8): _moments,
    ("@", 8): _moments,
}  # fmt: skip


def _texts(cells: Bytes, encoding: str, *, number: bool) -> Column:
    """Texts of one field; where values come again and again, as codes and names do, each is decoded and cut once."""
    cells = np.ascontiguousarray(cells)
    if not number and (cells[:, -1] > BLANK).all() and not (cells >= 0x80).any():
        return fixed(cells), {}  # nothing to trim or to decode, and none is empty: keys, dates
    if not _repeat(cells):
        return _all(cells, encoding, number)
    width = cells.shape[1]
    told = _whole(cells).dictionary_encode()
    distinct = np.frombuffer(told.dictionary.buffers()[1], dtype=np.uint8)[: len(told.dictionary) * width]
    texts, lost = _all(distinct.reshape(-1, width), encoding, number)
    places = told.indices.to_numpy()
    spread = {row: lost[places[row]] for row in np.flatnonzero(np.isin(places, [*lost])).tolist()} if lost else {}
    return texts.gather(pl.Series(places.view(np.uint32))), spread


def _repeat(cells: Bytes) -> bool:
    """Whether few of the values differ, from a look at some of the cells, all over the piece."""
    some = _whole(cells[:: len(cells) // ASKED + 1])
    return len(some.unique()) <= len(some) * FEW


def _whole(cells: Bytes) -> "pa.FixedSizeBinaryArray":
    height, width = cells.shape
    return pa.Array.from_buffers(pa.binary(width), height, [None, pa.py_buffer(np.ascontiguousarray(cells))])


def _all(cells: Bytes, encoding: str, number: bool) -> Column:
    text, lost = _decoded_all(cells, encoding)
    return (text.str.strip_chars() if number else text), lost


def _decoded_all(cells: Bytes, encoding: str) -> Column:
    height, width = cells.shape
    if not (cells >= 0x80).any():
        return _trimmed(fixed(cells)), {}
    if not (cells == 0x0A).any():
        lines = np.full((height, width + 1), 0x0A, dtype=np.uint8)
        lines[:, :width] = cells
        try:
            return _trimmed(_strings(_decoded(lines.tobytes(), encoding).split("\n")[:height])), {}
        except UnicodeDecodeError:
            pass
    return _one_by_one(cells, encoding)


def fixed(cells: Bytes) -> pl.Series:
    """ASCII text of one width, a row each, as it stands."""
    height, width = cells.shape
    ends = np.arange(height + 1, dtype=np.int64) * width
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(np.ascontiguousarray(cells))]
    return pl.Series(pa.Array.from_buffers(pa.large_string(), height, buffers), dtype=pl.String())


def _decoded(raw: bytes, encoding: str) -> str:
    """GBK is tried before its superset GB18030: it is decoded twice as fast."""
    if encoding != "gb18030":
        return raw.decode(encoding)
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def _trimmed(text: pl.Series) -> pl.Series:
    trimmed = text.str.strip_chars_end(" \0")
    return trimmed.set(trimmed == "", None)


def _one_by_one(cells: Bytes, encoding: str) -> Column:
    """Where some cell cannot be decoded: each distinct one on its own."""
    known: dict[bytes, tuple[str | None, str]] = {}
    texts: list[str | None] = []
    lost: dict[int, tuple[str, bytes]] = {}
    for place, row in enumerate(cells):
        raw = row.tobytes().rstrip(b" \0")
        if raw not in known:
            known[raw] = _one(raw, encoding, full=len(raw) == len(row))
        text, why = known[raw]
        texts.append(text or None)
        if why:
            lost[place] = (why, raw)
    return _strings(texts), lost


def _one(raw: bytes, encoding: str, *, full: bool) -> tuple[str | None, str]:
    """Text, or why there is none: a field that is full may end in the middle of a character."""
    try:
        return _decoded(raw, encoding), ""
    except UnicodeDecodeError as error:
        return None, CUT if full and len(raw) - error.start < 4 and error.end == len(raw) else UNDECODABLE


def _memos(cells: Bytes, encoding: str, memo: Memo) -> Column:
    """Texts of the memo file; a field of ten holds the block's number in digits, a field of four in binary."""
    if cells.shape[1] == 4:
        blocks = cells.copy().view("<u4")[:, 0].tolist()
    else:
        said = [row.tobytes().strip(b" \0") for row in cells]
        blocks = [int(each) if each.isdigit() else -bool(each) for each in said]
    texts: list[str | None] = []
    lost: dict[int, tuple[str, bytes]] = {}
    for place, (block, raw) in enumerate(zip(blocks, memo.read(blocks), strict=True)):
        text, why = (
            (None, NO_REFERENCE if block else "") if raw is None else _one(raw.rstrip(b" \0"), encoding, full=False)
        )
        texts.append(text or None)
        if why:
            lost[place] = (why, raw or str(block).encode())
    return _strings(texts), lost
