"""How unusual a height or weight is for age and sex: z-scores of the WHO growth standards (2006) and reference (2007).

lms.csv holds L, M and S at chosen days of age; between them they are interpolated. WHO gives no weight for age beyond
ten years: there it is `derived` from BMI and height for age, and for `adults` from the national nutrition report 2020.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LMS = Path(__file__).with_name("lms.csv")
HEIGHT, WEIGHT = "height", "weight"  # in cm and kg
MALE, FEMALE, UNKNOWN = 1, 2, 0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """L, M and S of one measure and sex at some days of age."""

    day: Floats
    lms: tuple[Floats, Floats, Floats]

    def at(self, days: Floats) -> tuple[Floats, Floats, Floats]:
        """L, M and S at each age; beyond both ends, those of the end."""
        power, median, spread = (np.interp(days, self.day, known) for known in self.lms)
        return power, median, spread


@cache
def curves() -> dict[tuple[str, int], Curve]:
    """By measure and sex; a person of unknown sex has the mean of both."""
    with LMS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told = {}
    for measure in (HEIGHT, WEIGHT):
        for sex in (MALE, FEMALE):
            of = [row for row in rows if row["measure"] == measure and row["sex"] == str(sex)]
            values = [np.array([float(row[name]) for row in of]) for name in ("day", "l", "m", "s")]
            told[measure, sex] = Curve(values[0], (values[1], values[2], values[3]))
        male, female = told[measure, MALE], told[measure, FEMALE]
        mean = [(one + other) / 2 for one, other in zip(male.lms, female.lms, strict=True)]
        told[measure, UNKNOWN] = Curve(male.day, (mean[0], mean[1], mean[2]))
    return told


def expected(measure: str, sex: NDArray[np.int8], days: Floats) -> tuple[Floats, Floats, Floats]:
    """L, M and S for each person of `sex` (1, 2, else unknown) and age in `days`."""
    found = [np.zeros_like(days) for _ in range(3)]
    for code in (MALE, FEMALE, UNKNOWN):
        here = sex == code if code else ~np.isin(sex, (MALE, FEMALE))
        for into, values in zip(found, curves()[measure, code].at(days[here]), strict=True):
            into[here] = values
    return found[0], found[1], found[2]


def z_scores(measure: str, value: Floats, sex: NDArray[np.int8], days: Floats) -> Floats:
    """Standard deviations from the median, negative below it; straight on beyond 3, as WHO has it for weights."""
    power, median, spread = expected(measure, sex, days)
    ratio = np.maximum(value, 1e-6) / median
    flat = np.abs(power) < 1e-6
    safe = np.where(flat, 1.0, power)
    z: Floats = np.where(flat, np.log(ratio) / spread, (ratio**safe - 1) / (safe * spread))

    def at(score: float) -> Floats:
        inside = np.maximum(1 + safe * spread * score, 1e-6)
        return np.asarray(median * np.where(flat, np.exp(spread * score), inside ** (1 / safe)))

    above = 3 + (value - at(3)) / (at(3) - at(2))
    below = -3 + (value - at(-3)) / (at(-2) - at(-3))
    return np.where(z > 3, above, np.where(z < -3, below, z))
