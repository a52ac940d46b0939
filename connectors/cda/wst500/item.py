"""One coded statement of a document's body: its data element, its value, and the statements inside it.

An item that no reader has taken goes to `extra` whole; of one that was taken, what the reader left.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.cda.elements import of_system
from connectors.cda.values import V3, said, text_of
from connectors.elements import plain

if TYPE_CHECKING:
    from lxml.etree import _Element

ACTS = frozenset(
    V3 + tag
    for tag in ("observation", "organizer", "procedure", "act", "substanceAdministration", "supply", "encounter")
)
_LINKS = frozenset(V3 + tag for tag in ("entry", "entryRelationship", "component"))
_CODE, _VALUE = V3 + "code", V3 + "value"
DEEPEST = 64  # levels of acts in acts; libxml2 stops at 256 levels of elements


@dataclass(slots=True, eq=False)
class Item:
    """`element` is the data element, None where an act names none; `taken` is what readers have used of it."""

    act: "_Element"
    element: str | None
    label: str
    value: "_Element | None"
    section: str
    kids: list["Item"] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    @property
    def is_observation(self) -> bool:
        return self.act.tag == V3 + "observation"

    @property
    def text(self) -> str | None:
        """The value as text: the number, the words, else the code."""
        if self.value is None:
            return None
        return said(self.value, "value") or _words(self.value) or said(self.value, "code")

    @property
    def code(self) -> str | None:
        """The value as a code: coded, or written as text."""
        return said(self.value, "code") or self.text

    @property
    def display(self) -> str | None:
        """The words of a coded value."""
        return said(self.value, "displayName") or (None if self.value is None else _words(self.value))

    def take(self, *parts: str) -> None:
        """Says that a reader used the value (and other children named), and that the item is known."""
        self.taken.update(parts or ("value",))

    def walk(self) -> Iterator["Item"]:
        """The item and all inside it, in document order."""
        yield self
        for each in self.kids:
            yield from each.walk()


def _words(value: "_Element") -> str | None:
    return text_of(value) if value.get("nullFlavor") is None else None


def items(entries: Iterable["_Element"], code: str) -> list[Item]:
    """The statements of a section's entries."""
    return [_item(act, code, 0) for entry in entries for act in entry if act.tag in ACTS]


def _item(act: "_Element", section: str, depth: int) -> Item:
    item = Item(act, None, "", None, section)
    for child in act:
        tag = child.tag
        if tag == _CODE:
            written = child.get("code") or ""
            item.element = plain(written) if written else None
            item.label = child.get("displayName") or ""
            for name in child.iterfind(f"{V3}qualifier/{V3}name") if len(child) else ():
                item.label += " " + (name.get("displayName") or "")
        elif tag == _VALUE:
            if item.value is None:
                item.value = child
        elif tag in _LINKS and depth < DEEPEST:
            item.kids += [_item(inner, section, depth + 1) for inner in child if inner.tag in ACTS]
    if item.element is None and item.value is not None and item.is_observation:
        item.element = of_system(item.value.get("codeSystem") or "")
    return item
