"""The front-page exports: HQMS v2, HQMS v1 and statistics form 4-1, with what goes wrong in them.

All three are GB18030 text without quotes; v2 writes a TAB before every cell, as the Windows exporters do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import polars as pl

from federation.city.chance import Chance
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
from federation.city.front_columns import V1, V2, WT_4_1
from federation.city.front_page import Style, front_pages
from federation.city.lives import Lives
from federation.city.people import People
from federation.city.sheet import Rows, Sheet, delimited
from federation.city.sites import SITES, Site

HYPHENATED = Style("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
COMPACT = Style("%Y%m%d", "%Y%m%d")


def _hqms(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    return front_pages(lives, site, chance, HYPHENATED).with_columns(*_receivers())


def _wt_4_1(lives: Lives, site: Site, chance: Chance) -> pl.DataFrame:
    """Adds what the form writes apart: hours, incision class and healing, months of age under one year."""
    healing, cut_class = pl.col("C21x01C"), pl.col("op_incision")
    return front_pages(lives, site, chance, COMPACT).with_columns(
        *_receivers(),
        pl.col("came").dt.strftime("%H").alias("CAME_HOUR"),
        pl.col("left").dt.strftime("%H").alias("LEFT_HOUR"),
        pl.when(pl.col("age") == 0)
        .then(pl.format("{} {}/30", pl.col("age_days") // 30, pl.col("age_days") % 30))
        .otherwise(pl.lit(""))
        .alias("MONTHS"),
        cut_class.alias("CUT_CLASS"),
        pl.when(healing.is_in(["1", "4", "7"])).then(pl.lit("1")).otherwise(pl.lit("")).alias("HEALED"),
    )


def _receivers() -> list[pl.Expr]:
    """v1 and form 4-1 keep hospitals and community centres apart."""
    way, receiver = pl.col("B34C"), pl.col("B35")
    return [pl.when(way == code).then(receiver).otherwise(pl.lit("-")).alias(f"RECEIVER_{code}") for code in "23"]


def _faults(separator: str, style: Style, has: Sequence[str]) -> list[Fault]:
    """What goes wrong on a front page, by v2 column names; those of a column the page has not are left out."""
    day = pl.duration(days=1)
    cents = pl.col("total")
    way, main, typed = pl.col("B34C"), pl.col("C03C"), pl.col("born")
    faults = [
        cell("discharge-before-admission", "B15", (pl.col("came") - 3 * day).dt.strftime(style.time)),
        cell("stay-length-wrong", "B20", (pl.col("days") + 3).cast(pl.String)),
        cell("born-in-future", "A13", typed.dt.offset_by("70y").dt.strftime(style.date), typed.dt.year() > 1970),
        cell("age-wrong", "A14", (pl.col("age") + 11).cast(pl.String), pl.col("age") > 0),
        cell(
            "operation-outside-stay",
            "C16x01",
            (pl.col("left") + 4 * day).dt.strftime(style.time),
            pl.col("op_code") != "",
        ),
        cell("diagnosis-name-missing", "C04N", ""),
        lower_case("C03C"),
        Fault("pathology-missing", "C09C", _emptied("C09C", "C10N", "C11"), main.str.starts_with("C")),
        Fault("external-cause-missing", "C12C", _emptied("C12C", "C13N"), main.str.contains("^[ST]")),
        cell("birth-weight-wrong", "A18x01", (pl.col("weight") + 3).cast(pl.String), pl.col("A18x01") != ""),
        cell("receiver-missing", "B35", "", way.is_in(["2", "3"])),
        cell("cost-not-positive", "D01", "0.00"),
        cell("cost-sum-mismatch", "D01", (cents // 200).cast(pl.String) + ".00"),
        cell("self-pay-above-total", "D09", (cents // 100 + 500).cast(pl.String) + ".00"),
        cell("allergen-missing", "C25", "", (pl.col("C24C") == "2") & pl.lit("C24C" in has)),
        cell("coma-minutes-wrong", "C30", "75", main.str.starts_with("S06")),
        cell("readmission-purpose-missing", "B37", "", pl.col("B36C") == "2"),
        check_digit("A20"),
        cell("id-birth-mismatch", "A13", (typed - day).dt.strftime(style.date), pl.col("age") > 1),
        _other_sex(),
        cell("signature-missing", "B23", "-"),
        Fault(
            "diagnosis-twice",
            "C06x02C",
            {"C06x02C": pl.col("C06x01C"), "C07x02N": pl.col("C07x01N"), "C08x02C": pl.lit("1")},
            pl.col("C06x01C") != "",
        ),
        cell("bad-department", "B13C", "99X"),
        cell("missing-required", "B15", ""),
        cell("sex-unmapped", "A12C", pl.when(pl.col("sex") == 1).then(pl.lit("男")).otherwise(pl.lit("女"))).seen_by(
            "patient.gender_code.in_list"
        ),
        cell("flag-wrong", "B36C", "8").seen_by("encounter.readmit31_code.in_list"),
        day_first("A13"),
        cell("date-impossible", "B15", "2026-02-31 10:00:00" if "-" in style.time else "20260231"),
        cell("number-in-words", "B20", "三天"),
        cell("key-missing", "A48", ""),
        full_width("B20"),
        extra_cells(separator),
        cut(),
        bad_byte(),
        doubled(),
    ]
    return [fault for fault in faults if not fault.column or fault.column in has]


def _emptied(*columns: str) -> dict[str, pl.Expr]:
    return {column: pl.lit("") for column in columns}


def _other_sex() -> Fault:
    man = pl.col("sex") == 1
    return Fault(
        "sex-against-diagnosis",
        "C03C",
        {
            "C03C": pl.when(man).then(pl.lit("N83.201")).otherwise(pl.lit("N40.x00")),
            "C04N": pl.when(man).then(pl.lit("卵巢囊肿")).otherwise(pl.lit("前列腺增生")),
        },
    )


def _renamed(faults: Sequence[Fault], names: Mapping[str, str]) -> list[Fault]:
    """The same faults, told in the export's own column names."""
    own = {v2: name for name, v2 in names.items() if v2}
    own.setdefault("B35", own.get("RECEIVER_2", ""))
    return [replace(fault, column=own.get(fault.column, "")) for fault in faults]


def _receiver_cells(faults: Sequence[Fault]) -> list[Fault]:
    """Where hospitals and community centres stand apart, both cells go empty."""
    empty = {"RECEIVER_2": pl.lit("-"), "RECEIVER_3": pl.lit("-")}
    return [
        fault if fault.name != "receiver-missing" else Fault(fault.name, "B35", empty, pl.col("B34C") == "2")
        for fault in faults
    ]


def hqms_v2(site: Site) -> Sheet:
    """811 columns, comma and TAB."""
    return _sheet(site, "hqms", V2, ",\t", HYPHENATED, _hqms)


def hqms_v1(site: Site) -> Sheet:
    """P columns, comma."""
    return _sheet(site, "hqms", V1, ",", HYPHENATED, _hqms)


def wt_4_1(site: Site) -> Sheet:
    """Statistics form 4-1, comma, compact dates and hours apart."""
    return _sheet(site, "n041", WT_4_1, ",", COMPACT, _wt_4_1)


def _sheet(site: Site, stem: str, names: Mapping[str, str], separator: str, style: Style, rows: Rows) -> Sheet:
    made = set(_columns_made())
    cells = [name if name in made else "" for name in names.values()]
    faults = _faults(separator, style, [*cells, "B35"])
    if "RECEIVER_2" in cells:
        faults = _renamed(_receiver_cells(faults), names)
    return Sheet(site, stem, ".csv", rows, delimited(cells, separator), faults, separator.join(names), "gb18030")


@cache
def _columns_made() -> list[str]:
    """Columns the pages fill; asked of an empty block, so that the list cannot go stale."""
    nobody = Lives(Chance(0), People(Chance(0), 1).block(0, 1).clear())
    return _wt_4_1(nobody, SITES[3], Chance(0)).columns
