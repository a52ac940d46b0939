"""Lines of a sheet with errors in them, and the truth about every error.

Which record is spoilt, and how, depends on the seed, the sheet and the record's key only.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from federation.city.chance import Chance, Ints
from federation.city.faults import DICE, Fault
from federation.city.sheet import Sheet

TRUTH = pl.Schema(
    {
        "site": pl.String(),  # site id
        "file": pl.String(),  # relative to the city's folder
        "record": pl.Int64(),  # ordinal of the record in its file, from 1
        "line": pl.Int64(),  # line the record starts on, from 1
        "column": pl.String(),  # source column or FHIR element; empty where the whole record is meant
        "class": pl.String(),  # of faults.CLASSES
        "kind": pl.String(),  # reject, value, finding, duplicate, tolerated
        "check": pl.String(),  # the check that should see it; empty where none or unknown
        "plain": pl.Boolean(),  # whether a careful reader could see it from the data alone
    }
)


@dataclass(frozen=True)
class Page:
    """Lines in file order, and for each error the place of its line on the page (`at`, from 0) with the truth."""

    lines: pl.Series
    at: Ints
    truth: pl.DataFrame


def spoil(rows: pl.DataFrame, sheet: Sheet, chance: Chance, share: float) -> Page:
    """The sheet's lines; about `share` of the records have one error each."""
    clean = rows.select(sheet.line.alias("line"))["line"]
    hit = np.flatnonzero(chance.yes(f"error {sheet.name}", rows["key"].to_numpy(), share))
    drawn = _drawn(rows[hit], sheet, chance) if hit.size else []
    if not drawn:
        return Page(clean, np.empty(0, np.int64), pl.DataFrame(schema=TOLD))
    return _merged(clean, hit, drawn)


@dataclass(frozen=True)
class _Drawn:
    """One fault, the places among the hit rows it falls on, and the lines it makes."""

    fault: Fault
    among: Ints
    lines: pl.Series
    plain: pl.Series


def _drawn(bad: pl.DataFrame, sheet: Sheet, chance: Chance) -> list[_Drawn]:
    """Each hit row gets one of the faults that can happen to it."""
    keys = bad["key"].to_numpy()
    bad = bad.with_columns(pl.Series(name, chance.even(f"{name} {sheet.name}", keys)) for name in DICE)
    asked = [fault.when.fill_null(value=False).alias(str(place)) for place, fault in enumerate(sheet.faults)]
    weights = np.array([fault.weight for fault in sheet.faults])
    can = bad.with_columns(asked).select(map(str, range(len(asked)))).to_numpy() * weights
    turn = np.floor(chance.even(f"which error {sheet.name}", keys) * can.sum(axis=1))
    chosen = np.where(can.any(axis=1), (can.cumsum(axis=1) <= turn[:, None]).sum(axis=1), -1)
    return [
        _applied(sheet.faults[place], np.flatnonzero(chosen == place), bad, sheet)
        for place in np.unique(chosen[chosen >= 0]).tolist()
    ]


def _applied(fault: Fault, among: Ints, bad: pl.DataFrame, sheet: Sheet) -> _Drawn:
    told = bad[among].with_columns(fault.plain.fill_null(value=False).alias("plain"))
    rows = told.with_columns(**fault.cells).with_columns(sheet.line.alias("line"))
    spoilt = fault.again if fault.again is not None else fault.line
    lines = (rows if spoilt is None else rows.with_columns(spoilt.alias("line")))["line"]
    return _Drawn(fault, among, lines, told["plain"])


def _merged(clean: pl.Series, hit: Ints, drawn: list[_Drawn]) -> Page:
    """Spoilt lines stand in for clean ones, second lines come after them."""
    lines = pl.concat([clean, *(one.lines for one in drawn)])
    order = np.arange(len(clean))
    slots, sources, marks, start = [], [], [], len(clean)
    for number, one in enumerate(drawn):
        here = start + np.arange(one.among.size)
        start += one.among.size
        if one.fault.again is None:
            order[hit[one.among]] = here
        else:
            slots.append(hit[one.among] + 1)
            sources.append(here)
        marks.append(np.stack([here, np.full(here.size, number)]))
    if slots:
        order = np.insert(order, np.concatenate(slots), np.concatenate(sources))
    where = np.empty(len(lines), dtype=np.int64)
    where[order] = np.arange(order.size)
    line, fault = np.concatenate(marks, axis=1)
    at = where[line]
    ranked = np.argsort(at, kind="stable")
    return Page(lines.gather(order), at[ranked], _truth(fault.tolist(), drawn)[ranked])


TOLD = pl.Schema({name: TRUTH[name] for name in ("column", "class", "kind", "check", "plain")})


def _truth(which: list[int], drawn: list[_Drawn]) -> pl.DataFrame:
    faults = [one.fault for one in drawn]
    told = [(faults[n].column, faults[n].name, *faults[n].expected) for n in which]
    plain = [seen for one in drawn for seen in one.plain.to_list()]
    rows = [(*row, seen) for row, seen in zip(told, plain, strict=True)]
    return pl.DataFrame(rows, schema=TOLD, orient="row")
