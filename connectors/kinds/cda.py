"""CDA R2 as files: C-CDA and WS/T 500-2016 documents, one or several in a file, plain or gzip."""

import re
from pathlib import Path

from connectors.cda.cut import wrapper
from connectors.cda.doc_kind import named
from connectors.cda.fills import FILLS
from connectors.cda.looking import looked
from connectors.cda.spelling import declared_in
from connectors.connector import Connector, Sniffed, Source
from connectors.errors import NoSuchKind
from connectors.head import LOOK_AT, head_of
from connectors.looked import Looked

_SPACE = b"urn:hl7-org:v3"
_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument(?=[\s/>])")
_TEMPLATE = re.compile(rb"""<(?:[\w.-]+:)?templateId\s[^>]*?root\s*=\s*["']([0-9.]+)["']""")
_CODE = re.compile(rb"""<(?:[\w.-]+:)?code\s[^>]*?code\s*=\s*["']([\w.-]+)["']""")
_PATIENT = b"recordTarget"
_FAMILY = {"wst500": "WS/T 500-2016", "ccda": "C-CDA", "cda": "CDA R2"}


class Cda:
    """The kind `cda`. It has no profiles and takes no mapping: templates and data elements say what a value means."""

    kind = "cda"
    means = "CDA R2: WS/T 500-2016 (53 kinds of document) and C-CDA, one or several in a file, plain or gzip."
    takes_mapping = False
    fills = FILLS
    zh = "CDA R2：WS/T 500-2016 共享文档（53 种）与 C-CDA，可为 gzip"

    def sniff(self, path: Path) -> Sniffed | None:
        """Sure where a ClinicalDocument begins in the head, less so without its namespace; None for anything else."""
        raw = head_of(path)
        head, encoding = as_text(raw)
        root = _ROOT.search(head)
        if root is None or not head.lstrip().startswith(b"<"):
            return None
        sure = 0.97 if _SPACE in head else 0.8
        about = head.find(_PATIENT, root.end())  # what is behind are templates of sections and entries
        end = about if about >= 0 else len(head)
        templates = [each.decode() for each in _TEMPLATE.findall(head, root.end(), end)]
        code = _CODE.search(head, root.end(), end)
        kind = named(templates, code[1].decode() if code else None)
        inside = " Inside a wrapper." if wrapper(head) else ""
        number = f" {kind.code}" if kind.family == "wst500" else ""
        return Sniffed(
            self.kind, "", sure, f"{_FAMILY[kind.family]}{number}: {kind.name}, {encoding}.{inside}",
            f"{_FAMILY[kind.family]}{number} {kind.zh}，编码 {encoding}",
        )  # fmt: skip

    def look(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Looked:
        """Kinds of document and sections in the first MiB, and the tables that the sections reach."""
        self.open(path, profile, mapping)
        raw = head_of(path, LOOK_AT)
        head, encoding = as_text(raw)
        return looked(head, encoding, whole=len(raw) < LOOK_AT)

    def open(self, path: Path, profile: str | None = None, mapping: Path | None = None) -> Source:
        """The file, ready to be read. Raises NoSuchKind when a profile or a mapping is asked for."""
        if profile or mapping:
            raise NoSuchKind("cda has no profiles and takes no mapping. Leave --profile and --mapping out.")
        from connectors.cda.source import CdaSource

        return CdaSource(path)


def as_text(raw: bytes) -> tuple[bytes, str]:
    """A head in bytes in which tags can be looked for, and the encoding it claims or shows."""
    for mark, name in (
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if raw.startswith(mark):
            return raw.decode(name, "replace").removeprefix("\ufeff").encode(), name
    plain = raw.removeprefix(b"\xef\xbb\xbf")
    return plain, declared_in(plain) or "utf-8"


CONNECTOR: Connector = Cda()
