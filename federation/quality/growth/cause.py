"""What a wrong height or weight was meant to be: another unit, a slipped point, the other column, an older figure.

It only proposes what makes the figure fit the person's others; where nothing does, it says so.
"""

import numpy as np

from federation.quality.growth.series import Judged, Series
from federation.quality.growth.standard import HEIGHT, WEIGHT, Floats, expected, z_scores

NEAR = 1.2  # z between a proposal and what is usual for the person
POPULATION = 3.0  # z, where the person has no other measurement
# Cause -> what the written figure has to be multiplied with, and then added to; the first that fits is named.
CAUSES: dict[str, dict[str, tuple[float, float]]] = {
    HEIGHT: {
        "metres": (100, 0), "inches": (2.54, 0), "factor 10": (10, 0), "factor 1/10": (0.1, 0),
        "hundreds left out": (1, 100), "hundreds too many": (1, -100), "divided by 2.54": (1 / 2.54, 0),
    },
    WEIGHT: {
        "jin": (0.5, 0), "pounds": (0.45359237, 0), "factor 10": (10, 0), "factor 1/10": (0.1, 0), "grams": (0.001, 0),
        "halved": (2, 0), "kilograms taken for pounds": (2.2046226, 0), "factor 100": (100, 0),
        "factor 1/100": (0.01, 0), "hundreds too many": (1, -100),
    },
}  # fmt: skip
SWAPPED, CARRIED, UNKNOWN = "swapped", "carried forward", "unknown"
ZH = {
    "metres": "按米填写", "inches": "按英寸填写", "factor 10": "小数点左移一位", "factor 1/10": "小数点右移一位",
    "hundreds left out": "漏写百位", "hundreds too many": "多写百位", "divided by 2.54": "误作英寸换算",
    "jin": "按斤填写", "pounds": "按磅填写", "grams": "按克填写", "halved": "误减半",
    "kilograms taken for pounds": "公斤误作磅换算", "factor 100": "小数点左移两位", "factor 1/100": "小数点右移两位",
    SWAPPED: "身高体重填反", CARRIED: "照抄上次", UNKNOWN: "原因不明",
}  # fmt: skip


def causes(series: Series, found: Judged, partner: Floats) -> tuple[list[str | None], Floats]:
    """For each measurement its cause (None where it is right) and the value that was meant (NaN where unknown).

    `partner` is the other measure of the same person and day (weight of a height), or NaN.
    """
    wrong = np.flatnonzero(found.wrong)
    named = np.full(len(found.wrong), None, dtype=object)
    named[wrong] = UNKNOWN
    meant = np.full(len(found.wrong), np.nan)
    proposals = {SWAPPED: partner} | {
        cause: series.value * factor + plus for cause, (factor, plus) in CAUSES[series.measure].items()
    }
    best = np.full(len(found.wrong), np.inf)
    for cause, value in proposals.items():
        safe = np.where(np.isfinite(value) & (value > 0), value, 1e-6)
        z = z_scores(series.measure, safe, series.sex, series.days)
        alone = np.isnan(found.usual)
        away = np.where(alone, np.abs(z) / POPULATION, np.abs(z - found.usual) / NEAR)
        fits = found.wrong & (series.value > 0) & (away <= 1) & (away < best) & (safe > 1e-6)
        named[fits], meant[fits], best[fits] = cause, value[fits], away[fits]
    named[found.carried], meant[found.carried] = CARRIED, np.nan
    likely = found.wrong & np.isnan(meant) & ~np.isnan(found.usual)
    meant[likely] = _value_at(series, found.usual)[likely]
    return list(named), meant


def _value_at(series: Series, z: Floats) -> Floats:
    power, median, spread = expected(series.measure, series.sex, series.days)
    flat = np.abs(power) < 1e-6
    safe = np.where(flat, 1.0, power)
    score = np.clip(np.nan_to_num(z), -3, 3)
    inside = np.maximum(1 + safe * spread * score, 1e-6)
    return np.asarray(median * np.where(flat, np.exp(spread * score), inside ** (1 / safe)))
