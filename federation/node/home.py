"""The home folder: where a node keeps its registry, its key, its sites' batches and, on one machine, the pool.

Folders are their owner's alone (0700), the key file 0600. The key is made once and never shown.
"""

import os
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from secrets import token_bytes

from sqlalchemy import Engine

from federation.broker.contracts import CONTRACTS
from federation.broker.database import open_database
from federation.broker.home import DATABASE
from federation.broker.ledger import LEDGER
from federation.broker.site import SITES
from federation.centre.pool import Pool
from federation.centre.snapshot import SNAPSHOT
from federation.errors import BadInput, Usage
from federation.node.durable import flush, writing
from federation.node.feeds import FEEDS
from federation.node.journal import BATCHES, FILES, RELEASES
from federation.privacy.token import Tokens

FOLDERS = ("keys", "sites", "staging", "pool", "contracts", "landing", "checks", "mandates")
KEY_BYTES = 32
PATTERN = re.compile(r"[*?%\[\]]")  # what readers of Parquet and Delta take for a pattern or for an escape
TABLES_OF_A_HOME = (CONTRACTS, SITES, LEDGER, SNAPSHOT, BATCHES, FILES, RELEASES, FEEDS)


@dataclass(frozen=True)
class Home:
    """An existing home folder."""

    path: Path
    tokens: Tokens = field(repr=False)

    @cached_property
    def engine(self) -> Engine:
        """The registry's database."""
        with writing(self.path):
            return open_database(self.path / DATABASE)

    @cached_property
    def pool(self) -> Pool:
        """The city's pool."""
        return Pool(self.path / "pool")

    @property
    def staging(self) -> Path:
        """Where batches stand until they are recorded."""
        return self.path / "staging"

    def landing(self, site: str, feed: str) -> Path:
        """Where the answers of a source that must be asked land."""
        return self.path / "landing" / site / feed

    def site(self, site: str) -> Path:
        """What the home keeps of one site."""
        return self.path / "sites" / site

    def batch(self, site: str, batch: str) -> Path:
        """The parts of one recorded batch."""
        return self.site(site) / "batches" / batch

    def score(self, site: str, batch: str) -> Path:
        """The quality states of one recorded batch."""
        return self.site(site) / "scores" / f"{batch}.parquet"

    def index(self, site: str) -> Path:
        """Where values stand in the batches of the site: derived, made anew where it is missing."""
        return self.site(site) / "index"

    @property
    def is_mine(self) -> bool:
        """Whether who asks owns the home, and so may see raw text."""
        return self.path.stat().st_uid == os.geteuid()


def open_home(path: Path) -> Home:
    """An existing home; raises Usage where there is none."""
    if not (path / "keys" / "person.key").is_file():
        raise Usage(
            f"{path} is not a home yet: nothing was ingested into it. "
            "`guantong ingest` makes one, or name yours with --home."
        )
    with writing(path):
        return Home(path, Tokens(_key(path)))


def make_home(path: Path, key: bytes | None = None) -> Home:
    """The home at `path`, made if it is not there, with the given key (32 bytes) or one from the operating system.

    Raises BadInput where it exists with another key, Unavailable where it cannot be written, Usage where a path like
    this cannot be a home.
    """
    if PATTERN.search(str(path.resolve())):
        raise Usage(
            f"{path.resolve()} cannot be a home: its path has a `*`, `?`, `%`, `[` or `]`. Choose another with --home."
        )
    with writing(path):
        for folder in (path, *(path / name for name in FOLDERS)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_key(path / "keys" / "person.key", key or token_bytes(KEY_BYTES))
    home = open_home(path)
    if key is not None and home.tokens.key != key:
        raise BadInput(f"{path} has another key. Tokens of two keys never meet: use another home.")
    return home


def keep_key(final: Path, key: bytes) -> None:
    """Keeps a new key in the file `final` (0600); where one is there already, nothing happens."""
    fresh = final.with_name(f"{final.name}.{os.getpid()}")
    if final.exists():
        return
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, final)  # fails where another process was first: a key is never replaced
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    flush(final.parent)


def _key(path: Path) -> bytes:
    key = (path / "keys" / "person.key").read_bytes()
    if len(key) != KEY_BYTES:
        raise BadInput(f"{path / 'keys' / 'person.key'} is not a key of {KEY_BYTES} bytes. Restore it from a backup.")
    return key
