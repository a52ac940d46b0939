"""Entries that are written alike, read by their markup: one is read as XML, the others by where its values stand.

An entry of a laboratory report is the same markup with other values, hundreds of times. Two entries whose text differs
only between quotation marks have the same elements and attributes; this is relied on for entries of one plain
observation whose every quoted part was seen to be an attribute. All else is read element by element, to the same rows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lxml import etree

from connectors.cda.draft import Document
from connectors.cda.observation import DATA_ELEMENTS, happened, level_of
from connectors.cda.values import V3, XSI_TYPE, tag_of
from connectors.conform import CLINICAL_LEVEL
from connectors.fhir.resources.observation import CRITICAL

if TYPE_CHECKING:
    from lxml.etree import _Element

LONGEST_MARKUP, MOST_LEARNT = 4096, 12  # bytes of an entry, and markups of one document, worth learning
FEW = 8  # entries that are not worth it
MOST, MOST_UNLIKE = 24, 4096  # markups remembered: those that were read last, and those that cannot be read so
ENTRY = V3 + "entry"
_QUANTITIES, _CODES = {"PQ", "INT", "REAL"}, {"CD", "CE", "CO"}
_ONCE = {"code", "statusCode", "effectiveTime", "value", "interpretationCode", "referenceRange"}
_ANY, _SOME = rb'[^"&<\t\r\n]*', rb'[^"&<\s][^"&<\t\r\n]*'
_RANGE = "observation/referenceRange/observationRange/value"
# Where the values stand that differ from one entry to the next; any other attribute has to be the same.
_SLOTS = {
    "observation/code/@code": "code", "observation/code/@displayName": "name",
    "observation/effectiveTime/@value": "time", "observation/value/@value": "amount", "observation/value/@unit": "unit",
    "observation/value/@code": "coded", "observation/value/@displayName": "words",
    "observation/interpretationCode/@code": "meaning", f"{_RANGE}/low/@value": "low", f"{_RANGE}/high/@value": "high",
}  # fmt: skip
ORDER = ("code", "name", "time", "amount", "unit", "coded", "words", "meaning", "low", "high")


@dataclass(frozen=True, eq=False)
class Alike:
    """All entries of one markup: `pattern` matches one and gives its values.

    `order` says which of its groups each name of `ORDER` is, -1 for none.
    """

    pattern: "re.Pattern[bytes]"
    order: tuple[int, ...]
    system: str | None
    is_coded: bool

    def columns(self, document: Document, found: Sequence[tuple[bytes, ...]]) -> dict[str, list[Any]]:
        """The columns of their rows: what observation.add_observation would have made of each."""
        nothing = [None] * len(found)
        groups = [list(map(_text, group)) for group in zip(*found, strict=True)]
        code, name, when, amount, unit, coded, words, meant, low, high = (
            groups[at] if at >= 0 else nothing for at in self.order
        )
        made: dict[str, list[Any]] = {"item_code": code, "item_system": [self.system] * len(found), "item_name": name}
        made["sampled_time"] = [document.time("sampled_time", each) for each in when]
        if self.is_coded:
            made["value_code"] = coded
            made["value_text"] = [word or code_ for word, code_ in zip(words, coded, strict=True)]
        else:
            made["value_num"], made["value_text"] = [document.number("value_num", each) for each in amount], amount
            made["value_code"] = meant
            made["unit"] = [None if each == "1" else each for each in unit]
            made["unit_ucum"] = nothing if self.system == DATA_ELEMENTS else made["unit"]
        made["critical_flag"] = [None if each is None else each in CRITICAL for each in meant]
        made["ref_low"] = [document.number("ref_low", each) for each in low]
        made["ref_high"] = [document.number("ref_high", each) for each in high]
        made["sec_level"] = [level_of(*each) or CLINICAL_LEVEL for each in zip(code, name, strict=True)]
        return made


@lru_cache(maxsize=16384)
def _text(part: bytes) -> str | None:
    return part.decode().strip() or None


class Entries:
    """The entries of one document, each with the place in the text where it begins; none where that cannot be sure."""

    def __init__(self, root: "_Element", text: bytes) -> None:
        self.text = etree.tostring(root, encoding="utf-8") if b"<!--" in text else text
        prefix = root.prefix.encode() + b":" if root.prefix else b""
        self.close = b"</" + prefix + b"entry>"
        self.learnt = 0
        self.starts: dict[_Element, int] = {}
        if self.text.count(self.close) >= FEW and b"<![CDATA[" not in self.text and self.text.count(b"<?") < 2:
            entries = list(root.iter(ENTRY))
            starts = [found.start() for found in re.finditer(b"<" + prefix + rb"entry[\s>/]", self.text)]
            if len(entries) == len(starts):
                self.starts = dict(zip(entries, starts, strict=True))

    def alike(self, entry: "_Element") -> tuple[Alike, tuple[bytes, ...]] | None:
        """How to read an entry by its markup, and its values; None where it has to be read element by element."""
        start = self.starts.get(entry, -1)
        if start < 0:
            return None
        for number, known in enumerate(_RECENT):
            if found := known.pattern.match(self.text, start):
                if number:
                    _RECENT.insert(0, _RECENT.pop(number))
                return known, found.groups()
        learnt = self._learn(entry, start)
        found = learnt.pattern.match(self.text, start) if learnt else None
        return (learnt, found.groups()) if learnt and found else None

    def _learn(self, entry: "_Element", start: int) -> Alike | None:
        end = self.text.find(self.close, start)
        if end - start > LONGEST_MARKUP or self.learnt >= MOST_LEARNT:
            return None
        parts = self.text[start:end].split(b'"')
        key = tuple(parts[::2])
        if key in _UNLIKE:
            return None
        known = _learnt(entry, parts)
        if known is not None:
            self.learnt += 1
            _RECENT.insert(0, known)
            del _RECENT[MOST:]
        elif _is_strange(entry, parts):
            _UNLIKE.add(key) if len(_UNLIKE) < MOST_UNLIKE else _UNLIKE.clear()
        return known


class Collected:
    """Entries of a document that were read by their markup, until their rows are made together."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self.found: dict[tuple[Alike, str, str | None], list[tuple[str, tuple[bytes, ...]]]] = {}

    def takes(self, entry: "_Element", suffix: str, category: str) -> bool:
        """Whether the entry is read by its markup; it then is a row, and need not be looked at again."""
        known = self.entries.alike(entry)
        if known is not None:
            self.found.setdefault((known[0], category, None), []).append((suffix, known[1]))
        return known is not None

    def make(self, document: Document) -> None:
        """The rows of all of them, as columns."""
        for (known, category, report), rows in self.found.items():
            made = known.columns(document, [values for _, values in rows])
            height = len(rows)
            made |= {"category": [category] * height, "report_id": [report] * height}
            document.add_columns("observation", [suffix for suffix, _ in rows], made)


_RECENT: list[Alike] = []  # the last to match comes first
_UNLIKE: set[tuple[bytes, ...]] = set()  # markups that no entry is read by


def _attributes(entry: "_Element") -> Iterator[tuple[str, str]]:
    """Path and value of every attribute, in the order in which they are written."""
    for element in entry.iter():
        steps = [tag_of(each) for each in element.iterancestors()]
        depth = steps.index("entry") if "entry" in steps else -1
        path = "/".join(
            [*reversed(steps[:depth] if depth >= 0 else []), tag_of(element)] if element is not entry else []
        )
        for name, value in element.items():
            yield f"{path}/@{name}", value


def _is_strange(entry: "_Element", parts: list[bytes]) -> bool:
    """Whether no entry of this markup can be read by it, whatever stands between the quotation marks."""
    marks = parts[::2]
    if any(b"<!" in mark or b"<?" in mark or b"'" in mark for mark in marks):
        return True  # a comment, a section of text or another quotation mark: what is quoted may be no attribute
    return [tag_of(each) for each in entry] != ["observation"] or not _has_each_thing_once(entry[0])


def _learnt(entry: "_Element", parts: list[bytes]) -> Alike | None:
    """The markup of an entry, with its values left open and all other attributes as they are."""
    written = list(_attributes(entry))
    if _is_strange(entry, parts) or [value.encode() for _, value in written] != parts[1::2]:
        return None
    observation = entry[0]
    slots = [_SLOTS[path] for path, _ in written if path in _SLOTS]
    if not _is_plain(observation) or "code" not in slots or "name" not in slots:
        return None
    pattern = re.escape(parts[0])
    for (path, value), mark in zip(written, parts[2::2], strict=True):
        slot = _ANY if _SLOTS.get(path) != "code" else _SOME
        pattern += (b'"(' + slot + b')"' if path in _SLOTS else re.escape(f'"{value}"'.encode())) + re.escape(mark)
    code = observation.find(V3 + "code")
    system = "" if code is None else code.get("codeSystem", "")
    order = tuple(slots.index(name) if name in slots else -1 for name in ORDER)
    return Alike(re.compile(pattern + rb"</"), order, system.strip() or None, "coded" in slots)


def _has_each_thing_once(observation: "_Element") -> bool:
    names = [tag_of(child) for child in observation]
    return len(set(names)) == len(names) and set(names) <= _ONCE


def _is_plain(observation: "_Element") -> bool:
    """Whether it is one that happened, with each thing said once, in attributes, and nothing absent or nested."""
    if not happened(observation):
        return False
    for element in observation.iter():
        if element.get("nullFlavor") is not None or (element.text and element.text.strip()):
            return False
    value = observation.find(V3 + "value")
    if value is None or len(value):
        return False
    kind = value.get(XSI_TYPE, "").rpartition(":")[2]
    has = {name for name in ("value", "code") if value.get(name, "").strip()}
    flat = all(not len(child) for child in observation if child.tag != V3 + "referenceRange")
    return flat and _is_range(observation) and (
        (kind in _QUANTITIES and has == {"value"}) or (kind in _CODES and has == {"code"})
    )  # fmt: skip


def _is_range(observation: "_Element") -> bool:
    reference = observation.find(V3 + "referenceRange")
    if reference is None:
        return True
    shape = [tag_of(each) for each in reference.iter()]
    return shape in (
        ["referenceRange", "observationRange", "value", "low", "high"],
        ["referenceRange", "observationRange", "value", "low"],
        ["referenceRange", "observationRange", "value", "high"],
    )
