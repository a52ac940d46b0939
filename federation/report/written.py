"""A page or a workbook on disk: replaced as a whole, or not at all. It asks nobody whether to replace."""

import os
from pathlib import Path

from federation.errors import Unavailable


def write(path: Path, content: bytes) -> Path:
    """Writes the file, with the folders above it, and returns its path. Raises Unavailable."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        if not part.is_dir():
            part.unlink(missing_ok=True)
        raise Unavailable(f"{path.name} cannot be written: {error.strerror}. Free space or choose a folder.") from error
    return path
