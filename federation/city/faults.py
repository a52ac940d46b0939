"""The classes of errors the city injects, and how a cell or a line is spoilt.

Every class says what a reader should make of it, so that the truth file can be compared with what was found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

FULL_WIDTH = "０１２３４５６７８９"
DICE = ("dice_1", "dice_2", "dice_3")
BAD_BYTE = "\x1a"  # stands for one byte that belongs to no encoding; no cell holds it otherwise


@dataclass(frozen=True)
class Kind:
    """What is to be expected of a class of errors.

    `reject` the record cannot be read; `value` one cell is emptied; `finding` a check counts it;
    `duplicate` the pool holds the record once; `tolerated` it is read as if written well.
    """

    kind: str
    check: str
    means: str
    zh: str


CLASSES: dict[str, Kind] = {
    "discharge-before-admission": Kind("finding", "FP01", "Discharged before admitted.", "出院早于入院"),
    "stay-length-wrong": Kind("finding", "FP02", "Days in hospital do not follow from the dates.", "住院天数不符"),
    "born-in-future": Kind("finding", "", "Born after the visit.", "出生日期晚于就诊"),
    "age-wrong": Kind("finding", "FP04", "Age does not follow from the birth date.", "年龄与出生日期不符"),
    "operation-outside-stay": Kind("finding", "FP05", "Operated on after discharge.", "手术时间不在住院期间"),
    "diagnosis-name-missing": Kind("finding", "FP06", "A diagnosis code without its name.", "诊断名称缺失"),
    "lower-case-icd": Kind("finding", "FP07", "Diagnosis code in lower case.", "诊断编码小写"),
    "pathology-missing": Kind("finding", "FP08", "A tumour without a pathology code.", "肿瘤缺病理诊断"),
    "external-cause-missing": Kind("finding", "FP09", "An injury without its external cause.", "损伤缺外部原因"),
    "birth-weight-wrong": Kind("finding", "FP10", "Birth weight not in steps of 10 g.", "出生体重非10克整数倍"),
    "receiver-missing": Kind("finding", "FP11", "Transferred to nobody.", "转院缺接收机构"),
    "cost-not-positive": Kind("finding", "", "Total cost zero or below.", "总费用不大于零"),
    "cost-sum-mismatch": Kind("finding", "", "Total below the sum of its parts.", "总费用小于分项之和"),
    "self-pay-above-total": Kind("finding", "FP14", "Own share above the total.", "自付超过总费用"),
    "allergen-missing": Kind("finding", "FP18", "Allergic, to nothing named.", "有过敏无药物名称"),
    "coma-minutes-wrong": Kind("finding", "FP19", "75 minutes in an hour.", "昏迷分钟超界"),
    "readmission-purpose-missing": Kind("finding", "FP21", "Return planned without a purpose.", "再住院无目的"),
    "id-check-digit": Kind("finding", "FP22", "The id number's check digit is wrong.", "身份证校验位错误"),
    "id-birth-mismatch": Kind("finding", "FP22", "Birth date differs from the id number's.", "身份证与出生日期不符"),
    "sex-against-diagnosis": Kind("finding", "FP23", "A diagnosis of the other sex.", "诊断与性别不符"),
    "signature-missing": Kind("finding", "FP25", "The chief's signature is a dash.", "科主任签名缺失"),
    "diagnosis-twice": Kind("finding", "FP27", "The same other diagnosis twice.", "其他诊断重复"),
    "bad-department": Kind("finding", "FP28", "A department code of no list.", "科别代码错误"),
    "missing-required": Kind("finding", "FP26", "A required cell is empty.", "必填项缺失"),
    "pressure-out-of-range": Kind("finding", "", "A blood pressure with a slip of the pen.", "血压笔误"),
    "unit-mix-up": Kind("finding", "", "A mg/dL value under the label mmol/L.", "单位混淆"),
    "future-date": Kind("finding", "", "Happens years from now.", "日期在未来"),
    "visit-unknown": Kind("finding", "", "Points at a visit that is not there.", "就诊引用不存在"),
    "discharge-date-wrong": Kind("finding", "", "The discharge date has a slip of the pen.", "出院日期笔误"),
    "year-wrong": Kind("finding", "", "The year is another one than it was.", "年份笔误"),
    "default-date": Kind("finding", "", "A system's default stands where a date belongs.", "日期为系统默认值"),
    "id-digits-exchanged": Kind(
        "finding", "FP22", "Two neighbouring digits of an id number changed places.", "身份证号相邻两位颠倒"
    ),
    "id-digit-lost": Kind("finding", "FP22", "An id number has a digit too few or too many.", "身份证号少位或多位"),
    "id-placeholder": Kind("finding", "", "Something that is no id number stands in its place.", "身份证号为占位符"),
    "id-of-another": Kind("finding", "", "The id number is somebody else's.", "身份证号为他人"),
    "sex-swapped": Kind("finding", "", "The sex is the other one.", "性别填反"),
    "birth-day-month-swapped": Kind("finding", "", "Day and month of birth changed places.", "出生月日颠倒"),
    "birth-default": Kind("finding", "", "A default stands for the birth date.", "出生日期为默认值"),
    "record-of-another": Kind("finding", "", "A record is filed under another person's number.", "记录归入他人名下"),
    "person-twice": Kind("finding", "", "The same person is registered a second time.", "同一人重复建档"),
    "death-too-early": Kind("finding", "", "A living person was declared dead.", "误登死亡"),
    "text-garbled": Kind("finding", "", "A text was read in the wrong encoding.", "文字乱码"),
    "code-truncated": Kind("finding", "", "The end of a diagnosis code is missing.", "诊断编码被截断"),
    "name-in-code": Kind("finding", "FP07", "The diagnosis stands in words where its code belongs.", "编码栏填写文字"),
    "name-of-another-code": Kind("finding", "", "The name is that of another diagnosis.", "诊断名称与编码不符"),
    "diagnosis-against-age": Kind("finding", "", "A diagnosis that nobody of that age has.", "诊断与年龄不符"),
    "main-is-external-cause": Kind(
        "finding", "", "The external cause stands as principal diagnosis.", "外部原因作为主要诊断"
    ),
    "operation-against-sex": Kind("finding", "", "An operation that only the other sex has.", "手术与性别不符"),
    "fee-slip": Kind("finding", "", "A fee has its decimal point in another place.", "费用小数点错位"),
    "fee-negative": Kind("finding", "", "A fee below zero.", "费用为负"),
    "fee-in-fen": Kind("finding", "", "The fee is in fen, not in yuan.", "费用以分计"),
    "decimal-slip": Kind("finding", "", "A result has its decimal point in another place.", "结果小数点错位"),
    "digit-wrong": Kind("finding", "", "One digit of a result is another one.", "结果数字笔误"),
    "report-before-sample": Kind("finding", "", "Reported before it was sampled.", "报告早于采样"),
    "pressure-swapped": Kind("finding", "", "Systolic and diastolic pressure changed places.", "收缩压舒张压填反"),
    "pulse-wrong": Kind("finding", "", "A pulse with a digit too few or too many.", "心率笔误"),
    "weight-in-jin": Kind("finding", "", "A weight in jin under the label kg.", "体重以斤计"),
    "weight-slip": Kind("finding", "", "A weight with its decimal point in another place.", "体重小数点错位"),
    "height-in-metres": Kind("finding", "", "A height in metres under the label cm.", "身高以米计"),
    "height-weight-swapped": Kind("finding", "", "Height and weight changed places.", "身高体重填反"),
    "height-digits-exchanged": Kind("finding", "", "Two digits of a height changed places.", "身高数字颠倒"),
    "copied-forward": Kind("finding", "", "All that was measured is copied from the visit before.", "照抄上次测量值"),
    "next-before": Kind("finding", "", "The next visit is planned before this one.", "下次随访早于本次"),
    "dose-slip": Kind("finding", "", "A dose with its decimal point in another place.", "剂量小数点错位"),
    "visit-of-another": Kind("finding", "", "Points at somebody else's visit.", "就诊引用指向他人"),
    "sent-under-new-key": Kind("finding", "", "The same record again, under another key.", "同一记录换主键重复上报"),
    "sex-unmapped": Kind("value", "", "Sex in words no list has.", "性别代码不在值域"),
    "flag-wrong": Kind("value", "", "Neither of the two codes for yes and no.", "是否代码错误"),
    "date-day-first": Kind("value", "", "Date written day first.", "日期为日/月/年"),
    "date-impossible": Kind("value", "", "A date no calendar has.", "日期不存在"),
    "number-in-words": Kind("value", "", "Words where a number belongs.", "数字栏为文字"),
    "key-missing": Kind("reject", "", "The record has no key.", "缺主键"),
    "person-missing": Kind("reject", "", "The record does not say whose it is.", "缺患者标识"),
    "extra-cells": Kind("reject", "", "More cells than columns.", "单元格过多"),
    "line-cut": Kind("reject", "", "The line ends in the middle.", "行被截断"),
    "broken-json": Kind("reject", "", "The line is no JSON.", "JSON 损坏"),
    "json-key-twice": Kind("reject", "", "A JSON key stands twice.", "JSON 键重复"),
    "no-resource-type": Kind("reject", "", "JSON that does not say what it is.", "缺少资源类型"),
    "wrong-json-type": Kind("reject", "", "A list where an object belongs.", "JSON 类型错误"),
    "undecodable-byte": Kind("reject", "", "A byte outside the file's encoding.", "字节无法解码"),
    "row-twice": Kind("duplicate", "", "The same row again, byte for byte.", "整行重复"),
    "sent-again": Kind("duplicate", "", "The same record again, written otherwise.", "同一记录再次导出"),
    "odd-old-id": Kind("tolerated", "", "An id of 15 digits, as issued before 2000.", "十五位旧身份证号"),
    "odd-foreign-name": Kind("tolerated", "", "The name of a foreigner.", "外籍人员姓名"),
    "odd-late-test": Kind("tolerated", "", "Sampled weeks after the visit that ordered it.", "就诊数周后采样"),
    "odd-long-visit": Kind("tolerated", "", "A visit or a stay that lasts much longer than others.", "超长就诊或住院"),
    "odd-result": Kind("tolerated", "", "A result of somebody as ill as hardly anybody.", "罕见极端结果"),
    "odd-weight": Kind("tolerated", "", "Much weight lost since the last visit.", "体重显著下降"),
    "full-width-digits": Kind("tolerated", "", "Digits in full width.", "全角数字"),
}


@dataclass(frozen=True)
class Fault:
    """One way a record of a sheet goes wrong. `column` is the source column the truth file names, empty for the record.

    `cells` replace columns; `line` (over the column `line`) replaces what was written; `when` says for which rows it
    can happen; `again` is a second line, after the good one. Sizes are drawn from the columns DICE, evenly spread over
    [0, 1). `plain` is true where a careful reader could see the error from the data alone: what he takes for an
    everyday value is told by the person's life in the city, never by what a check thinks of it. `common` are those
    whose `when` holds for most rows.
    """

    name: str
    column: str = ""
    cells: Mapping[str, pl.Expr] = field(default_factory=dict)
    when: pl.Expr = field(default_factory=lambda: pl.lit(value=True))
    line: pl.Expr | None = None
    again: pl.Expr | None = None
    kind: str = ""
    check: str | None = None
    common: bool = False
    plain: pl.Expr = field(default_factory=lambda: pl.lit(value=True))

    def __post_init__(self) -> None:
        assert self.name in CLASSES, self.name

    def seen_by(self, check: str, kind: str = "finding") -> "Fault":
        """The same fault where another check or another kind than its class's own is to be expected."""
        return replace(self, check=check, kind=kind)

    @property
    def weight(self) -> int:
        """How often it is drawn where it can happen: more where few rows allow it, so that small cities have it too."""
        return 1 if self.common or self.when.meta.is_literal() else 4

    @property
    def expected(self) -> tuple[str, str]:
        """Kind and check id to be expected, the class's own unless the sheet differs."""
        known = CLASSES[self.name]
        return self.kind or known.kind, known.check if self.check is None else self.check


NO_DEPARTMENTS = ("99X", "00", "内儿科", "8801", "A01")  # of no list
ALWAYS = pl.lit(value=True)


def cell(name: str, column: str, to: pl.Expr | str, when: pl.Expr | None = None, plain: pl.Expr | None = None) -> Fault:
    """A fault of one cell."""
    spoilt = pl.lit(to) if isinstance(to, str) else to
    able, seen = (ALWAYS if each is None else each for each in (when, plain))
    return Fault(name, column, {column: spoilt}, able, plain=seen)


def full_width(column: str) -> Fault:
    """The same digits, as an input method set to Chinese writes them."""
    return cell("full-width-digits", column, pl.col(column).str.replace_many(list("0123456789"), list(FULL_WIDTH)))


def doubled() -> Fault:
    """The line again."""
    return Fault("row-twice", again=pl.col("line"))


def bad_byte() -> Fault:
    """One byte in the middle of the line that no decoder takes."""
    half = pl.col("line").str.len_chars() // 2
    return Fault("undecodable-byte", line=pl.col("line").str.slice(0, half) + BAD_BYTE + pl.col("line").str.slice(half))


def extra_cells(separator: str) -> Fault:
    """Two cells too many at the end."""
    return Fault("extra-cells", line=pl.col("line") + pl.lit(separator * 2 + "x"))


def cut() -> Fault:
    """A third of the line is missing."""
    return Fault("line-cut", line=pl.col("line").str.slice(0, pl.col("line").str.len_chars() * 2 // 3))
