"""One transaction with its ledger entries, and the checkpoint beside the database once it has committed.

Never moves a checkpoint back, and never writes onto a ledger that was rolled back.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from federation.broker.ledger import EMPTY, Checkpoint, Ledger
from federation.broker.verify import must_continue
from federation.errors import Tampered, Unavailable

CHECKPOINT = "ledger.checkpoint"


@contextmanager
def recording(engine: Engine, home: Path) -> Iterator[Ledger]:
    """A write transaction: use `ledger.connection` for the effects and `ledger.append` for their entries.

    Commits when the block ends, rolls back when it raises. Raises Tampered where the ledger does not continue the
    checkpoint in `home`, Unavailable where the database is locked or cannot be written.
    """
    path = home / CHECKPOINT
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            ledger = Ledger(connection)
            _begin(ledger, path)
            yield ledger
            connection.commit()
            reached = ledger.checkpoint()
        keep(path, reached)
    except OperationalError as error:
        raise Unavailable(f"The registry in {home} cannot be written: {error.orig}. Nothing was recorded.") from error
    except OSError as error:
        raise Unavailable(f"{home} cannot be written: {error.strerror}.") from error


def _begin(ledger: Ledger, path: Path) -> None:
    known = read_checkpoint(path)
    if known is not None:
        must_continue(ledger, known)
    elif ledger.checkpoint().size:
        raise Tampered(f"{path.name} is missing beside a ledger that has entries. Run `guantong ledger verify`.")
    else:
        # Written before the first entry: from here on a missing file means that somebody took it away.
        keep(path, EMPTY)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint kept in `path`; None where there is no file; Tampered where it cannot be read."""
    try:
        size, root = path.read_text("ascii").split()
        return Checkpoint(int(size), bytes.fromhex(root))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Tampered(f"{path.name} is not a checkpoint. Somebody changed it.") from error


def keep(path: Path, checkpoint: Checkpoint) -> None:
    """Writes the checkpoint whole or not at all, and never over a longer one."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = read_checkpoint(path)
        if known is not None and known.size >= checkpoint.size:
            return
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write(f"{checkpoint.size} {checkpoint.root.hex()}\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
