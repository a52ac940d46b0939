"""One writer a home: a lock that the kernel drops when its holder dies, so that none is ever stale.

Readers need no lock; they read what the registry's snapshot names.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from federation.errors import Unavailable


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the home for writing. Raises Unavailable where another process holds it, and names that process."""
    with (home / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(_taken(home, file.name)) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(home: Path, name: str) -> str:
    pid = Path(name).read_text("ascii") or "not known yet"
    return f"Another process (pid {pid}) is writing the home {home}. Wait until it has ended, then run this again."
