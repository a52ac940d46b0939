"""A file's name as text that can be kept and shown, also where its bytes are not UTF-8, as GBK names out of a ZIP are.

Opens nothing but asks whether a file is there; renames nothing.
"""

import os
import re
from pathlib import Path

_BYTE = re.compile(rb"\\x([0-9a-f]{2})")


def spoken(name: str | Path) -> str:
    r"""A path, or a sentence with one in it, with `\xd5` for each byte that is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def meant(text: str) -> Path:
    r"""The file that `spoken` named; a file whose name really holds `\xd5` comes first."""
    path = Path(text)
    if "\\x" not in text or path.exists():
        return path
    return Path(os.fsdecode(_BYTE.sub(lambda match: bytes([int(match[1], 16)]), text.encode())))
