"""What the same person's other heights and weights say of a row's: a column for checks, as other needs add one.

It looks no further than the person, at one site: two records of one person at two hospitals never judge each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from federation.quality.frame import Tables
from federation.quality.growth.cause import ZH
from federation.quality.growth.judge import GIVEN, judge
from federation.quality.growth.standard import HEIGHT, WEIGHT
from federation.quality.links import Link, Some, one
from federation.quality.need import FOUND, Told

PLACE = "place of this row"
SLIPS = pl.Schema(
    {
        "org_code": pl.String(),
        "record_id": pl.String(),
        "slip": pl.String(),  # `height_cm: metres 按米填写`: what was likely done; no value
        "meant": pl.String(),  # `height_cm 170.2`: what was likely meant; empty where nothing fits
    }
)


@dataclass(frozen=True)
class Grows:
    """True where a row's height and weight fit the person's others and age, false where not; null where it has none.

    The columns hold a height in cm, a weight in kg and the age in days; `only` rows of the table have one of them.
    """

    height: str
    weight: str
    age_days: str
    only: Some

    @property
    def name(self) -> str:
        """The column's name."""
        return f"grows({self.height}, {self.weight})"

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns of the row that the answer depends on."""
        return ("org_code", "person_id", "record_id", "gender_code", self.age_days, self.height, self.weight)

    def link(self, table: str) -> Link:
        """Heights and weights of the same person."""
        return one("person_id", table, only=self.only)

    def told(self, rows: pl.LazyFrame, tables: Tables) -> Told:  # noqa: ARG002
        """Reads rows with a height or a weight, once before."""
        keys = ("org_code", "person_id", "record_id")  # a key that two persons share names both their rows apart
        either = pl.col(self.height).is_not_null() | pl.col(self.weight).is_not_null()
        told = rows.filter(either & pl.col(self.age_days).is_not_null()).select(self.reads)
        held = told.collect(engine="streaming").with_row_index(PLACE)
        wrong = _long(held, {HEIGHT: self.height, WEIGHT: self.weight}, self.age_days).pipe(judge).filter("wrong")
        some = held.join(wrong.select(pl.col("row").alias(PLACE)).unique(), on=PLACE, how="semi")
        doubted = some.select(keys).unique().with_columns(pl.lit(False).alias(FOUND)).lazy()
        asked = either & pl.col(self.age_days).is_not_null() & pl.col("person_id").is_not_null()
        return Told(pl.when(asked).then(pl.col(FOUND).fill_null(True)), doubted, keys)

    def slips(self, rows: pl.LazyFrame, failing: pl.LazyFrame) -> pl.DataFrame:
        """Columns SLIPS of the failing rows; `rows` are all rows of their persons at least, for those are judged by."""
        people = failing.select("org_code", "person_id").unique()
        either = pl.col(self.height).is_not_null() | pl.col(self.weight).is_not_null()
        asked = rows.filter(either & pl.col(self.age_days).is_not_null())
        kept = asked.join(people, on=["org_code", "person_id"], how="semi").select(self.reads)
        held = kept.collect(engine="streaming")
        columns = {HEIGHT: self.height, WEIGHT: self.weight}
        wrong = growth_of(held, self.height, self.weight, self.age_days).filter("wrong").sort("row", "measure")
        column = pl.col("measure").replace_strict(columns, return_dtype=pl.String)
        zh = pl.col("cause").replace_strict(ZH, return_dtype=pl.String)
        told = wrong.select(
            pl.col("row").cast(pl.UInt32).alias(PLACE),
            pl.concat_str(column, pl.lit(": "), "cause", pl.lit(" "), zh).alias("slip"),
            pl.concat_str(column, pl.lit(" "), pl.col("meant").round(1).cast(pl.String)).alias("meant"),
        )
        by_row = told.group_by(PLACE, maintain_order=True).agg(pl.col("slip", "meant").drop_nulls().str.join("; "))
        keyed = held.with_row_index(PLACE).select(PLACE, "org_code", "record_id").join(by_row, on=PLACE)
        return keyed.unique(["org_code", "record_id"], keep="first", maintain_order=True).select(SLIPS.names())


def growth_of(rows: pl.DataFrame, height: str, weight: str, age_days: str) -> pl.DataFrame:
    """Columns JUDGED for each height and weight in `rows` (with org_code, person_id, gender_code); `row` from 0."""
    return judge(_long(rows.with_row_index(PLACE), {HEIGHT: height, WEIGHT: weight}, age_days))


def _long(held: pl.DataFrame, columns: Mapping[str, str], age_days: str) -> pl.DataFrame:
    person = pl.concat_str("org_code", "person_id", separator="|")
    parts = [
        held.filter(pl.col(column).is_not_null()).select(
            pl.col(PLACE).alias("row"),
            person.alias("person"),
            pl.lit(measure).alias("measure"),
            pl.col(age_days).cast(pl.Float64).alias("days"),
            pl.col("gender_code").cast(pl.Int8, strict=False).alias("sex"),
            pl.col(column).cast(pl.Float64).alias("value"),
        )
        for measure, column in columns.items()
    ]
    return pl.concat([pl.DataFrame(schema=GIVEN), *parts])
