"""The container of an XLS ([MS-CFB] 2.2 to 2.6): whether its chains of sectors end, before a library follows them.

A chain that comes back to itself would be followed until no memory is left. Reads no sheet and repairs nothing.
"""

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEAD = 512
IN_HEAD = 109  # places of the allocation table that stand in the header
ENTRY = 128
LAST = 0xFFFFFFFA  # the largest number of a sector; what is above means an end, a hole, or a part of the table itself
Sectors = NDArray[np.uint32]


def chains_end(raw: bytes) -> bool:
    """Whether every chain of sectors that a reader may follow comes to an end; False for what is no such container."""
    if len(raw) < HEAD or raw[:8] != SIGNATURE:
        return False
    shift, mini_shift = struct.unpack_from("<HH", raw, 0x1E)
    if shift not in (9, 12) or mini_shift != 6:
        return False
    first_directory, first_mini = (struct.unpack_from("<I", raw, at)[0] for at in (0x30, 0x3C))
    table = _table(raw, 1 << shift)
    if table is None or not _all_end(table, [first_directory, first_mini]):
        return False
    entries = b"".join(_sector(raw, number, 1 << shift) for number in _chain(table, first_directory))
    starts = [struct.unpack_from("<I", entries, at + 0x74)[0] for at in range(0, len(entries) - ENTRY + 1, ENTRY)]
    mini = [_numbers(_sector(raw, number, 1 << shift)) for number in _chain(table, first_mini)]
    # A short stream's first sector is one of the small ones, a long one's one of the large: either way it must end.
    return _all_end(table, starts) and _all_end(np.concatenate([_numbers(b""), *mini]), starts)


def _table(raw: bytes, size: int) -> Sectors | None:
    """The allocation table; None where the list of its own sectors does not end."""
    places = list(_numbers(raw[0x4C : 0x4C + 4 * IN_HEAD]))
    more, seen = struct.unpack_from("<I", raw, 0x44)[0], set()
    while more < LAST and (sector := _sector(raw, more, size)):
        if more in seen:
            return None
        seen.add(more)
        *some, more = _numbers(sector)
        places += some
    return np.concatenate(
        [_numbers(b""), *(_numbers(_sector(raw, int(place), size)) for place in places if place < LAST)]
    )


def _all_end(table: Sectors, starts: list[int]) -> bool:
    """Each sector is looked at once: one that was seen on another way has ended already."""
    ended = bytearray(len(table))
    for start in starts:
        way: list[int] = []
        at = start
        while at < len(table) and not ended[at]:
            ended[at] = 2
            way.append(at)
            at = int(table[at])
        if at < len(table) and ended[at] == 2:
            return False
        for sector in way:
            ended[sector] = 1
    return True


def _chain(table: Sectors, start: int) -> Iterator[int]:
    at = start
    while at < len(table):
        yield at
        at = int(table[at])


def _sector(raw: bytes, number: int, size: int) -> bytes:
    return raw[(number + 1) * size : (number + 2) * size]


def _numbers(raw: bytes) -> Sectors:
    return np.frombuffer(raw[: len(raw) // 4 * 4], dtype="<u4")
