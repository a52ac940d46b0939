"""The control ids that came lately, with the hashes of all that came under them: so a repeat is known as one.

Decided on content: the same id with the same bytes is a repeat, with other bytes another message, whatever came under
it in between. Holds at most `most` messages, the oldest leave first; what comes again after that is stored again, and
found by its content when it is ingested.
"""

from collections import deque
from enum import Enum
from pathlib import Path

from federation.node.listen.entry import marks
from federation.node.listen.places import Places
from federation.node.listen.settings import MOST

_HALF = 32  # hex digits of a hash: 128 bits
_NAME = 12  # bytes of sender and id
_LONGEST = 256  # bytes of a line; a shorter one only means that more is read than would be needed


class Known(Enum):
    """Whether a control id of a sender is new, came with the same content, or came with other content only."""

    NEW = 0
    SAME = 1
    OTHER = 2


class Window:
    """Control id and sender with the first half of a message's hash, for the last `most` messages that were kept.

    A repeat does not renew its place: so the window is the same after a restart, when it is read from the index.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._order: deque[bytes] = deque()  # sender, id and content as they came; some may be forgotten by now
        self._passed = 0  # how many have left `_order` at its old end
        self._seen: dict[bytes, int] = {}  # the same -> its number in the order
        self._contents: dict[bytes, int] = {}  # sender and id -> how many contents of it are in `_seen`

    def __len__(self) -> int:
        return len(self._seen)

    def known(self, key: str, sender: str, content: str) -> Known:
        """What is known of the message; from now on it counts as seen."""
        return self.seen(bytes.fromhex(sender + key + content[:_HALF]))

    def seen(self, mark: bytes) -> Known:
        """As `known`, of sender, id and the first half of the content in one."""
        if mark in self._seen:
            return Known.SAME
        if len(self._order) >= self._most:
            self._let_go()
        self._seen[mark] = self._passed + len(self._order)
        self._order.append(mark)
        name = mark[:_NAME]
        before = self._contents.get(name, 0)
        self._contents[name] = before + 1
        return Known.OTHER if before else Known.NEW

    def forget(self, key: str, sender: str, content: str) -> None:
        """The message could not be kept: it is as if it had not come."""
        mark = bytes.fromhex(sender + key + content[:_HALF])
        if self._seen.pop(mark, None) is not None:
            self._count_down(mark)
        order = self._order
        while order and self._seen.get(order[-1]) != self._passed + len(order) - 1:
            order.pop()

    def _let_go(self) -> None:
        oldest = self._order.popleft()
        if self._seen.get(oldest) == self._passed:
            del self._seen[oldest]
            self._count_down(oldest)
        self._passed += 1

    def _count_down(self, mark: bytes) -> None:
        name = mark[:_NAME]
        left = self._contents[name] - 1
        if left:
            self._contents[name] = left
        else:
            del self._contents[name]


def remembered(places: Places, most: int = MOST) -> Window:
    """The window as the index has it."""
    window = Window(most)
    wanted: list[Path] = []
    lines = 0
    for path in reversed(places.indexes()):
        wanted.append(path)
        lines += path.stat().st_size // _LONGEST
        if lines > most:
            break
    for path in reversed(wanted):
        with path.open("rb") as file:
            for mark in marks(file):
                window.seen(mark)
    return window
