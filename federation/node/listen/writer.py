"""The thread that has the journal: everything that waits is written and flushed at once, then the loop is told.

One group at a time, in the order of arrival. It answers nobody and decides nothing.
"""

import queue
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from federation.node.listen.disk import Broken, Full
from federation.node.listen.entry import Entry
from federation.node.listen.journal import Journal, Record, Refusal


@dataclass(frozen=True)
class Landed:
    """What became of a group: its entries after `seconds`, or why none of it was kept (`full`, `broken`)."""

    entries: Sequence[Entry] = ()
    seconds: float = 0.0
    failed: str = ""
    words: str = ""


Group = tuple[Sequence[Record], Sequence[Refusal], Callable[[Landed], None]]
Rotation = Callable[[Path | None], None]


@dataclass
class Writer:
    """Takes groups and orders to finish the segment, from the loop's thread."""

    journal: Journal
    loop: AbstractEventLoop
    _orders: "queue.SimpleQueue[Group | Rotation | None]" = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to write."""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def append(self, records: Sequence[Record], refusals: Sequence[Refusal], told: Callable[[Landed], None]) -> None:
        """Writes and flushes a group; `told` is called in the loop."""
        self._orders.put((records, refusals, told))

    def rotate(self, told: Rotation) -> None:
        """Finishes the segment behind what was appended; `told` is called in the loop with its path."""
        self._orders.put(told)

    def stop(self) -> None:
        """Ends the thread after what it was told to do."""
        self._orders.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (order := self._orders.get()) is not None:
            if isinstance(order, tuple):
                records, refusals, told = order
                self.loop.call_soon_threadsafe(told, self._appended(records, refusals))
            else:
                self.loop.call_soon_threadsafe(order, self._rotated())

    def _appended(self, records: Sequence[Record], refusals: Sequence[Refusal]) -> Landed:
        began = time.perf_counter()
        try:
            return Landed(self.journal.append(records, refusals), time.perf_counter() - began)
        except Full as error:
            return Landed(failed="full", words=str(error))
        except (Broken, OSError) as error:
            return Landed(failed="broken", words=str(error))

    def _rotated(self) -> Path | None:
        try:
            return self.journal.rotate()
        except OSError:
            return None  # the segment stays open and is finished at the next start
