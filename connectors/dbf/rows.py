"""A dBase table as rows of strings with their bytes' places, some thousand records at a time.

A record marked as deleted is rejected as such: it is gone at the source, and its bytes may be half overwritten.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from connectors.chunk import LONGEST_RAW, REJECTS
from connectors.dbf.columns import UNDECODABLE, column, fixed
from connectors.dbf.layout import Layout
from connectors.dbf.memo import Memo
from connectors.delimited.rows import Rows
from connectors.errors import Unreadable

PIECE = 1 << 22
LIVE, DELETED, END = b" *\x1a"


def rows(path: Path, layout: Layout) -> Iterator[Rows]:
    """Every record in the file, whatever the header counts. Raises Unreadable where fewer are there than it counts."""
    memo = Memo.beside(path)
    read, at_once = 0, max(1, PIECE // layout.record)
    ended = False
    with path.open("rb") as content:
        content.seek(layout.body)
        while not ended:
            raw = content.read(at_once * layout.record)
            count = len(raw) // layout.record
            records = np.frombuffer(raw, dtype=np.uint8, count=count * layout.record).reshape(count, layout.record)
            count = _until_end(records)
            ended = count < at_once
            if count:
                yield _cut(records[:count], raw, layout, memo, read)
                read += count
    if read < layout.claimed:
        raise Unreadable(
            f"{path.name} says it has {layout.claimed} records, and {read} are there. Copy it again.", "truncated"
        )


def _until_end(records: npt.NDArray[np.uint8]) -> int:
    """Records in front of the end mark; behind it stands what a program left there."""
    ends = np.flatnonzero(records[:, 0] == END)
    return int(ends[0]) if len(ends) else len(records)


def _cut(records: npt.NDArray[np.uint8], raw: bytes, layout: Layout, memo: Memo, read: int) -> Rows:
    flags = records[:, 0]
    reasons = np.full(len(records), "", dtype=object)
    reasons[flags == DELETED] = "deleted"
    reasons[(flags != DELETED) & (flags != LIVE)] = "not-the-format"
    made = [column(records, field, layout, memo) for field in layout.fields]
    for _, lost in made:
        for place, (why, _) in lost.items():
            if why == UNDECODABLE and not reasons[place]:
                reasons[place] = why
    kept = reasons == ""
    cells = pl.DataFrame({field.name: text for field, (text, _) in zip(layout.fields, made, strict=True)})
    offset = layout.body + read * layout.record
    places = _places(raw, layout, read, offset, np.flatnonzero(kept))
    whole = [
        (read + place + 1, read + place + 1, offset + place * layout.record, "", reasons[place], True,
         records[place].tobytes()[:LONGEST_RAW])
        for place in np.flatnonzero(~kept).tolist()
    ]  # fmt: skip
    single = [
        (read + place + 1, read + place + 1, offset + place * layout.record, field.name, why, False, cell[:LONGEST_RAW])
        for field, (_, lost) in zip(layout.fields, made, strict=True)
        for place, (why, cell) in lost.items()
        if kept[place]
    ]
    rejects = pl.DataFrame([*whole, *single], schema=REJECTS, orient="row")
    good = cells if kept.all() else cells.filter(pl.Series(kept))
    return Rows(len(records), good, places, rejects, len(records) * layout.record, raw, offset)


def _places(raw: bytes, layout: Layout, read: int, offset: int, kept: npt.NDArray[np.int64]) -> pl.DataFrame:
    view, length = memoryview(raw), layout.record
    digests = b"".join([sha256(view[at : at + length]).digest()[:16] for at in (kept * length).tolist()])
    return pl.DataFrame(
        {
            "position": kept + read + 1,
            "line": kept + read + 1,
            "offset": offset + kept * length,
            "length": np.full(len(kept), length, dtype=np.int64),
            "hash": fixed(np.frombuffer(digests.hex().encode(), dtype=np.uint8).reshape(-1, 32)),
        }
    )
