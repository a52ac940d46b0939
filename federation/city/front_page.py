"""The front page of a stay as cells, under the column names of HQMS v2; other front pages rename them.

Clean pages only. Rules the cells keep to: cn-standards 1.3 and 1.7 (FP01 to FP28).
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from federation.city import names
from federation.city.chance import Chance, Ints, Keys
from federation.city.front_costs import TRANSFUSED, front_costs
from federation.city.illnesses import FIRST_BABY_CODE, ILLNESSES
from federation.city.lives import Lives
from federation.city.sites import COMMUNITY, Site

OTHERS = (("E78.500", "高脂血症"), ("K76.000", "脂肪肝"), ("D64.900", "贫血"))


@dataclass(frozen=True)
class Style:
    """How one front page writes: Polars date formats, what an empty record is, and whether commas are deleted."""

    date: str
    time: str
    commas: bool = False


def front_pages(lives: Lives, site: Site, chance: Chance, style: Style) -> pl.DataFrame:
    """One row a stay at the site: String cells by v2 name, beside the typed columns of `Lives.stays`."""
    stays = lives.stays.filter(pl.col("hospital") == site.place)
    keys = stays["key"].to_numpy()
    stays = stays.with_columns(*_ages(), pl.lit(site.zh).alias("site_name"), **_drawn(keys, chance))
    return (
        stays.hstack(_illness(stays["ill"].to_numpy()))
        .with_columns(*_who(site, style), *_stay(style), *_diagnoses(), *_operation(style), *_rest())
        .hstack(front_costs(stays, chance))
    )


PERSON = pl.col("person")
OTHER_PERSON = PERSON.xor(1)  # with whom papers are mixed up


def record_number(place: int, person: pl.Expr = PERSON) -> pl.Expr:
    """The site's own number of a person: eight digits, another order at every site."""
    # 99,999,989 is prime, so that no two persons of one city share a number.
    return ((person * (7919 + 2 * place) + 12_345_678 + place) % 99_999_989).cast(pl.String).str.zfill(8)


def _ages() -> list[pl.Expr]:
    came, born = pl.col("came").dt.date(), pl.col("born")
    early = came.dt.strftime("%m%d") < born.dt.strftime("%m%d")
    return [
        (came.dt.year() - born.dt.year() - early.cast(pl.Int32)).alias("age"),
        (came - born).dt.total_days().alias("age_days"),
    ]


def _drawn(keys: Keys, chance: Chance) -> dict[str, pl.Series]:
    staff = pl.Series(names.STAFF)
    people = {f"staff_{n}": staff.gather(chance.whole(f"staff {n}", keys, 0, len(staff) - 1)) for n in range(8)}
    drawn = {
        "transferred": chance.one_of("discharge way", keys, [88, 2, 5, 5]) + 1,
        "receiver": chance.whole("receiver", keys, 0, len(COMMUNITY) - 1),
        "other": chance.one_of("other diagnosis", keys, [3, 2, 1, 1]),
        "weight": chance.whole("birth weight", keys, 250, 410) * 10,
        "route": chance.one_of("route", keys, [4, 6, 0.5]) + 1,
        "readmit": chance.yes("planned return", keys, 0.04),
        "coma": chance.yes("coma", keys, 0.3),
        "operation_day": np.floor(chance.even("operation day", keys) * 0.6 * 100).astype(np.int64),
        "ward": chance.whole("ward", keys, 1, 12),
        "blood": chance.yes("blood", keys, TRANSFUSED),
    }
    return people | {name: pl.Series(values) for name, values in drawn.items()}


def _catalogue() -> pl.DataFrame:
    rows = [
        {
            "C03C": ill.code,
            "C04N": ill.name,
            "dept": ill.dept,
            "C09C": ill.growth[0] if ill.growth else "",
            "C10N": ill.growth[1] if ill.growth else "",
            "C12C": ill.cause[0] if ill.cause else "",
            "C13N": ill.cause[1] if ill.cause else "",
            "op_code": ill.operation[0] if ill.operation else "",
            "op_name": ill.operation[1] if ill.operation else "",
            "op_level": ill.operation[2] if ill.operation else "",
            "op_incision": ill.operation[3] if ill.operation else "",
            "drug_atc": ill.drug[0],
            "drug": ill.drug[1],
            "dose": ill.drug[2],
            "dose_unit": ill.drug[3],
        }
        for ill in ILLNESSES
    ]
    return pl.DataFrame(rows)


CATALOGUE = _catalogue()


def _illness(ill: Ints) -> pl.DataFrame:
    return CATALOGUE[ill]


def _moment(column: str, style: Style) -> pl.Expr:
    return pl.col(column).dt.strftime(style.time)


def _text(name: str, value: str) -> pl.Expr:
    return pl.lit(value).alias(name)


def _clean(column: str, style: Style) -> pl.Expr:
    return pl.col(column) if style.commas else pl.col(column).str.replace_all(",", "", literal=True)


def _who(site: Site, style: Style) -> list[pl.Expr]:
    return [
        _text("A01", site.uscc),
        _text("A02", site.zh),
        record_number(site.place).alias("A48"),
        pl.col("seq").cast(pl.String).alias("A49"),
        _text("A47", "-"),
        pl.col("payer").alias("A46C"),
        pl.col("name").alias("A11"),
        pl.col("sex").cast(pl.String).alias("A12C"),
        pl.col("born").dt.strftime(style.date).alias("A13"),
        pl.col("age").cast(pl.String).alias("A14"),
        pl.when(pl.col("age") == 0).then(pl.col("age_days").cast(pl.String)).otherwise(pl.lit("")).alias("A16"),
        _text("A15C", "156"),
        pl.col("marital").alias("A21C"),
        pl.col("occupation").alias("A38C"),
        pl.col("ethnicity").str.strip_chars_start("0").alias("A19C"),
        _text("A20N", "1"),
        pl.col("id_number").alias("A20"),
        pl.col("household").alias("A22"),
        _text("A23C", "3"),
        pl.col("household").alias("A24"),
        _text("A25C", "064000"),
        _clean("address", style).alias("A26"),
        pl.col("phone").alias("A27"),
        _text("A28C", "064000"),
        pl.col("workplace").alias("A29"),
        _text("A30", "-"),
        _text("A31C", "-"),
        pl.col("contact").alias("A32"),
        _text("A33C", "1"),
        _clean("address", style).alias("A34"),
        pl.col("phone").alias("A35"),
    ]


def _stay(style: Style) -> list[pl.Expr]:
    dept = pl.col("dept")
    way = pl.when("died").then(pl.lit("5")).otherwise(pl.col("transferred").cast(pl.String))
    receivers = [site.zh for site in COMMUNITY]
    receiver = pl.col("receiver").replace_strict(list(range(len(receivers))), receivers, return_dtype=pl.String)
    return [
        _moment("came", style).alias("B12"),
        _moment("left", style).alias("B15"),
        _text("B38", "0"),
        pl.col("route").cast(pl.String).alias("B11C"),
        dept.alias("B13C"),
        dept.alias("B16C"),
        _text("B21C", "-"),
        pl.format("{}病区", "ward").alias("B14"),
        pl.format("{}病区", "ward").alias("B17"),
        pl.col("days").cast(pl.String).alias("B20"),
        way.alias("B34C"),
        pl.when(way.is_in(["2", "3"])).then(receiver).otherwise(pl.lit("-")).alias("B35"),
        pl.when("readmit").then(pl.lit("2")).otherwise(pl.lit("1")).alias("B36C"),
        pl.when("readmit").then(pl.lit("复查")).otherwise(pl.lit("-")).alias("B37"),
        pl.when(way == "5").then(pl.lit("2")).otherwise(pl.lit("-")).alias("C34C"),
    ]


def _other(place: int) -> tuple[pl.Expr, pl.Expr]:
    """The n-th other diagnosis: a birth's outcome, then chronic illness, then by chance."""
    code, main = pl.col("C03C"), pl.col("C03C").str.slice(0, 3)
    birth = main.is_in(["O80", "O82"])
    adult = pl.col("age") >= 18
    ranked = [
        (birth, FIRST_BABY_CODE, "单一活产"),
        (adult & pl.col("hypertension") & (main != "I10"), "I10.x00x002", "高血压病"),
        (adult & pl.col("diabetes") & (main != "E11"), "E11.900", "2型糖尿病"),
        *((adult & (pl.col("other") == n + 1), *OTHERS[n]) for n in range(len(OTHERS))),
    ]
    before = pl.lit(0)
    codes, zh = pl.lit(""), pl.lit("")
    for holds, name, words in ranked:
        here = holds & (before == place) & (code != "")
        codes = pl.when(here).then(pl.lit(name)).otherwise(codes)
        zh = pl.when(here).then(pl.lit(words)).otherwise(zh)
        before = before + holds.cast(pl.Int32)
    return codes, zh


def _diagnoses() -> list[pl.Expr]:
    main, name = pl.col("C03C"), pl.col("C04N")
    others = []
    for place in range(3):
        code, zh = _other(place)
        present = pl.when(code == "").then(pl.lit("")).when(code == FIRST_BABY_CODE).then(pl.lit("4"))
        others += [
            code.alias(f"C06x0{place + 1}C"),
            zh.alias(f"C07x0{place + 1}N"),
            present.otherwise(pl.lit("1")).alias(f"C08x0{place + 1}C"),
        ]
    allergic = pl.col("allergic")
    grown = pl.col("C09C") != ""
    birth, newborn = main.str.slice(0, 3).is_in(["O80", "O82"]), pl.col("age_days") <= 28
    weight = pl.col("weight").cast(pl.String)
    head = (main.str.slice(0, 3) == "S06") & pl.col("coma")
    return [
        main.alias("C01C"),
        name.alias("C02N"),
        _text("C05C", "1"),
        *others,
        pl.when(grown).then(pl.format("B{}", pl.col("key") % 1_000_000)).otherwise(pl.lit("")).alias("C11"),
        pl.when(allergic).then(pl.lit("2")).otherwise(pl.lit("1")).alias("C24C"),
        pl.when(allergic).then(pl.lit("青霉素")).otherwise(pl.lit("-")).alias("C25"),
        pl.when(main.str.starts_with("B20")).then(pl.lit("2")).otherwise(pl.lit("1")).alias("F12"),
        _text("F10", "1"),
        _text("F11", "1"),
        _text("F01", "3"),
        _text("F05", "2"),
        pl.when(birth | newborn).then(weight).otherwise(pl.lit("")).alias("A18x01"),
        pl.when(newborn).then(weight).otherwise(pl.lit("")).alias("A17"),
        *(_text(column, "0") for column in ("C28", "C29", "C31", "C32", "C33", "C47")),
        pl.when(head).then(pl.lit("15")).otherwise(pl.lit("0")).alias("C30"),
    ]


def _operation(style: Style) -> list[pl.Expr]:
    done = pl.col("op_code") != ""
    after = pl.duration(minutes=(pl.col("left") - pl.col("came")).dt.total_minutes() * pl.col("operation_day") // 100)
    at = (pl.col("came") + after).dt.strftime(style.time)
    cut = pl.col("op_incision").is_in(["1", "2", "3"])
    incision = pl.when(cut).then(pl.col("op_incision").replace({"2": "4", "3": "7"})).otherwise(pl.lit("0"))

    def if_done(value: pl.Expr, name: str) -> pl.Expr:
        return pl.when(done).then(value).otherwise(pl.lit("")).alias(name)

    return [
        pl.col("op_code").alias("C14x01C"),
        pl.col("op_name").alias("C15x01N"),
        if_done(at, "C16x01"),
        pl.col("op_level").alias("C17x01"),
        if_done(pl.col("staff_5"), "C18x01"),
        if_done(pl.col("staff_6"), "C19x01"),
        if_done(pl.col("staff_3"), "C20x01"),
        if_done(incision, "C21x01C"),
        if_done(pl.lit("0102"), "C22x01C"),
        if_done(pl.col("staff_7"), "C23x01"),
    ]


def _rest() -> list[pl.Expr]:
    transfused = pl.col("blood") & (pl.col("op_code") != "")
    staff = {"B22": 0, "B23": 1, "B24": 2, "B25": 3, "B26": 4, "B29": 7, "B31": 1, "B32": 4}
    return [
        *(pl.col(f"staff_{n}").alias(column) for column, n in staff.items()),
        _text("B27", "-"),
        _text("B28", "-"),
        _text("B30C", "1"),
        pl.col("abo").alias("C26C"),
        pl.col("rh").alias("C27C"),
        pl.when(transfused).then(pl.lit("2")).otherwise(pl.lit("0")).alias("F21"),
        pl.when(transfused).then(pl.lit("2")).otherwise(pl.lit("0")).alias("F22"),
    ]
