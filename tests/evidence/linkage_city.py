"""Two registers of the made-up city: a hospital's and a clinic's, 60 % of whose people are in both.

Run as `python -m tests.evidence.linkage_city [SIZE]`. Half the clinic's ids are missing, 5 % of the hospital's; rates of
all errors stand in federation/city/doubles/rates.py. Every linkage is one to one. `threshold` was chosen without the
truth. Below: of the true pairs with a slip in one of their records, the share that is found.
"""

import sys

import polars as pl

from federation.city.doubles import COMMUNITY, TERTIARY, Doubles, doubles
from federation.linkage.clear import city_model, linked, people
from federation.linkage.normal.persons import normal
from tests.evidence import linkage_plain, linkage_private
from tests.evidence.linkage_scoring import HEAD, Link, exact, row

SEED, SIZE = 20261128, 100_000
HALF = 0.5
CONTACTS = ("phone", "place")
CLEAR, CLEAR_WITHOUT = "clear, with id", "clear, without id"
TWICE = ("exact: id, or name, birth date, sex", CLEAR, CLEAR_WITHOUT)  # and those of linkage_private


def clear(left: pl.DataFrame, right: pl.DataFrame, *without: str) -> Link:
    """Our linkage in clear text, without some columns."""
    model = city_model().without(*without)
    return lambda: (linked(left, right, model), HALF)


def by_slip(two: Doubles, found: dict[str, pl.DataFrame]) -> str:
    """A table: for each class of slip, the true pairs that have it in either record, and the share found by each."""
    truth = two.pairs()
    left, right = (one.slips.select("slip", side="record") for one in (two.tertiary, two.community))
    slipped = pl.concat([
        truth.join(left, left_on="left", right_on="side"), truth.join(right, left_on="right", right_on="side"),
    ]).unique()  # fmt: skip
    none = truth.join(slipped, on=["left", "right"], how="anti").with_columns(slip=pl.lit("none at all"))
    every = pl.concat([none.select("left", "right", "slip"), slipped.select("left", "right", "slip")])
    counted = [
        every.join(pairs.select("left", "right", hit=True), on=["left", "right"], how="left")
        .group_by("slip").agg(pl.len().alias("pairs"), (pl.col("hit").sum() / pl.len()).alias(name))
        for name, pairs in found.items()
    ]  # fmt: skip
    table = counted[0]
    for other in counted[1:]:
        table = table.join(other.drop("pairs"), on="slip")
    lines = [f"| slip | pairs | {' | '.join(found)} |\n" + "|---" * (2 + len(found)) + "|"]
    for slip, pairs, *shares in table.sort("slip").iter_rows():
        lines.append(f"| {slip} | {pairs:,} | {' | '.join(f'{share:.3f}' for share in shares)} |")
    return "\n".join(lines)


def measured(two: Doubles, names: tuple[str, ...] = ()) -> dict[str, pl.DataFrame]:
    """Prints a line for each linkage, or for those named; gives the pairs that ours found."""
    truth, found = two.pairs(), {}
    known = [normal(one.identity, one.numbers) for one in (two.tertiary, two.community)]
    streets = [one[0].select("record", "street") for one in known]
    left, right = (people(*one).join(street, on="record") for one, street in zip(known, streets, strict=True))
    print(f"{left.height:,} + {right.height:,} records, {truth.height:,} true pairs\n\n{HEAD}")
    named = ("name", "born", "sex")
    for name, link in (
        ("exact: name, birth date, sex", exact(left, right, named)),
        ("exact: id", exact(left, right, ("id",))),
        ("exact: id, or name, birth date, sex", exact(left, right, ("id",), named)),
        ("splink's own comparisons, with id", linkage_plain.city(left, right, with_id=True)),
        ("splink's own comparisons, without id", linkage_plain.city(left, right, with_id=False)),
        (CLEAR, clear(left, right)),
        (CLEAR_WITHOUT, clear(left, right, "id")),
        ("clear, without id, phone, address", clear(left, right, "id", *CONTACTS)),
        *linkage_private.city(*known),
    ):
        if names and name not in names:
            continue
        line, _, pairs = row(name, link, truth)
        print(line, flush=True)
        if not name.startswith(("exact", "splink")):
            found[name] = pairs
    return found


def main() -> None:
    """Prints the tables."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    two = doubles(SEED, size)
    print(f"\n{by_slip(two, measured(two))}\n\nEvery error twice as frequent:\n")
    measured(doubles(SEED, size, rates=(TERTIARY.times(2), COMMUNITY.times(2))), TWICE + linkage_private.TWICE)


if __name__ == "__main__":
    main()
