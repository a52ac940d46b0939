"""What nobody could read of a file that came before, said again as it was said the first time.

Only reads. Where the cause may have passed (a full disk, a file still being written) nothing is said: it is read again.
"""

from pathlib import Path

from federation.node.collect import Left
from federation.node.home import Home
from federation.node.journal import FileRow
from federation.node.name import spoken
from federation.node.part import CHANGED, NO_ACCESS, read_counts

PASSING = {NO_ACCESS, CHANGED}
IN_PART = "read-in-part"


def unread(home: Home, path: Path, known: FileRow) -> Left | None:
    """What was not read of the file at `path`, which the site's batch in `known` holds; None where all of it was."""
    return Left(spoken(path), _reason(home, known), known.message) if known.message else None


def may_be_read_now(left: Left | None) -> bool:
    """Whether the cause lay outside of the file, so that the rest of it may be readable by now."""
    return left is not None and left.reason in PASSING


def _reason(home: Home, known: FileRow) -> str:
    """As the part tells it; the journal keeps the words only."""
    try:
        counted = read_counts(home.batch(known.site, known.batch) / known.part)
    except FileNotFoundError:
        return IN_PART  # `guantong reconcile` says that the part is gone
    return next((each.reason for each in counted if each.ordinal == known.ordinal), IN_PART)
