"""What the values of a column look like: shapes and shares, never a value, except short codes that few rows share.

A shape supports what a name says, or speaks against it; alone it makes a guess that is marked as one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from connectors.readers import READERS
from connectors.readers.dates import sided
from connectors.readers.unsaid_dates import unsaid
from schemas.identifiers import resident_id

LOOKED_AT = 2000
MOST_CODES = 50
LONGEST_CODE = 16
MOST = 0.8  # of the values that are said
ICD = r"^[A-TV-Z]\d{2}(?:\.[0-9Xx]\w{0,5}(?:[+*]\d*)?)?$"
PHONE = r"^(?:\+?86)?1[3-9]\d{9}$|^0\d{2,3}-?\d{7,8}$"
NUMBER = r"^[<>≤≥]?\s*[+-]?\d+(?:\.\d+)?$"
UNIT = r"^(?:[mMkKuµμnp]?(?:mol|g|L|l|IU|U|m|Pa|Hg)|%|次|片|粒|[\^*×]?10|10\^|copies|S/CO|秒|s|fL|pg)[\w/%.^*×μµ]*$"
SEX = frozenset(["男", "女", "男性", "女性", "M", "F", "m", "f", "1", "2", "0", "9", "male", "female", "未知", "不详"])
_CODE = re.compile(r"[A-Za-z]{0,12}\d{0,4}|[\u4e00-\u9fff()（）/、]{1,12}")


@dataclass(frozen=True)
class Evidence:
    """Shares of the said values that have each shape; `codes` are the distinct values where they are code-like.

    `sides` are readers of dates that do not say all: two where the values leave open what `3/4/2024` or `24-03-01` is.
    """

    said: int
    distinct: int
    shares: dict[str, float]
    codes: tuple[str, ...]
    sides: tuple[str, ...] = ()
    rows: int = 0  # that were looked at
    numbers: tuple[float, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there were rows, and none of them said anything."""
        return self.rows > 0 and not self.said

    def within(self, low: float, high: float, most: float) -> bool:
        """Whether so many of the values are numbers between these two; where nothing is said, nobody knows."""
        return bool(self.said) and sum(low <= number <= high for number in self.numbers) >= most * self.said

    @property
    def unique(self) -> bool:
        """Nearly every value once: a double line in an export does not make a key less of one."""
        return self.said > 0 and self.distinct >= 0.98 * self.said

    def fits(self, expects: str) -> float | None:
        """How well the values are of the shape: the share; None where they cannot say."""
        if not self.said or expects in ("any", "text"):
            return None
        if expects == "id":
            return 1.0 if self.shares["id"] >= MOST else self.shares["id"]
        if expects == "code":
            return 1.0 if self.distinct <= MOST_CODES or self.shares["id"] > MOST else None
        return self.shares.get(expects)


def evidence(values: Sequence[str | None] | pl.Series) -> Evidence:
    """What the first values of a column look like."""
    said = pl.Series("v", values, dtype=pl.String()).head(LOOKED_AT).str.strip_chars()
    rows = len(said)
    said = said.set(said.is_in(["", "-", "－", "NULL", "null"]), None).drop_nulls()
    distinct = said.n_unique()
    shares = {name: _share(said, flags) for name, flags in _shapes(said).items()} if len(said) else {}
    few = distinct <= MOST_CODES and (distinct <= len(said) / 2 or distinct <= 3)
    codes = tuple(sorted(said.unique().to_list())) if few else ()
    safe = codes if all(len(code) <= LONGEST_CODE and _CODE.fullmatch(code) for code in codes) else ()
    sides, numbers = tuple(sorted(sided(said) | unsaid(said))), tuple(_numbers(said).drop_nulls())
    return Evidence(len(said), distinct, shares, safe, sides, rows, numbers)


def _share(said: pl.Series, flags: pl.Series) -> float:
    return float(flags.fill_null(False).sum()) / len(said)


def _numbers(said: pl.Series) -> pl.Series:
    number = pl.select(pl.when(said.str.contains(NUMBER)).then(said.str.extract(r"(\d+(?:\.\d+)?)", 1))).to_series()
    return number.cast(pl.Float64, strict=False)


def _dates(said: pl.Series) -> pl.Series:
    """In whichever way of those that a mapping can name."""
    read = READERS["date-precision"].read([said]).is_not_null()
    for name in unsaid(said):
        read |= READERS[name].read([said]).is_not_null()
    return read


def _shapes(said: pl.Series) -> dict[str, pl.Series]:
    amount = _numbers(said)
    held = resident_id.normalised(pl.lit(said))
    return {
        "resident-id": pl.select(resident_id.check_ok(held)).to_series()
        | said.str.contains(r"^\d{15}$|^\d{17}[\dXx]$"),
        "phone": said.str.contains(PHONE),
        "date": _dates(said),
        "two-pressures": READERS["systolic"].read([said]).is_not_null(),
        "number": amount.is_not_null(),
        "money": amount.is_not_null(),
        "pressure": amount.is_between(30, 300),
        "icd": said.str.to_uppercase().str.contains(ICD),
        "sex": said.is_in(list(SEX)),
        "program": said.str.len_chars() <= 8,
        "unit": said.str.contains(UNIT),
        "name": said.str.contains(r"^[\u4e00-\u9fff·]{2,8}$|^[A-Za-z .'-]{2,40}$|^[\u4e00-\u9fff]\w{0,6}$"),
        "id": said.str.contains(r"^[A-Za-z0-9][A-Za-z0-9\-_.|]*$"),
    }
