"""Why a record or a value did not conform: one catalogue, in both languages, with what to do about it.

A reason never carries a value; the place is said beside it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """`whole` reasons reject a record; the others empty one value of an accepted record."""

    code: str
    whole: bool
    means: str
    zh: str
    todo: str


_ALL = (
    Reason("not-utf8", True, "The bytes are not UTF-8.", "不是 UTF-8 编码", "Export as UTF-8, or name the encoding."),
    Reason(
        "undecodable",
        True,
        "Bytes do not belong to the file's encoding.",
        "字节无法按文件编码解码",
        "Export again with one encoding for the whole file.",
    ),
    Reason("not-json", True, "The line is not one JSON value.", "不是合法 JSON", "Export the line again."),
    Reason(
        "duplicate-key",
        True,
        "A JSON key stands twice in one object; readers would disagree.",
        "JSON 键重复",
        "Ask the vendor to write each key once.",
    ),
    Reason("too-deep", True, "Nested deeper than 256 levels.", "嵌套过深", "No resource or document nests so deep."),
    Reason(
        "too-long",
        True,
        "One record is longer than 64 MiB, or a document of more than a million tags.",
        "单条记录过长",
        "Split the attachment from the record.",
    ),
    Reason(
        "not-a-resource", True, "A JSON value without resourceType.", "缺少 resourceType", "Send FHIR resources only."
    ),
    Reason(
        "wrong-fhir-version",
        True,
        "Written in another FHIR version than R4.",
        "FHIR 版本不是 R4",
        "Ask the vendor for an R4 export.",
    ),
    Reason(
        "wrong-shape",
        True,
        "A field has another JSON type than the standard gives it.",
        "字段类型与标准不符",
        "Ask the vendor to validate the export against the standard.",
    ),
    Reason(
        "no-shared-table",
        True,
        "No shared table holds this type yet.",
        "共享库暂无对应表",
        "Nothing: the record is kept, and counted here.",
    ),
    Reason(
        "required-empty",
        False,
        "A field that the format requires is empty.",
        "必填字段为空",
        "Fill it at the source; the record is accepted.",
    ),
    Reason(
        "unread-member",
        True,
        "A file inside an archive that no kind of source reads.",
        "压缩包内文件无法识别",
        "Run `guantong sniff --full` on the archive; unpack what is packed twice.",
    ),
    Reason(
        "unsafe-member",
        True,
        "A file inside an archive that leads out of it, overlaps another, or unpacks to far more than it may.",
        "压缩包内文件不安全(越界路径、重叠或压缩炸弹)",
        "Ask who made the archive; pack the exports again.",
    ),
    Reason(
        "encrypted-member",
        True,
        "A file inside an archive that is locked with a password.",
        "压缩包内文件已加密",
        "Unpack it where the password is known.",
    ),
    Reason("not-xml", True, "Not well-formed XML; the line says where.", "XML 格式错误", "Export the document again."),
    Reason(
        "has-a-dtd",
        True,
        "It declares a document type or entities, which are never read.",
        "含 DTD 或实体声明",
        "Leave the DOCTYPE out: CDA has none.",
    ),
    Reason(
        "not-a-document",
        True,
        "XML, but no ClinicalDocument of HL7 v3.",
        "不是 ClinicalDocument",
        "Send CDA R2 documents only.",
    ),
    Reason(
        "wrong-encoding",
        False,
        "The declared encoding is not that of the bytes; the bytes counted.",
        "声明的编码与字节不符",
        "Ask the vendor to declare the encoding used.",
    ),
    Reason(
        "contradicts-itself",
        False,
        "Template and code name two kinds of document; the title decided.",
        "模板与文档代码不一致",
        "Correct templateId or code at the source.",
    ),
    Reason("no-key", True, "The record has no key at its source.", "缺少来源主键", "Export the key column."),
    Reason(
        "key-repeats",
        True,
        "A later row of the same file has the same key and says something else: the key does not tell records apart.",
        "主键重复：同一文件中后面的行主键相同而内容不同，主键不足以区分记录",
        "Name more columns with `key` in the mapping (`guantong map` proposes them), or say `history = true` where "
        "later rows are later versions.",
    ),
    Reason(
        "no-rows",
        True,
        "Nothing of the record reached a shared table: the fields that would are empty or have other names.",
        "记录中没有任何内容进入共享表（字段为空或名称不符）",
        "Run `guantong sniff --full` on the file to see which fields are read; add the others to a mapping.",
    ),
    Reason("no-person", True, "The record does not say whose it is.", "缺少患者标识", "Export the patient's key."),
    Reason(
        "too-many-cells",
        True,
        "More cells than the header has columns.",
        "单元格多于表头",
        "Quote cells that hold the separator.",
    ),
    Reason(
        "too-few-cells",
        True,
        "Fewer cells than the header has columns.",
        "单元格少于表头",
        "Look for a broken line at this place.",
    ),
    Reason("open-quote", True, "A quoted cell is never closed.", "引号未闭合", "Close the quote and export again."),
    Reason(
        "not-the-format",
        True,
        "The file is not in the format it claims.",
        "文件格式与声明不符",
        "Run `guantong sniff` on it.",
    ),
    Reason(
        "truncated",
        True,
        "The file ends in the middle; what came before was read.",
        "文件被截断",
        "Copy the file again.",
    ),
    Reason(
        "no-mapping",
        True,
        "No mapping and no profile fits this sheet, or this file of an archive; it was not read.",
        "工作表或压缩包内文件无匹配的映射",
        "Let `guantong map` propose one, if it holds records.",
    ),
    Reason(
        "hidden-sheet",
        True,
        "A hidden sheet; it was not read.",
        "隐藏的工作表未读取",
        "Unhide it, if it holds records.",
    ),
    Reason("totals-row", True, "A row of sums, not a record.", "合计行，非记录", "Nothing: sums are made anew."),
    Reason("header-again", True, "The header once more, as printed on a new page.", "重复的表头行", "Nothing."),
    Reason("deleted", True, "Marked as deleted at its source.", "来源已标记删除", "Nothing, if it was meant to go."),
    Reason(
        "lost-digits",
        False,
        "A number of which a spreadsheet dropped digits: it keeps 15, an id has 18.",
        "数字精度丢失（如身份证号存为数值）",
        "Format the column as text at the source, and export again.",
    ),
    Reason("cell-error", False, "The cell holds an error, such as #N/A.", "单元格为错误值", "Mend its formula."),
    Reason(
        "bad-reference",
        False,
        "The cell refers to a text or memo that is not in the file.",
        "单元格引用缺失",
        "Save the file again with the program that made it.",
    ),
    Reason(
        "cut-text",
        False,
        "The text is cut in the middle of a character at the end of its field.",
        "文本在字段末尾被截断",
        "Widen the field at the source, and export again.",
    ),
    Reason("no-header", False, "A cell under no column name.", "单元格无对应表头", "Name its column, or empty it."),
    Reason(
        "outside-a-message",
        True,
        "Text between HL7 v2 messages that belongs to none.",
        "不属于任何消息的内容",
        "Look at what writes into the file.",
    ),
    Reason(
        "wrong-count",
        False,
        "A batch says another number of messages, or a file another number of batches, than there are; all were read.",
        "批文件声明的条数与实际不符，消息均已读取",
        "Ask the vendor whether messages are missing; BTS-1 counts messages, FTS-1 batches.",
    ),
    Reason(
        "empty-batch",
        False,
        "A batch file without messages.",
        "批文件中没有消息",
        "Nothing, if there was nothing to send.",
    ),
    Reason(
        "bad-separators",
        True,
        "MSH-1 and MSH-2 name separators that contradict each other.",
        "MSH-1、MSH-2 分隔符自相矛盾",
        "Ask the vendor to send five different signs.",
    ),
    Reason(
        "unknown-version",
        True,
        "MSH-12 names a version that is not HL7 2.x.",
        "MSH-12 不是 HL7 2.x 版本",
        "Ask the vendor for HL7 2.1 to 2.8.",
    ),
    Reason(
        "wrong-charset",
        False,
        "MSH-18 claims another encoding than the bytes have; they were read as what they are.",
        "MSH-18 与实际编码不符，已按实际编码读取",
        "Ask the vendor to correct MSH-18.",
    ),
    Reason(
        "merged-person",
        False,
        "A message says that two persons are one; rows of the old number stay under it.",
        "患者合并消息，原患者号下的数据未迁移",
        "Nothing here: the old number is kept as a number of the person that stays, and its rows stay under it.",
    ),
    Reason(
        "bad-attachment",
        False,
        "An attachment is not in the encoding it claims.",
        "附件编码与声明不符",
        "Export the document again.",
    ),
    Reason(
        "foreign-currency",
        False,
        "An amount that is not in yuan.",
        "金额不是人民币",
        "Convert at the source, or leave it.",
    ),
    Reason(
        "bad-date",
        False,
        "Not a date this profile writes, or not in the calendar.",
        "日期无法识别",
        "Correct at the source.",
    ),
    Reason(
        "partial-date",
        False,
        "The date is known to the month or year only.",
        "日期不完整",
        "Nothing, if no more is known.",
    ),
    Reason("bad-number", False, "Not a number.", "数字无法识别", "Correct at the source."),
    Reason("out-of-range", False, "A number too large for its column.", "数字超出范围", "Correct at the source."),
    Reason(
        "unmapped-code",
        False,
        "The code is not in the profile's list.",
        "代码不在值域内",
        "Add it to the mapping's `codes`, or correct it.",
    ),
    Reason(
        "bad-flag", False, "Neither of the profile's two yes/no codes.", "是否代码无法识别", "Correct at the source."
    ),
)

REASONS: dict[str, Reason] = {reason.code: reason for reason in _ALL}
