"""What has no column of its own, verbatim, as one JSON object a row: fields by their name, and segments as a list.

It decides nothing: a field is named here unless its row says that it was used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl
import pyarrow as pa

from connectors.hl7v2.cells import Ints, indices, nothing
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
        columns: dict[str, pl.Series] = {}
        for place in rows.used:
            texts = self._field(rows, place, used)
            if texts is not None:
                columns[f'"{name}-{place}":"'] = texts
        segments = self._segments(rows)
        if segments is not None:
            columns['"segments":['] = segments
        if not columns:
            return nothing(len(rows))
        never_empty = len(columns) == 1 or any(not texts.has_nulls() for texts in columns.values())
        return pl.DataFrame(columns).select(_object(tuple(columns), never_empty)).to_series()

    def _field(self, rows: Rows, place: int, used: Used) -> pl.Series | None:
        """A field without a column, or with more in it than its columns take; None where no row has such."""
        parts = used.get(place)
        if parts == ():
            return None
        given = rows.filled(place)
        if parts is not None and given.any():
            given = given & rows.more(place, parts)
        if not given.any():
            return None
        return self.escaped(rows.whole(place, given))

    def _segments(self, rows: Rows) -> pl.Series | None:
        if not self.kept.height:
            return None
        lines = self.kept["line"].to_numpy()
        at = np.minimum(np.searchsorted(lines, rows.lines), len(lines) - 1)
        found = lines[at] == rows.lines
        if not found.any():
            return None
        given = np.flatnonzero(found)
        return nothing(len(rows)).scatter(given, self.kept["said"][indices(at[given])])

    def escaped(self, texts: pl.Series) -> pl.Series:
        """Texts as they stand between the quotes of JSON."""
        if self.quoted and texts.str.contains(r'[\x00-\x1f"\\]').any():
            return texts.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
        return texts


@lru_cache(256)  # the next block says the same
def _object(keys: tuple[str, ...], never_empty: bool) -> pl.Expr:
    """One JSON object a row of columns named like what is written before them; null where all of them are."""
    pairs = [pl.concat_str([pl.lit(key), pl.col(key), pl.lit("]" if key.endswith("[") else '"')]) for key in keys]
    inside = pairs[0] if len(pairs) == 1 else pl.concat_str(pairs, separator=",", ignore_nulls=True)
    whole = pl.concat_str([pl.lit("{"), inside, pl.lit("}")])
    if never_empty:
        return whole
    return pl.when(pl.any_horizontal(pl.all().is_not_null())).then(whole)


def kept(marks: Marks, lines: Ints, owners: Ints, quoted: bool) -> pl.DataFrame:
    """Segments at `lines` as JSON strings, those of one owner joined; sorted by owner."""
    schema = {"line": pl.Int64(), "said": pl.String()}
    if not len(lines):
        return pl.DataFrame(schema=schema)
    texts = marks.segment(lines)
    texts = Extras(marks, quoted, pl.DataFrame(schema=schema)).escaped(texts)
    order = np.arange(len(owners)) if (np.diff(owners) >= 0).all() else np.argsort(owners, kind="stable")
    owners, texts = owners[order], texts[indices(order)]
    fresh = np.flatnonzero(np.append([True], np.diff(owners) > 0))
    said = pl.select(pl.concat_str([pl.lit('"'), pl.lit(texts), pl.lit('"')])).to_series()
    several = np.flatnonzero(np.diff(np.append(fresh, len(owners))) > 1)
    joined = said[indices(fresh)]
    if len(several):
        stops = pa.py_buffer(np.append(fresh, len(owners)))  # a NumPy array would make Arrow load pandas: 40 MB
        bounds = pa.Array.from_buffers(pa.int64(), len(fresh) + 1, [None, stops])
        lists = pa.LargeListArray.from_arrays(bounds, said.to_arrow(compat_level=pl.CompatLevel.oldest()))
        joined = pl.Series(pl.from_arrow(lists)).list.join(",")
    return pl.DataFrame({"line": owners[fresh], "said": joined}, schema=schema)
