"""Names as parts that can be compared: family, given, their syllables, and whether the name is the mother's.

Remarks, titles and numbers around a name go; of a name that nobody has (`无名氏`, `测试`) nothing is left.
"""

import polars as pl

from federation.linkage.normal import newborn, placeholder
from federation.linkage.normal.distinct import of_distinct
from federation.linkage.normal.latin import latin
from federation.linkage.normal.pinyin import surname_syllables, syllables
from federation.linkage.normal.surname import split
from federation.linkage.normal.written import UNREADABLE, filled, has_han, plain

LONGEST = 64  # characters; more is no name
COLUMNS = ("family", "given", "family_pinyin", "given_pinyin", "newborn", "twin")
_OPEN, _CLOSE = r"(\[{<【〔「『《〈", r")\]}>】〕」』》〉"
_REMARK = f"[{_OPEN}][^{_CLOSE}]*[{_CLOSE}]?|[{_CLOSE}]"
_BETWEEN = r"[\s·‧•・.․∙⋅。,、'\-—–_~/\\|:;]"  # dots of minority names, in all their likenesses; blanks that pad a name
_MASKED = rf"某|{UNREADABLE}|[?✱□■◻◼●○◯〓×✕✖]"
_CROSSED = r"(\p{Han})[xX]{1,3}$"
_BEFORE = r"^(?:患儿|产妇|孕妇|患者|病人|死者)([\p{Han}*]{2,})$"
_BEHIND = r"^([\p{Han}*]+?)(?:先生|女士|小姐|太太|同志|老师|医生|大夫|师傅)+$"
_ABOUT = r"^([\p{Han}*]{2,}?)(?:新农合|农合|医保|自费|体检|急诊|复诊|转院|重名)+$"
_TITLES = rf"^(?:{newborn.TITLE} )+"
_NOT_CHINESE = r"[\p{Hiragana}\p{Katakana}\p{Hangul}]"


def of_names(names: pl.Series) -> pl.DataFrame:
    """One row a name, in order: COLUMNS; all String but `newborn` Boolean, which is null where no name is known."""
    return of_distinct(names, _parts)


def _parts(names: pl.Series) -> pl.DataFrame:
    short = pl.when(pl.col("name").str.len_chars() <= LONGEST).then(pl.col("name"))
    said = names.alias("name").to_frame().select(short).select(plain(pl.col("name")))
    rows = placeholder.unless_nobody(said["name"]).to_frame()
    bare = pl.col("name").str.replace_all(_REMARK, "")
    chinese = rows.select((has_han(pl.col("name")) & ~bare.str.contains(_NOT_CHINESE)).fill_null(value=False))
    where = chinese.to_series()
    made = pl.concat([_chinese(rows.filter(where)["name"]), _in_letters(rows.filter(~where)["name"])])
    order = pl.concat([where.arg_true(), (~where).arg_true()])
    return _sounded(made.with_columns(order.alias("order")).sort("order"))


def _sounded(rows: pl.DataFrame) -> pl.DataFrame:
    known = pl.any_horizontal(pl.col("family", "given").is_not_null()) | pl.col("newborn")
    return rows.with_columns(
        surname_syllables(rows["family"]).alias("family_pinyin"), syllables(rows["given"]).alias("given_pinyin"),
        pl.when(known).then(pl.col("newborn")).alias("newborn"),
    ).select(COLUMNS)  # fmt: skip


def _chinese(names: pl.Series) -> pl.DataFrame:
    """Cleaned again until nothing changes: one remark may hide another."""
    rows = names.alias("name").to_frame().with_columns(newborn=pl.lit(value=False), twin=pl.lit(None, dtype=pl.String))
    left = pl.arange(0, len(names), eager=True)
    while len(left):
        some = rows[left]
        once = _cleaned(some["name"])
        changed = (once["name"] != some["name"]).fill_null(value=False) | once["name"].is_null() & some[
            "name"
        ].is_not_null()
        merged = once.with_columns(once["newborn"] | some["newborn"], some["twin"].fill_null(once["twin"]))
        rows = rows.with_columns(rows[column].scatter(left, merged[column]) for column in rows.columns)
        left = left.filter(changed)
    family, given = split(pl.col("name"))
    return rows.with_columns(placeholder.unless_nobody(rows["name"])).select(
        family.alias("family"), given.alias("given"), "newborn", "twin"
    )


def _cleaned(names: pl.Series) -> pl.DataFrame:
    """Name, newborn, twin after one cleaning of Chinese names. In steps, or each would be said again in the next."""
    masked = pl.col("name").str.replace_all(_MASKED, "*").str.replace(_CROSSED, "${1}**")
    rows = names.alias("name").to_frame().select(masked)
    inside = pl.col("name").str.replace_all(f"[{_OPEN}{_CLOSE}]|{_BETWEEN}", "")
    rows = rows.with_columns(inside=inside, outside=filled(pl.col("name").str.replace_all(_REMARK, "")))
    rows = rows.with_columns(pl.col("outside").str.replace_all(_BETWEEN, "").fill_null(pl.col("inside")))
    bare = pl.col("outside").str.replace_all(r"[^\p{Han}*]", "")
    tidy = bare.str.replace(_BEFORE, "$1").str.replace(_BEHIND, "$1").str.replace(_ABOUT, "$1")
    twin = pl.coalesce(newborn.twin(pl.col("inside")), newborn.letter(pl.col("outside")))
    rows = rows.select(mother=newborn.mother(pl.col("inside")), tidy=tidy, twin=twin)
    return rows.select(filled(pl.col("mother").fill_null(pl.col("tidy"))).alias("name"),
                       pl.col("mother").is_not_null().alias("newborn"), "twin")  # fmt: skip


def _in_letters(names: pl.Series) -> pl.DataFrame:
    """Before a comma stands the family name; without one the name stays whole."""
    rows = names.alias("name").to_frame().select(pl.col("name").str.replace_all(_REMARK, " ").alias("name"))
    first, rest = (pl.col("name").str.extract(r"(?s)^([^,]*),(.*)$", part) for part in (1, 2))
    rows = rows.with_columns(
        whole=_untitled(latin(pl.col("name"))), first=_untitled(latin(first)), rest=_untitled(latin(rest))
    )
    rows = rows.with_columns(known=placeholder.unless_nobody(rows["whole"]).is_not_null())
    rows = rows.with_columns(pl.when(pl.col("known")).then(pl.col("whole", "first", "rest")))
    rows = rows.with_columns(mother=newborn.mother_in_letters(pl.col("whole")))
    parted = pl.all_horizontal(pl.col("first", "rest").is_not_null()) & pl.col("mother").is_null()
    given = filled(pl.coalesce("mother", "whole"))
    return rows.select(
        family=pl.when(parted).then("first"), given=pl.when(parted).then("rest").otherwise(given),
        newborn=pl.col("mother").is_not_null(), twin=pl.lit(None, dtype=pl.String),
    )  # fmt: skip


def _untitled(name: pl.Expr) -> pl.Expr:
    return filled(name.str.replace(_TITLES, ""))
