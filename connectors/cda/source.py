"""A file of CDA documents, read in bounded memory: one document, several, or several in a wrapper; plain or gzip.

A document that cannot be read is a reject and stops no other.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from connectors.cda.cut import Bytes, cuts, several
from connectors.cda.draft import Draft, Place
from connectors.cda.reading import read_document
from connectors.chunk import Chunk
from connectors.connector import Context
from connectors.errors import Unreadable
from connectors.xml import LONGEST, NotRead

VERSION = "2"
CHUNK_BYTES = 8 << 20  # of XML; the rows of so much are some ten thousand
CHUNK_DOCUMENTS = 500
GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Piece:
    """A document to be read: the place, the wrapper's start tag, and a reason where it cannot be read at all."""

    place: Place
    around: bytes = b""
    reason: str = ""


@dataclass
class CdaSource:
    """One file. It has no profile: a document says itself what it is."""

    path: Path
    profile: str = ""
    mapping_version: str = VERSION

    def chunks(self, context: Context) -> Iterator[Chunk]:
        """Chunks of at most some hundred documents. Raises Unreadable where there is nothing to read."""
        for draft in self.drafts(context):
            yield draft.joined(())

    def drafts(self, context: Context) -> Iterator[Draft]:
        """The same before it is made into frames. Raises Unreadable."""
        draft = Draft(context)
        for piece in pieces(self.path):
            _read(draft, piece)
            if draft.bytes_read >= CHUNK_BYTES or draft.read >= CHUNK_DOCUMENTS:
                yield draft
                draft = Draft(context)
        if draft.read:
            yield draft


def _read(draft: Draft, piece: Piece) -> None:
    draft.bytes_read += piece.place.length
    try:
        if piece.reason:
            raise NotRead(piece.reason)
        draft.take(read_document(piece.place, piece.around))
    except NotRead as error:
        draft.refuse(piece.place, error.reason, error.line)


def pieces(path: Path) -> Iterator[Piece]:
    """The documents of a file, in order."""
    with path.open("rb") as file:
        start = file.read(4)
        if not start.strip():
            raise Unreadable(f"{path}: The file is empty. Ask for the export again.", "empty")
        file.seek(0)
        if start.startswith(GZIP):
            yield from _documents(_gunzipped(path))
        elif path.stat().st_size <= LONGEST:
            yield from _documents(file.read())
        else:
            with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                yield from _several(content)


def _documents(content: bytes) -> Iterator[Piece]:
    """One document, or as many as begin in the content where more than one does."""
    if several(content):
        yield from _several(content)
    else:
        yield Piece(Place(1, 1, 0, content))


def _several(content: Bytes) -> Iterator[Piece]:
    found = False
    for number, cut in enumerate(cuts(content), 1):
        found = True
        raw = content[cut.offset : cut.offset + min(cut.length, LONGEST)]
        place = Place(number, cut.line, cut.offset, raw)
        yield Piece(place, cut.around, "too-long" if cut.length > LONGEST else "")
    if not found:
        yield Piece(Place(1, 1, 0, content[:LONGEST]), b"", "too-long")


def _gunzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as packed:
            content = packed.read(LONGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Unreadable(f"{path}: The packed file is cut off or damaged. Copy it again.", "truncated") from None
    if len(content) > LONGEST:
        raise Unreadable(f"{path}: It unpacks to more than 64 MiB. Unpack it first.", "too-long")
    return content
