"""A member of an archive as a file that any kind can open, which nobody else sees and nothing leaves behind.

The bytes stand in a file without a name: also a process that is killed leaves none of them on the disk.
"""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from connectors.archive.members import Member
from connectors.errors import Unreadable

PIECE = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """`damage` is a reason where the member broke off; what came before it is in the file."""

    path: Path
    size: int
    damage: str = ""


@dataclass
class Unpacking:
    """Members of one archive, unpacked when they are asked for; those of one folder inside lie beside each other."""

    archive: zipfile.ZipFile
    room: Path
    _held: ExitStack = field(default_factory=ExitStack)

    def keep(self, member: Member, at_most: int | None = None) -> Unpacked:
        """The member until the archive is closed. `at_most`: its head only."""
        return self._held.enter_context(self.one(member, at_most))

    @contextmanager
    def one(self, member: Member, at_most: int | None = None) -> Iterator[Unpacked]:
        """The member while it is being read. Raises Unreadable where there is no room for it."""
        with tempfile.TemporaryFile(dir=self.room.parent) as file:
            size, damage = self._fill(member, file, at_most)
            link = self.room / _number(member.folder) / _plain(member)
            if link.is_symlink():  # a second file of this name in this folder
                link = self.room / f"m{member.number}" / link.name
            link.parent.mkdir(mode=0o700, exist_ok=True)
            link.symlink_to(f"/proc/{os.getpid()}/fd/{file.fileno()}")
            try:
                yield Unpacked(link, size, damage)
            finally:
                link.unlink()

    def close(self) -> None:
        """Lets go of all that was kept."""
        self._held.close()

    def _fill(self, member: Member, file: "IO[bytes]", at_most: int | None) -> tuple[int, str]:
        """Bytes written, and why no more."""
        size = 0
        try:
            with self.archive.open(member.info) as packed:
                while piece := packed.read(PIECE):
                    size += len(piece)
                    if size > member.most:
                        return size, "unsafe-member"
                    file.write(piece)
                    if at_most is not None and size >= at_most:
                        break
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, MemoryError):
            return size, "truncated"
        except OSError as error:
            if error.errno is None:
                return size, "truncated"  # a broken bz2 or lzma stream
            raise Unreadable(f"There is no room to unpack {member.base}: {error.strerror}. Name a folder with room in "
                             "TMPDIR.", "no-access") from error  # fmt: skip
        finally:
            file.flush()
        return size, ""


@contextmanager
def unpacking(archive: zipfile.ZipFile) -> Iterator[Unpacking]:
    """A place to unpack into, gone when it is left."""
    with tempfile.TemporaryDirectory(prefix="guantong-") as room:
        made = Unpacking(archive, Path(room))
        try:
            yield made
        finally:
            made.close()


def _number(folder: str) -> str:
    """A folder inside as a name that leads nowhere."""
    return f"f{zlib.crc32(folder.encode('utf-8', 'replace')):08x}"


def _plain(member: Member) -> str:
    """The member's own name without anything a file system could take for more than a name."""
    name = "".join("_" if sign in '/\\\0:*?"<>|' or ord(sign) < 32 else sign for sign in member.base)
    return name.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore").lstrip(".") or "member"
