"""What a file is that no kind of source reads, and what to do with it: the ones that people send by mistake.

Looks at the first bytes only; never shows any of them.
"""

from pathlib import Path

from connectors.delimited.bytes_of import pieces
from connectors.errors import Unreadable
from connectors.sql import dump

_LOOK_AT = 4096
_BY_START = (
    (b"PK\x03\x04", "It is a ZIP or an Excel workbook, cut off or damaged. Copy it again.", "ZIP 或工作簿损坏"),
    (b"\xd0\xcf\x11\xe0", "It is an old Office file, no sound workbook. Save it as XLSX.", "旧版 Office 损坏"),
    (b"%PDF", "It is a PDF. Ask for the data it was printed from.", "是 PDF，请索取原始数据"),
    (b"PAR1", "It is Parquet, cut off or damaged. Copy it again.", "Parquet 文件损坏或被截断，请重新拷贝"),
    (b"Rar!", "It is a RAR archive. Unpack it, or pack it as ZIP.", "是 RAR 压缩包，请解压或改用 ZIP"),
    (b"7z\xbc\xaf", "It is a 7z archive. Unpack it, or pack it as ZIP.", "是 7z 压缩包，请解压或改用 ZIP"),
    (b"\xff\xd8\xff", "It is a picture. Ask for the data that it shows.", "是图片，请索取原始数据"),
    (b"\x89PNG", "It is a picture. Ask for the data that it shows.", "是图片，请索取原始数据"),
    (b"SQLite format 3", "It is an SQLite database. Save its tables as CSV.", "是 SQLite 数据库，请导出为 CSV"),
    (b"MSH|", "It begins like HL7 v2, but its header cannot be read. Export it again.", "HL7 v2 头段损坏，请重新导出"),
    (b"<", "It is XML or HTML, and no CDA document. Ask for CDA, FHIR or a table.", "是 XML/HTML，但不是 CDA 文档"),
    (b"{", "It is JSON, but no FHIR and no known interface. Save it as CSV.", "是未知的 JSON，请另存为 CSV"),
    (b"[", "It is JSON, but no FHIR and no known interface. Save it as CSV.", "是未知的 JSON，请另存为 CSV"),
)  # fmt: skip
_BLANK = ("It holds blank lines only. Ask for the export again.", "只有空行，请重新导出")
_DICOM = (
    "It is a DICOM image. Images stay in the archive of pictures; send its reports.",
    "是 DICOM 影像，请改送检查报告",
)
_EMPTY = ("The file is empty. Ask for the export again.", "空文件，请重新导出")
_UNKNOWN = ("No kind of source knows it. Name one with --kind, or see `guantong connectors`.", "无法识别")


def stranger(path: Path) -> tuple[str, str]:
    """What the file is and what to do, in both languages."""
    try:
        start = next(pieces(path, _LOOK_AT), b"")
    except Unreadable as error:
        return str(error), "文件损坏或被截断，请重新拷贝"
    if not start:
        return _EMPTY
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not plain:
        return _BLANK
    if start[128:132] == b"DICM":
        return _DICOM
    if dump.is_dump(plain):
        return dump.MEANS
    return next(((means, zh) for mark, means, zh in _BY_START if plain.startswith(mark)), _UNKNOWN)
