"""The largest and smallest single doses of common drugs, by ATC: beyond them nobody gets any, child or adult.

Drawn wide on purpose from labels: half a paediatric starting dose, and the loading doses of intensive care. A dose
outside is a unit or a decimal point; no dose is called right by being inside. The figures stand in doses.csv.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
# Units as they are written, in lower case, and what one of them is in mg; units of effect stay units.
IN_MG = {
    "mg": 1.0,
    "毫克": 1.0,
    "g": 1000.0,
    "克": 1000.0,
    "ug": 0.001,
    "μg": 0.001,
    "µg": 0.001,
    "mcg": 0.001,
    "微克": 0.001,
}
IN_UNITS = {"u": 1.0, "iu": 1.0, "[iu]": 1.0, "单位": 1.0, "万单位": 10_000.0}


@dataclass(frozen=True)
class Dose:
    """One drug, `low` to `high` in mg, or in units where `in_units`."""

    atc: str
    low: float
    high: float
    in_units: bool


def _doses() -> tuple[Dose, ...]:
    with (HERE / "doses.csv").open(encoding="utf-8", newline="") as file:
        return tuple(map(_dose, csv.DictReader(file)))


def _dose(row: dict[str, str]) -> Dose:
    unit = row["unit"]
    factor = IN_UNITS.get(unit) or IN_MG[unit]
    return Dose(row["atc"], float(row["low"]) * factor, float(row["high"]) * factor, unit in IN_UNITS)


DOSES = _doses()


def possible(atc: str = "atc_code", dose: str = "dose", unit: str = "dose_unit") -> pl.Expr:
    """Whether a single dose lies between the ends of its drug; null for other drugs, and for units of another kind."""
    written = pl.col(unit).str.strip_chars().str.to_lowercase()
    code = pl.col(atc).str.strip_chars().str.to_uppercase()
    answers = []
    for factors, in_units in ((IN_MG, False), (IN_UNITS, True)):
        known = [each for each in DOSES if each.in_units is in_units]
        amount = pl.col(dose) * written.replace_strict(factors, default=None, return_dtype=pl.Float64)
        ends = ({each.atc: each.low for each in known}, {each.atc: each.high for each in known})
        low, high = (code.replace_strict(each, default=None, return_dtype=pl.Float64) for each in ends)
        answers.append(amount.is_between(low, high))
    return pl.coalesce(answers)
