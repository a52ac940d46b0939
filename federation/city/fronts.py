"""The front-page exports: HQMS v2, HQMS v1 and statistics form 4-1, with what goes wrong in them.

All three are GB18030 text without quotes; v2 writes a TAB before every cell, as the Windows exporters do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import polars as pl

from federation.city import slips
from federation.city.chance import Chance
from federation.city.code_faults import Coded, diagnosis_faults, operation_faults
from federation.city.faults import (
    NO_DEPARTMENTS,
    Fault,
    bad_byte,
    cell,
    cut,
    doubled,
    extra_cells,
    full_width,
)
from federation.city.front_columns import V1, V2, WT_4_1
from federation.city.front_page import Style, front_pages
from federation.city.lives import Lives
from federation.city.oddities import person_oddities
from federation.city.people import People
from federation.city.person_faults import Said, person_faults
from federation.city.sheet import Rows, Sheet, delimited
from federation.city.sites import SITES, Site

DAY = pl.duration(days=1)
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
    written = Coded(("C03C", "C03C"), "C04N", lambda name: {"C04N": name})
    operated = Coded(("C14x01C", "C14x01C"), "C15x01N", lambda name: {"C15x01N": name})
    said = Said(("A11", "A11"), ("A12C", "A12C"), ("A13", "A13"), ("A20", "A20"), style.date, ("1", "2"))
    faults = [
        *person_faults(said),
        *person_oddities(said),
        *_stay_faults(style),
        *diagnosis_faults(written),
        *_page_diagnoses(),
        *operation_faults(operated, pl.col("op_code") != ""),
        *_fee_faults(),
        *_form_faults(has),
        cell("key-missing", "A48", ""),
        full_width("B20"),
        extra_cells(separator),
        cut(),
        bad_byte(),
        doubled(),
    ]
    return [fault for fault in faults if not fault.column or fault.column in has]


def _stay_faults(style: Style) -> list[Fault]:
    came, left, days, age = (pl.col(name) for name in ("came", "left", "days", "age"))
    back = 1 + (slips.ONE * slips.TWO * 60).floor().cast(pl.Int64)  # a few days rather than many
    outside = pl.when(slips.THREE < 0.5).then(left + back * DAY).otherwise(came - back * DAY)
    slip = slips.slipped(left)
    length = slips.pick(slips.ONE, [(days + 1).cast(pl.String), (days + 1).cast(pl.String), (days * 10).cast(pl.String),
                                    (days + 7).cast(pl.String), (days + 30).cast(pl.String)])  # fmt: skip
    older = slips.pick(slips.ONE, [age + 1, age + 1, age - 1, age + 10, age + 11, age * 10])
    return [
        cell("discharge-before-admission", "B15", (came - back * DAY).dt.strftime(style.time)),
        Fault("discharge-date-wrong", "B15", {"B15": slip.dt.strftime(style.time)}, slip > came, common=True),
        cell("year-wrong", "B12", slips.year_slipped(came).dt.strftime(style.time)),
        cell("stay-length-wrong", "B20", length),
        Fault("age-wrong", "A14", {"A14": older.cast(pl.String)}, age > 1, common=True),
        cell("operation-outside-stay", "C16x01", outside.dt.strftime(style.time), pl.col("op_code") != ""),
        cell("date-impossible", "B15", "2026-02-31 10:00:00" if "-" in style.time else "20260231"),
        cell("missing-required", "B15", ""),
        cell("number-in-words", "B20", "三天"),
    ]


def _page_diagnoses() -> list[Fault]:
    main = pl.col("C03C")
    injured = main.str.contains("^[ST]")
    grams = slips.pick(slips.ONE, [(pl.col("weight") + 3).cast(pl.String), (pl.col("weight") / 1000).cast(pl.String),
                                   (pl.col("weight") * 10).cast(pl.String)])  # fmt: skip
    swapped = {"C03C": pl.col("C12C"), "C04N": pl.col("C13N"), "C12C": main, "C13N": pl.col("C04N")}
    again = {"C06x02C": pl.col("C06x01C"), "C07x02N": pl.col("C07x01N"), "C08x02C": pl.lit("1")}
    return [
        Fault("pathology-missing", "C09C", _emptied("C09C", "C10N", "C11"), main.str.starts_with("C")),
        Fault("external-cause-missing", "C12C", _emptied("C12C", "C13N"), injured),
        Fault("main-is-external-cause", "C03C", swapped, injured),
        Fault("diagnosis-twice", "C06x02C", again, pl.col("C06x01C") != ""),
        cell("birth-weight-wrong", "A18x01", grams, pl.col("A18x01") != ""),
        cell("coma-minutes-wrong", "C30", "75", main.str.starts_with("S06")),
    ]


def _fee_faults() -> list[Fault]:
    """Fees are told in text; every class but the total is one of the parts that make it up."""
    total, own, drugs = (pl.col(name) for name in ("D01", "D09", "D23"))
    typed = slips.other_digit(total)
    off = (typed.cast(pl.Float64, strict=False) - total.cast(pl.Float64)).abs()
    moved = drugs.cast(pl.Float64) * slips.pick(slips.ONE, [pl.lit(10.0), pl.lit(0.1), pl.lit(100.0)])
    return [
        cell("cost-not-positive", "D01", slips.pick(slips.ONE, [pl.lit("0.00"), pl.concat_str(pl.lit("-"), total)])),
        cell("cost-sum-mismatch", "D01", typed, plain=(off >= 1).fill_null(value=True)),
        cell("self-pay-above-total", "D09", (own.cast(pl.Float64) * 10).round(2).cast(pl.String)),
        Fault("fee-slip", "D23", {"D23": moved.round(2).cast(pl.String)}),
        cell("fee-negative", "D23", pl.concat_str(pl.lit("-"), drugs)),
    ]


def _form_faults(has: Sequence[str]) -> list[Fault]:
    word = pl.when(pl.col("sex") == 1).then(pl.lit("男")).otherwise(pl.lit("女"))
    return [
        cell("receiver-missing", "B35", "", pl.col("B34C").is_in(["2", "3"])),
        cell("allergen-missing", "C25", "", (pl.col("C24C") == "2") & pl.lit("C24C" in has)),
        cell("readmission-purpose-missing", "B37", "", pl.col("B36C") == "2"),
        cell("signature-missing", "B23", "-"),
        cell("bad-department", "B13C", slips.pick(slips.ONE, NO_DEPARTMENTS)),
        cell("sex-unmapped", "A12C", word).seen_by("patient.gender_code.in_list"),
        cell("flag-wrong", "B36C", "8").seen_by("encounter.readmit31_code.in_list"),
    ]


def _emptied(*columns: str) -> dict[str, pl.Expr]:
    return {column: pl.lit("") for column in columns}


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
