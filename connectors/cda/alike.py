"""Entries that are written alike, read by their markup: one is read as XML, the others by where its values stand.

An entry of a laboratory report is the same markup with other values, hundreds of times. Two entries whose text differs
only between quotation marks have the same elements and attributes; this is relied on for entries of one plain
observation whose every quoted part was seen to be an attribute. All else is read element by element, to the same rows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

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
_ANY, _SOME = r'[^"&<\t\r\n]*', r'[^"&<\s][^"&<\t\r\n]*'
_RANGE = "observation/referenceRange/observationRange/value"
# Where the values stand that differ from one entry to the next; any other attribute has to be the same.
_SLOTS = {
    "observation/code/@code": "code", "observation/code/@displayName": "name",
    "observation/effectiveTime/@value": "time", "observation/value/@value": "amount", "observation/value/@unit": "unit",
    "observation/value/@code": "coded", "observation/value/@displayName": "words",
    "observation/interpretationCode/@code": "meaning", f"{_RANGE}/low/@value": "low", f"{_RANGE}/high/@value": "high",
}  # fmt: skip
_SAID = frozenset({"code", "amount", "coded"})  # an entry without one of these is another kind of row
_AFTER = frozenset(" \t\r\n>/")
ORDER = ("code", "name", "time", "amount", "unit", "coded", "words", "meaning", "low", "high")


@dataclass(frozen=True, eq=False)
class Alike:
    """All entries of one markup: `pattern` matches one and gives its values.

    `order` says which of its groups each name of `ORDER` is, -1 for none.
    """

    pattern: "re.Pattern[str]"
    order: tuple[int, ...]
    system: str | None
    is_coded: bool

    def columns(self, document: Document, found: Sequence[tuple[str, ...]]) -> dict[str, list[Any]]:
        """The columns of their rows: what observation.add_observation would have made of each."""
        nothing = [None] * len(found)
        groups = [[each.strip() or None for each in group] for group in zip(*found, strict=True)]
        code, name, when, amount, unit, coded, words, meant, low, high = (
            groups[at] if at >= 0 else nothing for at in self.order
        )
        made: dict[str, list[Any]] = {"item_code": code, "item_system": [self.system] * len(found), "item_name": name}
        made["sampled_time"] = [document.time("sampled_time", each) for each in when]
        if self.is_coded:
            made["value_code"] = coded
            made["value_text"] = [word or code_ for word, code_ in zip(words, coded, strict=True)]
        else:
            made["value_num"], made["value_text"] = document.numbers("value_num", amount), amount
            made["value_code"] = meant
            made["unit"] = [None if each == "1" else each for each in unit]
            made["unit_ucum"] = nothing if self.system == DATA_ELEMENTS else made["unit"]
        made["critical_flag"] = [None if each is None else each in CRITICAL for each in meant]
        made["ref_low"] = document.numbers("ref_low", low)
        made["ref_high"] = document.numbers("ref_high", high)
        made["sec_level"] = [level_of(*each) or CLINICAL_LEVEL for each in zip(code, name, strict=True)]
        return made

    def code(self, values: tuple[str, ...]) -> str:
        """The code that an entry with these values has, as written."""
        return values[self.order[0]]


Read = tuple[Alike, tuple[str, ...]]  # how an entry is read by its markup, and its values


class Entries:
    """The entries of one document, each with the place in the text where it begins; none where that cannot be sure.

    `ready` are those that were read before the document was parsed.
    """

    def __init__(self, text: str, prefix: str) -> None:
        self.text, self.close = text, f"</{prefix}entry>"
        self.learnt = 0
        self.ready: dict[_Element, Read] = {}
        self.starts: dict[_Element, int] = {}

    @classmethod
    def of(cls, root: "_Element", text: bytes) -> Self:
        """The entries of a document that was parsed whole."""
        prefix = f"{root.prefix}:" if root.prefix else ""
        made = cls((etree.tostring(root, encoding="utf-8") if b"<!--" in text else text).decode(), prefix)
        if made.text.count(made.close) >= FEW and "<![CDATA[" not in made.text and made.text.count("<?") < 2:
            made.tie(root, starts_in(made.text, prefix))
        return made

    def tie(self, root: "_Element", starts: Sequence[int]) -> list["_Element"]:
        """Ties entries to the places where they begin; none where there are not as many of both."""
        entries = list(root.iter(ENTRY))
        if len(entries) != len(starts):
            return []
        self.starts = dict(zip(entries, starts, strict=True))
        return entries

    def alike(self, entry: "_Element") -> Read | None:
        """How to read an entry by its markup, and its values; None where it has to be read element by element."""
        if (read := self.ready.get(entry)) is not None:
            return read
        start = self.starts.get(entry, -1)
        if start < 0:
            return None
        known = known_at(self.text, start)
        return (known[0], known[1].groups()) if known else self._learn(entry, start)

    def _learn(self, entry: "_Element", start: int) -> Read | None:
        end = self.text.find(self.close, start)
        if end - start > LONGEST_MARKUP or self.learnt >= MOST_LEARNT:
            return None
        parts = self.text[start:end].split('"')
        key = tuple(parts[::2])
        if key in _UNLIKE:
            return None
        known = _learnt(entry, parts)
        if known is None:
            if _is_strange(entry, parts):
                _UNLIKE.add(key) if len(_UNLIKE) < MOST_UNLIKE else _UNLIKE.clear()
            return None
        self.learnt += 1
        _RECENT.insert(0, known)
        del _RECENT[MOST:]
        found = known.pattern.match(self.text, start)
        return (known, found.groups()) if found else None


class Collected:
    """Entries of a document that were read by their markup, until their rows are made together."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries
        self.found: dict[tuple[Alike, str, str | None], list[tuple[str, tuple[str, ...]]]] = {}

    def takes(self, entry: "_Element", suffix: str, category: str) -> bool:
        """Whether the entry is read by its markup; it then is a row, and need not be looked at again."""
        known = self.entries.alike(entry)
        if known is not None:
            self.add(entry, known, suffix, category, None)
        return known is not None

    def add(self, entry: "_Element", read: Read, suffix: str, category: str, report: str | None) -> None:
        """The entry is a row of its values."""
        self.entries.ready.pop(entry, None)
        self.found.setdefault((read[0], category, report), []).append((suffix, read[1]))

    def make(self, document: Document) -> None:
        """The rows of all of them, as columns."""
        for (known, category, report), rows in self.found.items():
            made = known.columns(document, [values for _, values in rows])
            height = len(rows)
            made |= {"category": [category] * height, "report_id": [report] * height}
            document.add_columns("observation", [suffix for suffix, _ in rows], made)


def starts_in(text: str, prefix: str) -> list[int]:
    """Where entries begin, as far as the text shows; `prefix` is the root's, with its colon."""
    name = f"<{prefix}entry"
    starts, at = [], text.find(name)
    while at >= 0:
        if text[at + len(name) : at + len(name) + 1] in _AFTER:
            starts.append(at)
        at = text.find(name, at + 1)
    return starts


def known_at(text: str, start: int) -> "tuple[Alike, re.Match[str]] | None":
    """An entry of a markup that was learnt before; what matched ends within its end tag, before the name."""
    for number, known in enumerate(_RECENT):
        if found := known.pattern.match(text, start):
            if number:
                _RECENT.insert(0, _RECENT.pop(number))
            return known, found
    return None


_RECENT: list[Alike] = []  # the last to match comes first
_UNLIKE: set[tuple[str, ...]] = set()  # markups that no entry is read by


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


def _is_strange(entry: "_Element", parts: list[str]) -> bool:
    """Whether no entry of this markup can be read by it, whatever stands between the quotation marks."""
    marks = parts[::2]
    if any("<!" in mark or "<?" in mark or "'" in mark for mark in marks):
        return True  # a comment, a section of text or another quotation mark: what is quoted may be no attribute
    return [tag_of(each) for each in entry] != ["observation"] or not _has_each_thing_once(entry[0])


def _learnt(entry: "_Element", parts: list[str]) -> Alike | None:
    """The markup of an entry, with its values left open and all other attributes as they are."""
    written = list(_attributes(entry))
    if _is_strange(entry, parts) or [value for _, value in written] != parts[1::2]:
        return None
    observation = entry[0]
    slots = [_SLOTS[path] for path, _ in written if path in _SLOTS]
    if not _is_plain(observation) or "code" not in slots or "name" not in slots:
        return None
    pattern = re.escape(parts[0])
    for (path, value), mark in zip(written, parts[2::2], strict=True):
        slot = _SOME if _SLOTS.get(path) in _SAID else _ANY
        pattern += (f'"({slot})"' if path in _SLOTS else re.escape(f'"{value}"')) + re.escape(mark)
    code = observation.find(V3 + "code")
    system = "" if code is None else code.get("codeSystem", "")
    order = tuple(slots.index(name) if name in slots else -1 for name in ORDER)
    return Alike(re.compile(pattern + "</", re.ASCII), order, system.strip() or None, "coded" in slots)


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
    has = {name for name in ("value", "code", "currency") if value.get(name) is not None}
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
