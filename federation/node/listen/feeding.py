"""From the journal to the tables while the listener runs: the segment is finished, and a process of its own ingests it.

The listener waits for none of it: what cannot be ingested now is tried again later; messages are taken in meanwhile.
"""

import asyncio
import contextlib
import os
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from typing import Any

from federation.node.listen.places import Places
from federation.node.listen.pruning import prunable, prune
from federation.node.listen.settings import Settings
from federation.node.listen.status import waiting
from federation.node.listen.writer import Writer

SWEPT_EVERY = 3600.0


class Feeding:
    """Finishes segments by size and time, and runs the command that ingests them."""

    def __init__(self, places: Places, writer: Writer, settings: Settings, tell: Callable[[str], None]) -> None:
        self.last: dict[str, Any] = {}
        self._places, self._writer, self._settings, self._tell = places, writer, settings, tell
        self._begun = self._fed = time.monotonic()
        self._swept = 0.0
        self._process: Process | None = None

    async def look(self) -> None:
        """Once a second."""
        now, settings = time.monotonic(), self._settings
        size = self._writer.journal.size
        if not size:
            self._begun = now
        if size >= settings.segment_bytes or (size and now - self._begun >= settings.segment_seconds):
            self._begun = now
            await self._finished()
        if self._process is not None and self._process.returncode is not None:
            self._ended(self._process.returncode)
        if settings.feed_every and self._process is None and now - self._fed >= settings.feed_every:
            self._fed = now
            await self._finished()
            await self._feed()
        if settings.keep_days is not None and now - self._swept >= SWEPT_EVERY:
            self._swept = now
            prune(self._places, prunable(self._places, settings.keep_days, time.time()))

    async def stop(self) -> None:
        """An ingest that runs is stopped; the next one goes on where it was."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 1.0)

    async def _finished(self) -> None:
        """Finishes the segment, behind what is on its way to it."""
        done = asyncio.Event()
        self._writer.rotate(lambda _path: done.set())
        await done.wait()

    async def _feed(self) -> None:
        if not waiting(self._places):
            return
        try:
            self._process = await asyncio.create_subprocess_exec(*self._settings.feed, stdin=DEVNULL, stdout=DEVNULL)
        except OSError as error:
            self._tell(f"The journal cannot be ingested now: {os.strerror(error.errno or 0)}. It is tried again later.")

    def _ended(self, code: int) -> None:
        self._process = None
        self.last = {"at": time.time(), "exit": code}
        if code not in (0, 3):
            self._tell(
                f"Ingesting the journal ended with {code}; it is tried again in {self._settings.feed_every:g} s."
            )
