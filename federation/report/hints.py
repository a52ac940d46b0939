"""What to do about a failing check, by what it asks: where the fault usually sits and who can mend it."""

from federation.quality.kind import Kind
from federation.report.both import Both

HINTS: dict[Kind, Both] = {
    Kind.FILLED: Both(
        "在源系统补录；若已填写，请核对导出或映射是否漏了该字段。",
        "Fill it in at the source; if it is there, look whether the export or the mapping leaves it out.",
    ),
    Kind.FORMAT: Both(
        "按规范格式重新导出；乱码请核对文件编码。",
        "Export it in the profile's format; for damaged text check the encoding.",
    ),
    Kind.CODE: Both(
        "在映射的 codes 中补充对照，或在源系统改正代码。",
        "Add the code to the mapping's codes, or correct it at the source.",
    ),
    Kind.REFERENCE: Both(
        "把被引用的记录（患者、就诊）一并导出。", "Export the records it points at (patient, visit) as well."
    ),
    Kind.DERIVED: Both(
        "核对计算口径：源系统应由原始值重新计算。",
        "Let the source system compute it again from the values it follows from.",
    ),
    Kind.UNIQUE: Both("核对是否重复导出或主键被复用。", "Look for rows exported twice, or a key used for two things."),
    Kind.ATEMPORAL: Both("核对数值、单位与性别年龄是否录错。", "Check value, unit, sex and age for typing errors."),
    Kind.TEMPORAL: Both(
        "核对时间先后，常见为录入或时区错误。", "Check the order of the times; often typed wrongly or of another zone."
    ),
}
