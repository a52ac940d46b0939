"""Runs listeners in processes of their own that can be killed; run by the tests of the listener.

Reads requests from stdin, one JSON object a line, answers `pid N`, then what the listener tells, then `ended CODE`. Each
request is a fork of this process, which has imported everything and done nothing: a fork costs a millisecond.
`flushes` is after how many flushes they fail; `bytes` the size after which files are full, from SIGUSR2 on where it is
negative, until SIGUSR1 comes.
"""

import errno
import json
import os
import resource
import signal
import ssl
import sys
import warnings
from pathlib import Path
from typing import Any

from federation.errors import FederationError
from federation.node.listen.disk import Disk
from federation.node.listen.places import places
from federation.node.listen.senders import parsed
from federation.node.listen.serve import serve
from federation.node.listen.settings import Limits, Settings
from federation.node.listen.tls import context


class FailingDisk(Disk):
    """Its flushes fail after so many."""

    def __init__(self, flushes: int) -> None:
        self.left = flushes

    def flush(self, handle: int) -> None:
        """Flushes, or fails for ever."""
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.EIO, "made to fail")
        super().flush(handle)


def say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


def tls(asked: dict[str, Any]) -> ssl.SSLContext | None:
    cert, key, ca = (Path(asked[name]) if name in asked else None for name in ("cert", "key", "ca"))
    return context("127.0.0.1", cert, key, ca, plain=False)


def one(asked: dict[str, Any]) -> int:
    if limit := asked.get("bytes"):
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        signal.signal(signal.SIGUSR2, lambda *_: resource.setrlimit(resource.RLIMIT_FSIZE, (abs(limit), hard)))
        if limit > 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        signal.signal(signal.SIGUSR1, lambda *_: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)))
    disk = FailingDisk(asked["flushes"]) if "flushes" in asked else None
    settings = Settings(
        asked.get("site", "A"),
        port=asked["port"],
        tls=tls(asked),
        rules=parsed(asked.get("allow", ())),
        limits=Limits(**asked.get("limits", {})),
        remember=asked.get("remember", 200_000),
        segment_bytes=asked.get("segment_bytes", 1 << 20),
        segment_seconds=asked.get("segment_seconds", 300),
    )
    try:
        serve(places(Path(asked["home"]), settings.site), settings, lambda words: say(f"said {words}"), disk)
    except FederationError as error:
        say(f"said {error}")
        return error.exit_code
    return 0


def main() -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside idle threads of libraries
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = one(json.loads(line))
            finally:
                os._exit(code)
        say(f"pid {child}")
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


main()
