"""The exports of community clinics with a small vendor's system: visits, follow-ups, results, and what goes wrong."""

from functools import partial

import polars as pl

from federation.city import names
from federation.city.chance import Chance
from federation.city.contacts import CHOLESTEROL, GLUCOSE, followups, results, visits, with_numbers
from federation.city.faults import (
    Fault,
    bad_byte,
    cell,
    check_digit,
    cut,
    day_first,
    doubled,
    extra_cells,
    full_width,
    lower_case,
)
from federation.city.layouts import LAYOUTS, Layout
from federation.city.lives import Lives
from federation.city.sheet import Sheet, delimited
from federation.city.sites import Site

TESTED = 0.4  # of visits


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
    return _said(rows, "visits", layout)


def _followups(lives: Lives, site: Site, chance: Chance, layout: Layout) -> pl.DataFrame:
    rows = followups(lives, site)
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


def _record_faults(layout: Layout) -> list[Fault]:
    """What can happen to any line."""
    return [extra_cells(layout.separator), *([] if layout.quoted else [cut()]), bad_byte(), doubled()]


def _person_faults(named: dict[str, str], layout: Layout) -> list[Fault]:
    born, day = pl.col("born"), pl.duration(days=1)
    word = pl.when(pl.col("sex") == 1).then(pl.lit("男性患者")).otherwise(pl.lit("女性患者"))
    return [
        cell("sex-unmapped", named["sex"], word),
        check_digit(named["id_number"]),
        cell("id-birth-mismatch", named["born"], (born - day).dt.strftime(layout.date)),
        day_first(named["born"]),
        cell(
            "born-in-future", named["born"], born.dt.offset_by("90y").dt.strftime(layout.date), born.dt.year() > 1950
        ).seen_by("patient.born_by_now"),
        cell("person-missing", named["mrn"], ""),
    ]


def _visit_faults(named: dict[str, str], layout: Layout) -> list[Fault]:
    other = pl.when(pl.col("sex") == 1).then(pl.lit("N83.201")).otherwise(pl.lit("N40.x00"))
    name = pl.when(pl.col("sex") == 1).then(pl.lit("卵巢囊肿")).otherwise(pl.lit("前列腺增生"))
    impossible = "20260231083000" if layout.time.startswith("%Y%m") else "2026-02-31 08:30:00"
    return [
        *_person_faults(named, layout),
        Fault("sex-against-diagnosis", named["icd"], {named["icd"]: other, named["illness"]: name}),
        cell("diagnosis-name-missing", named["illness"], ""),
        lower_case(named["icd"]),
        cell("bad-department", named["dept"], "内儿科").seen_by("encounter.admit_dept_code.in_list"),
        cell("cost-not-positive", named["fee"], "-12.00").seen_by("cost.amount_is_not_negative"),
        cell("number-in-words", named["fee"], "免费"),
        cell("date-impossible", named["came"], impossible),
        cell("future-date", named["came"], pl.col("came").dt.offset_by("40y").dt.strftime(layout.time)).seen_by(
            "encounter.start_time.not_future"
        ),
        cell("missing-required", named["came"], ""),
        cell("key-missing", named["visit"], ""),
        full_width(named["fee"]),
        *_record_faults(layout),
    ]


def _followup_faults(named: dict[str, str], layout: Layout) -> list[Fault]:
    sugar = (pl.col("glucose") * 18).round(0).cast(pl.Int64).cast(pl.String)
    return [
        *_person_faults(named, layout),
        cell("pressure-out-of-range", named["sbp"], "974").seen_by("followup.measures_are_possible"),
        cell("unit-mix-up", named["glucose"], sugar, pl.col("ill") == 1).seen_by("followup.measures_are_possible"),
        cell("future-date", named["date"], pl.col("came").dt.offset_by("40y").dt.strftime(layout.date)).seen_by(
            "followup.followup_date.not_future"
        ),
        cell("missing-required", named["date"], ""),
        cell("flag-wrong", named["adverse"], "0").seen_by("followup.adr_code.in_list"),
        cell("number-in-words", named["sbp"], "偏高"),
        full_width(named["sbp"]),
        cell("key-missing", named["followup"], ""),
        *_record_faults(layout),
    ]


def _result_faults(named: dict[str, str], layout: Layout) -> list[Fault]:
    sugar = (pl.col("number") * 18).round(0).cast(pl.Int64).cast(pl.String)
    return [
        cell("unit-mix-up", named["value"], sugar, pl.col("item_code") == "GLU").seen_by(
            "measurement.glucose_is_possible"
        ),
        cell("visit-unknown", named["visit"], "00000000-0").seen_by("observation.encounter_id.refers"),
        cell("future-date", named["sampled"], pl.col("sampled").dt.offset_by("40y").dt.strftime(layout.time)).seen_by(
            "observation.sampled_time.not_future"
        ),
        cell("missing-required", named["item_code"], ""),
        cell("person-missing", named["mrn"], ""),
        cell("key-missing", named["result"], ""),
        full_width(named["value"]),
        *_record_faults(layout),
    ]


_TABLES = {
    "visits": (_visits, _visit_faults),
    "followups": (_followups, _followup_faults),
    "results": (_results, _result_faults),
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
