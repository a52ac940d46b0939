"""Files that are there whole or not at all: written beside their place, flushed to the disk, then renamed.

Never retries a failed flush: what the kernel could not write it may have dropped.
"""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
from pyarrow.lib import ArrowException
from sqlalchemy.exc import OperationalError

from federation.errors import Unavailable

_FULL = "its disk is full. Free some space and run the same command again"
_READ_ONLY = "it is read-only. Make it writable, or choose another home with --home"
_DENIED = "this user may not write there. Change its owner or mode, or choose another home with --home"
_A_FILE = "a file stands where one of its folders would be. Choose another home with --home"
_NO_NAME = "its path is too long, or leads round in a circle. Choose another home with --home"
_BY_NUMBER = {
    errno.ENOTDIR: _A_FILE,
    errno.EEXIST: _A_FILE,
    errno.ENAMETOOLONG: _NO_NAME,
    errno.ELOOP: _NO_NAME,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
}
# Libraries that write for us give the kernel's answer as text only.
_FAILING = "its disk is full or failing. Free some space, look at the disk, and run the same command again"
# Libraries that write for us give the kernel's answer as text only; SQLite cannot map its shared memory on a full disk.
_BY_TEXT = (
    ("no space left", _FULL),
    ("disk is full", _FULL),
    ("disk full", _FULL),
    ("quota exceeded", _FULL),
    ("disk i/o error", _FAILING),
    ("read-only file system", _READ_ONLY),
    ("readonly database", _READ_ONLY),
    ("unable to open database", _DENIED),
    ("permission denied", _DENIED),
)
_WRITERS = (OSError, sqlite3.Error, ArrowException, duckdb.Error, pl.exceptions.PolarsError, OperationalError)


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Turns a full disk or a read-only home into Unavailable, in words; every other error passes."""
    try:
        yield
    except _WRITERS as error:
        why = _why(error)
        if why is None:
            raise
        raise Unavailable(f"The home {home} cannot be written: {why}. The pool is unchanged.") from error


def _why(error: Exception) -> str | None:
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    said = str(error).lower()
    return next((why for words, why in _BY_TEXT if words in said), None)


def flush(path: Path) -> None:
    """Forces a file or a folder's list of names to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(fresh: Path, final: Path) -> None:
    """Gives a finished file or folder its name, after everything in it has reached the disk."""
    for path in sorted(fresh.rglob("*"), reverse=True) if fresh.is_dir() else ():
        flush(path)
    flush(fresh)
    final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh.rename(final)
    flush(final.parent)


def save(final: Path, content: bytes) -> None:
    """A small file, whole or not at all, for its owner only."""
    fresh = final.with_name(final.name + ".tmp")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    publish(fresh, final)
