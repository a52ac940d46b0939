"""Which files a batch is made of: folders walked in one order, junk left aside, links out of the tree refused.

Reads names and file types only, never content.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from federation.errors import Usage
from federation.node.name import spoken

JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini"}
PAPER = re.compile(r"(?i)(README|LICEN[CS]E|NOTICE|CHANGELOG)(\..*)?|.*\.(md|pdf|docx?|html?)")
LINK_OUT = "link-out-of-tree"
_KINDS = (
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True)
class Left:
    """A file that was not read: `reason` is a code, `message` says what and what to do."""

    file: str
    reason: str
    message: str


@dataclass(frozen=True)
class Collected:
    """Files to read, in the order in which they are read; those passed over; those refused."""

    files: tuple[Path, ...]
    skipped: tuple[Left, ...]
    refused: tuple[Left, ...]


def collect(paths: Sequence[Path]) -> Collected:
    """The files under `paths`. Raises Usage where a path is not there."""
    missing = [spoken(path) for path in paths if not path.exists()]
    if missing:
        raise Usage(f"There is no {', '.join(missing)}. Name files or folders that exist.")
    files: list[Path] = []
    skipped: list[Left] = []
    refused: list[Left] = []
    for path in paths:
        for found, left in _walk(path):
            if left is None:
                files.append(found)
            else:
                (refused if left.reason == LINK_OUT else skipped).append(left)
    return Collected(tuple(dict.fromkeys(files)), tuple(skipped), tuple(refused))


def _walk(path: Path) -> Iterator[tuple[Path, Left | None]]:
    if not path.is_dir():
        yield path, _special(path)
        return
    tree = path.resolve()
    for folder, inner, names in os.walk(path):
        here = Path(folder)
        links = [name for name in inner if (here / name).is_symlink()]
        junk = [name for name in inner if _is_junk(name) and name not in links]
        # os.walk descends into what is left in its list, in the order in which it finds it.
        inner[:] = sorted(set(inner) - set(links) - set(junk))
        yield from ((here / name, _hidden(here / name)) for name in sorted(junk))
        for name in sorted([*names, *links]):
            yield here / name, _left(here / name, tree)


def _left(path: Path, tree: Path) -> Left | None:
    if _is_junk(path.name):
        return _hidden(path)
    if path.is_symlink():
        target = path.resolve()
        if not target.is_relative_to(tree):
            return Left(spoken(path), LINK_OUT, "The link leads out of the folder. Copy the file itself into it.")
        if target.is_dir() or not target.exists():
            return Left(spoken(path), "link", "A link to a folder that is read anyway, or to nothing.")
    if PAPER.fullmatch(path.name):
        return Left(spoken(path), "paper", "A text for people, by its name. Name the file itself to have it read.")
    return _special(path)


def _special(path: Path) -> Left | None:
    mode = path.stat().st_mode
    kind = next((words for test, words in _KINDS if test(mode)), None)
    return None if kind is None else Left(spoken(path), "not-a-file", f"It is {kind}, not a file.")


def _hidden(path: Path) -> Left:
    return Left(spoken(path), "hidden", "Hidden, or made by an operating system for itself.")


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in JUNK
