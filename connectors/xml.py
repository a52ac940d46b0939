"""The one place where an XML parser is made: hardened, bounded, and told nothing about the world outside the bytes.

It opens no file and no address, expands no entity, follows no XInclude and reads no DTD: a document that declares one
is refused before it is parsed. No part of a document is ever in an error.
Why refuse and not ignore: entities grow without end, name files and addresses, and make two readers see two texts.
"""

import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from connectors.errors import ConnectorError

if TYPE_CHECKING:
    from lxml import etree

LONGEST = 64 << 20  # bytes of one document
MOST_TAGS = 1_000_000  # a tag costs libxml2 about 200 bytes and every attribute about 150, whatever it costs the writer
MOST_ATTRIBUTES = 2_000_000
DEEPEST = 256
_USUAL = 8 << 20  # up to here libxml2 keeps its own limits: 256 levels, 10 MB of one text
_PROLOG = re.compile(rb"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+", re.DOTALL)
_RESOURCE_LIMIT = 114  # XML_ERR_RESOURCE_LIMIT of libxml2


class NotRead(ConnectorError):
    """A document that was not read: `reason` is a code of connectors.reason, `line` counts from 1."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {reason}")
        self.reason = reason
        self.line = line


def part_parser() -> "etree.XMLParser":
    """A parser for a small part of a package (a workbook): entities stay unresolved, libxml2 keeps its own limits."""
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def streamed(content: "IO[bytes] | str", events: Any, tag: Any) -> Iterator[tuple[str, "etree._Element"]]:
    """Elements as they end, for parts of a package of any size. Raises lxml's XMLSyntaxError where the XML breaks."""
    from lxml import etree

    made: Any = etree.iterparse(
        content, events=events, tag=tag, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    yield from made


def parsed(text: bytes) -> "etree._Element":
    """The root element of one document in UTF-8, whatever encoding its declaration names.

    Comments and processing instructions are left out. Raises NotRead: too-long, has-a-dtd, too-deep or not-xml.
    """
    _must_be_bounded(text)
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=len(text) > _USUAL, remove_comments=True, remove_pis=True, collect_ids=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        deep = error.code == _RESOURCE_LIMIT
        raise NotRead("too-deep" if deep else "not-xml", max(1, error.lineno or 1)) from None
    if len(text) > _USUAL:
        _must_be_shallow(root)
    return root


def _must_be_shallow(root: "etree._Element") -> None:
    """libxml2 lets long documents nest 2,048 levels deep, which no reader below has room for."""
    from lxml import etree

    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEEPEST:
            raise NotRead("too-deep")


def _must_be_bounded(text: bytes) -> None:
    if len(text) > LONGEST or text.count(b"<") > MOST_TAGS or text.count(b"=") > MOST_ATTRIBUTES:
        raise NotRead("too-long")
    if (at := declares(text)) >= 0:
        raise NotRead("has-a-dtd", text.count(b"\n", 0, at) + 1)


def declares(text: bytes) -> int:
    """Where a document type is declared, before the root element as XML 1.0 wants it; -1 where none is."""
    found = _PROLOG.match(text)
    at = found.end() if found else 0
    return at if text.startswith(b"<!DOCTYPE", at) else -1
