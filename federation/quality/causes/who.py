"""Who can likely mend a cause: said as a likelihood, from where the failing rows stand and how many of them fail."""

from enum import StrEnum

from federation.quality.causes.attribute import Kind
from federation.quality.causes.cause import Cause
from federation.quality.check import Check
from federation.quality.kind import Kind as Asks

NEARLY_ALL = 0.9  # of a group's rows: no person errs so often, a program does


class Who(StrEnum):
    """Where a fault likely sits."""

    MAPPING = "mapping"
    EXPORT = "export"
    SYSTEM = "system"
    CODES = "codes"
    TYPING = "typing"

    @property
    def en(self) -> str:
        """In English."""
        return _EN[self]

    @property
    def zh(self) -> str:
        """In Chinese."""
        return _ZH[self]


_EN = {
    Who.MAPPING: "mapping: whoever set up the reading of this export",
    Who.EXPORT: "export: the vendor or IT department that makes the files",
    Who.SYSTEM: "system or form: IT department with the department named",
    Who.CODES: "code table: whoever keeps the dictionary of these codes",
    Who.TYPING: "typing: the staff who enter it",
}
_ZH = {
    Who.MAPPING: "映射：负责接入配置的人员",
    Who.EXPORT: "导出：厂商或信息科",
    Who.SYSTEM: "系统或表单：信息科会同该科室",
    Who.CODES: "代码表：字典维护人员",
    Who.TYPING: "录入：录入人员",
}


def who(check: Check, cause: Cause | None) -> Who:
    """Who can likely mend the cause; None is what is left, scattered."""
    if cause is None:
        return Who.EXPORT if check.kind in {Asks.REFERENCE, Asks.UNIQUE} else Who.TYPING
    if any(each.attribute.kind is Kind.READING for each in cause.conditions):
        return Who.EXPORT
    columns = {each.attribute.column for each in cause.conditions if each.attribute.kind is Kind.CODE}
    if check.kind is Asks.REFERENCE:
        return Who.EXPORT
    if check.kind is Asks.CODE and columns & set(check.columns):
        return Who.MAPPING
    if cause.rate < NEARLY_ALL:
        return Who.TYPING if columns or not cause.conditions else Who.EXPORT
    return _program(cause, columns)


def _program(cause: Cause, columns: set[str]) -> Who:
    """Which program, where nearly all rows fail."""
    if not cause.conditions:
        return Who.MAPPING
    if any("dept" in name or "icu" in name for name in columns):
        return Who.SYSTEM
    return Who.CODES if columns else Who.EXPORT
