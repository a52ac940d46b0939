"""Numbers of persons as one spelling, 15 digits as 18, and whether one may stand for a person: check digits are held.

A number that may not says why. What a number claims (birth, sex) is compared with what the record says of the person.
"""

import polars as pl

from federation.linkage.normal import placeholder
from federation.linkage.normal.frame import NORMAL_NUMBERS
from federation.linkage.normal.written import filled
from schemas.identifiers import resident_id

KINDS = {
    "1": "id", "2": "army", "3": "police", "4": "hong-kong-macao", "5": "taiwan", "6": "passport", "7": "residence",
    "9": "other",
}  # fmt: skip
WHY = {
    "placeholder": ("fills the form and says nothing", "占位值"),
    "shape": ("has not the length or the signs of its kind", "长度或字符不符"),
    "check-digit": ("its check digit does not hold", "校验位错误"),
    "calendar": ("claims a day that is in no calendar", "号码中日期不存在"),
    "contradicts-birth": ("claims another birth than the record, by more than a slip", "与出生日期矛盾"),
    "contradicts-sex": ("claims another sex than the record, and no birth speaks for it", "与性别矛盾"),
    "kind": ("nobody said what kind of number it is", "证件类型不明"),
}
# Digits of the birth (YYYYMMDD) that may differ: slips of the pen, also two neighbours exchanged, are no other person.
SLIPS = 2
_SHAPES = {
    "army": r"^[\p{Han}A-Z0-9]{5,20}$", "police": r"^[\p{Han}A-Z0-9]{5,20}$",
    "hong-kong-macao": r"^[HMhm]?[0-9]{8,10}$", "taiwan": r"^[0-9A-Z]{8,12}$", "passport": r"^[A-Z0-9]{5,12}$",
    "residence": r"^[A-Z]{3}[0-9]{12}$|^[0-9]{17}[0-9X]$", "other": r"^[A-Z0-9]{6,64}$",
}  # fmt: skip


def of_numbers(numbers: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """NUMBERS as NORMAL_NUMBERS, in order; `persons` is NORMAL (births and sexes to compare with), may lack records.

    `kind` becomes one of KINDS, whichever way it was written (`1`, `01`); a number without a kind, or of the kind
    `other`, is a resident's where it passes GB 11643 with its check digit.
    """
    said = persons.select("site", "record", "born", "sex").unique(["site", "record"], keep="first")
    rows = numbers.with_columns(_value(pl.col("value")), _kind(pl.col("kind")))
    rows = rows.with_columns(_as_resident()).with_columns(_lengthened())
    rows = rows.join(said, on=["site", "record"], how="left", maintain_order="left")
    # In steps: what a step says twice would be worked out twice in the next.
    resident = pl.when(pl.col("kind") == "id").then(pl.col("value"))
    rows = rows.with_columns(
        claimed=resident_id.birth_date(resident).dt.strftime("%Y%m%d"), digits=_digits(pl.col("value"))
    )
    rows = rows.with_columns(differing=_differing()).with_columns(why=_why())
    return rows.with_columns(usable=pl.col("why").is_null()).select(list(NORMAL_NUMBERS))


def only(numbers: pl.DataFrame, kind: str) -> pl.DataFrame:
    """`site`, `record` and a column named as the kind: the usable number; null where NORMAL_NUMBERS hold several."""
    mine = numbers.filter(pl.col("usable") & (pl.col("kind") == kind))
    one = pl.when(pl.col("value").n_unique() == 1).then(pl.col("value").first())
    return mine.group_by("site", "record").agg(one.alias(kind))


def _value(value: pl.Expr) -> pl.Expr:
    return filled(resident_id.normalised(value).str.replace_all(r"[\p{C}·\s.\-_()\[\]/,:;'\"*#]", ""))


def _kind(kind: pl.Expr) -> pl.Expr:
    named = kind.str.strip_chars_start("0").replace_strict(KINDS, default=None, return_dtype=pl.String)
    return named.fill_null(pl.when(kind.is_in([*KINDS.values(), "insurance"])).then(kind)).alias("kind")


def _as_resident() -> pl.Expr:
    kind, value = pl.col("kind"), pl.col("value")
    resident = resident_id.check_ok(value).fill_null(value=False) & resident_id.valid(value)
    return pl.when((kind.is_null() | (kind == "other")) & resident).then(pl.lit("id")).otherwise(kind).alias("kind")


def _lengthened() -> pl.Expr:
    value = pl.col("value")
    to_18 = pl.when(resident_id.valid(value) & ~placeholder.number(value)).then(resident_id.to_18(value))
    return pl.when(pl.col("kind") == "id").then(to_18).otherwise(None).fill_null(value).alias("value")


def _why() -> pl.Expr:
    """The first reason that holds, null where there is none."""
    kind, value = pl.col("kind"), pl.col("value")
    resident = kind == "id"
    shape = pl.any_horizontal(
        resident & ~value.str.contains(r"^(?:[0-9]{15}|[0-9]{17}[0-9X])$"),
        *((kind == each) & ~value.str.contains(shape) for each, shape in _SHAPES.items()),
        (kind == "insurance") & ~value.str.contains(_SHAPES["other"]),
    )
    broken = {
        "placeholder": value.is_null() | placeholder.nothing(value) | placeholder.number(pl.col("digits")),
        "kind": kind.is_null(),
        "shape": shape,
        "check-digit": resident & ~resident_id.check_ok(value),
        "calendar": resident & pl.col("claimed").is_null(),
        "contradicts-birth": resident & _other_birth(),
        "contradicts-sex": resident & _other_sex(value),
    }
    return pl.coalesce(*(pl.when(hit.fill_null(value=False)).then(pl.lit(why)) for why, hit in broken.items()))


def _digits(value: pl.Expr) -> pl.Expr:
    """The digits alone, without a letter at either end: `G00000000`, `11111111111111111X`."""
    return value.str.strip_chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ").replace("", None).fill_null(value)


def _differing() -> pl.Expr:
    """How many digits of the claimed birth differ from what the record knows of it; null where it knows nothing."""
    born, claimed = pl.col("born"), pl.col("claimed")
    known = (born.str.len_bytes() > at for at in range(8))
    slips = ((born.str.slice(at, 1) != claimed.str.slice(at, 1)) & there for at, there in enumerate(known))
    return pl.when(born.is_not_null() & claimed.is_not_null()).then(pl.sum_horizontal(*slips))


def _other_birth() -> pl.Expr:
    born = pl.col("born").str
    exchanged = pl.col("claimed") == pl.concat_str(born.head(4), born.slice(6, 2), born.slice(4, 2))
    return (pl.col("differing") > SLIPS) & ~exchanged.fill_null(value=False)


def _other_sex(value: pl.Expr) -> pl.Expr:
    return (pl.col("sex") != resident_id.sex(value)) & (pl.col("differing").fill_null(9) > SLIPS)
