"""Results and vital signs: known units, possible values, times in order, no result twice."""

import polars as pl

from federation.quality.ask import all_told, asked_if, day, said
from federation.quality.check import Check, check
from federation.quality.frame import AS_OF
from federation.quality.kind import Kind, Severity
from federation.quality.need import Unique
from federation.quality.ranges import BY_AGE, ITEMS, Item
from federation.quality.views import MEASUREMENT, PRESSURE
from schemas.tables.observation import Observation

KAHN_TIME = "Kahn 2016, temporal plausibility"
VALUE = pl.col("value_num")
# LOINC panels: their results are rows of their own, so the panel itself has none.
PANELS = ["85354-9", "55284-4", "35094-2", "85353-1", "24323-8", "51990-0", "57698-3", "58410-2", "57021-8", "24356-8"]


@check(
    MEASUREMENT,
    Kind.FORMAT,
    severity=Severity.WARN,
    zh="常见项目的单位可识别",
    source="UCUM; WS 445.9-2014 DE04.30.016.00",
)
def unit_is_known() -> pl.Expr:
    """A common measurement has one of the units it is made in."""
    return asked_if(pl.col("item").is_not_null() & VALUE.is_not_null(), pl.col("standard").is_not_null())


def _possible(item: Item) -> Check:
    def possible() -> pl.Expr:
        standard = asked_if(pl.col("item") == item.id, pl.col("standard"))
        return standard.is_between(pl.col("low"), pl.col("high"))

    by_age = any(each.item == item.id for each in BY_AGE)
    possible.__name__ = f"{item.id}_is_possible"
    possible.__doc__ = f"{item.means} is {item.low:g} to {item.high:g} {item.unit}, whatever unit it came in" + (
        "; narrower for some ages." if by_age else "."
    )
    return check(
        MEASUREMENT,
        Kind.ATEMPORAL,
        zh=f"{item.zh}在{item.low:g}至{item.high:g} {item.unit}之间（按单位换算{'，部分年龄更窄' if by_age else ''}）",
        source=f"Kahn 2016, atemporal plausibility; federation/quality/ranges.csv ({item.basis})",
        tolerates=0.001,
        because="The bounds are hard, yet a survivor beyond them is reported now and then.",
    )(possible)


POSSIBLE = tuple(_possible(item) for item in ITEMS)


@check(
    MEASUREMENT,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="结果数值与所写单位相称（换一个常用单位后数值才合常理的，疑为单位写错）",
    source="Kahn 2016, atemporal plausibility; UCUM; federation/quality/ranges.csv",
    tolerates=0.001,
    because="A patient may really have the value that would be an everyday one in another unit.",
)
def value_fits_its_unit() -> pl.Expr:
    """A value that is out of the ordinary would not be an everyday one in another unit of the measurement."""
    return asked_if(pl.col("standard").is_not_null(), pl.col("fits_if_unit").is_null())


@check(
    MEASUREMENT,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="结果数值在几乎所有患者的范围之内（超出的疑为小数点或数字写错）",
    source="Kahn 2016, atemporal plausibility; federation/quality/ranges.csv (often_low, often_high)",
    tolerates=0.001,
    because="A few patients really are as ill as hardly anybody.",
)
def value_is_usual() -> pl.Expr:
    """A value lies where nearly all patients have theirs; one beyond may be true, and deserves a look at the paper."""
    return pl.col("usual")


@check(
    Observation,
    Kind.FILLED,
    severity=Severity.WARN,
    zh="结果已填写（数值、文字或代码）",
    source="WS 445.9-2014 DE04.30.015.00, DE04.30.017.00",
)
def has_a_result() -> pl.Expr:
    """A laboratory result or vital sign has a number, a text or a code."""
    result = VALUE.is_not_null() | said("value_text") | said("value_code")
    panel = pl.col("item_code").is_in(PANELS).fill_null(value=False)
    return asked_if(pl.col("category").is_in(["laboratory", "vital-signs"]) & panel.not_(), result)


@check(
    Observation,
    Kind.FILLED,
    severity=Severity.WARN,
    zh="检验结果的采样或报告时间已填写",
    source="国卫办医函〔2018〕1079号 及时性; DE04.50.137.00",
)
def is_dated() -> pl.Expr:
    """A laboratory result or vital sign says when it was taken or reported."""
    dated = pl.col("sampled_time").is_not_null() | pl.col("reported_time").is_not_null()
    return asked_if(pl.col("category").is_in(["laboratory", "vital-signs"]), dated)


@check(
    Observation, Kind.FILLED, severity=Severity.WARN, zh="数值型检验结果有单位", source="WS 445.9-2014 DE04.30.016.00"
)
def number_has_a_unit() -> pl.Expr:
    """A laboratory number has a unit."""
    return asked_if((pl.col("category") == "laboratory") & VALUE.is_not_null(), said("unit") | said("unit_ucum"))


@check(Observation, Kind.TEMPORAL, zh="采样、接收、报告时间先后有序", source="国卫办医函〔2018〕1079号 及时性")
def sampled_received_reported() -> pl.Expr:
    """A sample is taken, then received, then reported."""
    sampled, received, reported = (pl.col(name) for name in ("sampled_time", "received_time", "reported_time"))
    steps = [received >= sampled, reported >= received, reported >= sampled]
    return asked_if(
        pl.any_horizontal(step.is_not_null() for step in steps),
        all_told(steps),
    )


@check(
    Observation,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="采样后90天内报告",
    source="国卫办医函〔2018〕1079号 及时性; 分枝杆菌培养 takes up to 8 weeks",
    tolerates=0.002,
    because="A few examinations are sent on to other laboratories.",
)
def reported_within_ninety_days() -> pl.Expr:
    """A result is reported within 90 days: no culture takes longer, so one of the two dates is another one."""
    return (pl.col("reported_time") - pl.col("sampled_time")).dt.total_days() <= 90


@check(
    PRESSURE,
    Kind.ATEMPORAL,
    zh="同一时刻测得的收缩压大于舒张压",
    source="Kahn 2016, atemporal plausibility; WS 372.2",
)
def systolic_is_above_diastolic() -> pl.Expr:
    """Of the pressures measured at one moment the systolic one is above the diastolic one."""
    return pl.col("diastolic") < VALUE


@check(Observation, Kind.TEMPORAL, zh="报告时间不晚于评分日", source=KAHN_TIME)
def reported_by_now() -> pl.Expr:
    """Nothing is reported after the day of the scoring."""
    return day("reported_time") <= pl.col(AS_OF)


@check(MEASUREMENT, Kind.TEMPORAL, zh="采样不早于患者出生", source=KAHN_TIME)
def sampled_after_birth() -> pl.Expr:
    """Nobody is measured before the day of birth."""
    return day("sampled_time") >= pl.col("birth_date")


@check(
    MEASUREMENT,
    Kind.TEMPORAL,
    severity=Severity.WARN,
    zh="采样不晚于患者死亡",
    source=KAHN_TIME,
    tolerates=0.001,
    because="Samples are taken after death where a cause is looked for.",
)
def sampled_before_death() -> pl.Expr:
    """Nobody is measured after the day of death."""
    return day("sampled_time") <= day("death_time")


@check(Observation, Kind.ATEMPORAL, zh="参考范围下限不大于上限", source="Kahn 2016, atemporal plausibility")
def reference_range_is_a_range() -> pl.Expr:
    """A reference range begins below its end."""
    return pl.col("ref_low") <= pl.col("ref_high")


@check(
    Observation,
    Kind.UNIQUE,
    severity=Severity.WARN,
    zh="同一患者同一项目同一时刻同一结果不重复",
    source="Kahn 2016, uniqueness plausibility",
    needs=[Unique(("person_id", "item_code", "sampled_time", "value_text"))],
)
def reported_once() -> pl.Expr:
    """The same result of the same item at the same moment stands once."""
    return pl.col("unique(person_id, item_code, sampled_time, value_text)")
