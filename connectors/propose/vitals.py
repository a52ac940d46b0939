"""A row of vital signs side by side as rows of `observation`: blood pressure, temperature and their like, by LOINC.

A unit is taken from the column's name, or where the numbers can only be of one unit; else it stays empty and is asked.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from connectors.propose.column import SourceColumn
from connectors.propose.lexicon import UNIT

MOST = 0.9  # of the numbers lie where this unit puts them
_TWICE = frozenset(["weight"])  # kilograms and 斤 have the same numbers
_SAME = {"mmhg": "mm[Hg]", "毫米汞柱": "mm[Hg]", "℃": "Cel", "°c": "Cel", "摄氏度": "Cel", "kg": "kg", "公斤": "kg",
         "千克": "kg", "cm": "cm", "厘米": "cm", "次/分": "/min", "次/min": "/min", "次/分钟": "/min", "bpm": "/min",
         "%": "%", "kg/m2": "kg/m2", "kg/m²": "kg/m2", "kpa": "kPa", "m": "m", "米": "m"}  # fmt: skip


@dataclass(frozen=True)
class Vital:
    """A sign's LOINC code, its name, the unit it is mostly told in, and between which numbers it then lies."""

    code: str
    zh: str
    unit: str
    ucum: str
    low: float
    high: float


@cache
def vitals() -> dict[str, Vital]:
    """Every sign of vitals.csv by its concept."""
    text = files("connectors.propose").joinpath("vitals.csv").read_text("utf-8")
    return {
        concept: Vital(code, zh, unit, ucum, float(low), float(high))
        for concept, code, zh, unit, ucum, low, high in list(csv.reader(text.splitlines()))[1:]
    }


def unit_of(column: SourceColumn, vital: Vital) -> tuple[str, str] | None:
    """The unit as reported and in UCUM (empty where it is not known there); None where nobody can be sure."""
    said = UNIT.search(column.name.strip())
    if said is not None:
        unit = re.sub(r"[（）()\[\]]", "", said[0]).strip()
        return unit, _SAME.get(unit.lower(), "")
    best = column.best
    if best is None or best.concept in _TWICE or not column.evidence.within(vital.low, vital.high, MOST):
        return None
    return vital.unit, vital.ucum


def cells(columns: dict[str, SourceColumn]) -> Iterator[tuple[str, str, str, str, str]]:
    """Source column, code, name, unit and unit in UCUM of each sign that a table has, in the order of vitals.csv."""
    for concept, vital in vitals().items():
        if (column := columns.get(concept)) is not None:
            yield column.name, vital.code, vital.zh, *(unit_of(column, vital) or ("", ""))
