"""dBase files drawn in a test, byte by byte."""

import struct
from collections.abc import Sequence
from pathlib import Path

Field = tuple[str, str, int]  # name, type, width


def dbf(
    path: Path,
    fields: Sequence[Field],
    records: Sequence[Sequence[bytes | str]],
    *,
    version: int = 3,
    driver: int = 0x4D,
    claimed: int | None = None,
    deleted: Sequence[int] = (),
    encoding: str = "gb18030",
    end: bytes = b"\x1a",
) -> Path:
    """A table; text is padded to its field, bytes are taken as they are. `deleted` are ordinals of records, from 1."""
    body, width = 32 + 32 * len(fields) + 1, 1 + sum(size for *_, size in fields)
    head = struct.pack("<BBBBIHH", version, 126, 3, 1, len(records) if claimed is None else claimed, body, width)
    head += bytes(17) + bytes([driver]) + bytes(2)
    for name, kind, size in fields:
        low, high = (size & 255, size >> 8) if kind == "C" else (size, 0)
        head += name.encode(encoding).ljust(11, b"\0")[:11] + kind.encode() + bytes(4) + bytes([low, high]) + bytes(14)
    content = [head + b"\r"]
    for ordinal, record in enumerate(records, 1):
        content.append(b"*" if ordinal in deleted else b" ")
        for (_, kind, size), cell in zip(fields, record, strict=True):
            raw = cell if isinstance(cell, bytes) else cell.encode(encoding)
            content.append(raw.rjust(size) if kind in "NF" else raw.ljust(size))
    path.write_bytes(b"".join(content) + end)
    return path
