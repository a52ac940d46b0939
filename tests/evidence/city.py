"""The made-up city's errors: how many of each class are found, and how many of the doubts are right, at three error rates.

Run as `python -m tests.evidence.city`; classes and their sizes stand in federation/city. Ten sites export in six formats;
every export is read, conformed and asked every check of the library. The same city without errors is read as well: cells
that came out otherwise are what an error touched, whatever a check thinks of them.

A doubt is a failed check at a row, a code that nearly always goes with another name, or a refused record, cell or
repetition. It is right where an injected error touched a cell that the check reads in that row, or in a row that it is
compared with; all others are false alarms. An error is found when a right doubt points at it. Slips are drawn as hands
and machines make them, so some leave an everyday record behind that nobody can tell from a right one: these are
`hidden`, drawn and shown with the others and not in the recall; `of all` counts them too. Beside the errors about one
spoilt record in ten is odd and right (an id of 15 digits, a foreigner's name, a test weeks after the visit, a patient as
ill as hardly anybody): each doubt at one is a false alarm.

The precision of a class is that of all doubts of the checks that found any of it. The macro figures are means over
classes, first over all, then over those that only a check can find: no broken line, no unreadable cell, no repetition.
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
from tests.evidence.city_matching import FINE, hits, refused
from tests.evidence.city_reading import Reading, doubted, read
from tests.evidence.city_touched import touched

PERSONS, SEEDS, RATES = 6_000, (1, 2, 3), (0.005, 0.02, 0.08)


@dataclass(frozen=True)
class Measured:
    """One city. `errors`: one row an error, `found` or not; `doubts`: one row a doubt (`by`), right or not;
    `pairs`: `by` and `class`, for every right doubt and the error that it points at; `odd`: one row a record that is odd
    and right, `doubted` or not."""

    rate: float
    seed: int
    errors: pl.DataFrame
    doubts: pl.DataFrame
    pairs: pl.DataFrame
    odd: pl.DataFrame


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
    every, odd = (spoilt.truth.filter((pl.col("kind") != FINE) == wrong) for wrong in (True, False))
    real = right.join(every.select("error"), on="error", how="semi")["doubt"]
    doubted_ = pl.concat([right.filter(~pl.col("doubt").is_in(real.implode()))["error"], held["error"].drop_nulls()])
    held = held.with_columns(pl.when(pl.col("error").is_in(every["error"].implode())).then("error"))
    right = right.join(every.select("error"), on="error", how="semi")
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
        odd.select("class", pl.col("error").is_in(doubted_.implode()).alias("doubted")),
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
    print(
        "| rate | classes | errors | hidden | macro precision | worst city | macro recall | worst city | found of all |"
    )
    print("|---" * 9 + "|")
    for only, which in (("", "all"), ("finding", "by checks alone")):
        for rate in RATES:
            parts = [each for each in runs if each.rate == rate]
            rows_of = [_only(table(some), only) for some in (parts, *([part] for part in parts))]
            whole = rows_of[0]
            (precision, recall), *each_city = map(macro, rows_of)
            of_all = whole["all found"].sum() / whole["injected"].sum()
            print(
                f"| {rate:.1%}, {which} | {whole.height} | {whole['injected'].sum():,} | {whole['hidden'].sum():,} | "
                f"{precision:.3f} | {min(one for one, _ in each_city):.3f} | {recall:.3f} | "
                f"{min(two for _, two in each_city):.3f} | {of_all:.3f} |"
            )
    _alarms(runs)


def _only(rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    kinds = {name: one.kind for name, one in CLASSES.items()}
    return rows.filter(pl.col("class").replace_strict(kinds) == kind) if kind else rows


def _alarms(runs: Sequence[Measured]) -> None:
    """False alarms by check, and what is odd and right."""
    doubts = pl.concat([each.doubts for each in runs])
    wrong = doubts.filter(~pl.col("right")).group_by("by").len("false").sort("false", "by", descending=[True, False])
    told = ", ".join(f"`{by}` {false}" for by, false in wrong.iter_rows())
    print(f"\nOf {doubts.height:,} doubts {wrong['false'].sum():,} are false alarms: {told or 'none'}.\n")
    print("| odd and right | records | doubted |\n|---|---|---|")
    odd = pl.concat([each.odd for each in runs]).group_by("class").agg(pl.len().alias("n"), pl.col("doubted").sum())
    for name, n, doubted_ in odd.sort("class").iter_rows():
        print(f"| {name} {CLASSES[name].zh} | {n:,} | {doubted_:,} |")


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
