"""A full or read-only disk said in one sentence, whichever library noticed it."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pyarrow as pa
from deltalake.exceptions import DeltaError

from federation.errors import Unavailable

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}
SAYINGS = ("no space left", "file too large", "quota exceeded", "read-only file system", "permission denied")


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turns a disk that takes no more into Unavailable; every other error stays what it is."""
    try:
        yield
    except (OSError, DeltaError, pl.exceptions.ComputeError, pa.ArrowException) as error:
        if not _is_storage(error):
            raise
        raise Unavailable(f"{path} takes no more: the disk is full or read-only. The pool shows what it did.") from None


def _is_storage(error: Exception) -> bool:
    if isinstance(error, OSError) and error.errno in FULL | CLOSED:
        return True
    return any(saying in str(error).lower() for saying in SAYINGS)
