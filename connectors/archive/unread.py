"""What is said of the files of an archive that nobody could read: which they are, why, and what to do.

Tells names of files and counts, never what is in them.
"""

from collections.abc import Sequence

from connectors.errors import Unreadable
from connectors.reason import REASONS
from connectors.several import several

NAMED = 5  # files whose names are said for each reason


def unread(archive: str, left: Sequence[tuple[str, str]], files: int) -> Unreadable:
    """An error for `left`, the names of files inside and the reason of each; `files` are all that it holds."""
    if not files:
        return Unreadable(f"{archive} holds no file of records. Ask for the export again.", "unread-member")
    by_reason: dict[str, list[str]] = {}
    for name, reason in left:
        by_reason.setdefault(reason, []).append(name)
    said = " ".join(_one(reason, names) for reason, names in by_reason.items())
    commonest = max(by_reason, key=lambda reason: len(by_reason[reason]))
    return Unreadable(f"{archive}: {len(left)} of its {files} files could not be read whole. {said}", commonest)


def _one(reason: str, names: Sequence[str]) -> str:
    about = REASONS[reason]
    return f"{several(names, NAMED)}: {about.means} {about.zh}。 {about.todo}"
