"""XML read element by element, in bounded memory: entities stay unresolved, nothing is fetched.

Raises lxml's XMLSyntaxError where the XML ends or breaks; its caller says what that means.
"""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from lxml import etree

from connectors.xml import streamed


def elements(
    content: "IO[bytes] | str", tag: str | Sequence[str] | None = None, starts: bool = False
) -> Iterator[tuple[str, etree._Element]]:
    """Elements with these tags (all where None) as they end, and as they start too where `starts`."""
    events: Any = ("start", "end") if starts else ("end",)
    yield from streamed(content, events, tag)


def let_go(element: etree._Element) -> None:
    """Frees an element that was read, and those before it."""
    parent = element.getparent()
    element.clear()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
