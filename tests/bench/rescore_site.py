"""A site on disk as `ingest` leaves it, of any size: persons, their visits and results, in many batches.

Drawn from a fixed seed; holds nothing of anybody. Persons come back again and again, so that what a new batch bears on
lies scattered over all that came before.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from federation.node.events import STANDING
from federation.node.gone import Came
from federation.node.sheets import Sheets
from schemas.tables import TABLES

SITE, FILE = "A", "f"
FIRST = datetime(2020, 1, 1)
DAY = date(2026, 1, 1)
PER_VISIT, PER_PERSON = 10, 20  # results of a visit, and of a person over the years
ITEMS = ["718-7", "2345-7", "2951-2", "6690-2", "8480-6", "8462-4", "8867-4", "8310-5"]
BODY, BODILY = {"8302-2": "cm", "29463-7": "kg"}, 0.05  # a height or weight with every other visit
PLACES = pl.Schema({"file": pl.String(), "position": pl.Int64()})
GONE = pl.Schema({"batch": pl.String(), "file": pl.String(), "position": pl.Int64(), "key": pl.String()})


def written(folder: Path, number: int, tables: Mapping[str, pl.DataFrame], gone: pl.DataFrame | None = None) -> Came:
    """One batch in one part; `gone` (columns GONE) are records of batches before that it replaces."""
    batch = f"b{number:05}"
    part = folder / batch / "p00001"
    part.mkdir(parents=True)
    with Sheets(part) as sheets:
        for name, rows in tables.items():
            if rows.height:
                sheets.add(name, whole(name, rows, batch))
        sheets.add("duplicates", pl.DataFrame(schema=PLACES))
    (pl.DataFrame(schema=GONE) if gone is None else gone).write_parquet(part.parent / "superseded.parquet")
    assert not (part.parent / STANDING).exists()  # no source of events
    return Came(part.parent, DAY)


def whole(name: str, rows: pl.DataFrame, batch: str) -> pl.DataFrame:
    """The rows with all columns of their table; each is a record of its own, at the place `source_position`."""
    common = {
        "org_code": SITE, "source_system": "delimited/lis", "source_table": name, "source_file": FILE,
        "batch_id": batch, "deleted": False, "sec_level": 3,
    }  # fmt: skip
    own = rows.with_columns(
        *(pl.lit(value).alias(column) for column, value in common.items()),
        pl.col("record_id").alias("source_pk"),
        pl.col("record_id").hash().cast(pl.String).alias("source_row_hash"),
    )
    schema = TABLES[name].schema()
    return own.select(
        (pl.col(column) if column in own.columns else pl.lit(None)).cast(dtype).alias(column)
        for column, dtype in schema.items()
    )


def drawn(visits: np.ndarray, persons: int, first: int, seed: int, results: int = PER_VISIT) -> dict[str, pl.DataFrame]:
    """What the visits of these numbers bring: one row of `encounter` each, and `results` of `observation`.

    Rows have the places from `first` on.
    """
    chance = np.random.default_rng(seed)
    who = chance.integers(0, persons, visits.size)
    start = pl.Series(np.datetime64(FIRST, "us") + visits * np.timedelta64(900, "s"))
    stays = pl.DataFrame({"record_id": visits, "person_id": who, "start_time": start}).with_columns(
        pl.format("v{}", "record_id").alias("record_id"),
        pl.format("p{}", "person_id").alias("person_id"),
        pl.lit("OP").alias("class_code"), (pl.col("start_time") + timedelta(hours=1)).alias("end_time"),
        (first + pl.int_range(pl.len())).alias("source_position"),
    )  # fmt: skip
    rows = pl.concat([stays] * results).select(
        pl.col("record_id").alias("encounter_id"), "person_id", pl.col("start_time").alias("sampled_time")
    )
    number = np.arange(rows.height)
    return {"encounter": stays, "observation": _results(rows, number, chance, first + visits.size)}


def _results(rows: pl.DataFrame, number: np.ndarray, chance: np.random.Generator, first: int) -> pl.DataFrame:
    value = np.round(chance.gamma(6, 20, number.size), 1)
    chosen = chance.choice([*ITEMS, *BODY], number.size, p=[(1 - BODILY) / len(ITEMS)] * len(ITEMS) + [BODILY / 2] * 2)
    unit = pl.Series(chance.choice(["g/L", "mmol/L", "mmHg"], number.size))
    return rows.with_columns(
        pl.concat_str(pl.col("encounter_id"), pl.Series(number).cast(pl.String), separator="-").alias("record_id"),
        pl.Series(chosen).alias("item_code"),
        pl.lit("laboratory").alias("category"), pl.lit("LOINC").alias("item_system"),
        pl.Series(value).alias("value_num"), pl.Series(value).cast(pl.String).alias("value_text"),
        pl.Series(chosen).replace_strict(BODY, default=unit).alias("unit"),
        (pl.col("sampled_time") + timedelta(hours=2)).alias("reported_time"),
        pl.Series(first + number).alias("source_position"),
    )  # fmt: skip


def people(numbers: np.ndarray, first: int) -> pl.DataFrame:
    """The persons of these numbers: rows of `patient`."""
    born = np.datetime64("1930-01-01") + (numbers * 7919 % 34_000).astype("timedelta64[D]")
    return pl.DataFrame({"born": born, "number": numbers}).select(
        pl.format("p{}", "number").alias("person_id"),
        pl.format("r{}", "number").alias("record_id"),
        pl.col("born").cast(pl.Date).alias("birth_date"),
        (1 + pl.col("number") % 2).cast(pl.String).alias("gender_code"),
        (first + pl.int_range(pl.len())).alias("source_position"),
    )


def site(folder: Path, rows: int, batches: int) -> list[Came]:
    """A site of about `rows` results in `batches` batches; the first one brings all persons."""
    persons, visits = rows // PER_PERSON, rows // PER_VISIT
    bounds = np.linspace(0, visits, batches + 1).astype(int)
    came = []
    for number in range(batches):
        tables = drawn(np.arange(bounds[number], bounds[number + 1]), persons, 1, number)
        if number == 0:
            tables["patient"] = people(np.arange(persons), 10_000_000)
        came.append(written(folder, number, tables))
    return came
