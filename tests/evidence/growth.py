"""Heights and weights with simulated errors: how many are found, and how many right ones are left alone.

Run as `python -m tests.evidence.growth`. 3,000 children and 3,000 adults who grow, gain and lose at their own pace, some with a
pregnancy, a diet or an illness, are measured 3 to 14 times; 4 % of the measurements have an error of the class. Errors
of less than 10 % of a height or 20 % of a weight are `slight`: hardly to be told from a real change, they are shown
beside the others and are not in the totals. `mended`: what was proposed is within 2 % of the right value.
"""

from collections.abc import Callable

import numpy as np
import polars as pl

from federation.quality.growth.judge import judge
from federation.quality.growth.standard import HEIGHT, WEIGHT, expected

SEED, PEOPLE, SHARE = 20260101, 6_000, 0.04
YEAR = 365.25
Chance = np.random.Generator
Values = np.ndarray


def measured(chance: Chance) -> pl.DataFrame:
    """Columns `row`, `person`, `days`, `sex`, `height`, `weight` without an error; about 8 rows a person."""
    parts = [_person(chance, number, child=number % 2 == 0) for number in range(PEOPLE)]
    return pl.concat(parts).with_row_index("row")


def _person(chance: Chance, number: int, child: bool) -> pl.DataFrame:
    visits, sex = int(chance.integers(3, 15)), int(chance.integers(1, 3))
    first = chance.uniform(0, 15 * YEAR) if child else chance.uniform(20, 75) * YEAR
    gaps = chance.choice([1, 7, 30, 90, 180, 365, 700], visits - 1, p=[0.12, 0.13, 0.2, 0.2, 0.15, 0.15, 0.05])
    days = np.floor(
        first + np.concatenate([[0], np.cumsum(np.maximum(1, gaps * chance.uniform(0.6, 1.4, visits - 1)))])
    )
    tall, stout = chance.normal(0, 1), chance.normal(0, 1.1)
    height = _value(HEIGHT, sex, days, tall + _walk(chance, days, 0.25 if child else 0.02))
    weight = _value(WEIGHT, sex, days, 0.55 * tall + 0.8 * stout + _walk(chance, days, 0.4 if child else 0.25))
    if not child and chance.random() < 0.08:  # a pregnancy, a diet or an illness within the time
        turn = chance.uniform(-0.18, 0.2) * weight[0]
        weight = weight + turn / (1 + np.exp(-(days - days[visits // 2]) / 60))
    return pl.DataFrame(
        {
            "person": [f"P{number}"] * visits,
            "days": days,
            "sex": pl.Series([sex] * visits, dtype=pl.Int8),
            "height": np.round((height + chance.normal(0, 0.6, visits)) * 2) / 2,
            "weight": np.round(weight * (1 + chance.normal(0, 0.012, visits)), 1),
        }
    )


def _walk(chance: Chance, days: Values, a_year: float) -> Values:
    years = np.diff(days, prepend=days[0]) / YEAR
    return np.cumsum(chance.normal(0, 1, len(days)) * a_year * np.sqrt(years))


def _value(measure: str, sex: int, days: Values, z: Values) -> Values:
    power, median, spread = expected(measure, np.full(len(days), sex, np.int8), days)
    inside = np.maximum(1 + power * spread * np.clip(z, -3.5, 3.5), 0.05)
    return np.where(
        np.abs(power) < 1e-6, median * np.exp(spread * z), median * inside ** (1 / np.where(power, power, 1))
    )


def _digit(chance: Chance, value: Values) -> Values:
    """One digit before the point is another one."""
    power = np.where(value >= 10, 10.0 ** chance.integers(0, np.floor(np.log10(np.maximum(value, 1))) + 1), 1.0)
    return value + power * np.where(np.floor(value / power) % 10 >= 5, -chance.integers(1, 5), chance.integers(1, 5))


# Class -> the wrong height, the wrong weight (None: this measure has no such error).
Slip = Callable[[Chance, pl.DataFrame], Values] | None
CLASSES: dict[str, tuple[Slip, Slip]] = {
    "inches or pounds": (lambda _, r: r["height"] / 2.54, lambda _, r: r["weight"] / 0.4536),
    "written as if in inches or pounds": (lambda _, r: r["height"] * 2.54, lambda _, r: r["weight"] * 0.4536),
    "metres, or jin": (lambda _, r: r["height"] / 100, lambda _, r: r["weight"] * 2),
    "ten times": (lambda _, r: r["height"] * 10, lambda _, r: r["weight"] * 10),
    "a tenth": (lambda _, r: r["height"] / 10, lambda _, r: r["weight"] / 10),
    "a hundred times": (None, lambda _, r: r["weight"] * 100),
    "swapped": (lambda _, r: r["weight"], lambda _, r: r["height"]),
    "one digit": (lambda c, r: _digit(c, r["height"].to_numpy()), lambda c, r: _digit(c, r["weight"].to_numpy())),
    "somebody else's": (
        lambda c, r: c.permutation(r["height"].to_numpy()), lambda c, r: c.permutation(r["weight"].to_numpy()),
    ),
    "anything": (lambda c, r: c.uniform(30, 210, r.height), lambda c, r: c.uniform(2, 160, r.height)),
    "the figure before": (lambda _, r: r["height"].shift(1), lambda _, r: r["weight"].shift(1)),
}  # fmt: skip
CARRIED, SWAPPED = "the figure before", "swapped"


def spoiled(right: pl.DataFrame, name: str, chance: Chance) -> pl.DataFrame:
    """Long rows as `judge` takes them, with `right` beside `value`; SHARE of each measure has the error."""
    parts, at = [], chance.random(right.height)
    for measure, slip in zip((HEIGHT, WEIGHT), CLASSES[name], strict=True):
        value = right[measure].to_numpy().copy()
        if slip is not None:
            other = np.round(np.asarray(slip(chance, right), dtype=float), 2)
            first = right["person"] != right["person"].shift(1).fill_null("")
            at = at if name == SWAPPED else chance.random(right.height)
            hit = (at < SHARE) & np.isfinite(other) & ~first.to_numpy()
            value[hit] = other[hit]
        parts.append(
            right.select(
                "row", "person", pl.lit(measure).alias("measure"), "days", "sex",
                pl.Series("value", value), pl.col(measure).alias("right"),
            )
        )  # fmt: skip
    return pl.concat(parts)


def answers(name: str, right: pl.DataFrame, chance: Chance) -> pl.DataFrame:
    """One row per measurement: was it `changed`, by how much (`share`), is it `plain`, and was it said to be `wrong`."""
    rows = spoiled(right, name, chance)
    said = judge(rows.select("row", "person", "measure", "days", "sex", "value"))
    both = rows.join(said, on=["row", "measure"])
    share = (pl.col("value") / pl.col("right") - 1).abs()
    least = pl.when(pl.col("measure") == HEIGHT).then(0.1).otherwise(0.2)
    return both.with_columns(
        (pl.col("value") != pl.col("right")).alias("changed"),
        (share >= least).alias("plain"),
        ((pl.col("meant") / pl.col("right") - 1).abs() < 0.02).fill_null(value=False).alias("mended"),
    )


def main() -> None:
    """Prints the table."""
    chance = np.random.default_rng(SEED)
    right = measured(chance)
    clean = judge(spoiled(right, CARRIED, np.random.default_rng(1)).with_columns(value="right"))
    print(f"{right['person'].n_unique():,} people, {right.height:,} heights and as many weights\n")
    print(
        "| error | plain ones | found | of these mended | slight ones | found | right ones left alone |\n"
        + "|---" * 7
        + "|"
    )
    every = []
    for name in CLASSES:
        got = answers(name, right, chance)
        every.append(got.with_columns(pl.lit(name).alias("class")))
        plain, slight = got.filter("changed", "plain"), got.filter("changed", ~pl.col("plain"))
        found, kept = plain.filter("wrong"), got.filter(~pl.col("changed"))
        print(
            f"| {name} | {plain.height:,} | {plain['wrong'].mean():.3f} | {found['mended'].mean():.3f} | "
            f"{slight.height:,} | {slight['wrong'].mean() or 0:.3f} | {1 - kept['wrong'].mean():.4f} |"
        )
    rows = pl.concat(every)
    plain, kept = rows.filter("changed", "plain"), rows.filter(~pl.col("changed"))
    print(
        f"\nSensitivity {plain['wrong'].mean():.3f} of {plain.height:,} plain errors, "
        f"specificity {1 - kept['wrong'].mean():.4f} of {kept.height:,} right measurements; "
        f"of measurements without any error about, {1 - clean['wrong'].mean():.4f} are left alone."
    )


if __name__ == "__main__":
    main()
