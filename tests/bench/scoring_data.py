"""The visits that the scoring benchmark asks: made from a seed, a piece at a time, some values wrong."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from schemas.column import TIME, Column
from schemas.table import Table

PIECE = 262_144
PERSONS = 500_000
SITES = 40
WARDS = [f"{number:02d}" for number in range(1, 33)]
REGIONS = [f"{division}{district:04d}" for division in (11, 31, 44, 51) for district in range(101, 131)]
WRONG = 0.002


class Visit(Table):
    """One visit of the benchmark."""

    zh = "就诊"
    when = "start_time"
    person_id = Column(dtype=pl.String(), means="Who was seen.", zh="个人标识")
    gender = Column(dtype=pl.String(), means="Sex.", zh="性别")
    kind = Column(dtype=pl.String(), means="Class.", zh="类别")
    way = Column(dtype=pl.String(), means="Way of discharge.", zh="离院方式")
    route = Column(dtype=pl.String(), means="Way of admission.", zh="入院途径")
    ward = Column(dtype=pl.String(), means="Department.", zh="科别")
    age = Column(dtype=pl.Int16(), means="Age.", zh="年龄")
    los = Column(dtype=pl.Int32(), means="Days.", zh="天数")
    sbp = Column(dtype=pl.Int16(), means="Systolic pressure.", zh="收缩压")
    dbp = Column(dtype=pl.Int16(), means="Diastolic pressure.", zh="舒张压")
    glucose = Column(dtype=pl.Float64(), means="Glucose.", zh="血糖")
    fee = Column(dtype=pl.Float64(), means="Total.", zh="总费用")
    weight = Column(dtype=pl.Float64(), means="Weight.", zh="体重")
    dx = Column(dtype=pl.String(), means="Diagnosis.", zh="诊断")
    op = Column(dtype=pl.String(), means="Operation.", zh="手术")
    phone = Column(dtype=pl.String(), means="Phone.", zh="电话")
    region = Column(dtype=pl.String(), means="Division.", zh="区划")
    start_time = Column(dtype=TIME, means="Start.", zh="开始")
    end_time = Column(dtype=TIME, means="End.", zh="结束")
    report_time = Column(dtype=TIME, means="Report.", zh="报告")


DAY = 86_400_000_000
FIRST = int(np.datetime64("2019-11-01", "us").astype(np.int64))
DAYS = 2_250


def make(folder: Path, rows: int, seed: int = 7) -> float:
    """Writes `visit.parquet` and `patient.parquet` and gives the first one's size in MB."""
    random = np.random.default_rng(seed)
    people = [f"P{number:07d}" for number in range(PERSONS)]
    pl.DataFrame({"person_id": people}).write_parquet(folder / "patient.parquet")
    path, writer = folder / "visit.parquet", None
    for first in range(0, rows, PIECE):
        piece = _piece(random, first, min(PIECE, rows - first)).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, piece.schema, compression="zstd")
        writer.write_table(piece)
    if writer is not None:
        writer.close()
    return path.stat().st_size / 1e6


def _piece(random: np.random.Generator, first: int, rows: int) -> pl.DataFrame:
    def pick(values: list[str], wrong: str) -> pl.Series:
        chosen = pl.Series(values).gather(random.integers(0, len(values), rows))
        return chosen.zip_with(pl.Series(random.random(rows) >= WRONG), pl.Series([wrong]).new_from_index(0, rows))

    def number(low: float, high: float, wrong: float, dtype: pl.DataType) -> pl.Series:
        values = random.uniform(low, high, rows)
        values[random.random(rows) < WRONG] = wrong
        return pl.Series(values).cast(dtype)

    def some(series: pl.Series) -> pl.Series:
        return series.set(pl.Series(random.random(rows) < 0.01), None)

    serial = np.arange(first, first + rows)
    serial[random.random(rows) < WRONG / 10] = 0
    start = FIRST + random.integers(0, DAYS * 1440, rows) * 60_000_000
    person = random.integers(0, int(PERSONS * 1.002), rows)
    codes = [
        f"{letter}{number:02d}.{digit}" for letter in "ACEIJKMNRST" for number in range(0, 99, 4) for digit in range(8)
    ]
    times = {
        "start_time": start,
        "end_time": start + random.integers(-1, 400, rows) * DAY // 20,
        "report_time": start + random.integers(-1, 900, rows) * DAY // 100,
    }
    frame = pl.DataFrame(
        {
            "record_id": pl.Series(serial).cast(pl.String).str.zfill(9),
            "org_code": pl.Series([f"S{site:02d}" for site in range(SITES)]).gather(random.integers(0, SITES, rows)),
            "deleted": pl.Series(np.zeros(rows, dtype=bool)),
            "person_id": pl.Series(person).cast(pl.String).str.zfill(7),
            "gender": pick(["0", "1", "2", "9"], "M"),
            "kind": pick(["OP", "ER", "IP", "PE"], "?"),
            "way": pick(["1", "2", "3", "4", "5", "9"], "6"),
            "route": pick(["1", "2", "3", "9"], "0"),
            "ward": pick(WARDS, "99"),
            "age": number(0, 100, 200, pl.Int16()),
            "los": number(0, 60, -1, pl.Int32()),
            "sbp": some(number(90, 200, 9, pl.Int16())),
            "dbp": number(40, 95, 999, pl.Int16()),
            "glucose": number(3, 20, 500, pl.Float64()),
            "fee": number(10, 100_000, -1, pl.Float64()),
            "weight": number(2, 150, 7000, pl.Float64()),
            "dx": some(pick(codes, "I1O")),
            "op": pick([f"{chapter:02d}.{digit:02d}" for chapter in range(1, 87) for digit in range(10)], "手术"),
            "phone": some(pl.Series(random.integers(13_000_000_000, 19_000_000_000, rows)).cast(pl.String)),
            "region": pick(REGIONS, "0755"),
            **{name: pl.Series(values).cast(TIME) for name, values in times.items()},
        }
    )
    return frame.with_columns(pl.concat_str(pl.lit("P"), "person_id").alias("person_id"))
