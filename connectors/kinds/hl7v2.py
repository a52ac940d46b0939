"""HL7 v2 as files: single messages, batches, MLLP frames; any separators, line ends and encodings; zipped or not."""

import re
from pathlib import Path

from connectors.connector import Connector, Sniffed, Source
from connectors.errors import NoSuchKind
from connectors.head import LOOK_AT, head_of, is_packed
from connectors.hl7v2.looking import FILLS, charset_of, kind_of, looked, version_of
from connectors.looked import Looked


class Hl7V2:
    """The kind `hl7v2`. It has no profiles and takes no mapping: HL7 says itself what its fields mean."""

    kind = "hl7v2"
    means = "HL7 v2.1 to 2.8: messages, batches, MLLP frames, gzip or plain."
    takes_mapping = False
    zh = "HL7 v2.1–2.8：单条消息、批文件、MLLP 帧，可为 gzip"
    fills = FILLS

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure where a header stands first, less where one begins a later line, None for anything else."""
        from connectors.hl7v2.blocks import BEGINS
        from connectors.hl7v2.header import header

        head = head_of(path)
        if _is_wide(head):
            return Sniffed(
                self.kind,
                "",
                0.97,
                "Begins with an HL7 v2 header in UTF-16, which is not read: export it as UTF-8 or GB18030.",
                "HL7 v2 消息，但编码为 UTF-16，无法读取，请以 UTF-8 或 GB18030 导出",
            )
        said = header(head)
        if said is not None:
            type_ = kind_of(said) if said.type else "batch"
            version, charset = version_of(said), charset_of(said)
            about = f"version {version or 'not said'}, {charset or 'no character set named'}"
            about_zh = f"版本 {version or '未注明'}，字符集 {charset or '未注明'}"
            return Sniffed(
                self.kind,
                "",
                0.97,
                f"Begins with an HL7 v2 header: {type_}, {about}.",
                f"HL7 v2 消息：{type_}，{about_zh}",
            )
        if b"MSH" in head and BEGINS.search(head):  # the pattern alone is tried at every byte
            return Sniffed(
                self.kind,
                "",
                0.6,
                "A line begins with MSH, but no header that can be read stands first.",
                "含以 MSH 开头的行，首行无法识别",
            )
        return None

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """The file, ready to be read. Raises NoSuchKind when a profile or a mapping is asked for."""
        from connectors.hl7v2.source import Hl7Source

        if profile or mapping:
            raise NoSuchKind("hl7v2 has no profiles and takes no mapping. Leave --profile and --mapping out.")
        return Hl7Source(path)

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """Separators, encoding, versions, types and segments of the first MiB."""
        self.open(path, profile, mapping)
        head = head_of(path, LOOK_AT)
        return looked(head, packed=is_packed(path), whole=len(head) < LOOK_AT)


_WIDE = re.compile(
    rb"(?:\xff\xfe)?(?:M\0S\0H|F\0H\0S|B\0H\0S)\0[!-/:-@\\[-`{-~]\0"
    rb"|(?:\xfe\xff)?\0(?:M\0S\0H|F\0H\0S|B\0H\0S)\0[!-/:-@\\[-`{-~]"
)


def _is_wide(head: bytes) -> bool:
    """Whether a header stands first in two bytes a sign; such text looks like one of many columns."""
    return _WIDE.match(head) is not None


CONNECTOR: Connector = Hl7V2()
