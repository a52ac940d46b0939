"""Which doubts are right: those that point at a row and a column that an injected error touched, or at its partner.

A check that compares rows cannot know which of two that contradict each other is wrong: a doubt at the other row is
right when the error is in the row that it is compared with. A check that judges one row by many others must point at
the row itself.
"""

from collections.abc import Iterator

import polars as pl

from federation.quality.check import Check
from federation.quality.library import all_checks
from federation.quality.links import Link
from federation.quality.need import Exists, Unique
from federation.quality.pairs import DECLARED
from tests.evidence.city_reading import PLACE, Reading

# Columns that a frame makes of columns of its own table.
MEANT = ("value_num", "unit", "unit_ucum", "item_code", "item_name")
MADE = {
    "measurement": {
        **dict.fromkeys(("standard", "usual", "fits_if_unit", "height_cm", "weight_kg"), MEANT),
        "item": ("item_code", "item_name"),
        **dict.fromkeys(("age_days", "low", "high"), ("sampled_time", "reported_time")),
    },
    "followed": {"age_days": ("followup_date",)},
    "diagnosis": {"is_icd10": ("code_system",)},
    "identity": {"number_18": ("id_value",)},
    "operation": {"is_icd9": ("code_system",)},
    "pressure": {"pressure_unit": ("unit", "unit_ucum")},
}
FINE = "tolerated"  # classes that a good reader takes as they are meant: nothing is to be found
HITS = pl.Schema({"doubt": pl.UInt32(), "error": pl.UInt32()})


def hits(doubts: pl.DataFrame, touched: pl.DataFrame, clean: Reading, spoilt: Reading) -> pl.DataFrame:
    """Columns HITS: each doubt (`doubt`, `table`, `record_id`, `by`) and each error that it is right about."""
    known = {each.id: each for each in all_checks()}
    found = [pl.DataFrame(schema=HITS)]
    for (by,), of_check in doubts.group_by("by"):
        if str(by).startswith("pairs "):
            found.append(_at_the_row(_of_pair(str(by)), of_check, touched))
            continue
        check = known[str(by)]
        found.append(_at_the_row(_read(check), of_check, touched))
        found += _at_a_partner(check, of_check, touched, clean, spoilt)
    return pl.concat(found).unique()


def _read(check: Check) -> set[str]:
    """Columns of the row's own table that the answer depends on."""
    made = MADE.get(check.frame.name, {})
    links = [name for link in _links(check) for name in link.own]
    return {*check.columns, *links, *(own for name in check.columns for own in made.get(name, ()))}


def _of_pair(by: str) -> set[str]:
    return {
        name for pair in DECLARED if f"pairs {pair.table} {pair.decides}" == by for name in (*pair.of, pair.decides)
    }


def _at_the_row(read: set[str], doubts: pl.DataFrame, touched: pl.DataFrame) -> pl.DataFrame:
    """A column of no name is that of a row that is new."""
    cells = touched.filter(pl.col("column").is_in(["", *sorted(read)]))
    return doubts.join(cells, on=["table", "record_id"]).select(list(HITS)).cast(HITS)


def _links(check: Check) -> Iterator[Link]:
    own = check.frame.table.columns
    if any(name not in own for name in check.columns):
        yield from check.frame.beside or ()
    for need in check.needs:
        if isinstance(need, Unique | Exists):
            yield need.link(check.table)


def _at_a_partner(
    check: Check, doubts: pl.DataFrame, touched: pl.DataFrame, clean: Reading, spoilt: Reading
) -> Iterator[pl.DataFrame]:
    for link in _links(check):
        ours = doubts.join(_keys(spoilt, check.table, link.own), on="record_id")
        changed = touched.filter(pl.col("table") == link.table).select("record_id", "error").unique()
        for reading in (clean, spoilt):  # what the row said before counts as well: nobody finds it there any more
            theirs = changed.join(_keys(reading, link.table, link.key), on="record_id")
            yield ours.join(theirs, on="key").select(list(HITS)).cast(HITS)


def _keys(reading: Reading, table: str, columns: tuple[str, ...]) -> pl.DataFrame:
    rows = reading.tables.get(table)
    if rows is None:
        return pl.DataFrame(schema={"record_id": pl.String, "key": pl.String})
    texts = [pl.col(name).cast(pl.String) for name in columns]
    return rows.select("record_id", pl.concat_str(texts, separator="\x1f").alias("key")).drop_nulls().unique()


def refused(spoilt: Reading) -> pl.DataFrame:
    """Columns `by`, `error` (null where none stands there): every refusal, by the record that was refused."""
    errors = spoilt.truth.select("error", *PLACE)
    return spoilt.refused.join(errors, on=PLACE, how="left").select("by", "error")
