"""The bytes of a file in pieces, unpacked when it is gzip; what came before a cut-off end is handed out first."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connectors.errors import Unreadable

PIECE = 4 << 20
STEP = 64
GZIP = b"\x1f\x8b"


def pieces(path: Path, size: int = PIECE) -> Iterator[bytes]:
    """Pieces of at most `size` bytes. Raises Unreadable(reason `truncated`) after the last good byte of a cut gzip."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
            file.seek(0)
            yield from _unpacked(file, size, path.name) if packed else iter(lambda: file.read(size), b"")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror or type(error).__name__}.") from error


def _unpacked(file: BinaryIO, size: int, name: str) -> Iterator[bytes]:
    """Members follow one another, as `cat a.gz b.gz` makes them; zero padding behind the last one is allowed."""
    member, left = zlib.decompressobj(31), b""
    while True:
        left = left or file.read(1 << 16)
        if not left:
            break
        if member.eof:
            left = left.lstrip(b"\0")
            if not left:
                continue
            member = zlib.decompressobj(31)
        before = member.copy()
        try:
            out = member.decompress(left, size)
        except zlib.error as error:
            yield from _until_damage(before, left)
            raise Unreadable(f"{name} is damaged inside its gzip packing. Copy it again.", "truncated") from error
        left = member.unused_data if member.eof else member.unconsumed_tail
        if out:
            yield out
    if not member.eof:
        raise Unreadable(f"{name} ends in the middle of its gzip packing. Copy it again.", "truncated")


def _until_damage(member: "zlib._Decompress", left: bytes) -> Iterator[bytes]:
    """What can still be unpacked in front of a damaged place, in small steps: zlib keeps all of a step that fails."""
    for start in range(0, len(left), STEP):
        try:
            out = member.decompress(left[start : start + STEP])
        except zlib.error:
            return
        if out:
            yield out


def slice_of(path: Path, offset: int, length: int) -> bytes:
    """Bytes of the file as they are when unpacked; fewer where it ends before. Raises Unreadable."""
    found, at = bytearray(), 0
    for piece in pieces(path):
        if at + len(piece) > offset:
            start = max(0, offset - at)
            found += piece[start : start + length - len(found)]
        at += len(piece)
        if len(found) >= length:
            break
    return bytes(found)
