"""The beginning of a file, unzipped where it is packed: what a kind looks at before it says whether a file is its own.

Never fails and never judges: what cannot be read has an empty head.
"""

import zlib
from pathlib import Path

HEAD = 1 << 16  # bytes that sniffing looks at
LOOK_AT = 1 << 20  # bytes that describing a file looks at
GZIP = b"\x1f\x8b"


def head_of(path: Path, size: int = HEAD) -> bytes:
    """The first `size` bytes, unzipped; empty when they cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(size)
    except OSError:
        return b""
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, size)
    except zlib.error:
        return b""


def is_packed(path: Path) -> bool:
    """Whether the file is gzip, by its first two bytes. Raises OSError where it cannot be read."""
    with path.open("rb") as file:
        return file.read(2) == GZIP
