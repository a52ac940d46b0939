"""One condition on an attribute of a row: `admit_dept_code is 0301`, `since 2026-03`; in words of both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from federation.quality.causes.attribute import Attribute, Kind
from schemas.code_system import code_system


class How(StrEnum):
    """How the attribute is compared. WITHIN, SINCE and UNTIL are of months, ends included."""

    IS = "is"
    BUT = "but"
    SINCE = "since"
    UNTIL = "until"
    WITHIN = "within"


@dataclass(frozen=True)
class Condition:
    """`value` is the text compared with, None for an empty cell; `last` the last month of WITHIN."""

    attribute: Attribute
    how: How
    value: str | None
    last: str | None = None

    @property
    def holds(self) -> pl.Expr:
        """True or false, never null, for rows of the check's frame."""
        text = self.attribute.text
        wanted = pl.lit(self.value, dtype=pl.String)
        if self.how is How.IS:
            return text.eq_missing(wanted)
        if self.how is How.BUT:
            return text.ne_missing(wanted)
        since, until = text >= wanted, text <= pl.lit(self.last if self.how is How.WITHIN else self.value)
        both = {How.SINCE: since, How.UNTIL: until, How.WITHIN: since & until}[self.how]
        return both.fill_null(value=False)

    def en(self, names: Mapping[str, str]) -> str:
        """In English; `names` are names of files, to be said in the place of their marks."""
        what = f"`{self.attribute.column}`" + (" written" if self.attribute.kind is Kind.SHAPE else "")
        if self.attribute.kind is Kind.MONTH:
            return _month(self, ("since {0}", "until {0}", "from {0} to {1}", "in {0}"), self.attribute.column)
        if self.attribute.kind is Kind.READING:
            return f"emptied on reading: {self.value}"
        value = "empty" if self.value is None else self._said(self.value, names, 0)
        return f"{what} {value}" if self.how is How.IS else f"{what} other than {value}"

    def zh(self, names: Mapping[str, str]) -> str:
        """In Chinese."""
        what = f"“{self.attribute.zh}”" + ("写作" if self.attribute.kind is Kind.SHAPE else "为")
        if self.attribute.kind is Kind.MONTH:
            return _month(self, ("自{0}起", "至{0}止", "{0}至{1}", "{0}当月"), self.attribute.zh)
        if self.attribute.kind is Kind.READING:
            return f"{self.attribute.zh}：{self.value}"
        value = "空" if self.value is None else self._said(self.value, names, 1)
        return f"{what}{value}" if self.how is How.IS else f"{what.removesuffix('为')}非{value}"

    def _said(self, value: str, names: Mapping[str, str], language: int) -> str:
        if self.attribute.column == "source_file":
            return names.get(value, value)
        meaning = code_system(self.attribute.codes).labels.get(value) if self.attribute.codes else None
        return f"{value} {meaning[language]}" if meaning else value


def _month(condition: Condition, words: tuple[str, str, str, str], of: str) -> str:
    since, until, within, only = words
    alone = condition.how is How.IS or (condition.how is How.WITHIN and condition.value == condition.last)
    said = {How.SINCE: since, How.UNTIL: until}.get(condition.how, only if alone else within)
    return f"{said.format(condition.value, condition.last)} ({of})"
