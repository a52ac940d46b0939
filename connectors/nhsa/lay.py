"""Records of one interface as columns of strings: their own fields as cells, the lists inside them as frames.

Nothing is read as a value and nothing is dropped: what no rule of the mapping reads goes on as text, for `extra`.
"""

import json
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Of

import polars as pl

from connectors.mapping import Mapping
from connectors.nhsa.derive import derived, derived_entries, documents_known
from connectors.nhsa.record import Object, Record

# The same field under other names, as exporters in use write it (docs/nhsa.md).
SAME: dict[str, dict[str, str]] = {
    "4101": {"inpool_time": "scs_cutd_inpool_time", "exit_time": "scs_cutd_exit_time",
             "sum_dura": "scs_cutd_sum_dura"},
    "4401": {"wmfee": "wm_fee", "oprn_fee": "rgtrt_fee", "hcvab": "hcv_ab", "hivab": "hiv_ab",
             "refldeptcatyname": "refldept_caty_name", "asit_2_name": "asit_name2"},
    "4502": {"exam_rslt_qual": "exam_rslt_dicm"},
    "4505": {"frez_no": "frozen_no", "rpt_date": "rpot_date", "clnc_diag": "clnc_dise"},
}  # fmt: skip
DERIVED = {"deleted"}  # cells of entries that no record has
Cells = dict[str, str | None]


def laid_out(records: Sequence[Record], mapping: Mapping) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The cells, one row a record, all String; and each list the mapping reads: `_i` the record, `_n` the place.

    The records are of one interface and have no reason.
    """
    read = mapping.entries
    rows: list[Cells] = []
    lists: dict[str, list[Cells]] = {name: [] for name in read}
    places: dict[str, list[tuple[int, int]]] = {name: [] for name in read}
    for record in records:
        cells, entries = _laid(record, read)
        for name, some in entries.items():
            lists[name] += some
            places[name] += [(len(rows), number) for number in range(1, len(some) + 1)]
        rows.append(cells)
    framed = {name: _listed(some, places[name], read[name]) for name, some in lists.items() if some}
    return documents_known(_framed(rows, dict.fromkeys(name for row in rows for name in row))), framed


def _listed(entries: Sequence[Cells], places: Sequence[tuple[int, int]], names: Iterable[str]) -> pl.DataFrame:
    at = pl.DataFrame(places, schema={"_i": pl.Int64(), "_n": pl.Int32()}, orient="row")
    return at.hstack(_framed(entries, names))


def _laid(record: Record, read: Of[str, set[str]]) -> tuple[Cells, dict[str, list[Cells]]]:
    same = SAME.get(record.interface, {})
    cells = _cells(record.main, same)
    lists: dict[str, list[Cells]] = {}
    for name, node in record.nodes.items():
        some = _entries(node)
        if some is not None and (name in read or isinstance(node, list)):
            lists[name] = [_cells(entry, same) for entry in some]
        else:
            cells |= _within(name, node)
    for key, value in record.envelope.items():
        cells |= _within(f"envelope.{key}", value)
    cells = derived(record.interface, cells, lists)
    used = {name: derived_entries(record.interface, name, some) for name, some in lists.items() if name in read}
    for name, laid in lists.items():
        cells[name] = _left(laid, DERIVED | read.get(name, set()))
    return cells, used


def _entries(node: object) -> list[Object] | None:
    """A list of objects, an object alone as a list of one, nothing as an empty one; None for anything else."""
    some = node if isinstance(node, list) else [] if node is None else [node]
    objects = [each for each in some if isinstance(each, dict)]
    return objects if len(objects) == len(some) else None


def _cells(held: Object, same: Of[str, str]) -> Cells:
    """Fields by their usual names; one that stands under both names keeps both."""
    if same.keys().isdisjoint(held):
        return {key: value if value.__class__ is str else _text(value) for key, value in held.items()}
    return {key if (name := same.get(key, key)) in held else name: _text(value) for key, value in held.items()}


def _within(name: str, value: object) -> Cells:
    """An object's fields under its own name; anything else as it is."""
    if isinstance(value, dict):
        return {f"{name}.{key}": _text(each) for key, each in value.items()}
    return {name: _text(value)}


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if value else None


def _left(entries: list[Cells], used: set[str]) -> str | None:
    """What no rule reads of a list, as one JSON array: an object for each entry, empty where nothing is left."""
    if all(entry.keys() <= used for entry in entries):
        return None
    left = [{key: value for key, value in entry.items() if value and key not in used} for entry in entries]
    return json.dumps(left, ensure_ascii=False) if any(left) else None


def _framed(rows: Sequence[Cells], names: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series([row.get(name) for row in rows], dtype=pl.String()) for name in names})
