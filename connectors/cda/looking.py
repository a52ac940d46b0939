"""What the head of a CDA file names: kinds of document and sections, and the tables they reach. Parses nothing."""

import re
from collections import Counter

from connectors.cda.doc_kind import WST500, named
from connectors.looked import Fact, Looked

_DOCUMENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument(?=[\s/>])")
_TEMPLATE = re.compile(rb"""<(?:[\w.-]+:)?templateId\s[^>]*?root\s*=\s*["']([0-9.]+)["']""")
_CODE = re.compile(rb"""<(?:[\w.-]+:)?code\s[^>]*?code\s*=\s*["']([\w.-]+)["']""")
_SECTION = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?section(?=[\s/>])")
_LOINC = re.compile(r"\d{1,6}-\d")
_NEAR = 4096  # bytes from the start of a section in which its code stands
_ALWAYS = ("document", "patient", "patient_identifier", "encounter")
_BY_SECTION = {
    "condition": ("11450-4", "29548-5", "11348-0", "46241-6", "11535-2", "10219-4", "10218-6", "59769-0", "59776-5",
                  "55109-3"),
    "medication": ("10160-0", "42346-7", "10183-2", "75311-1", "29549-3", "11369-6", "46209-3"),
    "observation": ("30954-2", "8716-3", "29545-1", "29762-2", "47420-5", "10190-7", "48765-2"),
    "procedure": ("47519-4", "59774-0"),
    "encounter": ("46240-8", "11336-5", "8648-8"),
    "cost": ("48768-6",),
}  # fmt: skip
REACHES = {code: table for table, codes in _BY_SECTION.items() for code in codes}


def looked(head: bytes, encoding: str, *, whole: bool) -> Looked:
    """`head` is unpacked and in bytes that ASCII can be looked for in; `whole` says that it is all of the file."""
    starts = [found.start() for found in _DOCUMENT.finditer(head)]
    kinds = Counter(_kind(head[start : start + 8192]) for start in starts)
    facts = [Fact("encoding", "编码", encoding)]
    facts += [Fact(name, "文档数", str(count)) for name, count in sorted(kinds.items())]
    sections = {code for found in _SECTION.finditer(head) if (code := _code(head, found.end()))}
    mapped: dict[str, tuple[str, ...]] = {"header": _ALWAYS} if starts else {}
    mapped |= {f"section {code}": (REACHES[code],) for code in sorted(sections) if code in REACHES}
    unmapped = tuple(f"section {code}" for code in sorted(sections) if code not in REACHES)
    return Looked(facts, len(starts), whole, mapped, unmapped)


def _kind(start: bytes) -> str:
    templates = [each.decode() for each in _TEMPLATE.findall(start)]
    code = _CODE.search(start)
    kind = named(templates, code[1].decode() if code else None)
    return f"{kind.code} {kind.zh}" if (kind.template or "").startswith(WST500) else kind.name


def _code(head: bytes, start: int) -> str:
    """The LOINC code that stands first after the start of a section; empty where none does."""
    found = _CODE.search(head, start, start + _NEAR)
    code = found[1].decode() if found else ""
    return code if _LOINC.fullmatch(code) else ""
