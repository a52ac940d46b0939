"""The calls by which bytes reach a disk, and a file that only grows by them. A failed flush is never tried again.

Why never: after a failed fsync the kernel may call pages clean that it did not write; the next one would say yes.
"""

import errno
import os
from collections.abc import Sequence
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_AT_ONCE = 1 << 20  # bytes joined for one write


class Disk:
    """Write and flush; a test hands in one that fails."""

    def write(self, handle: int, data: bytes | memoryview) -> int:
        """As os.write."""
        return os.write(handle, data)

    def flush(self, handle: int) -> None:
        """As os.fdatasync."""
        os.fdatasync(handle)


class Full(Exception):
    """The disk took not all bytes; what it took was cut away again. Space may come."""


class Broken(Exception):
    """A flush failed, or a write for another reason than space: what the disk holds is not known."""


class Tail:
    """A file that only grows. `size` is what was put and kept; bytes put since then can be taken back."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self._disk = disk
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.size = os.fstat(self._handle).st_size
        self._reach = self.size

    @property
    def changed(self) -> bool:
        """Whether something was put that is not kept yet."""
        return self._reach != self.size

    def put(self, pieces: Sequence[bytes]) -> None:
        """Writes all of it. Raises OSError; call `undo` then."""
        block: list[bytes] = []
        size = 0
        for piece in pieces:
            block.append(piece)
            size += len(piece)
            if size >= _AT_ONCE:
                self._write(b"".join(block) if len(block) > 1 else piece)
                block, size = [], 0
        if block:
            self._write(b"".join(block))

    def flush(self) -> None:
        """Forces what was put to the disk, once."""
        self._disk.flush(self._handle)

    def keep(self) -> None:
        """What was put stays."""
        self.size = self._reach

    def undo(self) -> None:
        """Cuts away what was put and not kept."""
        if self.changed:
            os.ftruncate(self._handle, self.size)
            self._reach = self.size

    def close(self) -> None:
        """Closes the file."""
        os.close(self._handle)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._reach += len(rest)  # before the write: a failed one may have written some of it
            wrote = self._disk.write(self._handle, rest)
            self._reach -= len(rest) - wrote
            rest = rest[wrote:]
