"""Reads what a listener refused: when, from where, why, and the bytes. It changes nothing and judges nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.node.listen.places import REFUSED, Places

_LONGEST = 1 << 12  # bytes of the line before each piece


@dataclass(frozen=True)
class TurnedDown:
    """One refused piece: `at` in seconds since 1970, `size` bytes of it came, `kept` is the first of them."""

    at: float
    reason: str
    peer: str
    size: int
    kept: bytes
    file: str
    offset: int

    def as_dict(self, raw: bool) -> dict[str, Any]:
        """For `--json`; the bytes (each a letter of Latin 1) only where they are asked for."""
        said = {name: getattr(self, name) for name in ("at", "reason", "peer", "size", "file", "offset")}
        return said | ({"kept": self.kept.decode("latin-1")} if raw else {})


def turned_down(places: Places, reason: str = "") -> Iterator[TurnedDown]:
    """Every refused piece, or those for a reason, oldest first; a file ends where a crash cut it."""
    for path in sorted(places.refused.glob(f"*{REFUSED}")):
        for each in _pieces(path):
            if reason in ("", each.reason):
                yield each


def _pieces(path: Path) -> Iterator[TurnedDown]:
    with path.open("rb") as file:
        while line := file.readline(_LONGEST):
            offset = file.tell()
            try:
                said = json.loads(line)
                head = said["at"] / 1e6, str(said["reason"]), str(said["peer"]), int(said["bytes"])
                kept = file.read(int(said["kept"]))
            except (ValueError, KeyError, TypeError):
                return
            if len(kept) < said["kept"]:
                return
            file.readline(1)  # the line end behind it
            yield TurnedDown(*head, kept, path.name, offset)
