"""Febrl 4 (Christen 2008): 5,000 + 5,000 made-up Australians, all in both registers, with typing errors in most fields.

Run as `python -m tests.evidence.linkage_febrl`. Every linkage is one to one. `threshold` was chosen without the truth;
the best threshold is what one would take who knew it. Clear: tests/evidence/febrl.toml, learned without labels.
"""

import os
from pathlib import Path

import polars as pl

from federation.linkage.clear import Model, linked
from tests.evidence import linkage_plain, linkage_private
from tests.evidence.linkage_scoring import HEAD, Link, exact, row

HERE = Path(__file__).parent
SAMPLES = Path(os.environ.get("GUANTONG_SAMPLES", HERE.parents[2] / "shared" / "data"))
HALF = 0.5
NAMES = {
    "rec_id": "record", "given_name": "given", "surname": "surname", "street_number": "number", "address_1": "street",
    "address_2": "area", "suburb": "suburb", "postcode": "postcode", "state": "state", "date_of_birth": "born",
    "soc_sec_id": "id",
}  # fmt: skip


def register(path: Path, site: str) -> pl.DataFrame:
    """One file as `site`, `record` and the columns of febrl.toml, all String, null where empty.

    Its header has a blank before each name.
    """
    raw = pl.read_csv(path, infer_schema=False)
    rows = raw.rename({name: NAMES[name.strip()] for name in raw.columns}).with_columns(pl.all().str.strip_chars())
    said = rows.with_columns(pl.when(pl.all() != "").then(pl.all()))
    first, last = pl.col("given"), pl.col("surname")
    return said.with_columns(
        site=pl.lit(site),
        month=pl.col("born").str.slice(4, 2),
        initials=first.str.head(1) + last.str.head(1),
        swapped=pl.concat_str(pl.min_horizontal(first, last), pl.max_horizontal(first, last), separator=" "),
    )


def registers(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Both registers of Febrl 4, and the true pairs (left, right): the number in `rec-12-org` and `rec-12-dup-0`."""
    left, right = register(folder / "dataset4a.csv", "a"), register(folder / "dataset4b.csv", "b")
    number = pl.col("record").str.extract(r"^rec-(\d+)-").alias("number")
    both = left.select(number, left="record").join(right.select(number, right="record"), on="number")
    return left, right, both.select("left", "right")


def clear(left: pl.DataFrame, right: pl.DataFrame, *without: str) -> Link:
    """Our linkage in clear text, without some columns."""
    model = Model.read(HERE / "febrl.toml").without(*without)
    return lambda: (linked(left, right, model), HALF)


def main() -> None:
    """Prints the table."""
    left, right, truth = registers(SAMPLES / "linkage" / "febrl")
    print(f"{left.height:,} + {right.height:,} records, {truth.height:,} true pairs\n\n{HEAD}")
    named = ("given", "surname", "born")
    for name, link in (
        ("exact: given name, surname, birth date", exact(left, right, named)),
        ("exact: id", exact(left, right, ("id",))),
        ("exact: id, or names and birth date", exact(left, right, ("id",), named)),
        ("splink's own comparisons, with id", linkage_plain.febrl(left, right, with_id=True)),
        ("splink's own comparisons, without id", linkage_plain.febrl(left, right, with_id=False)),
        ("clear, with id", clear(left, right)),
        ("clear, without id", clear(left, right, "id")),
        *linkage_private.febrl(left, right),
    ):
        print(row(name, link, truth)[0], flush=True)


if __name__ == "__main__":
    main()
