"""Whose record a landing table's record is, and which record: the data elements that are numbers of something.

Never guessed: a header without any of them is refused, and the message names those that would serve.
"""

from collections.abc import Mapping

# As for documents: numbers that stay with a person come before those of one stay or visit.
PERSON = {
    "DE02.01.030.00": "身份证件号码",
    "DE01.00.009.00": "健康档案编号",
    "DE01.00.021.00": "健康卡号",
    "DE01.00.004.00": "病案号",
    "DE01.00.014.00": "住院号",
    "DE01.00.010.00": "门（急）诊号",
}
# The narrowest comes first: a report is one of a visit's, a visit one of a person's.
RECORD = {
    "DE01.00.018.00": "检查（验）报告单编号",
    "DE01.00.020.00": "处方编号",
    "DE01.00.008.00": "电子申请单编号",
    "DE01.00.014.00": "住院号",
    "DE01.00.010.00": "门（急）诊号",
    "DE01.00.004.00": "病案号",
    "DE01.00.009.00": "健康档案编号",
    "DE01.00.021.00": "健康卡号",
    "DE02.01.030.00": "身份证件号码",
}
PRESCRIPTION = "DE01.00.020.00"
SEQUENCE = "DE02.10.090.00"  # which admission it is: a record number is the person's


def person_of(named: Mapping[str, str]) -> str | None:
    """The column whose number names the person."""
    return next((named[each] for each in PERSON if each in named), None)


def record_of(named: Mapping[str, str]) -> str | None:
    """The column whose number names the record."""
    return next((named[each] for each in RECORD if each in named), None)


def lacking() -> str:
    """What a header without any of them is told."""
    serving = ", ".join(f"{element} {zh}" for element, zh in PERSON.items())
    return (
        "Its columns are called after data elements, but none of them is a number that names a person. "
        f"One of these would serve: {serving}."
    )
