"""Where a site's journal stands in the home: folders 0700, files 0600. It only names and makes places."""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # as federation.broker.site has it, without loading the registry
SEGMENT, INDEX, REFUSED = ".mllp", ".index", ".refused"


@dataclass(frozen=True)
class Places:
    """One journal: `root` is `journal/SITE` in the home.

    `open` holds the segment being written, `messages` the finished ones, which are MLLP-framed files as any reader of
    HL7 takes them; `index` one line a message and is kept for good; `refused` what was not accepted; `ingested` one
    mark for each segment that went into the tables.
    """

    root: Path

    @cached_property
    def open(self) -> Path:
        """The segment being written."""
        return self.root / "open"

    @cached_property
    def messages(self) -> Path:
        """Finished segments."""
        return self.root / "messages"

    @cached_property
    def index(self) -> Path:
        """One line a message: when, where, hash, code."""
        return self.root / "index"

    @cached_property
    def refused(self) -> Path:
        """Bytes that were not accepted, each with its reason."""
        return self.root / "refused"

    @cached_property
    def ingested(self) -> Path:
        """Marks of segments that went into the tables."""
        return self.root / "ingested"

    @property
    def lock(self) -> Path:
        """Held by the one listener of this journal."""
        return self.root / "lock"

    @property
    def status(self) -> Path:
        """What the listener counts, rewritten every second."""
        return self.root / "status.json"

    def make(self) -> None:
        """Makes what is not there."""
        for folder in (self.root, self.open, self.messages, self.index, self.refused, self.ingested):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def indexes(self) -> list[Path]:
        """Every index file, oldest first."""
        return sorted(self.index.glob(f"*{INDEX}"))

    def next_number(self) -> int:
        """A segment number that was never used; the index is kept for good, so it knows them all."""
        stems = [path.stem for folder in (self.index, self.messages, self.open) for path in folder.iterdir()]
        return 1 + max((int(stem[:8]) for stem in stems if stem[:8].isdigit()), default=0)


def places(home: Path, site: str) -> Places:
    """The journal of a site."""
    return Places(home / "journal" / site)


def flush_folder(folder: Path) -> None:
    """Forces a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
