"""The made-up city's errors: how many of each class are found, and how many of the doubts are right, at three error rates.

Run as `python -m tests.evidence.city`; classes and their sizes stand in federation/city. Ten sites export in six formats;
every export is read, conformed and asked every check of the library. The same city without errors is read as well: cells
that came out otherwise are what an error touched, whatever a check thinks of them.

A doubt is a failed check at a row, or a refused record, cell or repetition. It is right where an injected error touched a
cell that the check reads in that row, or in a row that it is compared with; all others are false alarms. An error is
found when a right doubt points at it. `hidden` are errors that leave an everyday record behind, so that nobody can see
them from the data alone: they are drawn with the others, shown, and not in the recall; `of all` counts them too. The
precision of a class is that of all doubts of the checks that found any of it. The macro figures are means over classes.
"""

import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import polars as pl

from federation.city import City
from federation.city.faults import CLASSES
from federation.city.sites import BY_ID
from tests.evidence.city_matching import hits, refused
from tests.evidence.city_reading import Reading, doubted, read
from tests.evidence.city_touched import touched

PERSONS, SEEDS, RATES = 3_000, (1,), (0.005, 0.02, 0.08)
FINE = "tolerated"  # classes that a good reader takes as they are meant: nothing is to be found


@dataclass(frozen=True)
class Measured:
    """One city. `errors`: one row an error, `found` or not; `doubts`: one row a doubt (`by`), right or not;
    `pairs`: `by` and `class`, for every right doubt and the error that it points at."""

    rate: float
    seed: int
    errors: pl.DataFrame
    doubts: pl.DataFrame
    pairs: pl.DataFrame


def cities(
    seed: int, persons: int, rates: Sequence[float], sites: Collection[str] = tuple(BY_ID)
) -> tuple[Reading, pl.DataFrame, list[Measured]]:
    """The clean city, what is doubted in it (column `by`), and a measurement for each rate."""
    with tempfile.TemporaryDirectory() as folder:
        clean = read(City(seed, persons, errors=0.0), Path(folder) / "clean", sites)
        told = pl.concat([doubted(clean.tables).select("by"), clean.refused.select("by")])
        spoilt = (read(City(seed, persons, rate=rate), Path(folder) / f"{rate}", sites) for rate in rates)
        return clean, told, [measured(clean, each, rate, seed) for each, rate in zip(spoilt, rates, strict=True)]


def measured(clean: Reading, spoilt: Reading, rate: float, seed: int) -> Measured:
    """What was found in the spoilt city."""
    doubts = doubted(spoilt.tables).with_row_index("doubt")
    right = hits(doubts, touched(clean, spoilt), clean, spoilt)
    held = refused(spoilt)
    every = spoilt.truth
    told = pl.concat([right.join(doubts.select("doubt", "by"), on="doubt").select("by", "error"),
                      held.drop_nulls("error").select("by", "error")])  # fmt: skip
    found = told["error"].unique()
    judged = pl.concat([
        doubts.select("by", pl.col("doubt").is_in(right["doubt"].implode()).alias("right")),
        held.select("by", pl.col("error").is_not_null().alias("right")),
    ])  # fmt: skip
    return Measured(
        rate, seed,
        every.select("error", "class", "kind", "plain", pl.col("error").is_in(found.implode()).alias("found")),
        judged,
        told.join(every.select("error", "class"), on="error").select("by", "class").unique(),

    )  # fmt: skip


def table(parts: Sequence[Measured]) -> pl.DataFrame:
    """One row a class: `injected`, `hidden`, `found` (of those not hidden), `all found`, `recall`, `precision`, `by`."""
    errors = pl.concat([each.errors for each in parts]).filter(pl.col("kind") != FINE)
    doubts = pl.concat([each.doubts for each in parts])
    pairs = pl.concat([each.pairs for each in parts]).unique()
    of_check = doubts.group_by("by").agg(pl.len().alias("told"), pl.col("right").sum())
    precise = pairs.join(of_check, on="by").group_by("class").agg(
        (pl.col("right").sum() / pl.col("told").sum()).alias("precision"),
    )  # fmt: skip
    counted = errors.group_by("class").agg(
        pl.len().alias("injected"), (~pl.col("plain")).sum().alias("hidden"),
        (pl.col("plain") & pl.col("found")).sum().alias("found"), pl.col("found").sum().alias("all found"),
    )  # fmt: skip
    return counted.join(precise, on="class", how="left").with_columns(
        (pl.col("found") / (pl.col("injected") - pl.col("hidden"))).alias("recall")
    ).sort("class")  # fmt: skip


def macro(rows: pl.DataFrame) -> tuple[float, float]:
    """Mean precision and mean recall over the classes that have any error that can be seen."""
    seen = rows.filter(pl.col("injected") > pl.col("hidden"))
    return _mean(seen["precision"].fill_null(0.0)), _mean(seen["recall"])


def _mean(values: pl.Series) -> float:
    return float(values.sum()) / max(len(values), 1)


def main() -> None:
    """Prints the tables; what is false goes to stderr, by check."""
    runs, clean = [], []
    for seed in SEEDS:
        whole, told, measurements = cities(seed, PERSONS, RATES)
        clean.append((sum(rows.height for rows in whole.tables.values()), told.height))
        runs += measurements
        for each in measurements:
            wrong = each.doubts.filter(~pl.col("right"))["by"].value_counts(sort=True)
            print(seed, each.rate, wrong.rows(), file=sys.stderr)
    _summary(runs, clean)
    _classes(runs)


def _summary(runs: Sequence[Measured], clean: Sequence[tuple[int, int]]) -> None:
    rows, alarms = (sum(each[place] for each in clean) for place in (0, 1))
    print(f"{len(SEEDS)} cities of {PERSONS:,} persons; without errors: {rows:,} rows, {alarms} doubts.\n")
    print("| rate | errors | hidden | classes | precision (worst city) | recall (worst city) | of all | every doubt |")
    print("|---" * 8 + "|")
    for rate in RATES:
        parts = [each for each in runs if each.rate == rate]
        rows = table(parts)
        each_city = [macro(table([part])) for part in parts]
        precision, recall = macro(rows)
        doubts = pl.concat([part.doubts for part in parts])
        print(
            f"| {rate:.1%} | {rows['injected'].sum():,} | {rows['hidden'].sum():,} | {rows.height} | {precision:.3f} "
            f"({min(one for one, _ in each_city):.3f}) | {recall:.3f} ({min(two for _, two in each_city):.3f}) | "
            f"{rows['all found'].sum() / rows['injected'].sum():.3f} | {doubts['right'].mean():.4f} of {doubts.height:,} |"
        )


def _classes(runs: Sequence[Measured]) -> None:
    tables = [table([each for each in runs if each.rate == rate]) for rate in RATES]
    print("\n| class | " + " | ".join(f"{rate:.1%}: errors, hidden | precision | recall" for rate in RATES) + " |")
    print("|---" * (1 + 3 * len(RATES)) + "|")
    for name in sorted({name for rows in tables for name in rows["class"]}):
        cells = [_cells(rows.filter(pl.col("class") == name)) for rows in tables]
        print(f"| {name} {CLASSES[name].zh} | " + " | ".join(cells) + " |")


def _cells(row: pl.DataFrame) -> str:
    if row.is_empty():
        return "0 | | "
    [(errors, hidden, *shares)] = row.select("injected", "hidden", "precision", "recall").rows()
    shown = ["" if share is None or isnan(share) else f"{share:.3f}" for share in shares]
    count = f"{errors:,}, {hidden:,}" if hidden else f"{errors:,}"
    return " | ".join([count, *shown])


if __name__ == "__main__":
    main()
