"""The source text of a record, as it stands there, for whoever owns the home.

Refuses everybody else, and never answers from a file that is not the one that was ingested. What of it a
terminal may be given is said elsewhere (`federation.cli.visible`).
"""

import gzip
from base64 import b64encode
from hashlib import file_digest
from pathlib import Path

from federation.errors import Refused
from federation.node.home import Home

GZIP = b"\x1f\x8b"
SHOWN = 65_536


def must_own(home: Home, said: str = "Raw text is shown to the owner of the home only; leave --raw out.") -> None:
    """Raises Refused, in the words of `said`, where the caller does not own the home."""
    if not home.is_mine:
        raise Refused([said])


def unchanged(path: Path, digest: str) -> bool:
    """Whether the file is still there and still what was ingested."""
    try:
        with path.open("rb") as content:
            return file_digest(content, "sha256").hexdigest() == digest
    except OSError:
        return False


def slice_of(path: Path, offset: int, length: int) -> bytes:
    """Bytes of the file, as they are when unpacked."""
    with path.open("rb") as plain:
        packed = plain.read(2) == GZIP
    with gzip.open(path) if packed else path.open("rb") as content:
        content.seek(offset)
        return content.read(min(length, SHOWN))


def decoded(raw: bytes) -> str:
    """Bytes as UTF-8, else as GB18030, with signs in the place of what is neither."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")


def exact(raw: bytes) -> str | None:
    """The bytes in base64 where they are not UTF-8, so that text does not tell them apart; else None."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return b64encode(raw).decode()
    return None
