"""What a living person's results can be: hard bounds for common measurements, by code or name, unit, age and sex.

They are limits of survival, of solubility and of instruments, set wide on purpose, and no reference ranges: a result
outside is a wrong unit, a wrong column or a slip of the pen. Widely copied tables that were too narrow failed whole
hospitals (OHDSI DataQualityDashboard issue 238), so every bound leaves room beyond the records of the literature.
The figures stand in ranges.csv, those of one age or sex in ranges_by_age.csv, spellings of units in unit_names.csv.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
LINEAR = re.compile(r"^(?P<unit>.+)=(?P<factor>[0-9.]+)(?P<offset>[+-][0-9.]+)?$")
MOST_UNITS = 4  # of one measurement that differ by more than their spelling
# Age bands by their first day, as in ranges_by_age.csv; people of unknown age have the bounds of all ages.
BANDS = {"newborn": 0, "infant": 28, "preschool": 365, "child": 2192, "adolescent": 4383, "adult": 6575}
NO_AGE, NO_SEX = "any age", "any"
SEXES = ("1", "2")


@dataclass(frozen=True)
class Unit:
    """value * `factor` + `offset` is the value in the measurement's first unit."""

    name: str
    factor: float
    offset: float = 0.0


@dataclass(frozen=True)
class Item:
    """One measurement. Nobody is outside `low` to `high`; `often_low` to `often_high` holds nearly all patients."""

    id: str
    means: str
    zh: str
    loinc: tuple[str, ...]
    names: tuple[str, ...]
    units: tuple[Unit, ...]
    low: float
    high: float
    often_low: float
    often_high: float
    basis: str

    @property
    def unit(self) -> str:
        """The unit of the bounds."""
        return self.units[0].name


@dataclass(frozen=True)
class ByAge:
    """Bounds of one measurement for some age bands (of BANDS; none is all) and one sex (empty is both)."""

    item: str
    bands: tuple[str, ...]
    sex: str
    low: float
    high: float


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _unit(written: str) -> Unit:
    found = LINEAR.match(written)
    if not found:
        raise ValueError(f"ranges.csv: `{written}` is no unit. Write unit=factor, or unit=factor+offset.")
    return Unit(found["unit"], float(found["factor"]), float(found["offset"] or 0))


def _items() -> Iterator[Item]:
    for row in _rows("ranges.csv"):
        loinc, names, units = (tuple(row[name].split("|")) for name in ("loinc", "names", "units"))
        low, high, often_low, often_high = (float(row[name]) for name in ("low", "high", "often_low", "often_high"))
        of_item = tuple(map(_unit, units))
        yield Item(
            row["item"], row["en"], row["zh"], loinc, names, of_item, low, high, often_low, often_high, row["basis"]
        )


def _by_age() -> Iterator[ByAge]:
    for row in _rows("ranges_by_age.csv"):
        bands = tuple(row["bands"].split("|")) if row["bands"] else ()
        yield ByAge(row["item"], bands, row["sex"], float(row["low"]), float(row["high"]))


ITEMS = tuple(_items())
BY_AGE = tuple(_by_age())
IDS = pl.Enum([item.id for item in ITEMS])
# Other spellings of a unit, in lower case, and the one it is known by here.
SPELLINGS = {also: row["unit"] for row in _rows("unit_names.csv") for also in row["also_written"].split("|")}


@cache
def unit_table() -> pl.DataFrame:
    """One row per measurement and unit: `item`, `unit_name`, `factor`, `offset`."""
    rows = [(item.id, unit.name, unit.factor, unit.offset) for item in ITEMS for unit in item.units]
    schema = {"item": IDS, "unit_name": pl.String(), "factor": pl.Float64(), "offset": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


@cache
def bound_table() -> pl.DataFrame:
    """One row per measurement, age band and sex: `item`, `band`, `sex`, `low`, `high`, in the first unit."""
    bands, sexes = (*BANDS, NO_AGE), (*SEXES, NO_SEX)
    bounds = {(item.id, band, sex): (item.low, item.high) for item in ITEMS for band in bands for sex in sexes}
    for each in BY_AGE:
        for band in each.bands or bands:
            for sex in [each.sex] if each.sex else sexes:
                bounds[each.item, band, sex] = (each.low, each.high)
    schema = {"item": IDS, "band": pl.String(), "sex": pl.String(), "low": pl.Float64(), "high": pl.Float64()}
    return pl.DataFrame([(*key, *ends) for key, ends in bounds.items()], schema=schema, orient="row")


@cache
def usual_table() -> pl.DataFrame:
    """One row per measurement: `item`, `often_low`, `often_high` its units (`other0`, `factor0`, `offset0` ...)."""
    columns: dict[str, list[object]] = {
        "item": [item.id for item in ITEMS],
        "often_low": [item.often_low for item in ITEMS],
        "often_high": [item.often_high for item in ITEMS],
    }
    for place in range(MOST_UNITS):
        of_item = [item.units[place] if place < len(item.units) else None for item in ITEMS]
        columns[f"other{place}"] = [unit and unit.name for unit in of_item]
        columns[f"factor{place}"] = [unit and unit.factor for unit in of_item]
        columns[f"offset{place}"] = [unit and unit.offset for unit in of_item]
    return pl.DataFrame(columns, schema_overrides={"item": IDS})
