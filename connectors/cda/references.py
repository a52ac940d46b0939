"""References from an entry into the text of the same document, replaced by the words they name.

Only `#id` is looked up; an address, a file or another document is never opened.
"""

from typing import TYPE_CHECKING

from connectors.cda.values import V3, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_MENTIONED = (b"reference ", b"reference\n", b"reference\t", b"reference\r")  # not `referenceRange`
LONGEST_NAME = 2000  # a whole narrative is no name of a thing


def resolve(root: "_Element", text: bytes) -> None:
    """Puts the words into every `text` and `originalText` that has only a reference; `text` is the document's bytes."""
    if not any(mention in text for mention in _MENTIONED):
        return
    words: dict[str, str | None] = {}
    named: dict[str, _Element] = {}
    for each in root.iter():
        if (name := each.get("ID")) is not None:
            named.setdefault(name, each)
    for reference in root.iter(V3 + "reference"):
        target, holder = reference.get("value") or "", reference.getparent()
        if not target.startswith("#") or holder is None or (holder.text or "").strip():
            continue
        if target not in words:
            found = text_of(named.get(target[1:]))
            words[target] = found if found and len(found) <= LONGEST_NAME else None
        if words[target]:
            holder.text = words[target]
