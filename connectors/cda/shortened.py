"""A document without the entries that are read by their markup: only what is left of it has to be parsed.

Most of a laboratory report is entries of one markup, and most of the time goes into elements that nobody looks at. An
entry is taken out where it matches, from its first sign to its last, a markup that was parsed before and stays balanced
whatever its values are; an empty entry stays in its place. Where anything could make the whole text mean something
else, the document is read whole.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.cda.alike import FEW, MOST, Alike, Entries, Read, known_at, starts_in
from connectors.cda.doc_kind import WST500
from connectors.cda.wst500.results import measured_element

if TYPE_CHECKING:
    from lxml.etree import _Element

LONGEST = 2 << 20  # bytes: so much holds fewer tags and attributes than a document may have
DEEPEST = 200  # levels above an entry that was taken out; libxml2 refuses a document at 256
_ROOT = re.compile(r"<(?:([A-Za-z_][\w.-]*):)?ClinicalDocument\s[^<>]*>", re.ASCII)
LOOK_AT = 4096  # signs in which a document says which kind it is
_NO_XML = bytes([*range(9), 11, 12, *range(14, 32)])  # no signs of XML (XML 1.0, 2.2), nor are U+FFFE and U+FFFF


@dataclass(frozen=True)
class Shortened:
    """`text` is what is left of `whole`, where entries began at `starts`; `read` were taken out."""

    text: bytes
    whole: str
    prefix: str
    starts: list[int]
    read: dict[int, Read]  # by the number of the entry

    def entries(self, root: "_Element") -> Entries | None:
        """The entries of the parsed rest with what was taken out; None where the two do not fit together."""
        found = Entries(self.whole, self.prefix)
        entries = found.tie(root, self.starts)
        if not entries:
            return None
        found.ready = {entries[number]: read for number, read in self.read.items()}
        parents = {entry.getparent() for entry in found.ready}
        deepest = max(sum(1 for _ in parent.iterancestors()) for parent in parents if parent is not None)
        return found if deepest < DEEPEST else None


def shortened(whole: bytes) -> Shortened | None:
    """The document in UTF-8 without such entries; None where it has none, or where they cannot be told apart surely."""
    if len(whole) > LONGEST or len(whole.translate(None, _NO_XML)) < len(whole):
        return None
    text = whole.decode()
    if "<!" in text or text.count("<?") > 1 or "\ufffe" in text or "\uffff" in text:
        return None
    root = _ROOT.search(text)
    if root is None or text.count("xmlns") != root[0].count("xmlns"):
        return None  # an entry may mean something else where it stands
    prefix = f"{root[1]}:" if root[1] else ""
    starts = starts_in(text, prefix)
    return _cut(text, prefix, starts) if len(starts) >= FEW else None


def unwanted(entries: Entries) -> None:
    """What was taken out of a document in vain is left in the next ones."""
    if len(_UNWANTED) > MOST:
        _UNWANTED.clear()
    _UNWANTED.update(known for known, _ in entries.ready.values())


_UNWANTED: set[Alike] = set()  # markups of entries that somebody wanted to read element by element


def _cut(text: str, prefix: str, starts: list[int]) -> Shortened | None:
    """The first entry of each markup stays: it shows that the names in it are known in this document."""
    chinese, rest, empty = WST500 in text[:LOOK_AT], f"{prefix}entry>", f"<{prefix}entry/>"
    left: list[str] = []
    read: dict[int, Read] = {}
    seen: set[Alike] = set()
    done = 0
    for number, start in enumerate(starts):
        found = known_at(text, start)
        if found is None or not text.startswith(rest, found[1].end()):
            continue
        known, values = found[0], found[1].groups()
        if known not in seen or known in _UNWANTED or (chinese and measured_element(known, values) is None):
            seen.add(known)
            continue
        read[number] = known, values
        left += (text[done:start], empty)
        done = found[1].end() + len(rest)
    if not read:
        return None
    left.append(text[done:])
    return Shortened("".join(left).encode(), text, prefix, starts, read)
