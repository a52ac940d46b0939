"""The control ids that came lately, with the hash of what came under them: so a repeat is known as one.

Holds at most `most` of them, the oldest leave first; what is older is found by its content when it is ingested.
"""

from enum import Enum
from pathlib import Path

from federation.node.listen.entry import entries
from federation.node.listen.places import Places
from federation.node.listen.settings import MOST


class Known(Enum):
    """Whether a control id of a sender is new, came with the same content, or came with another."""

    NEW = 0
    SAME = 1
    OTHER = 2


class Window:
    """Control id and sender -> the first half of the message's hash."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def known(self, key: str, sender: str, content: str) -> Known:
        """What is known of the message; from now on it counts as seen."""
        name, half = key + sender, bytes.fromhex(content[:32])
        before = self._seen.get(name)
        if before == half:
            return Known.SAME
        if before is not None:
            del self._seen[name]  # to the end of the line
        elif len(self._seen) >= self._most:
            del self._seen[next(iter(self._seen))]
        self._seen[name] = half
        return Known.NEW if before is None else Known.OTHER

    def forget(self, key: str, sender: str) -> None:
        """The message could not be kept: it is as if it had not come."""
        self._seen.pop(key + sender, None)


def remembered(places: Places, most: int = MOST) -> Window:
    """The window as the index has it."""
    window = Window(most)
    wanted: list[Path] = []
    lines = 0
    for path in reversed(places.indexes()):
        wanted.append(path)
        lines += path.stat().st_size // 200
        if lines > most:
            break
    for path in reversed(wanted):
        with path.open("rb") as file:
            for entry in entries(file):
                window.known(entry.key, entry.sender, entry.content)
    return window
