"""Texts that stand in a memo file beside the table: .dbt of dBase III and IV, .fpt of FoxPro.

A block number is a claim: what points outside the file, or at no text, has no value and says so.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LONGEST = 1 << 20
_FOUR = b"\xff\xff\x08\x00"
_BESIDE = (".fpt", ".FPT", ".dbt", ".DBT", ".Fpt", ".Dbt")


@dataclass(frozen=True)
class Memo:
    """The memo file of a table; `path` is None where there is none."""

    path: Path | None
    block: int = 512

    @staticmethod
    def beside(table: Path) -> "Memo":
        """The memo file with the table's own name."""
        path = next((each for suffix in _BESIDE if (each := table.with_suffix(suffix)).is_file()), None)
        if path is None:
            return Memo(None)
        with path.open("rb") as content:
            head = content.read(32)
        if path.suffix.lower() == ".fpt":
            size = struct.unpack_from(">H", head, 6)[0] if len(head) >= 8 else 0
        else:
            size = struct.unpack_from("<H", head, 20)[0] if len(head) >= 22 else 0
        return Memo(path, size or 512)

    def read(self, blocks: list[int]) -> list[bytes | None]:
        """The bytes of each block; None where the file has no text there. 0 is no block."""
        if self.path is None:
            return [None] * len(blocks)
        known: dict[int, bytes | None] = {}
        with self.path.open("rb") as content:
            for block in sorted({block for block in blocks if block > 0}):
                content.seek(block * self.block)
                known[block] = self._text(content.read(8), content)
        return [known.get(block) for block in blocks]

    def _text(self, start: bytes, content: IO[bytes]) -> bytes | None:
        read = content.read
        if len(start) < 8:
            return None
        if self.path is not None and self.path.suffix.lower() == ".fpt":
            kind, length = struct.unpack(">II", start)
            return _whole(read(min(length, LONGEST)), length) if kind == 1 else None
        if start[:4] == _FOUR:
            length = struct.unpack_from("<I", start, 4)[0] - 8
            return _whole(read(min(length, LONGEST)), length) if length >= 0 else None
        text: bytes = start + read(LONGEST)
        end = text.find(b"\x1a")
        return text[:end] if end >= 0 else None


def _whole(text: bytes, length: int) -> bytes | None:
    return text if len(text) == length else None
