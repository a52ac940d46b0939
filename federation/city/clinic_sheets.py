"""The exports of community clinics with a small vendor's system: visits, follow-ups, results, and what goes wrong."""

from functools import partial

import polars as pl

from federation.city import names
from federation.city.chance import Chance
from federation.city.clinic_faults import followup_faults, result_faults, visit_faults
from federation.city.contacts import CHOLESTEROL, GLUCOSE, followups, results, visits, with_numbers
from federation.city.layouts import LAYOUTS, Layout
from federation.city.lives import Lives
from federation.city.sheet import Sheet, delimited
from federation.city.sites import Site

TESTED = 0.4  # of visits
MEASURED = ("sbp", "dbp", "pulse", "weight", "glucose")


def _person(layout: Layout) -> list[pl.Expr]:
    man, woman = layout.sex
    return [
        pl.when(pl.col("sex") == 1).then(pl.lit(man)).otherwise(pl.lit(woman)).alias("sex_cell"),
        pl.col("born").dt.strftime(layout.date).alias("born_cell"),
    ]


def _said(rows: pl.DataFrame, table: str, layout: Layout) -> pl.DataFrame:
    """Cells under their header names."""
    _, headers = layout.tables[table]
    cells = [
        pl.col(f"{role}_cell" if f"{role}_cell" in rows.columns else role).alias(header)
        for role, header in headers.items()
    ]
    return rows.with_columns(cells)


def _visits(lives: Lives, site: Site, chance: Chance, layout: Layout) -> pl.DataFrame:
    rows = with_numbers(visits(lives, site), site)
    keys = rows["key"].to_numpy()
    cents = chance.whole("visit fee", keys, 1500, 45_000)
    doctor, remark = chance.whole("doctor", keys, 0, len(names.STAFF) - 1), chance.yes("remark", keys, 0.2)
    address = pl.col("address") if layout.commas else pl.col("address").str.replace_all(",", "，", literal=True)
    break_ = "\n" if layout.quoted else "；"
    rows = rows.with_columns(
        *_person(layout),
        pl.col("came").dt.strftime(layout.time).alias("came_cell"),
        address.alias("address_cell"),
        icd="C03C",
        illness="C04N",
        doctor=pl.Series([names.STAFF[n] for n in doctor.tolist()], dtype=pl.String),
        fee=pl.Series([f"{n / 100:.2f}" for n in cents.tolist()], dtype=pl.String),
        remark=pl.when(pl.Series(remark)).then(pl.lit(f"复诊{break_}嘱多饮水、休息")).otherwise(pl.lit("")),
    )
    tested = pl.Series("tested", chance.yes("tested", keys, TESTED))
    return _said(rows.with_columns(tested, times=pl.len().over("person")), "visits", layout)


def _followups(lives: Lives, site: Site, chance: Chance, layout: Layout) -> pl.DataFrame:
    rows = followups(lives, site)
    before = pl.col(*MEASURED).shift(1).over("person", "ill").name.suffix("_before")
    rows = rows.with_columns(before)
    keys = rows["key"].to_numpy()
    pressure, sugar = layout.program
    doctor = chance.whole("doctor", keys, 0, len(names.STAFF) - 1)
    controlled = (pl.col("sbp") < 140) & (pl.col("dbp") < 90) & (pl.col("glucose") < 7.0)
    rows = rows.with_columns(
        *_person(layout),
        pl.format("{}-{}", "mrn", "turn").alias("followup"),
        pl.when(pl.col("ill") == 0).then(pl.lit(pressure)).otherwise(pl.lit(sugar)).alias("program"),
        pl.col("came").dt.strftime(layout.date).alias("date"),
        pl.from_epoch("next_day", time_unit="d").dt.strftime(layout.date).alias("next"),
        pl.when(controlled).then(pl.lit("1")).otherwise(pl.lit("2")).alias("verdict"),
        pl.lit("1").alias("adverse"),
        *(
            pl.col(role).cast(pl.String).alias(f"{role}_cell")
            for role in ("mode", "sbp", "dbp", "pulse", "weight", "smokes", "takes")
        ),
        pl.col("height").cast(pl.Int64).cast(pl.String).alias("height_cell"),
        pl.when(pl.col("ill") == 1).then(pl.col("glucose").cast(pl.String)).otherwise(pl.lit("")).alias("glucose_cell"),
        doctor=pl.Series([names.STAFF[n] for n in doctor.tolist()], dtype=pl.String),
    )
    return _said(rows, "followups", layout)


def _results(lives: Lives, site: Site, chance: Chance, layout: Layout) -> pl.DataFrame:
    seen = with_numbers(visits(lives, site), site)
    tested = seen.filter(pl.Series(chance.yes("tested", seen["key"].to_numpy(), TESTED)))
    rows = results(tested, chance, (GLUCOSE, CHOLESTEROL))
    rows = rows.with_columns(
        key=pl.col("item_key"),
        result=pl.format("{}-{}", "visit", "item_code"),
        range=pl.format("{}-{}", "low", "high"),
        sampled_cell=pl.col("sampled").dt.strftime(layout.time),
        reported_cell=pl.col("reported").dt.strftime(layout.time),
    )
    return _said(rows, "results", layout)


_TABLES = {
    "visits": (_visits, visit_faults),
    "followups": (_followups, followup_faults),
    "results": (_results, result_faults),
}


def clinic(site: Site, layout_name: str) -> list[Sheet]:
    """The three exports of a clinic."""
    layout = LAYOUTS[layout_name]
    sheets = []
    for table, (rows, faults) in _TABLES.items():
        stem, named = layout.tables[table]
        header = layout.separator.join(f'"{name}"' if layout.quoted else name for name in named.values())
        line = delimited(list(named.values()), layout.separator, layout.quoted)
        sheets.append(
            Sheet(
                site,
                stem,
                layout.suffix,
                partial(rows, layout=layout),
                line,
                faults(dict(named), layout),
                header,
                layout.encoding,
                layout.bom,
                layout.quoted and table == "visits",
            )
        )
    return sheets
