"""Heights and weights against the person's age and other measurements: slips, units, columns, copied figures."""

import polars as pl

from federation.quality.check import check
from federation.quality.growth.need import Grows
from federation.quality.kind import Kind, Severity
from federation.quality.links import Some
from federation.quality.measurement import OF_THE_BODY
from federation.quality.views import FOLLOWED, MEASUREMENT

SOURCE = "WHO growth standards 2006 and reference 2007; after Daymont 2017, doi 10.1093/jamia/ocx037"
RARE = "Illness, oedema and pregnancy change some people faster than nearly all others."
BODY = ("height_cm", "weight_kg", "age_days")
MEASURED = Grows(*BODY, OF_THE_BODY)
FOLLOWED_UP = Grows(*BODY, Some("measured", pl.any_horizontal(pl.col(BODY[:2]).is_not_null())))


@check(
    MEASUREMENT,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="身高、体重与年龄性别及本人其他测量值相符（疑为单位、小数点、错列或照抄）",
    source=SOURCE,
    tolerates=0.002,
    because=RARE,
    needs=[MEASURED],
)
def body_fits_the_person() -> pl.Expr:
    """A height or weight fits the person's age, sex and other measurements."""
    return pl.col(MEASURED.name)


@check(
    FOLLOWED,
    Kind.ATEMPORAL,
    severity=Severity.WARN,
    zh="随访的身高、体重与年龄性别及本人其他随访相符（疑为单位、小数点、错列或照抄）",
    source=SOURCE,
    tolerates=0.002,
    because=RARE,
    needs=[FOLLOWED_UP],
)
def body_fits_the_person_followed() -> pl.Expr:
    """Height and weight of a follow-up fit the person's age, sex and other follow-ups."""
    return pl.col(FOLLOWED_UP.name)
