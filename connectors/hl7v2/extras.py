"""What has no column of its own, verbatim, as one JSON object a row: fields by their name, and segments as a list.

It decides nothing: a field is named here unless its row says that it was used.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from connectors.hl7v2.cells import Ints, nothing
from connectors.hl7v2.marks import Marks, Rows

Used = Mapping[int, tuple[int, ...]]  # field -> the components that have a column; () where all of it has
_ESCAPES = {"\\": "\\\\", '"': '\\"', **{chr(sign): f"\\u{sign:04x}" for sign in range(32)}}


@dataclass(frozen=True)
class Extras:
    """Writes `extra`. `kept` holds segments without a table as JSON strings, by the segment they are kept with."""

    marks: Marks
    quoted: bool
    kept: pl.DataFrame  # line: Int64, said: String

    def of(self, rows: Rows, name: str, used: Used) -> pl.Series:
        """The column `extra` of rows made of segments called `name`."""
        pairs = [
            pair for place in range(1, rows.fields + 1) if (pair := self._pair(rows, name, place, used)) is not None
        ]
        segments = self._segments(rows)
        if segments is not None:
            pairs.append('"segments":[' + segments + "]")
        if not pairs:
            return nothing(len(rows))
        if len(pairs) == 1:
            return "{" + pairs[0] + "}"
        inside = pl.select(pl.concat_str(pairs, separator=",", ignore_nulls=True)).to_series()
        some = (inside != "").fill_null(value=False)
        return ("{" + inside + "}").zip_with(some, inside.clear(len(inside)))

    def _pair(self, rows: Rows, name: str, place: int, used: Used) -> pl.Series | None:
        parts = used.get(place, None)
        if parts == () or place <= rows.shift:
            return None
        start, end, given = rows.cut_whole(place)
        if parts is not None:
            given = given & rows.more(place, parts)
        if not given.any():
            return None
        at = np.flatnonzero(given)
        some = self.marks.bytes.column(start[at], end[at], given[at])
        made = f'"{name}-{place}":"' + self.escaped(some) + '"'
        return made if len(at) == len(rows) else nothing(len(rows)).scatter(at, made)

    def _segments(self, rows: Rows) -> pl.Series | None:
        if not self.kept.height:
            return None
        lines = self.kept["line"].to_numpy()
        at = np.minimum(np.searchsorted(lines, rows.lines), len(lines) - 1)
        found = lines[at] == rows.lines
        if not found.any():
            return None
        given = np.flatnonzero(found)
        return nothing(len(rows)).scatter(given, self.kept["said"].gather(at[given]))

    def escaped(self, texts: pl.Series) -> pl.Series:
        """Texts as they stand between the quotes of JSON."""
        if self.quoted and texts.str.contains(r'[\x00-\x1f"\\]').any():
            return texts.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
        return texts


def kept(marks: Marks, lines: Ints, owners: Ints, quoted: bool) -> pl.DataFrame:
    """Segments at `lines` as JSON strings, those of one owner joined; sorted by owner."""
    schema = {"line": pl.Int64(), "said": pl.String()}
    if not len(lines):
        return pl.DataFrame(schema=schema)
    texts = marks.bytes.column(marks.start[lines], marks.end[lines], np.ones(len(lines), np.bool_))
    texts = Extras(marks, quoted, pl.DataFrame(schema=schema)).escaped(texts)
    frame = pl.DataFrame({"line": owners, "said": '"' + texts + '"'}, schema=schema)
    if not (np.diff(owners) >= 0).all():
        frame = frame.sort("line", maintain_order=True)
    return frame.group_by("line", maintain_order=True).agg(pl.col("said").str.join(","))
