"""What a finished export offers: files by address, as the manifest says (Bulk Data Access 2.0, "Response - Complete").

Pure: bytes in, a checked value out. Follows nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from connectors import json_strict
from connectors.errors import Unreadable
from connectors.fhir_server.address import Allowed, Forbidden

LONGEST = 32 << 20
MOST_FILES = 50_000
PARTS = ("output", "deleted", "error")  # the order in which they are read: what was withdrawn comes after what stands
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$")
_TYPE = re.compile(r"^[A-Z][A-Za-z]{1,63}$")


@dataclass(frozen=True)
class Offered:
    """One file: `part` is where it stands, `type` of its resources, `count` of its lines (-1 where it is not said)."""

    part: str
    type: str
    url: str
    count: int


@dataclass(frozen=True)
class Manifest:
    """`time` is the server's own: what changed after it is for the next export. `needs_token` is for the files."""

    time: str
    needs_token: bool
    files: tuple[Offered, ...]

    @property
    def mark(self) -> str:
        """16 hex digits that follow from the time and the files, in their order."""
        lines = [self.time, *(f"{each.part} {each.type} {each.count} {each.url}" for each in self.files)]
        return sha256("\n".join(lines).encode()).hexdigest()[:16]


def manifest(raw: bytes, allowed: Allowed) -> Manifest:
    """The manifest. Raises Unreadable: what is wrong with it, and nothing of what stands in it."""
    if len(raw) > LONGEST:
        raise Unreadable(f"The manifest is longer than {LONGEST >> 20} MiB. Ask for fewer types at once.")
    reason = json_strict.reason(raw)
    found = json_strict.load(raw.decode()) if reason is None else None
    if not isinstance(found, dict):
        raise Unreadable(f"The manifest is no sound JSON object{f' ({reason})' if reason else ''}. Tell its vendor.")
    time = found.get("transactionTime")
    if not isinstance(time, str) or not _INSTANT.match(time):
        raise Unreadable("The manifest has no transactionTime that is an instant. Tell its vendor.")
    files = [each for part in PARTS for each in _offered(part, found.get(part), allowed)]
    if len(files) > MOST_FILES:
        raise Unreadable(f"The manifest offers more than {MOST_FILES} files. Ask for fewer types at once.")
    needs = found.get("requiresAccessToken", True)
    if not isinstance(needs, bool):
        raise Unreadable("`requiresAccessToken` of the manifest is neither true nor false. Tell its vendor.")
    return Manifest(time, needs, tuple(files))


def _offered(part: str, listed: object, allowed: Allowed) -> Sequence[Offered]:
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise Unreadable(f"`{part}` of the manifest is no list. Tell its vendor.")
    return [_file(part, each, number, allowed) for number, each in enumerate(listed, 1)]


def _file(part: str, said: object, number: int, allowed: Allowed) -> Offered:
    where = f"Entry {number} of `{part}` of the manifest"
    if not isinstance(said, dict) or not isinstance(said.get("url"), str):
        raise Unreadable(f"{where} has no url. Tell its vendor.")
    kind = said.get("type", "Bundle" if part == "deleted" else "OperationOutcome")
    if not isinstance(kind, str) or not _TYPE.match(kind):
        raise Unreadable(f"{where} has no type of resource. Tell its vendor.")
    try:
        url = allowed.url(said["url"])
    except Forbidden as error:
        raise Unreadable(f"{where} is not followed: {error}. If it is meant, name its host under `hosts`.") from None
    count = said.get("count", "-1")
    whole = isinstance(count, str) and count.lstrip("-").isdigit() and count.isascii() and len(count) <= 12
    return Offered(part, kind, url, int(count) if whole else -1)
