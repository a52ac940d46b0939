"""What goes wrong in the exports of a clinic: visits, follow-ups, results; told in the vendor's own column names."""

import polars as pl

from federation.city import slips
from federation.city.code_faults import Coded, diagnosis_faults
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
from federation.city.layouts import Layout
from federation.city.oddities import hardly_ever, late, person_oddities, thinner
from federation.city.person_faults import Said, person_faults
from federation.city.result_faults import decimal_slip, mistyped, other_unit

Named = dict[str, str]
DEFAULTS = ("1900-01-01 00:00:00", "1970-01-01 08:00:00", "1970-01-01 00:00:00")


def _record_faults(layout: Layout) -> list[Fault]:
    """What can happen to any line."""
    return [extra_cells(layout.separator), *([] if layout.quoted else [cut()]), bad_byte(), doubled()]


def _person_faults(named: Named, layout: Layout) -> list[Fault]:
    word = pl.when(pl.col("sex") == 1).then(pl.lit("男性患者")).otherwise(pl.lit("女性患者"))
    name, sex, born, number = ((named[role], named[role]) for role in ("name", "sex", "born", "id_number"))
    said = Said(name, sex, born, number, layout.date, layout.sex)
    return [
        *person_faults(said),
        *person_oddities(said),
        cell("sex-unmapped", named["sex"], word),
        cell("person-missing", named["mrn"], ""),
    ]


def _under_new_key(column: str, *parts: str) -> Fault:
    """The line again, its key followed by a sign: how interfaces avoid a clash of keys."""
    key = pl.concat_str(*(pl.col(part) for part in parts), pl.lit("R"), separator="-" if len(parts) > 1 else "")
    return Fault("sent-under-new-key", column, {column: key}, again=pl.col("line"))


def visit_faults(named: Named, layout: Layout) -> list[Fault]:
    """Of visits. `tested` and `times` say whether anything else of the person tells of the slip."""
    coded = Coded((named["icd"], named["icd"]), named["illness"], lambda name: {named["illness"]: name})
    came, told = pl.col("came"), pl.col("tested")
    slip = slips.year_slipped(came)
    early = slips.pick(slips.ONE, [pl.lit(text).str.to_datetime("%Y-%m-%d %H:%M:%S") for text in DEFAULTS])
    known = (pl.col("times") > 1) | told | pl.col("hypertension") | pl.col("diabetes")
    impossible = "20260231083000" if layout.time.startswith("%Y%m") else "2026-02-31 08:30:00"
    late = slips.pick(slips.ONE, [came.dt.offset_by("40y"), came.dt.offset_by("9y"), came.dt.offset_by("2y")])
    seen = told | (slip.dt.date() < pl.col("born")) | (slip > TODAY)
    return [
        *_person_faults(named, layout),
        *diagnosis_faults(coded),
        Fault("record-of-another", named["mrn"], {named["mrn"]: pl.col("other_mrn")}, plain=known),
        cell("bad-department", named["dept"], slips.pick(slips.ONE, NO_DEPARTMENTS)).seen_by(
            "encounter.admit_dept_code.in_list"
        ),
        cell("cost-not-positive", named["fee"], pl.concat_str(pl.lit("-"), "fee")),
        cell("fee-in-fen", named["fee"], pl.col("fee").str.replace(".", "", literal=True), plain=pl.lit(value=False)),
        cell("number-in-words", named["fee"], "免费"),
        cell("date-impossible", named["came"], impossible),
        cell("future-date", named["came"], late.dt.strftime(layout.time)),
        cell("year-wrong", named["came"], slip.dt.strftime(layout.time), plain=seen),
        cell("default-date", named["came"], early.dt.strftime(layout.time)),
        cell("missing-required", named["came"], ""),
        cell("key-missing", named["visit"], ""),
        _under_new_key(named["visit"], "visit"),
        full_width(named["fee"]),
        *_record_faults(layout),
    ]


TODAY = pl.datetime(2026, 7, 1)  # the exports were made when the last of their records had been


def followup_faults(named: Named, layout: Layout) -> list[Fault]:
    """Of follow-ups."""
    came, following = pl.col("came"), pl.from_epoch("next_day", time_unit="d")
    slip = slips.pick(slips.ONE, [came.dt.offset_by(years) for years in ("-1y", "1y", "-10y", "10y")])
    later = slips.pick(slips.ONE, [following.dt.offset_by(years) for years in ("-1y", "1y", "-10mo", "10y")])
    return [
        *_person_faults(named, layout),
        *_pressure_faults(named),
        *_body_faults(named),
        other_unit_of_sugar(named["glucose"]),
        thinner(named["weight"]),
        _copied(named),
        cell("future-date", named["date"], came.dt.offset_by("40y").dt.strftime(layout.date)),
        cell("year-wrong", named["date"], slip.dt.strftime(layout.date)),
        cell("next-before", named["next"], later.dt.strftime(layout.date)),
        cell("missing-required", named["date"], ""),
        cell("flag-wrong", named["adverse"], "0").seen_by("followup.adr_code.in_list"),
        cell("number-in-words", named["sbp"], "偏高"),
        full_width(named["sbp"]),
        cell("key-missing", named["followup"], ""),
        _under_new_key(named["followup"], "mrn", "turn"),
        *_record_faults(layout),
    ]


def other_unit_of_sugar(column: str) -> Fault:
    """Fasting glucose in mg/dL; only those with diabetes have one."""
    milligrams = (pl.col("glucose") * 18.02).round(0).cast(pl.Int64).cast(pl.String)
    return cell("unit-mix-up", column, milligrams, pl.col("ill") == 1)


def _pressure_faults(named: Named) -> list[Fault]:
    sbp, dbp, pulse = (pl.col(name).cast(pl.String) for name in ("sbp", "dbp", "pulse"))
    typed = slips.pick(slips.THREE, [slips.other_digit(sbp), slips.lost_or_doubled(sbp)])
    beats = slips.pick(slips.THREE, [slips.other_digit(pulse), slips.lost_or_doubled(pulse)])
    number, rate = typed.cast(pl.Int64, strict=False), beats.cast(pl.Int64, strict=False)
    swapped = {named["sbp"]: dbp, named["dbp"]: sbp}
    return [
        Fault("pressure-out-of-range", named["sbp"], {named["sbp"]: typed}, typed != sbp, common=True,
              plain=(number < 60) | (number > 270) | (number <= pl.col("dbp"))),
        Fault("pressure-swapped", named["sbp"], swapped),
        Fault("pulse-wrong", named["pulse"], {named["pulse"]: beats}, beats != pulse, common=True,
              plain=(rate < 25) | (rate > 240)),
    ]  # fmt: skip


def _body_faults(named: Named) -> list[Fault]:
    """Slips of less than 10 % of a height or 20 % of a weight are hardly to be told from a real change."""
    weight, height = pl.col("weight"), pl.col("height").cast(pl.Int64).cast(pl.String)
    swapped = {named["weight"]: height, named["height"]: weight.cast(pl.String)}
    alike = ((pl.col("height") / weight - 1).abs() < 0.1).not_()
    moved = (weight * slips.pick(slips.ONE, [pl.lit(10.0), pl.lit(0.1)])).round(2)
    turned = slips.exchanged(height)
    far = (turned.cast(pl.Float64) / pl.col("height") - 1).abs() >= 0.1
    return [
        cell("weight-in-jin", named["weight"], (weight * 2).round(1).cast(pl.String)),
        cell("weight-slip", named["weight"], moved.cast(pl.String)),
        cell("height-in-metres", named["height"], (pl.col("height") / 100).round(2).cast(pl.String)),
        Fault("height-weight-swapped", named["weight"], swapped, plain=alike),
        Fault("height-digits-exchanged", named["height"], {named["height"]: turned}, turned != height, common=True,
              plain=far),
    ]  # fmt: skip


def _copied(named: Named) -> Fault:
    """Everything as at the visit before, to the decimal."""
    cells = {named[role]: pl.col(f"{role}_before").cast(pl.String) for role in ("sbp", "dbp", "pulse", "weight")}
    sugar = pl.when(pl.col("ill") == 1).then(pl.col("glucose_before").cast(pl.String)).otherwise(pl.lit(""))
    return Fault(
        "copied-forward", named["weight"], cells | {named["glucose"]: sugar}, pl.col("sbp_before").is_not_null(),
        common=True,
    )  # fmt: skip


def result_faults(named: Named, layout: Layout) -> list[Fault]:
    """Of laboratory results."""
    sampled = pl.col("sampled")
    early = sampled - pl.duration(minutes=5 + (slips.ONE * slips.TWO * 20_000).floor().cast(pl.Int64))
    put_off = {named[role]: late(pl.col(role)).dt.strftime(layout.time) for role in ("sampled", "reported")}
    return [
        Fault("odd-late-test", named["sampled"], put_off),
        hardly_ever(named["value"]),
        other_unit(named["value"]),
        decimal_slip(named["value"]),
        mistyped(named["value"]),
        cell("visit-unknown", named["visit"], slips.other_digit(pl.col("visit"))),
        cell("visit-of-another", named["visit"], pl.col("other_visit")),
        cell("record-of-another", named["mrn"], pl.col("other_mrn")),
        cell("report-before-sample", named["reported"], early.dt.strftime(layout.time)),
        cell("future-date", named["sampled"], sampled.dt.offset_by("40y").dt.strftime(layout.time)),
        cell("year-wrong", named["sampled"], slips.year_slipped(sampled).dt.strftime(layout.time)),
        cell("missing-required", named["item_code"], ""),
        cell("person-missing", named["mrn"], ""),
        cell("key-missing", named["result"], ""),
        _under_new_key(named["result"], "visit", "item_code"),
        full_width(named["value"]),
        *_record_faults(layout),
    ]
